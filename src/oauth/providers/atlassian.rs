//! Atlassian. <https://developer.atlassian.com/console/myapps/>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource};

pub(super) static ENTRY: Entry = Entry {
    id: "atlassian",
    name: "Atlassian",
    authorization_url: Some("https://auth.atlassian.com/authorize"),
    token_url: Some("https://auth.atlassian.com/oauth/token"),
    user_info_url: Some("https://api.atlassian.com/me"),
    scopes: &["read:me", "offline_access"],
    authorization_parameters: &[("audience", "api.atlassian.com"), ("prompt", "consent")],
    client_authentication: Method::Post,
    profile: ProfileSource::Claims(Claims {
        id: &["/account_id"],
        email: &["/email"],
        email_verified: Verified::All(&["/email_verified"]),
        name: &[&["/name"], &["/nickname"]],
        image: &["/picture"],
    }),
    ..Entry::OAUTH2
};
