//! The application's callbacks, seen from the core.

use std::sync::Arc;

use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Status, ValueType};
use serde_json::{Map, Value};
use tracing::{Dispatch, Level};

use super::value::property;
use crate::error::{Error, Result};
use crate::event::{Event, EventFn};
use crate::log::Logger;

type Line = FnArgs<(String, String, Value)>;
/// Weak: a logger does not keep Node alive.
type JsLogger = ThreadsafeFunction<Line, (), Line, Status, false, true>;

/// Where this instance's events go: to `logger`, if there is one.
pub(super) fn dispatch(
    options: &napi::bindgen_prelude::Object<'_>,
) -> napi::Result<Result<Dispatch>> {
    use napi::bindgen_prelude::JsObjectValue;
    let Some(logger) = property(options, "logger")? else {
        return Ok(Ok(Dispatch::none()));
    };
    Ok(match logger.get_type()? {
        ValueType::Function => {
            let logger: Function<'_, Line, ()> = options.get_named_property_unchecked("logger")?;
            let logger: JsLogger = logger
                .build_threadsafe_function()
                .callee_handled::<false>()
                .weak::<true>()
                .build()?;
            let log = move |level: Level, message: String, fields: Map<String, Value>| {
                let line = (name(level).to_owned(), message, Value::Object(fields));
                logger.call(line.into(), ThreadsafeFunctionCallMode::NonBlocking);
            };
            Ok(Dispatch::new(Logger::new(Arc::new(log))))
        }
        _ => Err(Error::config(
            "logger",
            "must be a function (level, message, fields) => void",
        )),
    })
}

type JsListener = ThreadsafeFunction<String, (), String, Status, false, true>;

/// Who is told of events: `events`, if it is there.
pub(super) fn listener(options: &Object<'_>) -> napi::Result<Result<Option<Arc<EventFn>>>> {
    let Some(events) = property(options, "events")? else {
        return Ok(Ok(None));
    };
    Ok(match events.get_type()? {
        ValueType::Function => {
            let events: Function<'_, String, ()> =
                options.get_named_property_unchecked("events")?;
            let events: JsListener = events
                .build_threadsafe_function()
                .callee_handled::<false>()
                .weak::<true>()
                .build()?;
            let tell = move |event: &Event| {
                if let Ok(text) = serde_json::to_string(event) {
                    events.call(text, ThreadsafeFunctionCallMode::NonBlocking);
                }
            };
            Ok(Some(Arc::new(tell) as Arc<EventFn>))
        }
        _ => Err(Error::config(
            "events",
            "must be a function (event) => void",
        )),
    })
}

fn name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}
