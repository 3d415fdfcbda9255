//! Zoom. <https://marketplace.zoom.us/develop/create>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{ProfileSource, Revocation};

/// Its scopes are chosen where the application is registered.
pub(super) static ENTRY: Entry = Entry {
    id: "zoom",
    name: "Zoom",
    authorization_url: Some("https://zoom.us/oauth/authorize"),
    token_url: Some("https://zoom.us/oauth/token"),
    user_info_url: Some("https://api.zoom.us/v2/users/me"),
    revocation_url: Some("https://zoom.us/oauth/revoke"),
    revocation: Revocation::OF_ACCESS_TOKEN,
    refresh_refusals: &["invalid_request"],
    profile: ProfileSource::Claims(Claims {
        id: &["/id"],
        email: &["/email"],
        email_verified: Verified::One("/verified"),
        name: &[&["/display_name"], &["/first_name", "/last_name"]],
        image: &["/pic_url"],
    }),
    ..Entry::OAUTH2
};
