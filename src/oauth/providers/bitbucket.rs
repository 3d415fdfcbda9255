//! Bitbucket Cloud. <https://developer.atlassian.com/cloud/bitbucket/oauth-2/>

use std::time::Duration;

use futures_util::{FutureExt, future};
use serde_json::Value;
use url::Url;

use crate::error::Result;
use crate::oauth::client::provider_error;
use crate::oauth::profile::{Picked, Profile};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::ProfileSource;
use crate::oauth::provider::profile::ProfileCalls;

pub(super) static ENTRY: Entry = Entry {
    id: "bitbucket",
    name: "Bitbucket",
    authorization_url: Some("https://bitbucket.org/site/oauth2/authorize"),
    token_url: Some("https://bitbucket.org/site/oauth2/access_token"),
    user_info_url: Some("https://api.bitbucket.org/2.0/user"),
    emails_url: Some("https://api.bitbucket.org/2.0/user/emails"),
    scopes: &["account", "email"],
    // Bitbucket ignores PKCE so far (BCLOUD-23469).
    // As well as `invalid_grant`.
    refresh_refusals: &["invalid_request"],
    token_lifetime: Some(Duration::from_secs(3_600)),
    profile: ProfileSource::Code(|calls| {
        async move {
            let (user, email) = future::try_join(calls.user_info(), email(calls)).await?;
            identity(user, email.as_ref())
        }
        .boxed()
    }),
    ..Entry::OAUTH2
};

/// The user's primary address, if it is confirmed; none when the consumer was not given the `email` scope (403).
async fn email(calls: ProfileCalls<'_>) -> Result<Option<Value>> {
    let Some(first) = &calls.provider.endpoints.emails else {
        return Ok(None);
    };
    let access_token = &calls.grant.tokens.access_token;
    let mut page = first.clone();
    page.query_pairs_mut().append_pair("pagelen", "100");
    for _ in 0..MAX_PAGES {
        let answer = calls.http().get(&page, access_token).await?;
        if answer.status == 403 {
            return Ok(None);
        }
        let mut body = answer.success(&page)?;
        let Some(Value::Array(addresses)) = body.get_mut("values").map(Value::take) else {
            return Err(provider_error("the list of e-mail addresses has no values"));
        };
        if let Some(email) = primary(&addresses) {
            return Ok(Some(email.clone()));
        }
        match next_page(&body, &page, first) {
            Some(next) => page = next,
            None => break,
        }
    }
    Ok(None)
}

fn primary(addresses: &[Value]) -> Option<&Value> {
    let is_true = |address: &Value, name: &str| address.get(name) == Some(&Value::Bool(true));
    addresses
        .iter()
        .find(|address| is_true(address, "is_primary") && is_true(address, "is_confirmed"))
        .and_then(|address| address.get("email"))
}

/// The access token travels with the request, so only the same origin and path are followed, and only onwards.
fn next_page(body: &Value, page: &Url, first: &Url) -> Option<Url> {
    let next = Url::parse(body.get("next")?.as_str()?).ok()?;
    (next.origin() == first.origin() && next.path() == first.path() && next != *page)
        .then_some(next)
}

/// `uuid` is the identity, braces included: it is always there and never changes, unlike `username` and `nickname`.
pub(crate) fn identity(user: Value, email: Option<&Value>) -> Result<Profile> {
    // Repository and workspace tokens speak for an app user, a team or nobody.
    if user.get("type").and_then(Value::as_str) != Some("user") {
        return Err(provider_error(
            "the token speaks for something other than a user",
        ));
    }
    if !user.get("uuid").is_some_and(Value::is_string) {
        return Err(provider_error("the user has no uuid"));
    }
    let name = ["display_name", "nickname", "username"]
        .iter()
        .filter_map(|name| user.get(name))
        .find(|name| name.as_str().is_some_and(|text| !text.trim().is_empty()));
    let picked = Picked {
        id: user.get("uuid"),
        email,
        email_verified: email.is_some(),
        name,
        image: user.pointer("/links/avatar/href"),
    };
    picked.judge(user.clone())
}

/// A thousand addresses.
const MAX_PAGES: usize = 10;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jane() -> Value {
        json!({
            "type": "user", "uuid": "{0f3c1f2e}", "display_name": "Jane Example", "nickname": "Jane",
            "username": "jexample", "links": { "avatar": { "href": "https://secure.gravatar.com/avatar/0" } },
        })
    }

    fn address(email: &str, primary: bool, confirmed: bool) -> Value {
        json!({ "type": "email", "email": email, "is_primary": primary, "is_confirmed": confirmed })
    }

    #[test]
    fn the_uuid_with_its_braces_is_the_identity() {
        let profile = identity(jane(), Some(&json!("jane@example.com"))).unwrap();
        assert_eq!(profile.id, "{0f3c1f2e}");
        assert_eq!(profile.email.as_deref(), Some("jane@example.com"));
        assert!(profile.email_verified);
        assert_eq!(profile.name.as_deref(), Some("Jane Example"));
        assert_eq!(
            profile.image.as_deref(),
            Some("https://secure.gravatar.com/avatar/0")
        );
    }

    #[test]
    fn an_address_counts_only_if_it_is_primary_and_confirmed() {
        for emails in [
            vec![],
            vec![address("a@x.com", true, false)],
            vec![address("a@x.com", false, true)],
            vec![json!({ "email": "a@x.com", "is_primary": "true", "is_confirmed": 1 })],
            vec![json!(7), json!(null)],
        ] {
            assert_eq!(primary(&emails), None);
        }
        let mixed = [
            address("a@x.com", false, true),
            address("b@x.com", true, true),
        ];
        assert_eq!(primary(&mixed), Some(&json!("b@x.com")));
    }

    #[test]
    fn what_is_not_a_user_is_refused() {
        for change in [
            json!({ "type": "team" }),
            json!({ "type": null }),
            json!({ "uuid": 7 }),
            json!({ "uuid": "" }),
        ] {
            let mut user = jane();
            for (name, value) in change.as_object().unwrap() {
                user[name] = value.clone();
            }
            assert!(identity(user, None).is_err(), "{change}");
        }
        assert!(identity(json!([]), None).is_err());
    }

    #[test]
    fn pages_are_followed_on_the_same_host_only() {
        let first = Url::parse("https://api.bitbucket.org/2.0/user/emails").unwrap();
        let follows = |next: &str| next_page(&json!({ "next": next }), &first, &first).is_some();
        assert!(follows("https://api.bitbucket.org/2.0/user/emails?page=2"));
        for next in [
            "https://evil.example/2.0/user/emails?page=2",
            "http://api.bitbucket.org/2.0/user/emails?page=2",
            "https://api.bitbucket.org:444/2.0/user/emails?page=2",
            "https://api.bitbucket.org/2.0/elsewhere",
            "https://api.bitbucket.org/2.0/user/emails",
            "/2.0/user/emails?page=2",
            "",
        ] {
            assert!(!follows(next), "{next}");
        }
        assert!(next_page(&json!({ "next": 7 }), &first, &first).is_none());
    }
}
