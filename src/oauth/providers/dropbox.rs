//! Dropbox. <https://www.dropbox.com/developers/apps>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{ProfileSource, Revocation, UserInfo, UserInfoMethod};

pub(super) static ENTRY: Entry = Entry {
    id: "dropbox",
    name: "Dropbox",
    authorization_url: Some("https://www.dropbox.com/oauth2/authorize"),
    token_url: Some("https://api.dropboxapi.com/oauth2/token"),
    user_info_url: Some("https://api.dropboxapi.com/2/users/get_current_account"),
    user_info: UserInfo {
        method: UserInfoMethod::Post,
        headers: &[],
    },
    revocation_url: Some("https://api.dropboxapi.com/2/auth/token/revoke"),
    revocation: Revocation::Bearer,
    scopes: &["account_info.read"],
    // Without it there is never a refresh token.
    authorization_parameters: &[("token_access_type", "offline")],
    profile: ProfileSource::Claims(Claims {
        id: &["/account_id"],
        email: &["/email"],
        email_verified: Verified::All(&["/email_verified"]),
        name: &[&["/name/display_name"]],
        image: &["/profile_photo_url"],
    }),
    ..Entry::OAUTH2
};
