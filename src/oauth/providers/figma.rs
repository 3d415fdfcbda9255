//! Figma. <https://www.figma.com/developers/apps>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::ProfileSource;

pub(super) static ENTRY: Entry = Entry {
    id: "figma",
    name: "Figma",
    authorization_url: Some("https://www.figma.com/oauth"),
    token_url: Some("https://api.figma.com/v1/oauth/token"),
    refresh_url: Some("https://api.figma.com/v1/oauth/refresh"),
    user_info_url: Some("https://api.figma.com/v1/me"),
    scopes: &["current_user:read"],
    profile: ProfileSource::Claims(Claims {
        id: &["/id"],
        email: &["/email"],
        email_verified: Verified::Never,
        name: &[&["/handle"]],
        image: &["/img_url"],
    }),
    ..Entry::OAUTH2
};
