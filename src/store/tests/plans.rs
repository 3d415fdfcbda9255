//! How the databases find what the statements ask for.

use sqlx::{Row, SqlSafeStr};

use super::*;
use crate::store::dialect::{Dialect, SignInSql, Statements};

#[tokio::test]
async fn no_statement_walks_through_a_table() {
    on_every_store(async |store| {
        // PostgreSQL plans for good when it does not know yet how large the tables will be.
        if matches!(store.backend, Backend::Postgres(_)) {
            assert_none_walks(&store, statements(store.sql())).await;
        }
        fill(&store).await;
        assert_none_walks(&store, statements(store.sql())).await;
        assert_none_walks(&store, prunings(store.sql())).await;
    })
    .await;
}

async fn assert_none_walks(store: &Store, statements: Vec<WithArguments>) {
    for (sql, arguments) in statements {
        let sql = written_out(store, sql, arguments);
        let plan = plan_of(store, &sql).await;
        assert!(!walks(store, &plan), "{sql}\n{}", plan.join("\n"));
    }
}

/// The test can fail.
#[tokio::test]
async fn a_statement_that_walks_through_a_table_is_seen_to_do_so() {
    on_every_store(async |store| {
        fill(&store).await;
        for sql in [
            "SELECT id FROM kavach_sessions WHERE ip_address = 'x'",
            "DELETE FROM kavach_sessions WHERE created_at = 1",
            "UPDATE kavach_users SET name = NULL WHERE name = 'x'",
        ] {
            let plan = plan_of(&store, sql).await;
            assert!(walks(&store, &plan), "{sql}\n{}", plan.join("\n"));
        }
    })
    .await;
}

