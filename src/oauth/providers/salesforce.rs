//! Salesforce. <https://login.salesforce.com/>
//!
//! Sandboxes and My Domains are other issuers: for those there is the option `issuer`.

use crate::oauth::claims::Claims;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, OpenId, ProfileSource};

pub(super) static ENTRY: Entry = Entry {
    id: "salesforce",
    name: "Salesforce",
    openid: Some(OpenId {
        issuer: "https://login.salesforce.com",
        // The id_token has no `user_id`.
        always_user_info: true,
        ..OpenId::STANDARD
    }),
    authorization_url: Some("https://login.salesforce.com/services/oauth2/authorize"),
    token_url: Some("https://login.salesforce.com/services/oauth2/token"),
    user_info_url: Some("https://login.salesforce.com/services/oauth2/userinfo"),
    revocation_url: Some("https://login.salesforce.com/services/oauth2/revoke"),
    client_authentication: Method::Post,
    profile: ProfileSource::Claims(Claims {
        // `sub` is a URL that ends in it.
        id: &["/user_id"],
        name: &[&["/name"]],
        image: &["/photos/picture", "/picture"],
        ..Claims::OPENID
    }),
    ..Entry::OPENID
};
