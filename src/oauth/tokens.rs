//! Tokens as a provider hands them out, read with patience for its dialect.

use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::crypto::Secret;
use crate::error::Error;
use crate::oauth::client::{provider_error, provider_refusal};

/// What a provider granted.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, if the provider gave one.
    pub refresh_token: Option<Secret>,
    /// How to present the access token; `Bearer` as a rule.
    pub token_type: String,
    /// When the provider gave them.
    pub issued_at: Timestamp,
    /// When the access token ends; `None` when it does not.
    pub expires_at: Option<Timestamp>,
    /// What was granted.
    pub scopes: Vec<String>,
}

/// The answer of a token endpoint (RFC 6749 5.1), lenient where providers are known to stray: numbers as strings,
/// `scopes` for `scope`, a list for a string, a missing `token_type`. An access token that is not text is no token.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct TokenAnswer {
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    scope: Value,
    #[serde(default)]
    scopes: Value,
    /// Some answer a refusal with status 200; what says both is one.
    #[serde(default)]
    error: Value,
}

impl TokenAnswer {
    /// Why this is no grant, if it is none. A token of a type that we do not understand must not be used
    /// (RFC 6749 7.1).
    pub fn refusal(&self) -> Option<Error> {
        if !self.error.is_null() {
            return Some(provider_refusal(
                self.error.as_str().unwrap_or_default(),
                None,
            ));
        }
        let is_bearer = self.token_type == BasicTokenType::Bearer;
        (!is_bearer).then(|| provider_error("the access token is of another type than Bearer"))
    }

    /// The tokens, as of `now`. `requested` are the scopes when the answer names none (RFC 6749 5.1), `lifetime` when
    /// it does not say how long the token lives.
    pub fn into_tokens(
        self,
        requested: &[String],
        lifetime: Option<Duration>,
        now: Timestamp,
    ) -> Tokens {
        let granted = [&self.scope, &self.scopes].into_iter().find_map(scope_list);
        let lifetime = seconds(&self.expires_in).or(lifetime);
        Tokens {
            token_type: "Bearer".to_owned(),
            issued_at: now,
            expires_at: lifetime.map(|span| now + span),
            scopes: granted.unwrap_or_else(|| requested.to_vec()),
            refresh_token: self
                .refresh_token
                .filter(|token| !token.secret().is_empty())
                .map(|token| Secret::new(token.into_secret())),
            access_token: Secret::new(self.access_token.into_secret()),
        }
    }
}

impl TokenResponse for TokenAnswer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        seconds(&self.expires_in)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Some(Duration::from_secs(seconds.min(MAX_LIFETIME)))
}

/// Ten years: a longer life is a provider's way to say "for ever", and must not overflow a date.
const MAX_LIFETIME: u64 = 10 * 365 * 86_400;

fn scope_list(value: &Value) -> Option<Vec<String>> {
    let split = |text: &str| -> Vec<String> {
        text.split([' ', ','])
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect()
    };
    match value {
        Value::String(text) => Some(split(text)),
        Value::Array(items) => Some(
            items
                .iter()
                .filter_map(Value::as_str)
                .flat_map(split)
                .collect(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(answer: Value) -> Option<Tokens> {
        let answer: TokenAnswer = serde_json::from_value(answer).ok()?;
        Some(answer.into_tokens(
            &["account".into()],
            Some(Duration::from_secs(3600)),
            Timestamp(0),
        ))
    }

    #[test]
    fn both_variants_of_bitbuckets_answer_are_read() {
        for name in ["scope", "scopes"] {
            let tokens = read(json!({
                name: "email account", "access_token": "a", "expires_in": 7200,
                "token_type": "bearer", "state": "authorization_code", "refresh_token": "r",
            }))
            .unwrap();
            assert_eq!(tokens.scopes, ["email", "account"]);
            assert_eq!(tokens.expires_at, Some(Timestamp(7_200_000)));
            assert_eq!(tokens.token_type, "Bearer");
        }
    }

    #[test]
    fn what_is_missing_has_a_default() {
        let tokens = read(json!({ "access_token": "a" })).unwrap();
        assert_eq!(tokens.scopes, ["account"]);
        assert_eq!(tokens.expires_at, Some(Timestamp(3_600_000)));
        assert!(tokens.refresh_token.is_none());
    }

    #[test]
    fn an_access_token_that_is_no_text_is_refused() {
        for answer in [
            json!({}),
            json!({ "access_token": 7 }),
            json!({ "access_token": null }),
            json!([]),
        ] {
            assert!(read(answer).is_none());
        }
    }

    #[test]
    fn a_lifetime_may_come_as_text_and_never_overflows() {
        let expires = |value: Value| {
            read(json!({ "access_token": "a", "expires_in": value }))
                .unwrap()
                .expires_at
        };
        assert_eq!(expires(json!("60")), Some(Timestamp(60_000)));
        assert!(expires(json!(u64::MAX)).unwrap() > Timestamp(0));
        assert_eq!(expires(json!(-5)), Some(Timestamp(3_600_000)));
    }

    #[test]
    fn tokens_do_not_print() {
        assert!(
            !format!(
                "{:?}",
                read(json!({ "access_token": "hush", "refresh_token": "hush" }))
            )
            .contains("hush")
        );
    }
}
