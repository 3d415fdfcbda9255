//! Twitch. <https://dev.twitch.tv/console/apps>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, UserInfo, UserInfoMethod, Revocation};

pub(super) static ENTRY: Entry = Entry {
    id: "twitch",
    name: "Twitch",
    authorization_url: Some("https://id.twitch.tv/oauth2/authorize"),
    token_url: Some("https://id.twitch.tv/oauth2/token"),
    user_info_url: Some("https://api.twitch.tv/helix/users"),
    user_info: UserInfo {
        method: UserInfoMethod::Get,
        headers: &[("Client-Id", "{clientId}")],
    },
    revocation_url: Some("https://id.twitch.tv/oauth2/revoke"),
    revocation: Revocation::OF_ACCESS_TOKEN,
    scopes: &["user:read:email"],
    client_authentication: Method::Post,
    // It has no error codes, only messages.
    refresh_refusals: &["Invalid refresh token"],
    profile: ProfileSource::Claims(Claims {
        id: &["/data/0/id"],
        email: &["/data/0/email"],
        // It gives verified addresses only.
        email_verified: Verified::WhenPresent,
        name: &[&["/data/0/display_name"]],
        image: &["/data/0/profile_image_url"],
    }),
    ..Entry::OAUTH2
};
