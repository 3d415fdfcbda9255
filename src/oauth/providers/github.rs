//! GitHub. <https://github.com/settings/developers>

use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures_util::{FutureExt, future};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use serde_json::{Value, json};

use crate::error::Result;
use crate::oauth::client::{USER_AGENT as OUR_NAME, provider_error};
use crate::oauth::profile::{Picked, Profile};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{
    Method, ProfileSource, Revocation, UserInfo, UserInfoMethod,
};
use crate::oauth::provider::profile::ProfileCalls;
use crate::oauth::provider::revocation::RevocationCall;

pub(super) static ENTRY: Entry = Entry {
    id: "github",
    name: "GitHub",
    authorization_url: Some("https://github.com/login/oauth/authorize"),
    token_url: Some("https://github.com/login/oauth/access_token"),
    user_info_url: Some("https://api.github.com/user"),
    user_info: UserInfo {
        method: UserInfoMethod::Get,
        headers: &[
            ("Accept", "application/vnd.github+json"),
            ("X-GitHub-Api-Version", "2022-11-28"),
        ],
    },
    emails_url: Some("https://api.github.com/user/emails"),
    revocation_url: Some("https://api.github.com/applications/{clientId}/token"),
    revocation: Revocation::Code(revocation),
    scopes: &["read:user", "user:email"],
    client_authentication: Method::Post,
    refresh_refusals: &["bad_refresh_token"],
    profile: ProfileSource::Code(|calls| {
        async move {
            let (user, email) = future::try_join(calls.user_info(), email(calls)).await?;
            identity(user, email.as_ref())
        }
        .boxed()
    }),
    ..Entry::OAUTH2
};

/// The public address of a profile is whatever its owner wrote; the list says what is verified. None without the
/// scope.
async fn email(calls: ProfileCalls<'_>) -> Result<Option<Value>> {
    let Some(url) = &calls.provider.endpoints.emails else {
        return Ok(None);
    };
    let mut page = url.clone();
    page.query_pairs_mut().append_pair("per_page", "100");
    let answer = calls
        .http()
        .get(&page, &calls.grant.tokens.access_token)
        .await?;
    if matches!(answer.status, 403 | 404) {
        return Ok(None);
    }
    match answer.success(&page)? {
        Value::Array(addresses) => Ok(primary(&addresses).cloned()),
        _ => Err(provider_error("the list of e-mail addresses is no list")),
    }
}

fn primary(addresses: &[Value]) -> Option<&Value> {
    let is_true = |address: &Value, name: &str| address.get(name) == Some(&Value::Bool(true));
    addresses
        .iter()
        .find(|address| is_true(address, "primary") && is_true(address, "verified"))
        .and_then(|address| address.get("email"))
}

/// The number is the identity; `login` can change hands.
fn identity(user: Value, email: Option<&Value>) -> Result<Profile> {
    let name = ["name", "login"]
        .iter()
        .filter_map(|name| user.get(name))
        .find(|name| name.as_str().is_some_and(|text| !text.trim().is_empty()));
    let picked = Picked {
        id: user.get("id"),
        email,
        email_verified: email.is_some(),
        name,
        image: user.get("avatar_url"),
    };
    picked.judge(user.clone())
}

/// <https://docs.github.com/rest/apps/oauth-applications#delete-an-app-token>
fn revocation(call: &RevocationCall<'_>) -> Result<http::Request<Vec<u8>>> {
    let secret = call.client_secret.map_or("", |secret| secret.expose());
    let basic = BASE64_STANDARD.encode(format!("{}:{secret}", call.client_id));
    http::Request::delete(call.url.as_str())
        .header(AUTHORIZATION, format!("Basic {basic}"))
        .header(ACCEPT, "application/vnd.github+json")
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, OUR_NAME)
        .body(
            json!({ "access_token": call.access_token.expose() })
                .to_string()
                .into_bytes(),
        )
        .map_err(|_| provider_error("the revocation cannot be sent as HTTP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_primary_address_counts_and_only_if_it_is_verified() {
        let address = |email: &str, primary: Value, verified: Value| json!({ "email": email, "primary": primary, "verified": verified });
        for list in [
            vec![],
            vec![address("a@x.com", json!(true), json!(false))],
            vec![address("a@x.com", json!(false), json!(true))],
            vec![address("a@x.com", json!("true"), json!(1))],
            vec![json!(7)],
        ] {
            assert_eq!(primary(&list), None);
        }
        let good = [address("a@x.com", json!(true), json!(true))];
        assert_eq!(primary(&good), Some(&json!("a@x.com")));
    }

    #[test]
    fn the_address_of_the_profile_itself_is_not_taken() {
        let user = json!({ "id": 7, "login": "ada", "email": "victim@x.com", "name": null });
        let profile = identity(user, None).unwrap();
        assert_eq!((profile.id.as_str(), profile.email), ("7", None));
        assert_eq!(profile.name.as_deref(), Some("ada"));
    }
}
