//! The application's functions that take part in a sign-in, seen from the core.
//!
//! The facade has wrapped them: each takes its arguments as JSON text and promises `{"value": …}` or
//! `{"error": "…"}`, and never rejects.

use std::sync::Arc;

use futures_util::FutureExt;
use napi::bindgen_prelude::{Function, JsObjectValue, Object, Promise};
use napi::threadsafe_function::ThreadsafeFunction;
use napi::{Status, ValueType};
use serde::Deserialize;
use serde_json::Value;

use super::value::property;
use crate::error::{Error, Result};
use crate::oauth::client::{provider_error, readable};
use crate::oauth::{Callback, Callbacks};

/// Weak: waiting for one does not keep Node alive.
type JsCallback = ThreadsafeFunction<String, Promise<String>, String, Status, false, true>;

/// What may be a function in the description of a provider.
pub(super) const FUNCTIONS: &[&str] = &[
    "getUserProfile",
    "mapProfile",
    "getAuthorizationUrl",
    "exchangeCode",
    "getUserInfo",
    "refreshTokens",
    "revokeToken",
];

/// The functions of a provider's description.
pub(super) fn read(options: &Object<'_>, path: &str) -> napi::Result<Result<Callbacks>> {
    let mut callbacks = Callbacks::default();
    for &name in FUNCTIONS {
        let Some(value) = property(options, name)? else {
            continue;
        };
        if value.get_type()? != ValueType::Function {
            let error = Error::config(&format!("{path}.{name}"), "must be a function");
            return Ok(Err(error));
        }
        let function: Function<'_, String, Promise<String>> =
            options.get_named_property_unchecked(name)?;
        let function: JsCallback = function
            .build_threadsafe_function()
            .callee_handled::<false>()
            .weak::<true>()
            .build()?;
        *place(&mut callbacks, name) = Some(callback(name, function));
    }
    Ok(Ok(callbacks))
}

fn place<'c>(callbacks: &'c mut Callbacks, name: &str) -> &'c mut Option<Callback> {
    match name {
        "getUserProfile" => &mut callbacks.get_user_profile,
        "mapProfile" => &mut callbacks.map_profile,
        "getAuthorizationUrl" => &mut callbacks.get_authorization_url,
        "exchangeCode" => &mut callbacks.exchange_code,
        "getUserInfo" => &mut callbacks.get_user_info,
        "refreshTokens" => &mut callbacks.refresh_tokens,
        _ => &mut callbacks.revoke_token,
    }
}

fn callback(name: &'static str, function: JsCallback) -> Callback {
    let function = Arc::new(function);
    Arc::new(move |arguments| {
        let function = Arc::clone(&function);
        async move {
            let arguments = Value::Array(arguments).to_string();
            let failed = |_| provider_error(format!("{name} could not be called"));
            let promise = function.call_async_catch(arguments).await.map_err(failed)?;
            let text = promise.await.map_err(failed)?;
            match serde_json::from_str(&text) {
                Ok(Told::Value(value)) => Ok(value),
                Ok(Told::Error(reason)) => {
                    Err(provider_error(format!("{name}: {}", readable(&reason))))
                }
                Err(_) => Err(provider_error(format!("{name} gave what JSON cannot hold"))),
            }
        }
        .boxed()
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Told {
    Value(Value),
    Error(String),
}
