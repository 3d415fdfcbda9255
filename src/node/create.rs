//! `createKavach()`.

use std::sync::Arc;

use napi::ValueType;
use napi::bindgen_prelude::{
    ClassInstance, Either, Env, Function, JsObjectValue, JsValue, Object, PromiseRaw, Unknown,
};
use napi_derive::napi;
use serde_json::Value;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

use super::callbacks;
use super::kavach::NativeKavach;
use super::outcome::{Carrier, guarded};
use super::plugin::NativePlugin;
use super::value::{plain_except, property};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::event::EventFn;
use crate::kavach::Kavach;
use crate::log::Timings;
use crate::oauth::OAuth;

#[napi]
pub fn create_kavach<'env>(
    env: &'env Env,
    options: Unknown<'_>,
    timings: Function<'_, String, ()>,
) -> napi::Result<PromiseRaw<'env, Carrier<NativeKavach>>> {
    let timings = callbacks::timings(&timings)?;
    let parsed = parse(&options, timings)?;
    env.spawn_future(async move {
        let opened = guarded(async {
            let (config, oauth, log, events) = parsed?;
            let inner = Kavach::open(config, oauth, events)
                .with_subscriber(log.clone())
                .await?;
            Ok(NativeKavach::new(inner, log))
        });
        Ok(Carrier(opened.await))
    })
}

type Parsed = Result<(Config, Option<Arc<OAuth>>, Dispatch, Option<Arc<EventFn>>)>;

fn parse(options: &Unknown<'_>, timings: Arc<Timings>) -> napi::Result<Parsed> {
    let plain = plain_except(options, "", &["plugins", "logger", "events"])?;
    if options.get_type()? != ValueType::Object || options.is_array()? {
        return Ok(Config::parse(&Value::Null).map(|config| (config, None, Dispatch::none(), None)));
    }
    let object = options.coerce_to_object()?;
    let plugins = plugins(&object)?;
    let log = callbacks::dispatch(&object, timings)?;
    let events = callbacks::listener(&object)?;
    Ok((|| Ok((Config::parse(&plain?)?, plugins?, log?, events?)))())
}

fn plugins(options: &Object<'_>) -> napi::Result<Result<Option<Arc<OAuth>>>> {
    let Some(plugins) = property(options, "plugins")? else {
        return Ok(Ok(None));
    };
    match plugins.get_type()? {
        ValueType::Object if plugins.is_array()? => {}
        _ => {
            return Ok(Err(Error::config(
                "plugins",
                "must be an array, such as [oauth({ providers: [ … ] })]",
            )));
        }
    }
    let plugins = plugins.coerce_to_object()?;
    let mut oauth = None;
    for at in 0..plugins.get_array_length()? {
        let given: Either<ClassInstance<'_, NativePlugin>, Unknown<'_>> =
            plugins.get_element(at)?;
        let path = format!("plugins[{at}]");
        match given {
            Either::A(plugin) if oauth.is_none() => oauth = Some(plugin.share()),
            Either::A(_) => {
                return Ok(Err(Error::config(
                    &path,
                    "is a second oauth(): put all providers into one",
                )));
            }
            Either::B(_) => return Ok(Err(Error::config(&path, "must be what oauth() returns"))),
        }
    }
    Ok(Ok(oauth))
}
