//! How results cross.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use napi::bindgen_prelude::{Env, Object, PromiseRaw, ToNapiValue};
use napi::sys;
use serde::Serialize;
use serde_json::json;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

use crate::error::{Code, Error, Result};

/// An object of ours, or why there is none: `{ value }` or `{ failure }`.
pub(super) struct Carrier<T>(pub Result<T>);

impl<T: ToNapiValue> ToNapiValue for Carrier<T> {
    unsafe fn to_napi_value(
        raw_env: sys::napi_env,
        carrier: Self,
    ) -> napi::Result<sys::napi_value> {
        let mut object = Object::new(&Env::from_raw(raw_env))?;
        match carrier.0 {
            Ok(value) => object.set("value", value)?,
            Err(error) => object.set("failure", failure(&error))?,
        }
        unsafe { ToNapiValue::to_napi_value(raw_env, object) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<T> {
    Value(T),
    Failure(serde_json::Value),
}

/// Runs `future` off the JavaScript thread and promises its outcome as JSON text.
pub(super) fn promise<'env, T, F>(
    env: &'env Env,
    log: &Dispatch,
    future: F,
) -> napi::Result<PromiseRaw<'env, String>>
where
    T: Serialize,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let log = log.clone();
    env.spawn_future(async move {
        let outcome = match guarded(future).with_subscriber(log).await {
            Ok(value) => Outcome::Value(value),
            Err(error) => Outcome::Failure(failure(&error)),
        };
        serde_json::to_string(&outcome).map_err(|error| napi::Error::from_reason(error.to_string()))
    })
}

/// A panic must not take the user's server along, nor leave a promise unsettled.
pub(super) async fn guarded<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(future)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(panicked(&*panic)))
}

/// The same for what is done at once.
pub(super) fn guarded_now<T>(work: impl FnOnce() -> T) -> Result<T> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panicked(&*panic))
}

fn failure(error: &Error) -> serde_json::Value {
    json!({
        "code": error.code().as_str(),
        "status": error.code().status(),
        "message": error.message(),
        "cause": error.cause(),
    })
}

/// The panic's own message may hold anything, so it is not passed on.
fn panicked(_: &(dyn Any + Send)) -> Error {
    Error::new(Code::Internal).because("a panic was caught")
}
