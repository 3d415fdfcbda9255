//! Takes what the library traces to the application's own logger, if it has one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use crate::timing;

/// What a logger takes: the level, the message, and the fields.
pub type LogFn = dyn Fn(Level, String, Map<String, Value>) + Send + Sync;

/// A subscriber that knows events of this library only.
#[derive(Default)]
pub struct Logger {
    log: Option<Arc<LogFn>>,
    timings: Option<Arc<Timings>>,
}

/// Who is told what took how long, while that is wanted.
pub struct Timings {
    /// By how many it is wanted.
    pub wanted: &'static AtomicUsize,
    /// Takes the fields of one timing.
    pub tell: Box<dyn Fn(Map<String, Value>) + Send + Sync>,
}

impl Logger {
    /// Feeds `log`, if there is one, and `timings`, if they are wanted.
    pub fn new(log: Option<Arc<LogFn>>, timings: Option<Arc<Timings>>) -> Self {
        Self { log, timings }
    }
}

impl Subscriber for Logger {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.target() == timing::TARGET && self.timings.is_some() {
            return Interest::sometimes();
        }
        match self.enabled(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        if metadata.target() == timing::TARGET {
            let timings = self.timings.as_ref();
            return timings.is_some_and(|timings| timings.wanted.load(Ordering::Relaxed) > 0);
        }
        // Others trace too, and what they say may hold what must not be logged.
        let is_ours = metadata.target().starts_with(env!("CARGO_CRATE_NAME"));
        is_ours && metadata.is_event() && self.log.is_some()
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        match (&self.log, &self.timings) {
            (_, Some(timings)) if event.metadata().target() == timing::TARGET => {
                (timings.tell)(fields.others);
            }
            (Some(log), _) => log(*event.metadata().level(), fields.message, fields.others),
            _ => {}
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.others.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.put(field, text.into());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn nothing_is_timed_until_somebody_wants_to_know() {
        static WANTED: AtomicUsize = AtomicUsize::new(0);
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&told);
        let timings = Timings {
            wanted: &WANTED,
            tell: Box::new(move |fields| sink.lock().unwrap().push(fields["operation"].clone())),
        };
        let logger = Logger::new(None, Some(Arc::new(timings)));
        tracing::subscriber::with_default(logger, || {
            let time = |operation| timing::Timer::start().database(operation, true);
            time("before");
            WANTED.store(1, Ordering::Relaxed);
            time("while");
            WANTED.store(0, Ordering::Relaxed);
            time("after");
        });
        assert_eq!(*told.lock().unwrap(), ["while"]);
    }

    #[test]
    fn events_of_ours_reach_the_logger_with_their_fields() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let log = move |level, message, fields| {
            sink.lock()
                .unwrap()
                .push((level, message, Value::Object(fields)));
        };
        let logger = Logger::new(Some(Arc::new(log)), None);
        tracing::subscriber::with_default(logger, || {
            tracing::warn!(
                code = "provider_error",
                cause = Some("down"),
                "{}",
                "no answer"
            );
            tracing::error!(target: "sqlx", "not ours");
        });
        let expected = serde_json::json!({ "code": "provider_error", "cause": "down" });
        assert_eq!(
            *seen.lock().unwrap(),
            [(Level::WARN, "no answer".to_owned(), expected)]
        );
    }
}
