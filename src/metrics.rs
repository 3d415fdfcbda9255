//! What an instance has done so far, and how it is: numbers for those who operate it.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::error::Result;
use crate::kavach::Kavach;
use crate::store::Health;

/// Counts since the instance was opened.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// Sign-ins that ended in a session.
    pub sign_ins: u64,
    /// Sign-ins that were refused, or failed.
    pub sign_ins_refused: u64,
    /// Users that were made.
    pub users_created: u64,
    /// Session checks, of all kinds.
    pub session_checks: u64,
    /// Those among them that asked no database.
    pub session_checks_from_memory: u64,
    /// Requests to the configured providers.
    pub provider_calls: u64,
    /// Those among them that brought no answer.
    pub provider_calls_failed: u64,
    /// Verbs of the store.
    pub database_calls: u64,
    /// Those among them that failed.
    pub database_calls_failed: u64,
    /// Requests that were told to wait.
    pub rate_limited: u64,
}

/// Something that is counted.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often something was tried, and how often in vain.
#[derive(Default)]
pub(crate) struct Calls {
    pub all: Counter,
    pub failed: Counter,
}

impl Calls {
    pub fn add(&self, is_done: bool) {
        self.all.add();
        if !is_done {
            self.failed.add();
        }
    }
}

/// What the engine counts itself.
#[derive(Default)]
pub(crate) struct Counters {
    pub sign_ins: Counter,
    pub sign_ins_refused: Counter,
    pub users_created: Counter,
    pub session_checks: Counter,
    pub rate_limited: Counter,
}

impl Kavach {
    /// What has happened since this instance was opened.
    pub fn metrics(&self) -> Metrics {
        let counters = &self.counters;
        let from_memory = self.store.recalled();
        let database = self.store.calls();
        let providers = || self.providers().filter_map(|provider| provider.calls());
        Metrics {
            sign_ins: counters.sign_ins.get(),
            sign_ins_refused: counters.sign_ins_refused.get(),
            users_created: counters.users_created.get(),
            session_checks: counters.session_checks.get() + from_memory,
            session_checks_from_memory: from_memory,
            provider_calls: providers().map(|calls| calls.all.get()).sum(),
            provider_calls_failed: providers().map(|calls| calls.failed.get()).sum(),
            database_calls: database.all.get(),
            database_calls_failed: database.failed.get(),
            rate_limited: counters.rate_limited.get(),
        }
    }

    /// Asks the database whether it answers, within two seconds.
    pub async fn health(&self) -> Result<Health> {
        let _in_flight = self.enter()?;
        Ok(self.store.health().await)
    }
}
