//! Brings the schema up to date, or checks that it is.

use sqlx::{ColumnIndex, Connection, Decode, Encode, Executor, IntoArguments, SqlSafeStr, Type};

use super::cannot_open;
use super::dialect::Dialect;
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};

/// One step of the schema, in every dialect.
pub(crate) struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
    pub mysql: &'static str,
}

/// In the order in which they run. A migration that was released is never edited.
const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "0001_initial",
    sqlite: include_str!("../../migrations/sqlite/0001_initial.sql"),
    postgres: include_str!("../../migrations/postgres/0001_initial.sql"),
    mysql: include_str!("../../migrations/mysql/0001_initial.sql"),
}];

/// Applies what is missing; with `check_only`, refuses to go on when something is. Asks one question when there is
/// nothing to do. `advice` is what to tell people when the database fails.
pub(super) async fn run<DB>(
    connection: &mut DB::Connection,
    check_only: bool,
    advice: &str,
) -> Result<()>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'r> i64: Type<DB> + Encode<'r, DB> + Decode<'r, DB>,
    for<'q> &'q str: Type<DB> + Encode<'q, DB>,
    usize: ColumnIndex<DB::Row>,
{
    let failed = |error| cannot_open(advice, error);

    let applied = match sqlx::query_scalar(DB::SQL.applied_migrations)
        .fetch_all(&mut *connection)
        .await
    {
        Err(error) if DB::misses_table(&error) => Vec::new(),
        applied => applied.map_err(failed)?,
    };
    let missing = pending(&applied)?;
    if missing.is_empty() {
        return Ok(());
    }
    if check_only {
        let names: Vec<_> = missing.iter().map(|migration| migration.name).collect();
        let message = format!(
            "The database misses migrations: {}. Apply them, or leave out `database.skipMigrations`.",
            names.join(", ")
        );
        return Err(Error::with(Code::SchemaOutdated, message));
    }

    // On failure the transaction rolls back as it is dropped. MySQL commits each DDL statement by itself: there, the
    // lock is the connection's, and a migration that broke off is run again from its start.
    let mut transaction = connection
        .begin_with(DB::SQL.begin.into_sql_str())
        .await
        .map_err(failed)?;
    if let Some(lock) = DB::SQL.lock_migrations {
        sqlx::query(lock)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    transaction
        .execute(sqlx::raw_sql(DB::SQL.create_ledger))
        .await
        .map_err(failed)?;
    // Another process may have been faster.
    let applied: Vec<i64> = sqlx::query_scalar(DB::SQL.applied_migrations)
        .fetch_all(&mut *transaction)
        .await
        .map_err(failed)?;
    for migration in pending(&applied)? {
        transaction
            .execute(sqlx::raw_sql(DB::script(migration)))
            .await
            .map_err(failed)?;
        sqlx::query(DB::SQL.record_migration)
            .bind(migration.version)
            .bind(migration.name)
            .bind(Timestamp::now().0)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        tracing::info!(migration = migration.name, "applied a database migration");
    }
    transaction.commit().await.map_err(failed)
}

/// What is left to apply; an error when the database is ahead of this release.
fn pending(applied: &[i64]) -> Result<Vec<&'static Migration>> {
    let known = MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    match applied.iter().copied().max() {
        Some(found) if found > known => Err(Error::with(
            Code::SchemaNewer,
            format!(
                "The database is at schema version {found}, this release knows versions up to {known}. \
                Use the release that migrated it, or a later one."
            ),
        )),
        _ => Ok(MIGRATIONS
            .iter()
            .filter(|migration| !applied.contains(&migration.version))
            .collect()),
    }
}
