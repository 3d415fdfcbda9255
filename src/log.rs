//! Takes what the library traces to the application's own logger, if it has one.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// What a logger takes: the level, the message, and the fields.
pub type LogFn = dyn Fn(Level, String, Map<String, Value>) + Send + Sync;

/// A subscriber that knows events of this library only.
pub struct Logger(Arc<LogFn>);

impl Logger {
    /// Feeds `log`.
    pub fn new(log: Arc<LogFn>) -> Self {
        Self(log)
    }
}

impl Subscriber for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Others trace too, and what they say may hold what must not be logged.
        metadata.is_event() && metadata.target().starts_with(env!("CARGO_CRATE_NAME"))
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        (self.0)(*event.metadata().level(), fields.message, fields.others);
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

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn events_of_ours_reach_the_logger_with_their_fields() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let logger = Logger::new(Arc::new(move |level, message, fields| {
            sink.lock()
                .unwrap()
                .push((level, message, Value::Object(fields)));
        }));
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
