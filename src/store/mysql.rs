//! MySQL and MariaDB.

use std::str::FromStr;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlQueryResult};
use sqlx::{ConnectOptions, Connection, Executor, MySql};

use super::dialect::{Dialect, SignInSql, Statements};
use super::migrate::{self, Migration};
use super::verbs::Pools;
use super::{DatabaseConfig, cannot_open, server_pool, server_url};
use crate::error::Result;

pub(super) async fn open(config: &DatabaseConfig) -> Result<Pools<MySql>> {
    let options = options(config)?;
    // Not from the pool: that would hide why it cannot connect, and the lock must end with the connection.
    let mut connection = connect(&options).await?;
    migrate::run::<MySql>(&mut connection, config.skip_migrations, CHECK).await?;
    connection
        .close()
        .await
        .map_err(|error| cannot_open(CHECK, error))?;

    let pool = server_pool(config)
        // A lax server would cut what is too long: two account ids could become one.
        .after_connect(|connection: &mut MySqlConnection, _| {
            Box::pin(async move {
                connection
                    .execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')")
                    .await
                    .map(|_| ())
            })
        })
        .connect_lazy_with(options);
    Ok(Pools {
        writer: pool.clone(),
        reader: pool,
    })
}

/// What is left to apply.
pub(super) async fn pending(config: &DatabaseConfig) -> Result<Vec<&'static Migration>> {
    let mut connection = connect(&options(config)?).await?;
    migrate::pending::<MySql>(&mut connection, CHECK).await
}

fn options(config: &DatabaseConfig) -> Result<MySqlConnectOptions> {
    let url = server_url(&config.url, &["mysql", "mariadb"], CHECK)?;
    let options = MySqlConnectOptions::from_str(url).map_err(|error| cannot_open(CHECK, error))?;
    match options.get_database() {
        Some(_) => Ok(options),
        None => Err(cannot_open(CHECK, "the URL names no database")),
    }
}

async fn connect(options: &MySqlConnectOptions) -> Result<MySqlConnection> {
    options
        .connect()
        .await
        .map_err(|error| cannot_open(CHECK, error))
}

const CHECK: &str = "The MySQL database cannot be opened. Check that `database.url` reads \
    `mysql://user:password@host:3306/name`, with special characters percent-encoded, and that the server is up.";

impl Dialect for MySql {
    const RETURNS: bool = false;
    const LOCKS_GAPS: bool = true;

