//! Roblox. <https://create.roblox.com/dashboard/credentials>

use crate::oauth::claims::Claims;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{OpenId, ProfileSource};

pub(super) static ENTRY: Entry = Entry {
    id: "roblox",
    name: "Roblox",
    openid: OpenId::of("https://apis.roblox.com/oauth/"),
    authorization_url: Some("https://apis.roblox.com/oauth/v1/authorize"),
    token_url: Some("https://apis.roblox.com/oauth/v1/token"),
    user_info_url: Some("https://apis.roblox.com/oauth/v1/userinfo"),
    revocation_url: Some("https://apis.roblox.com/oauth/v1/token/revoke"),
    // `email` is not granted to everyone.
    scopes: &["openid", "profile"],
    profile: ProfileSource::Claims(Claims {
        name: &[&["/name"], &["/nickname"], &["/preferred_username"]],
        ..Claims::OPENID
    }),
    ..Entry::OPENID
};
