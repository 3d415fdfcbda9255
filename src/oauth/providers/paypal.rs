//! PayPal. <https://developer.paypal.com/dashboard/applications>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::is_true;
use crate::oauth::profile::{Picked, Profile};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::ProfileSource;
use crate::oauth::provider::variables::{Kind, Need, Variable};

/// No OpenID: it takes the scope and gives no id_token.
pub(super) static ENTRY: Entry = Entry {
    id: "paypal",
    name: "PayPal",
    authorization_url: Some("https://www.{environment}paypal.com/signin/authorize"),
    token_url: Some("https://api-m.{environment}paypal.com/v1/oauth2/token"),
    user_info_url: Some(
        "https://api-m.{environment}paypal.com/v1/identity/oauth2/userinfo?schema=paypalv1.1",
    ),
    scopes: &["openid", "profile", "email"],
    variables: &[Variable {
        option: "environment",
        kind: Kind::Choice(&[("live", ""), ("sandbox", "sandbox.")]),
        need: Need::Default("live"),
    }],
    profile: ProfileSource::Code(|calls| async move { identity(calls.user_info().await?) }.boxed()),
    ..Entry::OAUTH2
};

/// Some get a list of addresses, others OpenID's claims. `verified_account` is about the account, not the address.
fn identity(answer: Value) -> Result<Profile> {
    let id = ["user_id", "sub"]
        .iter()
        .find_map(|name| answer.get(name)?.as_str())
        .map(|id| Value::from(id.strip_prefix(ID_PREFIX).unwrap_or(id)));
    let primary = answer
        .get("emails")
        .and_then(Value::as_array)
        .and_then(|emails| {
            let is_primary = |email: &&Value| email.get("primary").is_some_and(is_true);
            emails.iter().find(is_primary)
        });
    let (email, flag) = match primary {
        Some(primary) => (primary.get("value"), primary.get("confirmed")),
        None => (answer.get("email"), answer.get("email_verified")),
    };
    let picked = Picked {
        id: id.as_ref(),
        email,
        email_verified: flag.is_some_and(is_true),
        name: answer.get("name"),
        image: answer.get("picture"),
    };
    picked.judge(answer.clone())
}

const ID_PREFIX: &str = "https://www.paypal.com/webapps/auth/identity/user/";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_is_the_same_with_and_without_its_prefix() {
        for user in [
            json!({ "user_id": "mWq6" }),
            json!({ "user_id": format!("{ID_PREFIX}mWq6") }),
            json!({ "sub": format!("{ID_PREFIX}mWq6") }),
        ] {
            assert_eq!(identity(user.clone()).unwrap().id, "mWq6", "{user}");
        }
        for user in [
            json!({ "user_id": ID_PREFIX }),
            json!({ "user_id": {} }),
            json!({}),
        ] {
            assert!(identity(user.clone()).is_err(), "{user}");
        }
    }

    #[test]
    fn of_a_list_only_the_primary_address_counts() {
        let user = |emails: Value| {
            let user = json!({ "user_id": "7", "verified_account": "true", "emails": emails });
            identity(user).unwrap()
        };
        let profile = user(json!([
            { "value": "a@x.com", "primary": false, "confirmed": true },
            { "value": "b@x.com", "primary": true, "confirmed": true },
        ]));
        assert_eq!(profile.email.as_deref(), Some("b@x.com"));
        assert!(profile.email_verified);
        assert!(!user(json!([{ "value": "b@x.com", "primary": true }])).email_verified);
        for emails in [
            json!([{ "value": "a@x.com", "primary": false, "confirmed": true }]),
            json!({ "value": "a@x.com", "primary": true }),
            json!([]),
        ] {
            assert_eq!(user(emails.clone()).email, None, "{emails}");
        }
    }

    #[test]
    fn the_claims_of_openid_are_read_as_well() {
        let user = |flag: Value| {
            let user = json!({ "user_id": "7", "email": "a@x.com", "email_verified": flag });
            identity(user).unwrap()
        };
        assert_eq!(user(json!(true)).email.as_deref(), Some("a@x.com"));
        assert!(user(json!(true)).email_verified);
        assert!(user(json!("true")).email_verified);
        assert!(!user(json!(false)).email_verified);
        assert!(!user(json!(1)).email_verified);
    }
}
