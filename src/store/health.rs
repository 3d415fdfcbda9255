//! Whether the database answers, and what its connections and its cache are doing.

use std::time::{Duration, Instant};

use serde::Serialize;
use sqlx::{Connection, Pool};

use super::cache::CacheState;
use super::{Backend, DatabaseProvider, Store};

/// How an instance is.
#[derive(Debug, Serialize)]
pub struct Health {
    /// Whether the database answers: without it nobody can sign in.
    pub ok: bool,
    /// The database.
    pub database: DatabaseHealth,
    /// The session cache.
    pub cache: CacheHealth,
    /// The connections.
    pub pool: PoolHealth,
}

/// How the database is.
#[derive(Debug, Serialize)]
pub struct DatabaseHealth {
    /// Whether it answered.
    pub ok: bool,
    /// Which it is.
    pub provider: DatabaseProvider,
    /// How long that took.
    pub milliseconds: f64,
    /// Why it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How the session cache is.
#[derive(Debug, Serialize)]
pub struct CacheHealth {
    /// Whether it answers.
    pub state: CacheState,
    /// How many sessions it holds.
    pub entries: usize,
}

/// The connections that read; on SQLite one more writes.
#[derive(Debug, Serialize)]
pub struct PoolHealth {
    /// Those that are open.
    pub open: u32,
    /// Those among them that nobody uses.
    pub idle: u32,
    /// How many there may be.
    pub max: u32,
}

impl Store {
    pub(crate) async fn health(&self) -> Health {
        let started = Instant::now();
        let (provider, answer) = match &self.backend {
            Backend::Sqlite(pools) => (DatabaseProvider::Sqlite, ping(&pools.reader).await),
            Backend::Postgres(pools) => (DatabaseProvider::Postgres, ping(&pools.reader).await),
            Backend::MySql(pools) => (DatabaseProvider::MySql, ping(&pools.reader).await),
        };
        let (state, entries) = match &self.followed {
            Some(followed) => followed.cache.health(),
            None => (CacheState::Off, 0),
        };
        Health {
            ok: answer.is_ok(),
            database: DatabaseHealth {
                ok: answer.is_ok(),
                provider,
                milliseconds: started.elapsed().as_secs_f64() * 1000.0,
                error: answer.err(),
            },
            cache: CacheHealth { state, entries },
            pool: match &self.backend {
                Backend::Sqlite(pools) => connections(&pools.reader),
                Backend::Postgres(pools) => connections(&pools.reader),
                Backend::MySql(pools) => connections(&pools.reader),
            },
        }
    }
}

async fn ping<DB: sqlx::Database>(pool: &Pool<DB>) -> Result<(), String> {
    let answer = async { pool.acquire().await?.ping().await };
    match tokio::time::timeout(LIMIT, answer).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} seconds", LIMIT.as_secs())),
    }
}

fn connections<DB: sqlx::Database>(pool: &Pool<DB>) -> PoolHealth {
    PoolHealth {
        open: pool.size(),
        idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
        max: pool.options().get_max_connections(),
    }
}

const LIMIT: Duration = Duration::from_secs(2);
