//! SQLite: one connection writes, the others read.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteQueryResult, SqliteSynchronous};
use sqlx::{ConnectOptions, Executor, Sqlite, SqlitePool};

use super::dialect::{Dialect, SignInSql, Statements};
use super::migrate::{self, MIGRATIONS, Migration};
use super::verbs::Pools;
use super::{DatabaseConfig, cannot_open};
use crate::error::Result;

pub(super) async fn open(config: &DatabaseConfig) -> Result<Pools<Sqlite>> {
    let location = Location::parse(&config.url)?;
    let options = location.options().create_if_missing(true);

    // Writers of this process queue here, in order, instead of polling for SQLite's lock until one starves. The
    // connection never ends by itself: with it would end a database in memory.
    let writer: SqlitePool = PoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(super::ACQUIRE_LIMIT)
        .connect_with(options.clone())
        .await
        .map_err(|error| cannot_open(CHECK, error))?;
    let reader = if location.single {
        writer.clone()
    } else {
        PoolOptions::new()
            .max_connections(config.max_connections.max(1))
            .test_before_acquire(false)
            .acquire_timeout(super::ACQUIRE_LIMIT)
            .connect_lazy_with(options)
    };

    let failed = |error: sqlx::Error| cannot_open(CHECK, error);
    let mut connection = writer.acquire().await.map_err(failed)?;
    switch_to_wal(&mut connection).await.map_err(failed)?;
    migrate::run::<Sqlite>(&mut connection, config.skip_migrations, CHECK).await?;
    // SQLite also opens a file that it may only read, and would fail at the first sign-in.
    connection
        .execute("DELETE FROM kavach_oauth_states WHERE FALSE")
        .await
        .map_err(failed)?;
    drop(connection);

    Ok(Pools { writer, reader })
}

/// What is left to apply. Neither makes a file nor changes one.
pub(super) async fn pending(config: &DatabaseConfig) -> Result<Vec<&'static Migration>> {
    let location = Location::parse(&config.url)?;
    let mut connection = match location.options().read_only(true).connect().await {
        Err(error) if is_missing(&error) => return Ok(MIGRATIONS.iter().collect()),
        connection => connection.map_err(|error| cannot_open(CHECK, error))?,
    };
    migrate::pending::<Sqlite>(&mut connection, CHECK).await
}

/// What SQLite is to open.
pub(super) struct Location {
    /// A path, or a `file:` URL, which SQLite reads by itself.
    filename: String,
    /// Whether every statement must use the same connection.
    pub single: bool,
    /// Whether that connection alone sees the database.
    pub is_private: bool,
}

impl Location {
    /// How to connect.
    pub fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.filename)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(8))
    }

    pub fn parse(url: &str) -> Result<Self> {
        let authority = url
            .strip_prefix("sqlite://")
            .and_then(|rest| rest.split('/').next());
        if authority.is_some_and(|text| text.contains('@')) {
            // Not even the name of a file may repeat a password.
            return Err(cannot_open(CHECK, "the URL names a user at a server"));
        }
        let filename = match url.strip_prefix("sqlite:") {
            Some(rest) => match rest.strip_prefix("//").unwrap_or(rest) {
                "" | ":memory:" => rest.trim_start_matches("//").to_owned(),
                path => format!("file:{path}"),
            },
            None => url.to_owned(),
        };
        let is_file_url = filename.starts_with("file:");
        let (path, query) = match filename.split_once('?') {
            Some((path, query)) if is_file_url => (path, query),
            _ => (filename.as_str(), ""),
        };
        if path.is_empty() || path == "file:" {
            // SQLite would open a nameless file and delete it on closing.
            return Err(cannot_open(CHECK, "the path is empty"));
        }
        if !is_file_url && path.contains("://") {
            return Err(cannot_open(
                CHECK,
                "this is not the URL of a SQLite database",
            ));
        }
        let in_memory =
            matches!(path, ":memory:" | "file::memory:") || query.contains("mode=memory");
        let is_shared = query.contains("cache=shared");
        Ok(Self {
            // In a shared cache, connections lock each other out without waiting.
            single: in_memory || is_shared,
            is_private: in_memory && !is_shared,
            filename,
        })
    }
}

