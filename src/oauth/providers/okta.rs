//! Okta. <https://developer.okta.com/login/>

use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::OpenId;
use crate::oauth::provider::variables::{Need, Variable};

pub(super) static ENTRY: Entry = Entry {
    id: "okta",
    name: "Okta",
    openid: OpenId::of("https://{domain}/oauth2/{authorizationServerId}"),
    authorization_url: Some("https://{domain}/oauth2/{authorizationServerId}/v1/authorize"),
    token_url: Some("https://{domain}/oauth2/{authorizationServerId}/v1/token"),
    user_info_url: Some("https://{domain}/oauth2/{authorizationServerId}/v1/userinfo"),
    revocation_url: Some("https://{domain}/oauth2/{authorizationServerId}/v1/revoke"),
    variables: &[
        Variable::leading("domain"),
        // The organisation's own server has none: for that one there is the option `issuer`.
        Variable::segment("authorizationServerId", Need::Default("default")),
    ],
    ..Entry::OPENID
};
