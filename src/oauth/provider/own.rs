//! A provider that is made of the application's own functions.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::authorization::AuthorizationRequest;
use super::callback::{self, Callback, Callbacks};
use super::profile::own_profile;
use super::token_endpoint::{CodeExchange, Grant};
use crate::clock::Timestamp;
use crate::config::fields::Fields;
use crate::crypto::Secret;
use crate::error::{Code, Error, Result};
use crate::oauth::client::provider_error;
use crate::oauth::profile::Profile;
use crate::oauth::tokens::Tokens;

pub(crate) struct Own {
    pub scopes: Vec<String>,
    get_authorization_url: Callback,
    exchange_code: Callback,
    get_user_info: Callback,
    refresh_tokens: Option<Callback>,
    revoke_token: Option<Callback>,
}

impl Own {
    pub fn parse(options: &Fields<'_>, callbacks: Callbacks) -> Result<Self> {
        let required = |callback: Option<Callback>, name: &str| {
            callback.ok_or_else(|| {
                Error::config(
                    &options.path(name),
                    "is missing: a provider of your own needs the functions getAuthorizationUrl, exchangeCode and getUserInfo",
                )
            })
        };
        Ok(Self {
            scopes: options
                .texts("scopes")?
                .unwrap_or_default()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            get_authorization_url: required(
                callbacks.get_authorization_url,
                "getAuthorizationUrl",
            )?,
            exchange_code: required(callbacks.exchange_code, "exchangeCode")?,
            get_user_info: required(callbacks.get_user_info, "getUserInfo")?,
            refresh_tokens: callbacks.refresh_tokens,
            revoke_token: callbacks.revoke_token,
        })
    }

    pub async fn authorization_request(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Result<String> {
        let arguments = [request.state, request.code_verifier, request.redirect_uri];
        let arguments = arguments.map(Value::from).to_vec();
        let name = "getAuthorizationUrl";
        let told = callback::call(&self.get_authorization_url, name, arguments).await?;
        told.as_str()
            .and_then(|text| Url::parse(text).ok())
            // A browser goes there, so it must not be a script.
            .filter(|url| matches!(url.scheme(), "https" | "http"))
            .map(String::from)
            .ok_or_else(|| provider_error("getAuthorizationUrl gave no URL"))
    }

    pub async fn exchange_code(&self, exchange: &CodeExchange<'_>) -> Result<Grant> {
        let arguments = [exchange.code, exchange.code_verifier, exchange.redirect_uri];
        let arguments = arguments.map(Value::from).to_vec();
        let tokens = self
            .tokens(&self.exchange_code, "exchangeCode", arguments, &self.scopes)
            .await?;
        Ok(Grant {
            tokens,
            answer: Value::Null,
            claims: None,
            callback: Vec::new(),
        })
    }

    pub async fn refresh(&self, old: &Tokens, refresh_token: &Secret) -> Result<Tokens> {
        let Some(refresh_tokens) = &self.refresh_tokens else {
            return Err(Code::ReauthorizationRequired.into());
        };
        let arguments = vec![Value::from(refresh_token.expose())];
        self.tokens(refresh_tokens, "refreshTokens", arguments, &old.scopes)
            .await
    }

    pub async fn profile(&self, grant: &Grant) -> Result<Profile> {
        let arguments = vec![Value::from(grant.tokens.access_token.expose())];
        let told = callback::call_for_object(&self.get_user_info, "getUserInfo", arguments).await?;
        let raw = told
            .get("raw")
            .cloned()
            .unwrap_or_else(|| Value::Object(told.clone()));
        own_profile(&told, raw)
    }

    pub async fn revoke(&self, tokens: &Tokens) -> Result<bool> {
        let Some(revoke_token) = &self.revoke_token else {
            return Ok(false);
        };
        let token = tokens
            .refresh_token
            .as_ref()
            .unwrap_or(&tokens.access_token);
        let arguments = vec![Value::from(token.expose())];
        callback::call(revoke_token, "revokeToken", arguments)
            .await
            .map(|_| true)
    }

    async fn tokens(
        &self,
        callback: &Callback,
        name: &str,
        arguments: Vec<Value>,
        requested: &[String],
    ) -> Result<Tokens> {
        let told = callback::call_for_object(callback, name, arguments).await?;
        let told: OwnTokens = serde_json::from_value(Value::Object(told)).map_err(|_| {
            // Its own words would repeat the value.
            provider_error(format!(
                "{name} gave no tokens, or a member of the wrong kind"
            ))
        })?;
        if told.access_token.is_empty() {
            return Err(provider_error(format!("{name} gave an empty accessToken")));
        }
        let refresh_token = told.refresh_token.filter(|token| !token.is_empty());
        Ok(Tokens {
            refresh_token: refresh_token.map(Secret::new),
            expires_at: told
                .expires_at
                .map(|millis| Timestamp(millis as i64).min(Timestamp::FOR_EVER)),
            scopes: told.scopes.unwrap_or_else(|| requested.to_vec()),
            ..Tokens::of_access_token(Secret::new(told.access_token))
        })
    }
}

/// The names of everything that may be written.
pub(crate) fn known_options() -> Vec<&'static str> {
    [FACTS, FUNCTIONS].concat()
}

