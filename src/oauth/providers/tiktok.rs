//! TikTok. <https://developers.tiktok.com/apps/>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::client::provider_refusal;
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, Revocation};

pub(super) static ENTRY: Entry = Entry {
    id: "tiktok",
    name: "TikTok",
    authorization_url: Some("https://www.tiktok.com/v2/auth/authorize/"),
    token_url: Some("https://open.tiktokapis.com/v2/oauth/token/"),
    user_info_url: Some(
        "https://open.tiktokapis.com/v2/user/info/?fields=open_id,union_id,avatar_url,display_name",
    ),
    revocation_url: Some("https://open.tiktokapis.com/v2/oauth/revoke/"),
    revocation: Revocation::OF_ACCESS_TOKEN,
    scopes: &["user.info.basic"],
    scope_separator: ",",
    renamed: &[("client_id", "client_key")],
    client_authentication: Method::Post,
    // What it calls so is hexadecimal, and not for the web.
    pkce: false,
    profile: ProfileSource::Code(|calls| async move { identity(calls.user_info().await?) }.boxed()),
    ..Entry::OAUTH2
};

const CLAIMS: Claims = Claims {
    // `union_id` is the same in all applications of a developer.
    id: &["/data/user/open_id"],
    email: &[],
    email_verified: Verified::Never,
    name: &[&["/data/user/display_name"]],
    image: &["/data/user/avatar_url"],
};

/// Every answer has an `error`, whose code is `ok` when there is none.
fn identity(answer: Value) -> Result<Profile> {
    let text = |place: &str| answer.pointer(place).and_then(Value::as_str);
    match text("/error/code") {
        Some("ok") => CLAIMS.read(answer),
        code => {
            let message = text("/error/message");
            Err(provider_refusal(code.unwrap_or_default(), message))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failure_is_one_even_beside_a_user() {
        let answer = |code: Value| {
            let user = json!({ "open_id": "723f", "display_name": "Ada", "email": "a@x.com" });
            json!({ "data": { "user": user }, "error": { "code": code } })
        };
        for code in [json!("internal_error"), json!(null), json!(0), json!("")] {
            assert!(identity(answer(code.clone())).is_err(), "{code}");
        }
        let profile = identity(answer(json!("ok"))).unwrap();
        assert_eq!((profile.id.as_str(), profile.email), ("723f", None));
    }
}
