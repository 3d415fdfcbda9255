//! PostgreSQL tells by itself: `LISTEN` on a connection of its own.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgNotification, PgPoolOptions};

use super::{NO_TRIGGERS, Problem};
use crate::model::new_id;
use crate::store::cache::{Cache, Tag};

/// Notifications arrive in the order in which they were committed, so one of our own proves that all before it are here.
pub(super) struct Listener {
    listener: PgListener,
    /// A channel that nobody else uses.
    beats: String,
    beat: u64,
}

impl Listener {
    pub async fn attach(pool: &PgPool, cache: &Cache) -> Result<Self, Problem> {
        let options = (*pool.connect_options()).clone();
        let own = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options.application_name("kavachos cache"));
        let mut listener = PgListener::connect_with(&own).await?;
        listener.eager_reconnect(false);
        if !has_triggers(&mut listener).await? {
            return Err(Problem::Impossible(NO_TRIGGERS));
        }
        let beats = format!("kavach_{}", new_id());
        listener.listen_all([CHANGES, &*beats]).await?;
        cache.open_channel();
        let mut this = Self {
            listener,
            beats,
            beat: 0,
        };
        // Through another connection: behind a pooler that lends one for each transaction, this one hears what it says
        // itself at best.
        beat(pool, &this.beats, 0).await?;
        tokio::time::timeout(FIRST_BEAT_LIMIT, this.hear_beat(cache))
            .await
            .unwrap_or(Err(Problem::Impossible(POOLED)))?;
        Ok(this)
    }

    pub async fn catch_up(&mut self, cache: &Cache) -> Result<(), Problem> {
        self.beat += 1;
        beat(&mut self.listener, &self.beats, self.beat).await?;
        self.hear_beat(cache).await
    }

    pub async fn listen(&mut self, cache: &Cache) -> Problem {
        loop {
            match self.next().await {
                Ok(notification) => self.apply(&notification, cache),
                Err(problem) => return problem,
            }
        }
    }

    async fn hear_beat(&mut self, cache: &Cache) -> Result<(), Problem> {
        let awaited = self.beat.to_string();
        loop {
            let notification = self.next().await?;
            if notification.channel() == self.beats && notification.payload() == awaited {
                return Ok(());
            }
            self.apply(&notification, cache);
        }
    }

    async fn next(&mut self) -> Result<PgNotification, Problem> {
        self.listener.try_recv().await?.ok_or(Problem::Closed)
    }

    fn apply(&self, notification: &PgNotification, cache: &Cache) {
        if notification.channel() != CHANGES {
            return;
        }
        for text in notification.payload().split(' ') {
            match Tag::parse(text) {
                Some(tag) => cache.forget(tag),
                None => return cache.forget_all(),
            }
        }
    }
}

async fn has_triggers(listener: &mut PgListener) -> sqlx::Result<bool> {
    let count: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_trigger
        WHERE tgrelid IN ('kavach_sessions'::regclass, 'kavach_users'::regclass)
            AND tgname LIKE 'kavach\\_tell\\_%' AND tgenabled IN ('O', 'A')",
    )
    .fetch_one(listener)
    .await?;
    Ok(count == 6)
}

async fn beat<'c>(
    connection: impl sqlx::PgExecutor<'c>,
    channel: &str,
    beat: u64,
) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_notify($1, $2)")
        .bind(channel)
        .bind(beat.to_string())
        .execute(connection)
        .await
        .map(|_| ())
}

const CHANGES: &str = "kavach_changes";
const FIRST_BEAT_LIMIT: Duration = Duration::from_secs(2);
const POOLED: &str = "notifications do not arrive: is there a pooler that lends connections for one transaction? \
    `database.url` would have to lead past it";