/// Tokens as a function of the application tells them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnTokens {
    access_token: String,
    refresh_token: Option<String>,
    /// Milliseconds since the Unix epoch.
    expires_at: Option<f64>,
    scopes: Option<Vec<String>>,
}

/// What describes it, besides its functions.
const FACTS: &[&str] = &["id", "name", "scopes"];

/// Its functions.
pub(crate) const FUNCTIONS: &[&str] = &[
    "getAuthorizationUrl",
    "exchangeCode",
    "getUserInfo",
    "refreshTokens",
    "revokeToken",
    "mapProfile",
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;
    use serde_json::json;

    use super::*;

    fn own(answer: Value) -> Own {
        let callback: Callback = Arc::new(move |_| {
            let answer = answer.clone();
            async move { Ok(answer) }.boxed()
        });
        let callbacks = Callbacks {
            get_authorization_url: Some(callback.clone()),
            exchange_code: Some(callback.clone()),
            get_user_info: Some(callback),
            ..Callbacks::default()
        };
        let options = json!({});
        Own::parse(
            &Fields::new(&options, "p", &known_options()).unwrap(),
            callbacks,
        )
        .unwrap()
    }

    #[tokio::test]
    async fn a_url_that_is_a_script_is_none() {
        let request = AuthorizationRequest::default();
        for answer in [
            json!("javascript:alert(1)"),
            json!("/relative"),
            json!(7),
            json!(null),
        ] {
            let url = own(answer.clone()).authorization_request(&request).await;
            assert!(url.is_err(), "{answer}");
        }
    }

    #[tokio::test]
    async fn tokens_and_profiles_are_judged_like_a_providers() {
        let exchange = CodeExchange::default();
        for answer in [
            json!({}),
            json!({ "accessToken": 7 }),
            json!({ "accessToken": "" }),
            json!({ "accessToken": "a", "expiresAt": "soon" }),
            json!([]),
            json!(null),
        ] {
            assert!(own(answer.clone()).exchange_code(&exchange).await.is_err());
            let grant = Grant::of_access_token(Secret::new("a"));
            assert!(
                own(answer.clone()).profile(&grant).await.is_err(),
                "{answer}"
            );
        }
        let tokens = json!({ "accessToken": "a", "expiresAt": 1e300, "scopes": ["x"] });
        let grant = own(tokens).exchange_code(&exchange).await.unwrap();
        assert_eq!(grant.tokens.expires_at, Some(Timestamp::FOR_EVER));
        assert_eq!(grant.tokens.scopes, ["x"]);
    }
}
