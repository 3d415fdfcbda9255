//! Naver. <https://developers.naver.com/apps/>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::client::provider_refusal;
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, Revocation};

pub(super) static ENTRY: Entry = Entry {
    id: "naver",
    name: "Naver",
    authorization_url: Some("https://nid.naver.com/oauth2.0/authorize"),
    token_url: Some(TOKEN_URL),
    user_info_url: Some("https://openapi.naver.com/v1/nid/me"),
    revocation_url: Some(TOKEN_URL),
    // A grant type of its own, at the token endpoint.
    revocation: Revocation::AccessToken {
        names: &["access_token"],
        also: &[("grant_type", "delete")],
    },
    client_authentication: Method::Post,
    token_parameters: &["state"],
    profile: ProfileSource::Code(|calls| async move { identity(calls.user_info().await?) }.boxed()),
    ..Entry::OAUTH2
};

const TOKEN_URL: &str = "https://nid.naver.com/oauth2.0/token";

const CLAIMS: Claims = Claims {
    id: &["/response/id"],
    // Whatever address the user wants to be reached at.
    email: &["/response/email"],
    email_verified: Verified::Never,
    name: &[&["/response/name"], &["/response/nickname"]],
    image: &["/response/profile_image"],
};

/// A failure comes with status 200 too, and its code says so.
fn identity(answer: Value) -> Result<Profile> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    match text("resultcode") {
        Some("00") => CLAIMS.read(answer),
        code => Err(provider_refusal(code.unwrap_or_default(), text("message"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failure_is_one_even_beside_a_user() {
        for code in [json!("024"), json!(null), json!(0), json!("")] {
            let answer = json!({ "resultcode": code, "response": { "id": "7" } });
            assert!(identity(answer).is_err(), "{code}");
        }
        assert!(identity(json!({ "response": { "id": "7" } })).is_err());
        let profile = identity(json!({
            "resultcode": "00", "response": { "id": "7", "nickname": "ada", "email": "a@x.com" },
        }))
        .unwrap();
        assert_eq!(profile.id, "7");
        assert_eq!(profile.name.as_deref(), Some("ada"));
        assert!(!profile.email_verified);
    }
}
