//! MySQL and MariaDB: the log of changes, polled.
//!
//! Its numbers are given out before the commit, so a smaller one may appear after a larger one. A second look, at what
//! is not committed yet either, shows which are still on their way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sqlx::mysql::MySqlConnection;
use sqlx::{ConnectOptions, Executor, MySqlPool};

use super::{LONGEST_GAP, MAX_TOLD, NO_TRIGGERS, Problem};
use crate::store::cache::{Cache, Moment, Tag};

pub(super) struct Poller {
    /// Sees what is not committed.
    dirty: MySqlConnection,
    pool: MySqlPool,
    /// Every change up to this number has been told.
    settled: i64,
    /// Those above that have been told, and when.
    told: BTreeMap<i64, Instant>,
    polled_at: Moment,
}

impl Poller {
    pub async fn attach(pool: &MySqlPool, cache: &Cache) -> Result<Self, Problem> {
        let mut dirty = pool.connect_options().connect().await?;
        let triggers: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM information_schema.TRIGGERS
            WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME LIKE 'kavach\\_tell\\_%'",
        )
        .fetch_one(&mut dirty)
        .await?;
        if triggers != 4 {
            return Err(Problem::Impossible(NO_TRIGGERS));
        }
        dirty
            .execute("SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")
            .await?;
        let polled_at = Moment::now();
        let seen: BTreeSet<i64> = sqlx::query_scalar("SELECT seq FROM kavach_changes")
            .fetch_all(&mut dirty)
            .await?
            .into_iter()
            .collect();
        let committed: BTreeSet<i64> = sqlx::query_scalar("SELECT seq FROM kavach_changes")
            .fetch_all(pool)
            .await?
            .into_iter()
            .collect();
        let last = seen.last().copied().unwrap_or(0);
        let settled = seen
            .difference(&committed)
            .next()
            .map_or(last, |seq| seq - 1);
        let settled = settled.min(last - LATECOMERS);
        let now = Instant::now();
        // What is committed is in the database for all to see: the cache begins empty.
        cache.open_channel();
        Ok(Self {
            dirty,
            pool: pool.clone(),
            settled,
            told: committed
                .range(settled + 1..)
                .filter(|seq| seen.contains(seq))
                .map(|seq| (*seq, now))
                .collect(),
            polled_at,
        })
    }

    pub async fn catch_up(&mut self, cache: &Cache) -> Result<(), Problem> {
        let asked = Moment::now();
        if !asked.is_within(LONGEST_GAP, self.polled_at) {
            return Err(Problem::Rested);
        }
        let seen: Vec<i64> =
            sqlx::query_scalar("SELECT seq FROM kavach_changes WHERE seq > ? ORDER BY seq LIMIT ?")
                .bind(self.settled)
                .bind(MAX_TOLD as i64)
                .fetch_all(&mut self.dirty)
                .await?;
        if seen.len() == MAX_TOLD {
            return Err(Problem::Flooded);
        }
        if seen.iter().any(|seq| !self.told.contains_key(seq)) {
            self.tell_committed(cache).await?;
        }
        self.settle(&seen);
        self.polled_at = asked;
        Ok(())
    }

    async fn tell_committed(&mut self, cache: &Cache) -> Result<(), Problem> {
        let committed: Vec<(i64, String)> =
            sqlx::query_as("SELECT seq, id FROM kavach_changes WHERE seq > ? ORDER BY seq LIMIT ?")
                .bind(self.settled)
                .bind(MAX_TOLD as i64)
                .fetch_all(&self.pool)
                .await?;
        if committed.len() == MAX_TOLD {
            return Err(Problem::Flooded);
        }
        let now = Instant::now();
        for (seq, id) in committed {
            self.told.entry(seq).or_insert_with(|| {
                cache.forget(Tag::of_id(&id));
                now
            });
        }
        Ok(())
    }

    /// Passes over what has been told for a while, up to the first change that is still on its way. Not at once: a
    /// number may have been given out and not written yet.
    fn settle(&mut self, seen: &[i64]) {
        let on_its_way = seen.iter().find(|seq| !self.told.contains_key(seq));
        while let Some(first) = self.told.first_entry() {
            let seq = *first.key();
            if first.get().elapsed() < GRACE || on_its_way.is_some_and(|waiting| *waiting < seq) {
                return;
            }
            first.remove();
            self.settled = seq;
        }
    }
}

/// As many may have their numbers without having written them.
const LATECOMERS: i64 = 200;
const GRACE: Duration = Duration::from_secs(2);
