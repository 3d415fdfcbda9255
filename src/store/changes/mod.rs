//! Follows the changes of users and sessions that anybody makes, in whatever process or by plain SQL, so that the cache
//! forgets them. Triggers tell of them; see the migration `0002_changes`.

mod mysql;
mod postgres;
mod sqlite;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{MySqlPool, PgPool};
use tokio::task::AbortHandle;
use tracing::instrument::WithSubscriber;

use super::cache::{Cache, CacheConfig, Moment};
use super::{Backend, DatabaseConfig};

/// A cache, and the task that keeps it true. The task begins when it is first needed and ends with this.
pub(super) struct Followed {
    pub cache: Arc<Cache>,
    source: Source,
    task: OnceLock<AbortHandle>,
}

/// Where changes can be heard of.
#[derive(Clone)]
enum Source {
    /// The database is this process's own.
    Unneeded,
    /// Nowhere, and why.
    Impossible(&'static str),
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(PgPool),
    MySql(MySqlPool),
}

/// What is listening.
enum Follower {
    Sqlite(sqlite::Poller),
    Postgres(postgres::Listener),
    MySql(mysql::Poller),
}

/// Why changes are no longer heard of.
enum Problem {
    Failed(sqlx::Error),
    Closed,
    /// An answer did not come in time.
    Late,
    /// Nobody asked for so long that some of what happened may have been pruned.
    Rested,
    /// More happened than can be told one by one.
    Flooded,
    Impossible(&'static str),
}

impl Followed {
    pub fn new(config: CacheConfig, database: &DatabaseConfig, backend: &Backend) -> Self {
        let cache = Arc::new(Cache::new(config));
        let source = match backend {
            Backend::Sqlite(_) => sqlite::source(&database.url),
            Backend::Postgres(pools) => Source::Postgres(pools.writer.clone()),
            Backend::MySql(pools) => Source::MySql(pools.writer.clone()),
        };
        if matches!(source, Source::Unneeded) {
            cache.needs_no_channel();
        }
        Self {
            cache,
            source,
            task: OnceLock::new(),
        }
    }

    /// Begins to follow, unless that has been done.
    pub fn start(&self) {
        if matches!(self.source, Source::Unneeded) {
            return;
        }
        self.task.get_or_init(|| {
            let follow = follow(self.source.clone(), Arc::clone(&self.cache));
            tokio::spawn(follow.with_current_subscriber()).abort_handle()
        });
    }

    /// Ends for good: nothing is answered from memory any more.
    pub fn stop(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
        self.cache.lose_channel();
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Follower {
    /// Begins to listen, and opens the cache's channel at the moment from which on nothing is missed.
    async fn attach(source: &Source, cache: &Cache) -> Result<Self, Problem> {
        Ok(match source {
            Source::Unneeded => return Err(Problem::Impossible("nothing to follow")),
            Source::Impossible(why) => return Err(Problem::Impossible(why)),
            Source::Sqlite(options) => Self::Sqlite(sqlite::Poller::attach(options, cache).await?),
            Source::Postgres(pool) => {
                Self::Postgres(postgres::Listener::attach(pool, cache).await?)
            }
            Source::MySql(pool) => Self::MySql(mysql::Poller::attach(pool, cache).await?),
        })
    }

    /// Forgets whatever was changed before this was called.
    async fn catch_up(&mut self, cache: &Cache) -> Result<(), Problem> {
        match self {
            Self::Sqlite(poller) => poller.catch_up(cache).await,
            Self::Postgres(listener) => listener.catch_up(cache).await,
            Self::MySql(poller) => poller.catch_up(cache).await,
        }
    }

    /// Forgets what is being changed, where that is told without asking; until something goes wrong.
    async fn listen(&mut self, cache: &Cache) -> Problem {
        match self {
            Self::Postgres(listener) => listener.listen(cache).await,
            Self::Sqlite(_) | Self::MySql(_) => std::future::pending().await,
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error)
    }
}

/// Never ends by itself.
async fn follow(source: Source, cache: Arc<Cache>) {
    let mut report = Report::default();
    let mut pause = SHORTEST_PAUSE;
    loop {
        let attached = tokio::time::timeout(ATTACH_LIMIT, Follower::attach(&source, &cache)).await;
        let problem = match attached {
            Ok(Ok(mut follower)) => {
                let problem = keep_up(&mut follower, &cache, &mut report).await;
                if !matches!(problem, Problem::Flooded) {
                    pause = SHORTEST_PAUSE;
                }
                problem
            }
            Ok(Err(problem)) => problem,
            Err(_) => Problem::Late,
        };
        cache.lose_channel();
        if matches!(problem, Problem::Rested) {
            continue;
        }
        report.is_off(&problem);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        // Nobody is served by a channel that nobody uses.
        if !cache.is_in_use() {
            cache.woken.notified().await;
        }
    }
}

/// Proves the channel again and again while the cache is in use.
async fn keep_up(follower: &mut Follower, cache: &Cache, report: &mut Report) -> Problem {
    let interval = cache.config.max_staleness / 4;
    loop {
        let asked = Moment::now();
        match tokio::time::timeout(ANSWER_LIMIT, follower.catch_up(cache)).await {
            Ok(Ok(())) => cache.prove(asked),
            Ok(Err(problem)) => return problem,
            Err(_) => return Problem::Late,
        }
        report.is_on();
        let pause = async {
            if cache.is_in_use() {
                tokio::time::sleep(interval).await;
            } else {
                cache.woken.notified().await;
            }
        };
        tokio::select! {
            problem = follower.listen(cache) => return problem,
            () = pause => {}
        }
    }
}

/// Tells the log what changes, once.
#[derive(Default)]
struct Report {
    is_on: Option<bool>,
}

impl Report {
    fn is_on(&mut self) {
        if self.is_on.replace(true) != Some(true) {
            tracing::info!("the session cache is on");
        }
    }

    fn is_off(&mut self, problem: &Problem) {
        if self.is_on.replace(false) == Some(false) {
            return;
        }
        let cause = match problem {
            Problem::Failed(error) => error.to_string(),
            Problem::Closed => "the connection was closed".to_owned(),
            Problem::Late | Problem::Rested => "the database did not answer in time".to_owned(),
            Problem::Flooded => "users and sessions change too fast".to_owned(),
            Problem::Impossible(why) => (*why).to_owned(),
        };
        tracing::warn!(
            cause,
            "the session cache is off: every check asks the database"
        );
    }
}

const NO_TRIGGERS: &str =
    "the database has not all triggers of the migration 0002_changes, or does not show them";
/// More than that is not told one by one.
const MAX_TOLD: usize = 4_000;
/// Whoever polls must do so before the log, which is kept for ten minutes, is pruned.
const LONGEST_GAP: Duration = Duration::from_secs(120);
const ATTACH_LIMIT: Duration = Duration::from_secs(10);
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
