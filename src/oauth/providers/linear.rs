//! Linear. <https://linear.app/settings/api/applications/new>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, Revocation, UserInfo, UserInfoMethod};

pub(super) static ENTRY: Entry = Entry {
    id: "linear",
    name: "Linear",
    authorization_url: Some("https://linear.app/oauth/authorize"),
    token_url: Some("https://api.linear.app/oauth/token"),
    user_info_url: Some("https://api.linear.app/graphql"),
    user_info: UserInfo {
        method: UserInfoMethod::PostJson(
            r#"{"query":"{ viewer { id name email avatarUrl active } }"}"#,
        ),
        headers: &[],
    },
    revocation_url: Some("https://api.linear.app/oauth/revoke"),
    // The form has names of its own for tokens; the header is simpler.
    revocation: Revocation::Bearer,
    scopes: &["read"],
    scope_separator: ",",
    authorization_parameters: &[("actor", "user")],
    client_authentication: Method::Post,
    profile: ProfileSource::Claims(Claims {
        id: &["/data/viewer/id"],
        email: &["/data/viewer/email"],
        email_verified: Verified::Never,
        name: &[&["/data/viewer/name"]],
        image: &["/data/viewer/avatarUrl"],
    }),
    ..Entry::OAUTH2
};
