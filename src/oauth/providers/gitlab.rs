//! GitLab. <https://gitlab.com/-/user_settings/applications>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::client::provider_error;
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource};

pub(super) static ENTRY: Entry = Entry {
    id: "gitlab",
    name: "GitLab",
    authorization_url: Some("https://gitlab.com/oauth/authorize"),
    token_url: Some("https://gitlab.com/oauth/token"),
    user_info_url: Some("https://gitlab.com/api/v4/user"),
    revocation_url: Some("https://gitlab.com/oauth/revoke"),
    scopes: &["read_user"],
    client_authentication: Method::Post,
    profile: ProfileSource::Code(|calls| async move { identity(calls.user_info().await?) }.boxed()),
    ..Entry::OAUTH2
};

/// `public_email` is whatever its owner chose to show.
const CLAIMS: Claims = Claims {
    id: &["/id"],
    email: &["/email"],
    email_verified: Verified::NotNull("/confirmed_at"),
    name: &[&["/name"], &["/username"]],
    image: &["/avatar_url"],
};

/// Tokens outlive the day on which an account is blocked or deactivated.
fn identity(user: Value) -> Result<Profile> {
    if user.get("state").is_some_and(|state| state != "active") {
        return Err(provider_error("the account is not active"));
    }
    CLAIMS.read(user)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jane(change: &Value) -> Result<Profile> {
        let mut user = json!({
            "id": 7, "username": "jane", "name": "Jane Example", "state": "active",
            "email": "jane@example.com", "public_email": "public@example.com",
            "confirmed_at": "2017-09-04T12:30:15.480Z",
        });
        for (name, value) in change.as_object().unwrap() {
            user[name] = value.clone();
        }
        identity(user)
    }

    #[test]
    fn an_account_that_is_not_active_is_refused() {
        assert!(jane(&json!({})).is_ok());
        for state in [
            "blocked",
            "banned",
            "deactivated",
            "blocked_pending_approval",
        ] {
            assert!(jane(&json!({ "state": state })).is_err(), "{state}");
        }
        assert!(identity(json!({ "id": 7 })).is_ok());
    }

    #[test]
    fn an_address_is_verified_once_it_was_confirmed() {
        assert!(jane(&json!({})).unwrap().email_verified);
        assert!(
            !jane(&json!({ "confirmed_at": null }))
                .unwrap()
                .email_verified
        );
    }

    #[test]
    fn the_public_address_is_not_taken() {
        assert_eq!(jane(&json!({ "email": null })).unwrap().email, None);
    }
}
