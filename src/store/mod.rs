//! The database: one store, three dialects. Its verbs are those of our flows, not generic reads and writes.

mod cache;
mod changes;
mod dialect;
mod health;
mod migrate;
mod mysql;
mod postgres;
mod rows;
mod schema;
mod sqlite;
#[cfg(test)]
mod tests;
mod verbs;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use sqlx::pool::PoolOptions;
use sqlx::{Connection, MySql, Postgres, Sqlite};
use url::Url;

pub(crate) use self::cache::{CacheConfig, Checked, Moment, Tag, Ticket};
pub use self::cache::{CacheState, Known};
use self::changes::Followed;
pub use self::health::{CacheHealth, DatabaseHealth, Health, PoolHealth};
pub use self::schema::{Migrated, Pending, migrate, pending, schema};
use self::verbs::Pools;
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::metrics::Calls;
use crate::model::{OAuthConnection, Session, User};
use crate::timing::Timer;

/// Where the data lives and how to open it.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// Which dialect to speak.
    pub provider: DatabaseProvider,
    /// A connection URL; for SQLite also a path or `:memory:`. Holds a password, so it is never printed.
    pub url: String,
    /// Check the schema instead of migrating it.
    pub skip_migrations: bool,
    /// How many connections the pool may open.
    pub max_connections: u32,
}

/// The databases we speak to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseProvider {
    /// SQLite, in a file or in memory.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
}

/// The open database. Cheap to clone; all clones share the connections, and the sessions that are remembered.
#[derive(Clone)]
pub(crate) struct Store {
    backend: Backend,
    followed: Option<Arc<Followed>>,
    calls: Arc<Calls>,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Pools<Sqlite>),
    Postgres(Pools<Postgres>),
    MySql(Pools<MySql>),
}

impl Store {
    /// Opens the database and brings its schema up to date, or checks it, within ten seconds in all.
    pub(crate) async fn open(config: &DatabaseConfig, cache: Option<CacheConfig>) -> Result<Self> {
        let backend = in_time(async {
            Ok(match config.provider {
                DatabaseProvider::Sqlite => Backend::Sqlite(sqlite::open(config).await?),
                DatabaseProvider::Postgres => Backend::Postgres(postgres::open(config).await?),
                DatabaseProvider::MySql => Backend::MySql(mysql::open(config).await?),
            })
        })
        .await?;
        Ok(Self {
            followed: cache.map(|cache| Arc::new(Followed::new(cache, config, &backend))),
            backend,
            calls: Arc::default(),
        })
    }

    /// Closes all connections; what is under way is finished first.
    pub(crate) async fn close(&self) {
        if let Some(followed) = &self.followed {
            followed.stop();
        }
        match &self.backend {
            Backend::Sqlite(pools) => pools.close().await,
            Backend::Postgres(pools) => pools.close().await,
            Backend::MySql(pools) => pools.close().await,
        }
    }

    /// Reads the session of a token, if it is remembered and nobody can have changed it.
    pub(crate) fn recall<T>(
        &self,
        token: &Hash,
        now: Moment,
        read: impl FnOnce(Known<'_>) -> T,
    ) -> Option<T> {
        self.followed.as_ref()?.cache.read(token, now, read)
    }

    /// To be taken before a session is read that is to be remembered. `None` when none can be, now.
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        let followed = self.followed.as_ref()?;
        followed.start();
        followed.cache.ticket()
    }

    /// Remembers a session, unless it has changed since the ticket was taken.
    pub(crate) fn remember(&self, ticket: &Ticket, token: &Hash, checked: Checked) {
        if let Some(followed) = &self.followed {
            followed.cache.keep(ticket, token, checked);
        }
    }

    /// How often the cache answered.
    pub(crate) fn recalled(&self) -> u64 {
        self.followed
            .as_ref()
            .map_or(0, |followed| followed.cache.answered())
    }

    /// How often a verb was called.
    pub(crate) fn calls(&self) -> &Calls {
        &self.calls
    }

    /// In this process a change is known at once.
    fn forget(&self, what: Changed<'_>) {
        if let Some(followed) = &self.followed {
            match what {
                Changed::Of(id) => followed.cache.forget(Tag::of_id(id)),
                Changed::Token(token) => followed.cache.forget_token(token),
            }
        }
    }
}

