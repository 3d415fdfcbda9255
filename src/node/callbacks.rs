//! The application's callbacks, seen from the core.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Status, ValueType};
use napi_derive::napi;
use serde_json::{Map, Value};
use tracing::{Dispatch, Level};

use super::value::property;
use crate::error::{Error, Result};
use crate::event::{Event, EventFn};
use crate::log::{LogFn, Logger, Timings};

type Line = FnArgs<(String, String, Value)>;
/// Weak: a logger does not keep Node alive.
type JsLogger = ThreadsafeFunction<Line, (), Line, Status, false, true>;

/// Where this instance's events go: to `logger`, if there is one, and what took how long to `timings`.
pub(super) fn dispatch(
    options: &Object<'_>,
    timings: Arc<Timings>,
) -> napi::Result<Result<Dispatch>> {
    let logger = logger(options)?;
    Ok(logger.map(|log| Dispatch::new(Logger::new(log, Some(timings)))))
}

fn logger(options: &Object<'_>) -> napi::Result<Result<Option<Arc<LogFn>>>> {
    let Some(logger) = property(options, "logger")? else {
        return Ok(Ok(None));
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
            Ok(Some(Arc::new(log) as Arc<LogFn>))
        }
        _ => Err(Error::config(
            "logger",
            "must be a function (level, message, fields) => void",
        )),
    })
}

/// How many threads of JavaScript listen to timings.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);

/// Says that this thread listens to timings, or does so no longer.
#[napi]
pub fn watch_timings(is_heard: bool) {
    match is_heard {
        true => LISTENERS.fetch_add(1, Ordering::Relaxed),
        false => LISTENERS.fetch_sub(1, Ordering::Relaxed),
    };
}

/// Who is told what took how long, as JSON.
pub(super) fn timings(tell: &Function<'_, String, ()>) -> napi::Result<Arc<Timings>> {
    let tell: JsListener = tell
        .build_threadsafe_function()
        .callee_handled::<false>()
        .weak::<true>()
        .build()?;
    Ok(Arc::new(Timings {
        wanted: &LISTENERS,
        tell: Box::new(move |fields| {
            let text = Value::Object(fields).to_string();
            tell.call(text, ThreadsafeFunctionCallMode::NonBlocking);
        }),
    }))
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