/// A statement, and its arguments as SQL. `#` is a hash.
type WithArguments = (&'static str, &'static [&'static str]);

/// Every statement that looks for something while somebody waits.
fn statements(sql: &'static Statements) -> Vec<WithArguments> {
    let mut all: Vec<WithArguments> = vec![
        (sql.spend_state, &["#", "1"]),
        (
            sql.known_account,
            &["'t'", "''", "'{}'", "1", "'x'", "'7'", "1"],
        ),
        (sql.account_owner, &["'x'", "'7'"]),
        (sql.user_by_email, &["'7@x.com'"]),
        (sql.user, &["'u7'"]),
        (sql.lock_user, &["'u7'"]),
        (sql.delete_user, &["'u7'"]),
        (sql.set_disabled, &["1", "NULL", "1", "'u7'"]),
        (
            sql.insert_session,
            &[
                "#", "'s'", "1", "1", "1", "NULL", "NULL", "NULL", "'u7'", "1",
            ],
        ),
        (sql.session_by_hash, &["#"]),
        (sql.extend_session, &["1", "1", "#", "1"]),
        (sql.rotate_token, &["#", "#"]),
        (sql.delete_session, &["'s7'", "NULL"]),
        (sql.delete_sessions_of, &["'u7'", "NULL"]),
        (sql.sessions_of, &["'u7'", "1"]),
        (sql.accounts_of, &["'u7'"]),
        (sql.delete_account, &["'a7'"]),
        (sql.tokens_of, &["'u7'", "'x'"]),
        (sql.tokens_of_account, &["'x'", "'7'"]),
        (sql.lease_refresh, &["1", "'a7'", "1", "1"]),
        (sql.store_refreshed, &["'t'", "''", "1", "'a7'", "1"]),
        (sql.release_lease, &["'a7'", "1"]),
        (sql.replace_tokens, &["'t'", "'a7'", "1"]),
        (sql.count_hit, &["#", "1"]),
    ];
    if let SignInSql::Statements { known, .. } = sql.sign_in {
        all.push((
            known,
            &[
                "'t'", "''", "'{}'", "1", "'x'", "'7'", "1", "#", "'s'", "1", "1", "1", "NULL",
                "NULL", "NULL", "1",
            ],
        ));
    }
    all
}

fn prunings(sql: &'static Statements) -> Vec<WithArguments> {
    let mut all: Vec<WithArguments> = vec![
        (sql.prune_states, &["3"]),
        (sql.prune_sessions, &["3"]),
        (sql.prune_limits, &["3"]),
    ];
    all.extend(sql.prune_changes.map(|sql| (sql, &[][..])));
    all
}

impl Store {
    fn sql(&self) -> &'static Statements {
        match self.backend {
            Backend::Sqlite(_) => &<Sqlite as Dialect>::SQL,
            Backend::Postgres(_) => &<Postgres as Dialect>::SQL,
            Backend::MySql(_) => &<MySql as Dialect>::SQL,
        }
    }

    /// A hash made from an expression.
    fn hash_of(&self, text: &str) -> String {
        match self.backend {
            Backend::Sqlite(_) => "randomblob(32)".to_owned(),
            Backend::Postgres(_) => format!("sha256(convert_to({text}, 'UTF8'))"),
            Backend::MySql(_) => format!("UNHEX(SHA2({text}, 256))"),
        }
    }
}

/// So many rows that it pays to have an index.
async fn fill(store: &Store) {
    let hash = store.hash_of("CONCAT('s', i)");
    let many =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT";
    let mut all = vec![
        format!(
            "INSERT INTO kavach_users (id, email, email_verified, created_at, updated_at)
            {many} CONCAT('u', i), CONCAT(i, '@x.com'), TRUE, i, i FROM n"
        ),
        format!(
            "INSERT INTO kavach_oauth_accounts
                (id, user_id, provider, provider_account_id, scopes, profile, version, created_at, updated_at)
            {many} CONCAT('a', i), CONCAT('u', i), 'x', CONCAT(i, ''), '', '{{}}', 1, i, i FROM n"
        ),
        format!(
            "INSERT INTO kavach_sessions (token_hash, id, user_id, created_at, extended_at, expires_at)
            {many} {hash}, CONCAT('s', i), CONCAT('u', i), i, i, i FROM n"
        ),
        format!("INSERT INTO kavach_oauth_states (state_hash, expires_at) {many} {hash}, i FROM n"),
        format!("INSERT INTO kavach_rate_limits (key_hash, hits, expires_at) {many} {hash}, 1, i FROM n"),
    ];
    match store.backend {
        Backend::Postgres(_) => all.push("ANALYZE".to_owned()),
        Backend::Sqlite(_) | Backend::MySql(_) => all.push(format!(
            "INSERT INTO kavach_changes (id, changed_at) {many} CONCAT('u', i), i FROM n"
        )),
    }
    for sql in all {
        tamper(store, AssertSqlSafe(sql).into_sql_str()).await;
    }
}

/// A statement with its arguments in their places, as `EXPLAIN` wants it.
fn written_out(store: &Store, sql: &str, arguments: &[&str]) -> String {
    let written = |argument: &str| match argument {
        "#" => store.hash_of("'s7'"),
        other => other.to_owned(),
    };
    match store.backend {
        Backend::MySql(_) => arguments.iter().fold(sql.to_owned(), |sql, argument| {
            sql.replacen('?', &written(argument), 1)
        }),
        _ => arguments
            .iter()
            .enumerate()
            .rev()
            .fold(sql.to_owned(), |sql, (at, argument)| {
                sql.replace(&format!("${}", at + 1), &written(argument))
            }),
    }
}

async fn plan_of(store: &Store, sql: &str) -> Vec<String> {
    let explain = |prefix: &str| sqlx::raw_sql(AssertSqlSafe(format!("{prefix} {sql}")));
    match &store.backend {
        Backend::Sqlite(pools) => {
            let rows = explain("EXPLAIN QUERY PLAN").fetch_all(&pools.writer).await;
            rows.unwrap().iter().map(|row| row.get(3)).collect()
        }
        Backend::Postgres(pools) => {
            let rows = explain("EXPLAIN").fetch_all(&pools.writer).await;
            rows.unwrap().iter().map(|row| row.get(0)).collect()
        }
        Backend::MySql(pools) => {
            let rows = explain("EXPLAIN").fetch_all(&pools.writer).await;
            let text = |row: &sqlx::mysql::MySqlRow, name| {
                row.get::<Option<String>, _>(name).unwrap_or_default()
            };
            rows.unwrap()
                .iter()
                .map(|row| {
                    ["select_type", "table", "type", "Extra"]
                        .map(|name| text(row, name))
                        .join(" | ")
                })
                .collect()
        }
    }
}

fn walks(store: &Store, plan: &[String]) -> bool {
    plan.iter().any(|step| match store.backend {
        Backend::Sqlite(_) => step.starts_with("SCAN"),
        Backend::Postgres(_) => step.contains("Seq Scan"),
        Backend::MySql(_) => {
            let is_whole = step.contains(" | ALL | ") || step.contains(" | index | ");
            // A row that is written, and a table of one row that was made on the way.
            is_whole && !step.starts_with("INSERT") && !step.contains("<derived")
        }
    })
}
