//! Spotify. <https://developer.spotify.com/dashboard>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::ProfileSource;

pub(super) static ENTRY: Entry = Entry {
    id: "spotify",
    name: "Spotify",
    authorization_url: Some("https://accounts.spotify.com/authorize"),
    token_url: Some("https://accounts.spotify.com/api/token"),
    user_info_url: Some("https://api.spotify.com/v1/me"),
    scopes: &["user-read-email", "user-read-private"],
    profile: ProfileSource::Claims(Claims {
        id: &["/id"],
        email: &["/email"],
        email_verified: Verified::Never,
        name: &[&["/display_name"], &["/id"]],
        image: &["/images/0/url"],
    }),
    ..Entry::OAUTH2
};
