//! LinkedIn. <https://www.linkedin.com/developers/apps>

use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, Nonce, OpenId};

pub(super) static ENTRY: Entry = Entry {
    id: "linkedin",
    name: "LinkedIn",
    openid: Some(OpenId {
        issuer: "https://www.linkedin.com/oauth",
        nonce: Nonce::MayBeMissing,
        ..OpenId::STANDARD
    }),
    authorization_url: Some("https://www.linkedin.com/oauth/v2/authorization"),
    token_url: Some("https://www.linkedin.com/oauth/v2/accessToken"),
    user_info_url: Some("https://api.linkedin.com/v2/userinfo"),
    client_authentication: Method::Post,
    // A code_verifier makes it answer `invalid_client`.
    pkce: false,
    ..Entry::OPENID
};
