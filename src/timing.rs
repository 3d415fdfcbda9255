//! What takes time, told to whoever listens: `tracing` events of one target. Nothing is measured while nobody does.

use tracing::Level;
use url::{Position, Url};

use crate::error::Code;
use crate::store::Moment;

/// The target of these events.
pub const TARGET: &str = concat!(env!("CARGO_CRATE_NAME"), "::timing");

/// What is being timed, if somebody listens.
pub(crate) struct Timer(Option<Moment>);

impl Timer {
    pub fn start() -> Self {
        Self(tracing::enabled!(target: TARGET, Level::TRACE).then(Moment::now))
    }

    /// One verb of the store, with all its statements.
    pub fn database(self, operation: &'static str, is_done: bool) {
        self.stop(|started_at, milliseconds| {
            tracing::event!(
                target: TARGET,
                Level::TRACE,
                kind = "database",
                startedAt = started_at,
                milliseconds,
                operation,
                ok = is_done,
            );
        });
    }

    /// One request to a provider. Its query may hold what must not be told.
    pub fn provider_call(self, method: &str, url: &Url, status: Option<u16>) {
        self.stop(|started_at, milliseconds| {
            tracing::event!(
                target: TARGET,
                Level::TRACE,
                kind = "provider-call",
                startedAt = started_at,
                milliseconds,
                method,
                url = &url[..Position::AfterPath],
                status,
            );
        });
    }

    /// The end of a sign-in, from the callback to its outcome.
    pub fn sign_in(self, provider: &str, is_link: bool, refused: Option<Code>) {
        self.stop(|started_at, milliseconds| {
            tracing::event!(
                target: TARGET,
                Level::TRACE,
                kind = "sign-in",
                startedAt = started_at,
                milliseconds,
                provider,
                link = is_link,
                code = refused.map(Code::as_str),
            );
        });
    }

    /// A session check.
    pub fn session(self, from_memory: bool, is_found: bool) {
        self.stop(|started_at, milliseconds| {
            tracing::event!(
                target: TARGET,
                Level::TRACE,
                kind = "session",
                startedAt = started_at,
                milliseconds,
                from = if from_memory { "memory" } else { "database" },
                found = is_found,
            );
        });
    }

    fn stop(self, tell: impl FnOnce(i64, f64)) {
        if let Self(Some(started)) = self {
            let milliseconds = started.monotonic.elapsed().as_secs_f64() * 1000.0;
            tell(started.wall.0, milliseconds);
        }
    }
}
