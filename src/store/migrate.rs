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
    /// Whether the library works without it, where the server refuses it.
    pub is_optional: bool,
    pub sqlite: &'static str,
    pub postgres: &'static str,
    pub mysql: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal, is_optional: $is_optional:literal) => {
        Migration {
            version: $version,
            name: $name,
            is_optional: $is_optional,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
            mysql: include_str!(concat!("../../migrations/mysql/", $name, ".sql")),
        }
    };
}

/// In the order in which they run. A migration that was released is never edited.
pub(super) const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_initial", is_optional: false),
    // Triggers: CockroachDB knows them only in part, and MySQL with a binary log keeps them for administrators.
    migration!(2, "0002_changes", is_optional: true),
];

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

    let (optional, required): (Vec<_>, Vec<_>) = pending::<DB>(connection, advice)
        .await?
        .into_iter()
        .partition(|migration| migration.is_optional);
    if check_only {
        return match required.is_empty() {
            true => Ok(()),
            false => Err(outdated(&required)),
        };
    }
    if !required.is_empty() {
        apply::<DB>(connection, &required).await.map_err(failed)?;
    }
    for migration in optional {
        if let Err(error) = apply::<DB>(connection, &[migration]).await {
            let cause = error.to_string();
            tracing::warn!(
                migration = migration.name,
                cause,
                "an optional database migration was refused"
            );
        }
    }
    Ok(())
}

/// Applies migrations that another process may be applying too.
///
/// On failure the transaction rolls back as it is dropped. MySQL commits each DDL statement by itself: there, the lock
/// is the connection's, and a migration that broke off is run again from its start.
async fn apply<DB>(
    connection: &mut DB::Connection,
    migrations: &[&'static Migration],
) -> sqlx::Result<()>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'r> i64: Type<DB> + Encode<'r, DB> + Decode<'r, DB>,
    for<'q> &'q str: Type<DB> + Encode<'q, DB>,
    usize: ColumnIndex<DB::Row>,
{
    let mut transaction = connection.begin_with(DB::SQL.begin.into_sql_str()).await?;
    if let Some(lock) = DB::SQL.lock_migrations {
        sqlx::query(lock).execute(&mut *transaction).await?;
    }
    transaction
        .execute(sqlx::raw_sql(DB::SQL.create_ledger))
        .await?;
    let applied: Vec<i64> = sqlx::query_scalar(DB::SQL.applied_migrations)
        .fetch_all(&mut *transaction)
        .await?;
    for migration in migrations {
        if applied.contains(&migration.version) {
            continue;
        }
        transaction
            .execute(sqlx::raw_sql(DB::script(migration)))
            .await?;
        sqlx::query(DB::SQL.record_migration)
            .bind(migration.version)
            .bind(migration.name)
            .bind(Timestamp::now().0)
            .execute(&mut *transaction)
            .await?;
        tracing::info!(migration = migration.name, "applied a database migration");
    }
    transaction.commit().await
}

fn outdated(missing: &[&Migration]) -> Error {
    let names: Vec<_> = missing.iter().map(|migration| migration.name).collect();
    let message = format!(
        "The database misses migrations: {}. Apply them, or leave out `database.skipMigrations`.",
        names.join(", ")
    );
    Error::with(Code::SchemaOutdated, message)
}

/// What is left to apply; an error when the database is ahead of this release. Writes nothing.
pub(super) async fn pending<DB>(
    connection: &mut DB::Connection,
    advice: &str,
) -> Result<Vec<&'static Migration>>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'r> i64: Type<DB> + Decode<'r, DB>,
    usize: ColumnIndex<DB::Row>,
{
    match sqlx::query_scalar(DB::SQL.applied_migrations)
        .fetch_all(&mut *connection)
        .await
    {
        Err(error) if DB::misses_table(&error) => left(&[]),
        applied => left(&applied.map_err(|error| cannot_open(advice, error))?),
    }
}

fn left(applied: &[i64]) -> Result<Vec<&'static Migration>> {
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
