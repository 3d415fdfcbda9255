//! VK ID. <https://id.vk.com/about/business/go>

use futures_util::FutureExt;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::Value;
use url::form_urlencoded;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::client::{provider_error, provider_refusal};
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, Revocation};
use crate::oauth::provider::profile::ProfileCalls;

pub(super) static ENTRY: Entry = Entry {
    id: "vk",
    name: "VK",
    authorization_url: Some("https://id.vk.com/authorize"),
    token_url: Some("https://id.vk.com/oauth2/auth"),
    user_info_url: Some("https://id.vk.com/oauth2/user_info"),
    revocation_url: Some("https://id.vk.com/oauth2/revoke"),
    revocation: Revocation::AccessToken {
        names: &["access_token"],
        also: &[],
    },
    scopes: &["vkid.personal_info", "email"],
    token_parameters: &["device_id", "state"],
    client_authentication: Method::Public,
    profile: ProfileSource::Code(|calls| async move { identity(user_info(calls).await?) }.boxed()),
    ..Entry::OAUTH2
};

const CLAIMS: Claims = Claims {
    id: &["/user/user_id"],
    email: &["/user/email"],
    // `verified` is a badge of the person.
    email_verified: Verified::Never,
    name: &[&["/user/first_name", "/user/last_name"]],
    image: &["/user/avatar"],
};

/// The token is a field of a form here, and no header.
async fn user_info(calls: ProfileCalls<'_>) -> Result<Value> {
    let Some(url) = calls.user_info_url().await? else {
        return Err(provider_error("there is no user info to ask for"));
    };
    let client_id = &calls.provider.credentials.client_id;
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client_id)
        .append_pair("access_token", calls.grant.tokens.access_token.expose())
        .finish();
    let request = http::Request::post(url.as_str())
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    calls
        .http()
        .ask(&url, request, form.into_bytes(), false)
        .await?
        .success(&url)
}

/// A failure comes with status 200 too.
fn identity(answer: Value) -> Result<Profile> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    if answer.get("error").is_none_or(Value::is_null) {
        return CLAIMS.read(answer);
    }
    let code = text("error").unwrap_or_default();
    Err(provider_refusal(code, text("error_description")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_verified_person_is_no_verified_address() {
        let profile = identity(json!({ "user": {
            "user_id": 7, "first_name": "Ada", "last_name": "", "email": "a@x.com", "verified": true,
        } }))
        .unwrap();
        assert_eq!(profile.id, "7");
        assert_eq!(profile.name.as_deref(), Some("Ada"));
        assert!(!profile.email_verified);
    }

    #[test]
    fn a_failure_is_no_user() {
        for answer in [
            json!({ "error": "invalid_token", "error_description": "expired" }),
            json!({ "error": "invalid_token", "user": { "user_id": "7" } }),
            json!({ "error": 5, "user": { "user_id": "7" } }),
            json!({ "user_id": "7" }),
        ] {
            assert!(identity(answer.clone()).is_err(), "{answer}");
        }
    }
}
