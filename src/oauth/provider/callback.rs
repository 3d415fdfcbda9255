//! Functions of the application that take part in a sign-in. What they give back is as little trusted as what a
//! provider says.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Map, Number, Value};

use crate::error::Result;
use crate::oauth::client::{TOTAL_TIMEOUT, provider_error};

/// Takes the arguments and promises an answer.
pub type Callback = Arc<dyn Fn(Vec<Value>) -> BoxFuture<'static, Result<Value>> + Send + Sync>;

/// The functions of one provider.
#[derive(Clone, Default)]
pub struct Callbacks {
    /// `getUserProfile(data)` of a provider that is described by options.
    pub get_user_profile: Option<Callback>,
    /// `mapProfile(profile, defaults)`.
    pub map_profile: Option<Callback>,
    /// `getAuthorizationUrl(state, codeVerifier, redirectUri)` of a provider made of functions, and so on.
    pub get_authorization_url: Option<Callback>,
    /// `exchangeCode(code, codeVerifier, redirectUri)`.
    pub exchange_code: Option<Callback>,
    /// `getUserInfo(accessToken)`.
    pub get_user_info: Option<Callback>,
    /// `refreshTokens(refreshToken)`.
    pub refresh_tokens: Option<Callback>,
    /// `revokeToken(token)`.
    pub revoke_token: Option<Callback>,
}

impl Callbacks {
    /// A function that only a provider made of functions has.
    pub(crate) fn of_own_provider(&self) -> Option<&'static str> {
        [
            ("getAuthorizationUrl", &self.get_authorization_url),
            ("exchangeCode", &self.exchange_code),
            ("getUserInfo", &self.get_user_info),
            ("refreshTokens", &self.refresh_tokens),
            ("revokeToken", &self.revoke_token),
        ]
        .into_iter()
        .find_map(|(name, callback)| callback.is_some().then_some(name))
    }
}

/// Calls one of them, for as long as a provider may take too.
pub(crate) async fn call(
    callback: &Callback,
    name: &str,
    mut arguments: Vec<Value>,
) -> Result<Value> {
    arguments.iter_mut().for_each(keep_digits);
    match tokio::time::timeout(TOTAL_TIMEOUT, callback(arguments)).await {
        Ok(answer) => answer,
        Err(_) => Err(provider_error(format!("{name} did not settle in time"))),
    }
}

/// The same where only an object is an answer.
pub(crate) async fn call_for_object(
    callback: &Callback,
    name: &str,
    arguments: Vec<Value>,
) -> Result<Map<String, Value>> {
    match call(callback, name, arguments).await? {
        Value::Object(map) => Ok(map),
        _ => Err(provider_error(format!("{name} gave no object"))),
    }
}

/// JavaScript rounds whole numbers beyond 2^53, which would make one account of two: those go as text.
fn keep_digits(value: &mut Value) {
    match value {
        Value::Number(number) if !is_exact(number) => *value = Value::String(number.to_string()),
        Value::Array(items) => items.iter_mut().for_each(keep_digits),
        Value::Object(map) => map.values_mut().for_each(keep_digits),
        _ => {}
    }
}

/// Whether JavaScript holds a whole number as it is.
pub(crate) fn is_exact(number: &Number) -> bool {
    const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => number <= MAX_SAFE_INTEGER,
        (None, Some(number)) => number.unsigned_abs() <= MAX_SAFE_INTEGER,
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_that_javascript_would_round_go_as_text() {
        let mut value = json!({ "id": 12_345_678_901_234_567_890_u64, "list": [1, 1.5, -9_007_199_254_740_993_i64] });
        keep_digits(&mut value);
        assert_eq!(
            value,
            json!({ "id": "12345678901234567890", "list": [1, 1.5, "-9007199254740993"] })
        );
    }
}
