//! `oauth()`.

use std::sync::Arc;

use napi::ValueType;
use napi::bindgen_prelude::{
    ClassInstance, Either, Function, JsObjectValue, JsValue, Object, Unknown,
};
use napi_derive::napi;

use super::outcome::Carrier;
use super::provider::{NativeProvider, described};
use super::value::{plain_except, property};
use crate::error::{Error, Result};
use crate::oauth::{OAuth, ProviderInput};

/// What `oauth()` returns.
#[napi]
pub struct NativePlugin {
    inner: Arc<OAuth>,
}

impl NativePlugin {
    pub(super) fn share(&self) -> Arc<OAuth> {
        Arc::clone(&self.inner)
    }
}

#[napi]
pub fn oauth(options: Unknown<'_>) -> napi::Result<Carrier<NativePlugin>> {
    if options.get_type()? != ValueType::Object {
        let error = Error::config("oauth", "must be an object: oauth({ providers: [ … ] })");
        return Ok(Carrier(Err(error)));
    }
    let rest = plain_except(&options, "oauth", &["providers", "buildRedirectUri"])?;
    let object = options.coerce_to_object()?;
    let providers = providers(&object)?;
    let parsed = match property(&object, "buildRedirectUri")? {
        None => (|| OAuth::parse(&rest?, providers?, None))(),
        Some(build) if build.get_type()? == ValueType::Function => {
            let build: Function<'_, String, Unknown<'_>> =
                object.get_named_property_unchecked("buildRedirectUri")?;
            let call = |id: &str| call_back(&build, id);
            (|| OAuth::parse(&rest?, providers?, Some(&call)))()
        }
        Some(_) => Err(Error::config(
            "oauth.buildRedirectUri",
            "must be a function",
        )),
    };
    Ok(Carrier(parsed.map(|inner| NativePlugin {
        inner: Arc::new(inner),
    })))
}

fn call_back(build: &Function<'_, String, Unknown<'_>>, id: &str) -> Result<String> {
    let remedy = "must return the callback URL as a string";
    let answer = build
        .call(id.to_owned())
        .map_err(|error| Error::config("oauth.buildRedirectUri", remedy).because(error.reason))?;
    super::value::text(&answer, "buildRedirectUri")
        .map_err(|error| Error::config("oauth.buildRedirectUri", remedy).because(error.reason))?
        .map_err(|_| Error::config("oauth.buildRedirectUri", remedy))
}

fn providers(options: &Object<'_>) -> napi::Result<Result<Vec<(String, ProviderInput)>>> {
    let missing = "must be an array such as [bitbucketProvider(clientId, clientSecret)], or a record keyed by provider id";
    let refuse = || Ok(Err(Error::config("oauth.providers", missing)));
    let Some(providers) = property(options, "providers")? else {
        return Ok(Ok(Vec::new()));
    };
    if providers.get_type()? != ValueType::Object {
        return refuse();
    }
    let object = providers.coerce_to_object()?;
    let mut inputs = Vec::new();
    if providers.is_array()? {
        for at in 0..object.get_array_length()? {
            let path = format!("oauth.providers[{at}]");
            match input(object.get_element(at)?, &path, None)? {
                Ok(input) => inputs.push((path, input)),
                Err(error) => return Ok(Err(error)),
            }
        }
    } else {
        for key in Object::keys(&object)? {
            let path = format!("oauth.providers.{key}");
            match input(object.get_named_property_unchecked(&key)?, &path, Some(key))? {
                Ok(input) => inputs.push((path, input)),
                Err(error) => return Ok(Err(error)),
            }
        }
    }
    Ok(Ok(inputs))
}

type Given<'env> = Either<ClassInstance<'env, NativeProvider>, Unknown<'env>>;

fn input(given: Given<'_>, path: &str, key: Option<String>) -> napi::Result<Result<ProviderInput>> {
    Ok(match given {
        Either::A(made) => Ok(ProviderInput::Made(made.share())),
        Either::B(value) => {
            let (value, callbacks) = described(&value, path)?;
            (|| {
                Ok(ProviderInput::Described {
                    key,
                    value: value?,
                    callbacks: callbacks?,
                })
            })()
        }
    })
}