async fn switch_to_wal(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    // A change of mode does not wait for others who open the same new file: SQLite fails it at once.
    while let Err(error) = connection.execute("PRAGMA journal_mode = WAL").await {
        if !is_busy(&error) {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// `SQLITE_BUSY` in any of its extended forms.
fn is_busy(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(5)
}

/// `SQLITE_CANTOPEN`: there is no such file, where none may be made.
fn is_missing(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(14)
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?.parse::<i32>().ok()?;
    Some(code & 0xff)
}

const CHECK: &str = "The SQLite database cannot be opened. Check that `database.url` is a path, a `file:` or `sqlite:` URL or \
    `:memory:`, that its directory exists, and that this process may write the file.";

impl Dialect for Sqlite {
    const RETURNS: bool = true;
    const LOCKS_GAPS: bool = false;

    const SQL: Statements = Statements {
        begin: "BEGIN IMMEDIATE",

        lock_migrations: None,
        create_ledger: "
            CREATE TABLE IF NOT EXISTS kavach_migrations
                (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
        applied_migrations: "SELECT version FROM kavach_migrations",
        record_migration: "INSERT INTO kavach_migrations (version, name, applied_at) VALUES ($1, $2, $3)",

        spend_state: "
            INSERT INTO kavach_oauth_states (state_hash, expires_at) VALUES ($1, $2)
            ON CONFLICT (state_hash) DO NOTHING",
        known_account: "
            UPDATE kavach_oauth_accounts
            SET tokens = $1, scopes = $2, profile = $3, updated_at = $4, version = version + 1, lease_until = NULL
            WHERE provider = $5 AND provider_account_id = $6
                AND ((SELECT u.disabled_until FROM kavach_users u WHERE u.id = kavach_oauth_accounts.user_id) > $7)
                    IS NOT TRUE
            RETURNING user_id",
        account_owner: "
            SELECT user_id FROM kavach_oauth_accounts WHERE provider = $1 AND provider_account_id = $2",

        user_by_email: "
            SELECT id, email, email_verified, name, image, extra, created_at, updated_at, disabled_until
            FROM kavach_users WHERE email = $1",
        user: "
            SELECT id, email, email_verified, name, image, extra, created_at, updated_at, disabled_until
            FROM kavach_users WHERE id = $1",
        // BEGIN IMMEDIATE keeps every other writer out.
        lock_user: "SELECT id FROM kavach_users WHERE id = $1",
        delete_user: "DELETE FROM kavach_users WHERE id = $1",
        set_disabled: "
            UPDATE kavach_users SET disabled_until = $1, disabled_reason = $2, updated_at = $3 WHERE id = $4",

        sign_in: SignInSql::Transaction {
            insert_user: "
            INSERT INTO kavach_users (id, email, email_verified, name, image, extra, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        },
        insert_account: "
            INSERT INTO kavach_oauth_accounts
                (id, user_id, provider, provider_account_id, tokens, scopes, profile, created_at, updated_at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)",
        insert_session: "
            INSERT INTO kavach_sessions
                (token_hash, id, user_id, created_at, extended_at, expires_at, ip_address, user_agent, metadata)
            SELECT $1, $2, id, $3, $4, $5, $6, $7, $8 FROM kavach_users
            WHERE id = $9 AND (disabled_until IS NULL OR disabled_until <= $10)",

        session_by_hash: "
            SELECT u.id, u.email, u.email_verified, u.name, u.image, u.extra, u.created_at, u.updated_at, u.disabled_until,
                s.id, s.user_id, s.created_at, s.expires_at, s.ip_address, s.user_agent, s.metadata, s.extended_at
            FROM kavach_sessions s JOIN kavach_users u ON u.id = s.user_id
            WHERE s.token_hash = $1",
        extend_session: "
            UPDATE kavach_sessions SET expires_at = $1, extended_at = $2
            WHERE token_hash = $3 AND extended_at = $4",
        rotate_token: "UPDATE kavach_sessions SET token_hash = $1 WHERE token_hash = $2",
        delete_session: "DELETE FROM kavach_sessions WHERE id = $1 AND user_id = COALESCE($2, user_id)",
        delete_sessions_of: "DELETE FROM kavach_sessions WHERE user_id = $1 AND id <> COALESCE($2, '')",
        sessions_of: "
            SELECT id, user_id, created_at, expires_at, ip_address, user_agent, metadata
            FROM kavach_sessions WHERE user_id = $1 AND expires_at > $2
            ORDER BY created_at DESC, id DESC",

        accounts_of: "
            SELECT id, provider, provider_account_id, scopes, created_at, updated_at
            FROM kavach_oauth_accounts WHERE user_id = $1
            ORDER BY created_at, id",
        delete_account: "DELETE FROM kavach_oauth_accounts WHERE id = $1",

        tokens_of: "
            SELECT id, provider_account_id, tokens, scopes, version
            FROM kavach_oauth_accounts WHERE user_id = $1 AND provider = $2
            ORDER BY updated_at DESC, id DESC LIMIT 1",
        tokens_of_account: "
            SELECT id, provider_account_id, tokens, scopes, version FROM kavach_oauth_accounts
            WHERE provider = $1 AND provider_account_id = $2",
        lease_refresh: "
            UPDATE kavach_oauth_accounts SET lease_until = $1
            WHERE id = $2 AND version = $3 AND (lease_until IS NULL OR lease_until <= $4)",
        store_refreshed: "
            UPDATE kavach_oauth_accounts
            SET tokens = $1, scopes = $2, updated_at = $3, version = version + 1, lease_until = NULL
            WHERE id = $4 AND version = $5",
        release_lease: "UPDATE kavach_oauth_accounts SET lease_until = NULL WHERE id = $1 AND version = $2",
        replace_tokens: "UPDATE kavach_oauth_accounts SET tokens = $1 WHERE id = $2 AND version = $3",

        count_hit: "
            INSERT INTO kavach_rate_limits (key_hash, hits, expires_at) VALUES ($1, 1, $2)
            ON CONFLICT (key_hash) DO UPDATE SET hits = kavach_rate_limits.hits + 1
            RETURNING hits",

        prune_states: "
            DELETE FROM kavach_oauth_states WHERE state_hash IN
                (SELECT state_hash FROM kavach_oauth_states WHERE expires_at <= $1 ORDER BY expires_at LIMIT 100)",
        prune_sessions: "
            DELETE FROM kavach_sessions WHERE token_hash IN
                (SELECT token_hash FROM kavach_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT 100)",
        prune_limits: "
            DELETE FROM kavach_rate_limits WHERE key_hash IN
                (SELECT key_hash FROM kavach_rate_limits WHERE expires_at <= $1 ORDER BY expires_at LIMIT 100)",
        prune_changes: Some(
            "DELETE FROM kavach_changes WHERE seq IN
                (SELECT seq FROM kavach_changes
                WHERE changed_at <= (CAST(strftime('%s', 'now') AS INTEGER) - 600) * 1000
                ORDER BY changed_at LIMIT 100)",
        ),
    };

    fn affected(result: &SqliteQueryResult) -> u64 {
        result.rows_affected()
    }

    fn last_insert_id(_: &SqliteQueryResult) -> u64 {
        0
    }

    fn misses_table(error: &sqlx::Error) -> bool {
        // SQLite has no code for it.
        error
            .as_database_error()
            .is_some_and(|error| error.message().starts_with("no such table"))
    }

    fn script(migration: &Migration) -> &'static str {
        migration.sqlite
    }
}
