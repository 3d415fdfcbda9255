//! A profile mapping that is data: where in an answer each thing stands, as JSON pointers (RFC 6901).

use serde_json::Value;

use crate::error::Result;
use crate::oauth::profile::{Picked, Profile};

/// Where things stand. Of several places the first that holds something counts.
#[derive(Clone, Copy)]
pub(crate) struct Claims {
    pub id: &'static [&'static str],
    pub email: &'static [&'static str],
    pub email_verified: Verified,
    /// Each alternative is a list of parts, joined by blanks.
    pub name: &'static [&'static [&'static str]],
    pub image: &'static [&'static str],
}

/// When an address counts as verified.
#[derive(Clone, Copy)]
pub(crate) enum Verified {
    /// The provider gives no word for it.
    Never,
    /// The provider gives verified addresses only.
    WhenPresent,
    /// All of these are true, as a boolean or as the text `true`.
    All(&'static [&'static str]),
    /// This is the number one.
    One(&'static str),
    /// This is there and not null.
    NotNull(&'static str),
}

impl Claims {
    /// The standard claims (OpenID Connect Core 5.1).
    pub const OPENID: Self = Self {
        id: &["/sub"],
        email: &["/email"],
        email_verified: Verified::All(&["/email_verified"]),
        name: &[
            &["/name"],
            &["/given_name", "/family_name"],
            &["/preferred_username"],
        ],
        image: &["/picture"],
    };

    /// Reads a profile.
    pub fn read(&self, answer: Value) -> Result<Profile> {
        let name = self
            .name
            .iter()
            .find_map(|parts| joined(&answer, parts))
            .map(Value::String);
        let picked = Picked {
            id: first(&answer, self.id),
            email: first(&answer, self.email),
            email_verified: self.email_verified.holds(&answer),
            name: name.as_ref(),
            image: first(&answer, self.image),
        };
        picked.judge(answer.clone())
    }

    /// Whether an answer has what these scopes promise (OpenID Connect Core 5.4).
    pub fn are_in(&self, answer: &Value, scopes: &[String]) -> bool {
        let wanted = |scope: &str| scopes.iter().any(|wanted| wanted == scope);
        (!wanted("email") || first(answer, self.email).is_some())
            && (!wanted("profile")
                || self
                    .name
                    .iter()
                    .any(|parts| joined(answer, parts).is_some()))
    }
}

impl Verified {
    fn holds(self, answer: &Value) -> bool {
        match self {
            Self::Never => false,
            Self::WhenPresent => true,
            Self::All(places) => places
                .iter()
                .all(|place| answer.pointer(place).is_some_and(is_true)),
            Self::One(place) => answer.pointer(place).and_then(Value::as_u64) == Some(1),
            Self::NotNull(place) => answer.pointer(place).is_some_and(|value| !value.is_null()),
        }
    }
}

/// Some write the boolean as text (Apple, Cognito).
pub(crate) fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true)) || value.as_str() == Some("true")
}

fn first<'v>(answer: &'v Value, places: &[&str]) -> Option<&'v Value> {
    places
        .iter()
        .filter_map(|place| answer.pointer(place))
        .find(|value| !value.is_null() && value.as_str() != Some(""))
}

fn joined(answer: &Value, parts: &[&str]) -> Option<String> {
    let words: Vec<&str> = parts
        .iter()
        .filter_map(|part| answer.pointer(part)?.as_str())
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_standard_claims_are_read() {
        let profile = Claims::OPENID
            .read(json!({
                "sub": "7", "email": "A@X.com", "email_verified": "true", "name": " ",
                "given_name": "Ada", "family_name": "Lovelace", "picture": "https://x.com/a.png",
            }))
            .unwrap();
        assert_eq!(profile.id, "7");
        assert_eq!(profile.email.as_deref(), Some("a@x.com"));
        assert!(profile.email_verified);
        assert_eq!(profile.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(profile.image.as_deref(), Some("https://x.com/a.png"));
    }

    #[test]
    fn verified_means_what_the_provider_means_by_it() {
        let answer = json!({ "yes": true, "text": "true", "one": 1, "no": false, "null": null });
        for (rule, holds) in [
            (Verified::Never, false),
            (Verified::WhenPresent, true),
            (Verified::All(&["/yes", "/text"]), true),
            (Verified::All(&["/yes", "/no"]), false),
            (Verified::All(&["/one"]), false),
            (Verified::All(&["/missing"]), false),
            (Verified::One("/one"), true),
            (Verified::One("/yes"), false),
            (Verified::NotNull("/no"), true),
            (Verified::NotNull("/null"), false),
            (Verified::NotNull("/missing"), false),
        ] {
            assert_eq!(rule.holds(&answer), holds);
        }
    }

    #[test]
    fn an_id_token_without_what_the_scopes_promise_is_not_enough() {
        let scopes = ["openid", "email", "profile"].map(str::to_owned);
        let has = |claims: Value| Claims::OPENID.are_in(&claims, &scopes);
        assert!(has(json!({ "email": "a@x.com", "name": "A" })));
        assert!(!has(json!({ "email": "a@x.com" })));
        assert!(!has(json!({ "name": "A" })));
        assert!(Claims::OPENID.are_in(&json!({}), &scopes[..1]));
    }
}
