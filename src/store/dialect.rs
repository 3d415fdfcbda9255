//! What a dialect brings along: its SQL, and the few answers that sqlx gives in no common form.

use sqlx::Database;

use super::migrate::Migration;

/// A database that the verbs in `verbs.rs` can speak to.
pub(crate) trait Dialect: Database {
    /// The SQL of every verb.
    const SQL: Statements;

    /// Whether a statement that writes can answer with the rows that it wrote.
    const RETURNS: bool;

    /// Whether a row that was looked for in vain in a transaction cannot be added by others until that ends.
    const LOCKS_GAPS: bool;

    /// How many rows a statement matched.
    fn affected(result: &Self::QueryResult) -> u64;

    /// What `LAST_INSERT_ID(…)` said, where writes return no rows.
    fn last_insert_id(result: &Self::QueryResult) -> u64;

    /// Whether a statement failed because its table does not exist.
    fn misses_table(error: &sqlx::Error) -> bool;

    /// The text of a migration.
    fn script(migration: &Migration) -> &'static str;
}

/// The SQL of one dialect. Every statement takes the same arguments in the same order in all three dialects, and each
/// argument once, because MySQL cannot number them.
pub(crate) struct Statements {
    /// Opens a transaction that is going to write.
    pub begin: &'static str,

    /// Held until the transaction or the connection ends. `None` where `begin` locks enough.
    pub lock_migrations: Option<&'static str>,
    pub create_ledger: &'static str,
    pub applied_migrations: &'static str,
    /// version, name, applied_at
    pub record_migration: &'static str,

    /// state_hash, expires_at
    pub spend_state: &'static str,
    /// tokens, scopes, profile, updated_at, provider, provider_account_id, now
    pub known_account: &'static str,
    /// provider, provider_account_id
    pub account_owner: &'static str,

    /// email
    pub user_by_email: &'static str,
    /// id
    pub user: &'static str,
    /// id
    pub lock_user: &'static str,
    /// id
    pub delete_user: &'static str,
    /// disabled_until, disabled_reason, updated_at, id
    pub set_disabled: &'static str,

    pub sign_in: SignInSql,
    /// id, user_id, provider, provider_account_id, tokens, scopes, profile, created_at, updated_at
    pub insert_account: &'static str,
    /// token_hash, id, created_at, extended_at, expires_at, ip_address, user_agent, metadata, user_id, now
    pub insert_session: &'static str,

    /// token_hash
    pub session_by_hash: &'static str,
    /// expires_at, extended_at, token_hash, extended_at as it was read
    pub extend_session: &'static str,
    /// new token_hash, token_hash
    pub rotate_token: &'static str,
    /// id, user_id or null
    pub delete_session: &'static str,
    /// user_id, id to spare or null
    pub delete_sessions_of: &'static str,
    /// user_id, now
    pub sessions_of: &'static str,

    /// user_id
    pub accounts_of: &'static str,
    /// id
    pub delete_account: &'static str,

    /// user_id, provider
    pub tokens_of: &'static str,
    /// provider, provider_account_id
    pub tokens_of_account: &'static str,
    /// until, id, version, now
    pub lease_refresh: &'static str,
    /// tokens, scopes, updated_at, id, version
    pub store_refreshed: &'static str,
    /// id, version
    pub release_lease: &'static str,
    /// tokens, id, version
    pub replace_tokens: &'static str,

    /// key_hash, expires_at
    pub count_hit: &'static str,

    /// now
    pub prune_states: &'static str,
    /// now
    pub prune_sessions: &'static str,
    /// now
    pub prune_limits: &'static str,
    /// Deletes what is older than ten minutes by the database's clock. `None` where there is no log.
    pub prune_changes: Option<&'static str>,
}

/// How somebody signs in. The user's arguments are id, email, email_verified, name, image, extra, created_at, updated_at.
pub(crate) enum SignInSql {
    /// By two statements.
    Statements {
        /// The arguments of `known_account`, and those of `insert_session` but for the user's id. Gives that.
        known: &'static str,
        /// The arguments of user, account and session.
        new: &'static str,
    },
    /// By `known_account` and `insert_session`, or by this, `insert_account` and `insert_session`, in one transaction.
    Transaction { insert_user: &'static str },
}
