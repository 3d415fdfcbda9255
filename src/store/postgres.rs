//! PostgreSQL.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgQueryResult};
use sqlx::{ConnectOptions, Connection, Postgres};

use super::dialect::{Dialect, SignInSql, Statements};
use super::migrate::{self, Migration};
use super::verbs::Pools;
use super::{DatabaseConfig, cannot_open, server_pool, server_url};
use crate::error::Result;

pub(super) async fn open(config: &DatabaseConfig) -> Result<Pools<Postgres>> {
    let options = options(config)?;
    // Not from the pool: that would hide why it cannot connect, and the lock must end with the connection.
    let mut connection = connect(&options).await?;
    migrate::run::<Postgres>(&mut connection, config.skip_migrations, CHECK).await?;
    connection
        .close()
        .await
        .map_err(|error| cannot_open(CHECK, error))?;

    let pool = server_pool(config).connect_lazy_with(options);
    Ok(Pools {
        writer: pool.clone(),
        reader: pool,
    })
}

/// What is left to apply.
pub(super) async fn pending(config: &DatabaseConfig) -> Result<Vec<&'static Migration>> {
    let mut connection = connect(&options(config)?).await?;
    migrate::pending::<Postgres>(&mut connection, CHECK).await
}

fn options(config: &DatabaseConfig) -> Result<PgConnectOptions> {
    let url = server_url(&config.url, &["postgres", "postgresql"], CHECK)?;
    let mut options = PgConnectOptions::from_str(url).map_err(|error| cannot_open(CHECK, error))?;
    if options.get_application_name().is_none() {
        options = options.application_name("kavachos");
    }
    Ok(options)
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    options
        .connect()
        .await
        .map_err(|error| cannot_open(CHECK, error))
}

const CHECK: &str = "The PostgreSQL database cannot be opened. Check that `database.url` reads \
    `postgres://user:password@host:5432/name`, with special characters percent-encoded, and that the server is up.";

impl Dialect for Postgres {
    const RETURNS: bool = true;
    const LOCKS_GAPS: bool = false;

    const SQL: Statements = Statements {
        begin: "BEGIN",

        // The number is "kavachos" in ASCII. The lock ends with the transaction, so a pooler may stand in between.
        lock_migrations: Some("SELECT pg_advisory_xact_lock(x'6b61766163686f73'::bigint)"),
        create_ledger: "
            CREATE TABLE IF NOT EXISTS kavach_migrations
                (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)",
        applied_migrations: "SELECT version FROM kavach_migrations",
        record_migration: "INSERT INTO kavach_migrations (version, name, applied_at) VALUES ($1, $2, $3)",

        spend_state: "
            INSERT INTO kavach_oauth_states (state_hash, expires_at) VALUES ($1, $2)
            ON CONFLICT (state_hash) DO NOTHING",
        // Not NOT EXISTS: planned when the tables are empty, that would walk through all users ever after.
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
        lock_user: "SELECT id FROM kavach_users WHERE id = $1 FOR UPDATE",
        delete_user: "DELETE FROM kavach_users WHERE id = $1",
        set_disabled: "
            UPDATE kavach_users SET disabled_until = $1, disabled_reason = $2, updated_at = $3 WHERE id = $4",

        sign_in: SignInSql::Statements {
            // FOR SHARE as below.
            known: "
            WITH account AS (
                UPDATE kavach_oauth_accounts
                SET tokens = $1, scopes = $2, profile = $3, updated_at = $4, version = version + 1, lease_until = NULL
                WHERE provider = $5 AND provider_account_id = $6
                    AND ((SELECT u.disabled_until FROM kavach_users u WHERE u.id = kavach_oauth_accounts.user_id) > $7)
                        IS NOT TRUE
                RETURNING user_id
            )
            INSERT INTO kavach_sessions
                (token_hash, id, user_id, created_at, extended_at, expires_at, ip_address, user_agent, metadata)
            SELECT $8, $9, u.id, $10, $11, $12, $13, $14, $15
            FROM account JOIN kavach_users u ON u.id = account.user_id
            WHERE u.disabled_until IS NULL OR u.disabled_until <= $16
            FOR SHARE OF u
            RETURNING user_id",
            // Foreign keys are checked when the whole statement is done.
            new: "
            WITH new_user AS (
                INSERT INTO kavach_users (id, email, email_verified, name, image, extra, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ), new_account AS (
                INSERT INTO kavach_oauth_accounts
                    (id, user_id, provider, provider_account_id, tokens, scopes, profile, created_at, updated_at, version)
                VALUES ($9, $10, $11, $12, $13, $14, $15, $16, $17, 1)
            )
            INSERT INTO kavach_sessions
                (token_hash, id, user_id, created_at, extended_at, expires_at, ip_address, user_agent, metadata)
            VALUES ($18, $19, $20, $21, $22, $23, $24, $25, $26)",
        },
        insert_account: "
            INSERT INTO kavach_oauth_accounts
                (id, user_id, provider, provider_account_id, tokens, scopes, profile, created_at, updated_at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)",
        // FOR SHARE waits for whoever is disabling the user, and judges the row again.
        insert_session: "
            INSERT INTO kavach_sessions
                (token_hash, id, user_id, created_at, extended_at, expires_at, ip_address, user_agent, metadata)
            SELECT $1, $2, id, $3, $4, $5, $6, $7, $8 FROM kavach_users
            WHERE id = $9 AND (disabled_until IS NULL OR disabled_until <= $10)
            FOR SHARE",

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

        // An array, since the planner would rather walk than join what it cannot count.
        prune_states: "
            DELETE FROM kavach_oauth_states WHERE state_hash = ANY (ARRAY(
                SELECT state_hash FROM kavach_oauth_states WHERE expires_at <= $1
                ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED))",
        prune_sessions: "
            DELETE FROM kavach_sessions WHERE token_hash = ANY (ARRAY(
                SELECT token_hash FROM kavach_sessions WHERE expires_at <= $1
                ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED))",
        prune_limits: "
            DELETE FROM kavach_rate_limits WHERE key_hash = ANY (ARRAY(
                SELECT key_hash FROM kavach_rate_limits WHERE expires_at <= $1
                ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED))",
        // Notifications leave nothing behind.
        prune_changes: None,
    };

    fn affected(result: &PgQueryResult) -> u64 {
        result.rows_affected()
    }

    fn last_insert_id(_: &PgQueryResult) -> u64 {
        0
    }

    fn misses_table(error: &sqlx::Error) -> bool {
        error
            .as_database_error()
            .is_some_and(|error| error.code().as_deref() == Some("42P01"))
    }

    fn script(migration: &Migration) -> &'static str {
        migration.postgres
    }
}
