//! Notion. <https://www.notion.so/profile/integrations>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::client::provider_error;
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{ProfileSource, TokenFormat, UserInfo, UserInfoMethod, Revocation};

pub(super) static ENTRY: Entry = Entry {
    id: "notion",
    name: "Notion",
    authorization_url: Some("https://api.notion.com/v1/oauth/authorize"),
    token_url: Some("https://api.notion.com/v1/oauth/token"),
    user_info_url: Some("https://api.notion.com/v1/users/me"),
    user_info: UserInfo {
        method: UserInfoMethod::Get,
        headers: &[("Notion-Version", "2022-06-28")],
    },
    user_info_is_spare: true,
    revocation_url: Some("https://api.notion.com/v1/oauth/revoke"),
    revocation: Revocation::OF_ACCESS_TOKEN,
    authorization_parameters: &[("owner", "user")],
    token_format: TokenFormat::Json,
    // Its documentation does not know it.
    pkce: false,
    profile: ProfileSource::Code(|calls| {
        async move {
            // The token answer names the owner already.
            if let Some(owner) = calls.grant.answer.get("owner") {
                return identity(owner.clone());
            }
            let bot = calls.user_info().await?;
            identity(bot.pointer("/bot/owner").cloned().unwrap_or_default())
        }
        .boxed()
    }),
    ..Entry::OAUTH2
};

const CLAIMS: Claims = Claims {
    id: &["/user/id"],
    email: &["/user/person/email"],
    email_verified: Verified::Never,
    name: &[&["/user/name"]],
    image: &["/user/avatar_url"],
};

/// A token may belong to a whole workspace, and that is nobody.
fn identity(owner: Value) -> Result<Profile> {
    if owner.get("type").and_then(Value::as_str) != Some("user") {
        return Err(provider_error(
            "the token speaks for something other than a user",
        ));
    }
    CLAIMS.read(owner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_user_who_owns_the_token_is_the_identity() {
        let profile = identity(json!({
            "type": "user",
            "user": { "id": "16d8", "name": "Ada", "person": { "email": "a@x.com" } },
        }))
        .unwrap();
        assert_eq!(profile.id, "16d8");
        assert_eq!(profile.email.as_deref(), Some("a@x.com"));
        assert!(!profile.email_verified);
    }

    #[test]
    fn what_is_not_a_user_is_refused() {
        for owner in [
            json!({ "type": "workspace", "workspace": true, "user": { "id": "16d8" } }),
            json!({ "type": "user" }),
            json!({ "user": { "id": "16d8" } }),
            json!(null),
        ] {
            assert!(identity(owner.clone()).is_err(), "{owner}");
        }
    }
}
