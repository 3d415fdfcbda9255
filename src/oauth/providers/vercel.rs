//! Vercel. <https://vercel.com/dashboard>

use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, OpenId};

pub(super) static ENTRY: Entry = Entry {
    id: "vercel",
    name: "Vercel",
    openid: OpenId::of("https://vercel.com"),
    authorization_url: Some("https://vercel.com/oauth/authorize"),
    token_url: Some("https://api.vercel.com/login/oauth/token"),
    user_info_url: Some("https://api.vercel.com/login/oauth/userinfo"),
    revocation_url: Some("https://api.vercel.com/login/oauth/token/revoke"),
    scopes: &["openid", "email", "profile"],
    // The token endpoint takes Post as well, the revocation does not.
    client_authentication: Method::Basic,
    ..Entry::OPENID
};
