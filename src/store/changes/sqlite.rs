//! SQLite says cheaply whether anybody wrote; the log of changes says what.

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::{LONGEST_GAP, MAX_TOLD, NO_TRIGGERS, Problem, Source};
use crate::store::cache::{Cache, Moment, Tag};
use crate::store::sqlite::Location;

pub(super) fn source(url: &str) -> Source {
    match Location::parse(url) {
        Ok(location) if location.is_private => Source::Unneeded,
        Ok(location) if location.single => Source::Impossible(
            "connections that share SQLite's own cache do not learn of each other's changes",
        ),
        Ok(location) => Source::Sqlite(Box::new(location.options())),
        Err(_) => Source::Impossible("the URL cannot be read"),
    }
}

/// There is one writer at a time, so the log is in the order of the commits.
pub(super) struct Poller {
    connection: SqliteConnection,
    /// `PRAGMA data_version`, which changes when another connection commits.
    version: i64,
    last: i64,
    polled_at: Moment,
}

impl Poller {
    pub async fn attach(options: &SqliteConnectOptions, cache: &Cache) -> Result<Self, Problem> {
        let mut connection = options.connect().await?;
        let triggers: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'kavach\\_tell\\_%' ESCAPE '\\'",
        )
        .fetch_one(&mut connection)
        .await?;
        if triggers != 6 {
            return Err(Problem::Impossible(NO_TRIGGERS));
        }
        let version = data_version(&mut connection).await?;
        let last = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM kavach_changes")
            .fetch_one(&mut connection)
            .await?;
        cache.open_channel();
        Ok(Self {
            connection,
            version,
            last,
            polled_at: Moment::now(),
        })
    }

    pub async fn catch_up(&mut self, cache: &Cache) -> Result<(), Problem> {
        let asked = Moment::now();
        if !asked.is_within(LONGEST_GAP, self.polled_at) {
            return Err(Problem::Rested);
        }
        self.polled_at = asked;
        let version = data_version(&mut self.connection).await?;
        if version == self.version {
            return Ok(());
        }
        let changes: Vec<(i64, String)> = sqlx::query_as(
            "SELECT seq, id FROM kavach_changes WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(self.last)
        .bind(MAX_TOLD as i64)
        .fetch_all(&mut self.connection)
        .await?;
        if changes.len() == MAX_TOLD {
            return Err(Problem::Flooded);
        }
        for (seq, id) in changes {
            cache.forget(Tag::of_id(&id));
            self.last = seq;
        }
        self.version = version;
        Ok(())
    }
}

async fn data_version(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("PRAGMA data_version")
        .fetch_one(connection)
        .await
}