    const SQL: Statements = Statements {
        begin: "START TRANSACTION",

        // Locks are the server's, not the database's; a name may have 64 characters. The wait outlasts the time that
        // opening may take, so the answer is always 1.
        lock_migrations: Some("SELECT GET_LOCK(CONCAT('kavach_', SHA1(DATABASE())), 60)"),
        create_ledger: "
            CREATE TABLE IF NOT EXISTS kavach_migrations
                (version BIGINT NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL, applied_at BIGINT NOT NULL)
            ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4",
        applied_migrations: "SELECT version FROM kavach_migrations",
        record_migration: "INSERT INTO kavach_migrations (version, name, applied_at) VALUES (?, ?, ?)",

        spend_state: "INSERT IGNORE INTO kavach_oauth_states (state_hash, expires_at) VALUES (?, ?)",
        known_account: "
            UPDATE kavach_oauth_accounts
            SET tokens = ?, scopes = ?, profile = ?, updated_at = ?, version = version + 1, lease_until = NULL
            WHERE provider = ? AND provider_account_id = ?
                AND ((SELECT u.disabled_until FROM kavach_users u WHERE u.id = kavach_oauth_accounts.user_id) > ?)
                    IS NOT TRUE",
        account_owner: "
            SELECT user_id FROM kavach_oauth_accounts WHERE provider = ? AND provider_account_id = ?",

        user_by_email: "
            SELECT id, email, email_verified, name, image, extra, created_at, updated_at, disabled_until
            FROM kavach_users WHERE email = ?",
        user: "
            SELECT id, email, email_verified, name, image, extra, created_at, updated_at, disabled_until
            FROM kavach_users WHERE id = ?",
        lock_user: "SELECT id FROM kavach_users WHERE id = ? FOR UPDATE",
        delete_user: "DELETE FROM kavach_users WHERE id = ?",
        set_disabled: "
            UPDATE kavach_users SET disabled_until = ?, disabled_reason = ?, updated_at = ? WHERE id = ?",

        sign_in: SignInSql::Transaction {
            insert_user: "
            INSERT INTO kavach_users (id, email, email_verified, name, image, extra, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        },
        insert_account: "
            INSERT INTO kavach_oauth_accounts
                (id, user_id, provider, provider_account_id, tokens, scopes, profile, created_at, updated_at, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        insert_session: "
            INSERT INTO kavach_sessions
                (token_hash, id, user_id, created_at, extended_at, expires_at, ip_address, user_agent, metadata)
            SELECT ?, ?, id, ?, ?, ?, ?, ?, ? FROM kavach_users
            WHERE id = ? AND (disabled_until IS NULL OR disabled_until <= ?)",

        session_by_hash: "
            SELECT u.id, u.email, u.email_verified, u.name, u.image, u.extra, u.created_at, u.updated_at, u.disabled_until,
                s.id, s.user_id, s.created_at, s.expires_at, s.ip_address, s.user_agent, s.metadata, s.extended_at
            FROM kavach_sessions s JOIN kavach_users u ON u.id = s.user_id
            WHERE s.token_hash = ?",
        extend_session: "
            UPDATE kavach_sessions SET expires_at = ?, extended_at = ?
            WHERE token_hash = ? AND extended_at = ?",
        rotate_token: "UPDATE kavach_sessions SET token_hash = ? WHERE token_hash = ?",
        delete_session: "DELETE FROM kavach_sessions WHERE id = ? AND user_id = COALESCE(?, user_id)",
        delete_sessions_of: "DELETE FROM kavach_sessions WHERE user_id = ? AND id <> COALESCE(?, '')",
        sessions_of: "
            SELECT id, user_id, created_at, expires_at, ip_address, user_agent, metadata
            FROM kavach_sessions WHERE user_id = ? AND expires_at > ?
            ORDER BY created_at DESC, id DESC",

        accounts_of: "
            SELECT id, provider, CAST(provider_account_id AS CHAR CHARACTER SET utf8mb4), scopes, created_at, updated_at
            FROM kavach_oauth_accounts WHERE user_id = ?
            ORDER BY created_at, id",
        delete_account: "DELETE FROM kavach_oauth_accounts WHERE id = ?",

        tokens_of: "
            SELECT id, CAST(provider_account_id AS CHAR CHARACTER SET utf8mb4), tokens, scopes, version
            FROM kavach_oauth_accounts WHERE user_id = ? AND provider = ?
            ORDER BY updated_at DESC, id DESC LIMIT 1",
        tokens_of_account: "
            SELECT id, CAST(provider_account_id AS CHAR CHARACTER SET utf8mb4), tokens, scopes, version
            FROM kavach_oauth_accounts WHERE provider = ? AND provider_account_id = ?",
        lease_refresh: "
            UPDATE kavach_oauth_accounts SET lease_until = ?
            WHERE id = ? AND version = ? AND (lease_until IS NULL OR lease_until <= ?)",
        store_refreshed: "
            UPDATE kavach_oauth_accounts
            SET tokens = ?, scopes = ?, updated_at = ?, version = version + 1, lease_until = NULL
            WHERE id = ? AND version = ?",
        release_lease: "UPDATE kavach_oauth_accounts SET lease_until = NULL WHERE id = ? AND version = ?",
        replace_tokens: "UPDATE kavach_oauth_accounts SET tokens = ? WHERE id = ? AND version = ?",

        // LAST_INSERT_ID(…) brings the count back with the write, in a dialect that knows no RETURNING.
        count_hit: "
            INSERT INTO kavach_rate_limits (key_hash, hits, expires_at) VALUES (?, LAST_INSERT_ID(1), ?)
            ON DUPLICATE KEY UPDATE hits = LAST_INSERT_ID(hits + 1)",

        prune_states: "DELETE FROM kavach_oauth_states WHERE expires_at <= ? ORDER BY expires_at LIMIT 100",
        prune_sessions: "DELETE FROM kavach_sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT 100",
        prune_limits: "DELETE FROM kavach_rate_limits WHERE expires_at <= ? ORDER BY expires_at LIMIT 100",
        prune_changes: Some(
            "DELETE FROM kavach_changes WHERE changed_at <= (UNIX_TIMESTAMP() - 600) * 1000
            ORDER BY changed_at LIMIT 100",
        ),
    };

    fn affected(result: &MySqlQueryResult) -> u64 {
        // sqlx asks the server for matched rows, not for changed ones.
        result.rows_affected()
    }

    fn last_insert_id(result: &MySqlQueryResult) -> u64 {
        result.last_insert_id()
    }

    fn misses_table(error: &sqlx::Error) -> bool {
        error
            .as_database_error()
            .is_some_and(|error| error.code().as_deref() == Some("42S02"))
    }

    fn script(migration: &Migration) -> &'static str {
        migration.mysql
    }
}