/// What a verb may have changed of that which is remembered.
enum Changed<'a> {
    /// A session, or a user with all sessions.
    Of(&'a str),
    /// The session of a token.
    Token(&'a Hash),
}

/// Writes each verb once for all dialects. A verb is one statement or one transaction, so what the database broke off
/// to resolve a deadlock left no trace and may be tried again. What a verb `changes` is forgotten, whatever became of
/// it: of a commit whose answer was lost, nobody knows.
macro_rules! verbs {
    ($($(#[$doc:meta])* fn $verb:ident($($argument:ident: $kind:ty),* $(,)?) -> $answer:ty $(, changes $changed:expr)?;)*) => {
        impl Store {
            $($(#[$doc])*
            pub(crate) async fn $verb(&self, $($argument: $kind),*) -> Result<$answer> {
                let timer = Timer::start();
                let mut attempt = 1;
                loop {
                    let outcome = match &self.backend {
                        Backend::Sqlite(pools) => pools.$verb($($argument),*).await,
                        Backend::Postgres(pools) => pools.$verb($($argument),*).await,
                        Backend::MySql(pools) => pools.$verb($($argument),*).await,
                    };
                    match outcome {
                        Err(error) if attempt < ATTEMPTS && is_deadlock(&error) => {
                            tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
                            attempt += 1;
                        }
                        outcome => {
                            $(self.forget($changed);)?
                            self.calls.add(outcome.is_ok());
                            timer.database(stringify!($verb), outcome.is_ok());
                            return outcome.map_err(unavailable);
                        }
                    }
                }
            })*
        }
    };
}

verbs! {
    /// Spends a state; false if it was spent before.
    fn spend_state(state: &Hash, expires_at: Timestamp) -> bool;
    /// Writes what the provider said to an account that we know and whose user is not disabled, and tells whose it is.
    fn known_account(account: &AccountRecord, now: Timestamp) -> Option<String>;
    /// Writes what the provider said to a known account and adds a session; makes the user of one that is not known, if
    /// a user is given. All or nothing, but for what is written to an account whose user is disabled at that moment.
    fn sign_in(account: &AccountRecord, new_user: Option<&NewUser>, session: &NewSession, now: Timestamp) -> Arrival;
    /// Whose account it is.
    fn account_owner(provider: &str, provider_account_id: &str) -> Option<String>;

    /// The user with this address.
    fn user_by_email(email: &str) -> Option<User>;
    /// The user with this id.
    fn user(id: &str) -> Option<User>;
    /// Deletes a user with sessions and accounts; false if there was none.
    fn delete_user(id: &str) -> bool, changes Changed::Of(id);

    /// Keeps a user out until a moment, ends their sessions and counts those; `None` if there is no such user.
    fn disable_user(id: &str, until: Timestamp, reason: Option<&str>, now: Timestamp) -> Option<u64>, changes Changed::Of(id);
    /// Lets a user in again; false if there was none.
    fn enable_user(id: &str, now: Timestamp) -> bool, changes Changed::Of(id);

    /// Adds an account to a user, and a session if one is given: all or nothing.
    fn link(user_id: &str, account: &AccountRecord, now: Timestamp, session: Option<&NewSession>) -> Linking;

    /// Adds a session; false if the user is gone or disabled.
    fn insert_session(user_id: &str, session: &NewSession) -> bool;
    /// The session of a token with its user, expired or not.
    fn session_by_hash(token: &Hash) -> Option<StoredSession>;
    /// Moves the end of a session; false if it is gone, or was extended since `last`.
    fn extend_session(token: &Hash, expires_at: Timestamp, extended_at: Timestamp, last: Timestamp) -> bool;
    /// Gives a session another token; false if it is gone.
    fn rotate_token(old: &Hash, new: &Hash) -> bool, changes Changed::Token(old);
    /// Ends a session, if it is the owner's where one is given; false if there was none.
    fn delete_session(id: &str, owner: Option<&str>) -> bool, changes Changed::Of(id);
    /// Ends a user's sessions, but for one where it is given, and counts them.
    fn delete_sessions_of(user_id: &str, except: Option<&str>) -> u64, changes Changed::Of(user_id);
    /// A user's sessions that have not expired, the newest first.
    fn sessions_of(user_id: &str, now: Timestamp) -> Vec<Session>;

    /// A user's accounts, the oldest first.
    fn accounts_of(user_id: &str) -> Vec<OAuthConnection>;
    /// Removes one account of a provider, or all of them, unless the user would have none left.
    fn unlink(user_id: &str, provider: &str, account_id: Option<&str>) -> Unlink;

    /// The tokens of the user's account at a provider; of several, the one that was used last.
    fn tokens_of(user_id: &str, provider: &str) -> Option<StoredTokens>;
    /// The tokens of an account, whoever's it is.
    fn tokens_of_account(provider: &str, provider_account_id: &str) -> Option<StoredTokens>;
    /// Takes the right to refresh these tokens until a moment; false if they changed or another has it.
    fn lease_refresh(account_id: &str, version: i64, now: Timestamp, until: Timestamp) -> bool;
    /// Writes refreshed tokens and ends the lease; false if the tokens changed meanwhile.
    fn store_refreshed(account_id: &str, version: i64, tokens: &str, scopes: &[String], now: Timestamp) -> bool;
    /// Gives the right to refresh back.
    fn release_lease(account_id: &str, version: i64) -> ();
    /// Writes the same tokens sealed anew; false if they changed meanwhile. Leaves the version alone, lest a refresh
    /// under way lose what it got.
    fn replace_tokens(account_id: &str, version: i64, tokens: &str) -> bool;

    /// Counts a request and gives how many there were under this key, which nobody asks for after `expires_at`.
    fn count_hit(key: &Hash, expires_at: Timestamp) -> u64;

    /// Deletes some of the states, sessions, counts and log entries that have expired, at most 100 each; true when none
    /// is left.
    fn prune(now: Timestamp) -> bool;
}

/// SHA-256 of a token or a state: all that the database ever sees of one.
pub(crate) type Hash = [u8; 32];

/// What a provider said at a sign-in, sealed and ready to be kept.
pub(crate) struct AccountRecord {
    pub provider: String,
    pub provider_account_id: String,
    /// The sealed tokens; `None` when the configuration says not to store them.
    pub tokens: Option<String>,
    pub scopes: Vec<String>,
    /// The provider's profile as JSON.
    pub profile: String,
}

/// A user about to be made.
pub(crate) struct NewUser {
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: Option<String>,
    pub image: Option<String>,
    /// JSON.
    pub extra: Option<String>,
}

/// A session about to be made.
pub(crate) struct NewSession {
    pub id: String,
    pub token_hash: Hash,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    /// JSON.
    pub metadata: Option<String>,
}

/// A session as it is kept. `fresh` is judged by the session module, not here.
pub(crate) struct StoredSession {
    pub user: User,
    pub session: Session,
    /// When `expires_at` was last moved.
    pub extended_at: Timestamp,
}

/// How an attempt to sign in ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// The account was known.
    Known { user_id: String },
    /// The user was made.
    Created { user_id: String },
    /// The account is not known and no user was to be made, or its user is disabled or gone.
    NotLetIn,
    /// The account is there after all: somebody else was faster, or its user is disabled.
    AccountExists,
    /// Somebody else has the e-mail address.
    EmailTaken,
}

/// How an attempt to link an account ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Linking {
    Done,
    /// Somebody else wrote the same provider account first: treat it as known.
    AccountExists,
    /// The user to link to is gone or disabled.
    UserGone,
}

/// How an attempt to unlink ended.
#[derive(Debug, PartialEq)]
pub(crate) enum Unlink {
    /// These accounts are gone, and these sealed tokens with them.
    Done(Vec<(OAuthConnection, Option<String>)>),
    /// The user would have had no account left.
    LastAccount,
    /// The user has no such account.
    NotFound,
}

/// The sealed tokens of one account.
pub(crate) struct StoredTokens {
    pub account_id: String,
    pub provider_account_id: String,
    pub tokens: Option<String>,
    pub scopes: Vec<String>,
    /// Counts the tokens that the provider gave; a refresh replaces the version that it read.
    pub version: i64,
}

const OPEN_LIMIT: Duration = Duration::from_secs(10);
const ACQUIRE_LIMIT: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 6;

/// The pool of a database that runs by itself. Opens no connection yet.
fn server_pool<DB: sqlx::Database>(config: &DatabaseConfig) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(config.max_connections.max(1))
        .acquire_timeout(ACQUIRE_LIMIT)
        // A ping before every use would double the round trips.
        .test_before_acquire(false)
        .before_acquire(|connection: &mut DB::Connection, metadata| {
            Box::pin(async move {
                if metadata.idle_for > Duration::from_secs(5) {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

/// Refuses a URL that is of another kind, or that would be cut apart at a character in its password.
fn server_url<'a>(url: &'a str, schemes: &[&str], advice: &str) -> Result<&'a str> {
    let parsed = Url::parse(url).map_err(|error| cannot_open(advice, error))?;
    if !schemes.contains(&parsed.scheme()) {
        return Err(cannot_open(
            advice,
            format_args!("the URL must begin with `{}://`", schemes.join("://` or `")),
        ));
    }
    if parsed.fragment().is_some() || parsed.path().contains('@') {
        return Err(cannot_open(
            advice,
            "the URL holds a `#`, or an `@` after the host",
        ));
    }
    Ok(url)
}

async fn in_time<T>(opening: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(OPEN_LIMIT, opening).await.unwrap_or_else(|_| {
        Err(cannot_open(
            "The database does not answer. Check the host and port in `database.url`, firewalls, and that no other \
            process holds a lock.",
            format_args!("no answer within {} seconds", OPEN_LIMIT.as_secs()),
        ))
    })
}

fn cannot_open(advice: &str, cause: impl fmt::Display) -> Error {
    Error::with(Code::DatabaseUnavailable, advice).because(cause)
}

/// Neither sqlx nor the servers repeat a password or a URL in their errors.
fn unavailable(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::PoolClosed => Error::new(Code::Closed),
        error => Error::new(Code::DatabaseUnavailable).because(error),
    }
}

/// A deadlock, or a conflict between transactions, by its SQLSTATE.
fn is_deadlock(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| matches!(error.code().as_deref(), Some("40001" | "40P01")))
}
