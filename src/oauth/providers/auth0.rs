//! Auth0. <https://manage.auth0.com>

use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, OpenId};
use crate::oauth::provider::variables::Variable;

pub(super) static ENTRY: Entry = Entry {
    id: "auth0",
    name: "Auth0",
    // The slash at the end is part of it.
    openid: OpenId::of("https://{domain}/"),
    authorization_url: Some("https://{domain}/authorize"),
    token_url: Some("https://{domain}/oauth/token"),
    user_info_url: Some("https://{domain}/userinfo"),
    revocation_url: Some("https://{domain}/oauth/revoke"),
    client_authentication: Method::Post,
    variables: &[Variable::leading("domain")],
    ..Entry::OPENID
};
