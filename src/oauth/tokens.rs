//! Tokens as a provider hands them out, read with patience for its dialect.

use std::fmt;
use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::crypto::Secret;
use crate::error::Error;
use crate::oauth::client::{json, provider_error, provider_refusal, readable};

/// What a provider granted.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token, a bearer token (RFC 6750).
    pub access_token: Secret,
    /// The refresh token, if the provider gave one.
    pub refresh_token: Option<Secret>,
    /// When the provider gave them.
    pub issued_at: Timestamp,
    /// When the access token ends; `None` when it does not.
    pub expires_at: Option<Timestamp>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// What a refresh must repeat besides the refresh token.
    pub(crate) parameters: Vec<(String, String)>,
}

impl Tokens {
    /// An access token of which nothing else is known.
    pub(crate) fn of_access_token(access_token: Secret) -> Self {
        Self {
            access_token,
            refresh_token: None,
            issued_at: Timestamp::now(),
            expires_at: None,
            scopes: Vec::new(),
            parameters: Vec::new(),
        }
    }
}

/// The answer of a token endpoint (RFC 6749 5.1), lenient where providers are known to stray: numbers as strings,
/// `scopes` for `scope`, a list for a string, a missing `token_type`. An access token that is not text is no token.
#[derive(Deserialize, Serialize)]
pub(crate) struct TokenAnswer {
    access_token: AccessToken,
    #[serde(
        default = "bearer",
        deserialize_with = "oauth2::helpers::deserialize_untagged_enum_case_insensitive"
    )]
    token_type: BasicTokenType,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    scope: Value,
    #[serde(default)]
    scopes: Value,
    pub id_token: Option<Value>,
    /// Whatever else it says.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl TokenAnswer {
    /// Why this is no grant, if it is none: a token of a type that we do not understand must not be used
    /// (RFC 6749 7.1).
    pub fn problem(&self) -> Option<Error> {
        let is_bearer = self.token_type == BasicTokenType::Bearer;
        (!is_bearer).then(|| provider_error("the access token is of another type than Bearer"))
    }

    /// What the answer says besides the tokens.
    pub fn rest(&self) -> Value {
        Value::Object(self.rest.clone())
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
            issued_at: now,
            expires_at: lifetime.map(|span| now + span),
            scopes: granted.unwrap_or_else(|| requested.to_vec()),
            refresh_token: self
                .refresh_token
                .filter(|token| !token.secret().is_empty())
                .map(|token| Secret::new(token.into_secret())),
            access_token: Secret::new(self.access_token.into_secret()),
            parameters: Vec::new(),
        }
    }
}

impl fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAnswer").finish_non_exhaustive()
    }
}

/// Why an endpoint that takes forms did not do what it was asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: u16,
    /// The provider's own code (RFC 6749 5.2); empty when its answer is none.
    pub code: String,
    pub description: String,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal.code.as_str() {
            "" => provider_error(readable(&refusal.description)),
            code => provider_refusal(
                code,
                Some(refusal.description.as_str()).filter(|text| !text.is_empty()),
            ),
        }
    }
}

/// The JSON of an answer that is no refusal. Some refuse with status 200, and each in its own words.
pub(crate) fn read_answer(
    answer: &oauth2::HttpResponse,
    any_media_type: bool,
) -> std::result::Result<Value, Refusal> {
    let status = answer.status();
    let text = json(answer, any_media_type);
    let value = match text.map(serde_json::from_str::<Value>) {
        Ok(Ok(value @ Value::Object(_))) => value,
        _ if !status.is_success() => {
            return Err(Refusal {
                status: status.as_u16(),
                description: format!("the endpoint answered {}", status.as_u16()),
                ..Refusal::default()
            });
        }
        problem => {
            let what = problem.err().unwrap_or("something other than an object");
            return Err(Refusal {
                status: status.as_u16(),
                description: format!("the endpoint answered {what}"),
                ..Refusal::default()
            });
        }
    };
    let text = |pointer: &str| match value.pointer(pointer) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let first = |pointers: &[&str]| pointers.iter().find_map(|pointer| text(pointer));
    let says_error = value.get("error").is_some_and(|error| !error.is_null())
        || value
            .get("errcode")
            .is_some_and(|code| code.as_i64() != Some(0));
    if status.is_success() && !says_error {
        return Ok(value);
    }
    Err(Refusal {
        status: status.as_u16(),
        code: first(&["/error", "/error/type", "/error/code", "/errcode", "/code"])
            .unwrap_or_else(|| status.as_u16().to_string()),
        description: first(&[
            "/error_description",
            "/error/message",
            "/errmsg",
            "/message",
            "/reason",
        ])
        .unwrap_or_default(),
    })
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
        }
    }

    /// RFC 6749 5.1
    #[test]
    fn the_type_of_a_token_is_compared_without_case() {
        let problem = |kind: &str| {
            let answer = json!({ "access_token": "a", "token_type": kind });
            serde_json::from_value::<TokenAnswer>(answer)
                .unwrap()
                .problem()
        };
        for kind in ["bearer", "Bearer", "BEARER"] {
            assert!(problem(kind).is_none(), "{kind}");
        }
        assert!(problem("mac").is_some() && problem("DPoP").is_some());
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
    fn a_refusal_is_known_in_whatever_words_it_comes() {
        let refusal = |status: u16, body: Value| {
            let mut answer = http::Response::new(body.to_string().into_bytes());
            *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
            let json = "application/json".parse().unwrap();
            answer.headers_mut().insert("content-type", json);
            read_answer(&answer, false)
                .err()
                .map(|refusal| (refusal.code, refusal.description))
        };
        let is = |code: &str, description: &str| Some((code.to_owned(), description.to_owned()));
        assert_eq!(
            refusal(200, json!({ "access_token": "a", "errcode": 0 })),
            None
        );
        for (status, body, expected) in [
            (
                400,
                json!({ "error": "invalid_grant", "error_description": "d" }),
                is("invalid_grant", "d"),
            ),
            (
                200,
                json!({ "error": "bad_verification_code" }),
                is("bad_verification_code", ""),
            ),
            (
                200,
                json!({ "ok": false, "error": "invalid_code" }),
                is("invalid_code", ""),
            ),
            (
                200,
                json!({ "errcode": 40029, "errmsg": "invalid code" }),
                is("40029", "invalid code"),
            ),
            (
                400,
                json!({ "status": 400, "message": "Invalid" }),
                is("400", "Invalid"),
            ),
            (
                400,
                json!({ "error": { "type": "OAuthException", "message": "m" } }),
                is("OAuthException", "m"),
            ),
            (
                401,
                json!({ "error": 401, "message": "Unauthorized" }),
                is("401", "Unauthorized"),
            ),
            (
                200,
                json!({ "access_token": "a", "error": "both" }),
                is("both", ""),
            ),
            (500, json!(7), is("", "the endpoint answered 500")),
        ] {
            assert_eq!(refusal(status, body.clone()), expected, "{body}");
        }
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
