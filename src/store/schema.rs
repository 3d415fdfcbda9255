//! The schema for those who change it themselves: as SQL, what a database misses of it, and bringing it up to date.

use serde::Serialize;
use sqlx::{MySql, Postgres, Sqlite};

use super::dialect::Dialect;
use super::migrate::{MIGRATIONS, Migration};
use super::{DatabaseConfig, DatabaseProvider, Store, in_time, mysql, postgres, sqlite};
use crate::error::Result;

/// A migration that a database misses.
#[derive(Debug, Serialize)]
pub struct Pending {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub sql: &'static str,
    /// Whether the library works without it.
    pub optional: bool,
}

/// What became of the migrations that a database missed.
#[derive(Debug, Serialize)]
pub struct Migrated {
    /// Those that it has now, whoever applied them.
    pub applied: Vec<&'static str>,
    /// Those that it refused; all of them are optional.
    pub refused: Vec<&'static str>,
}

/// The whole schema, with the rows that record it, so that `skipMigrations` finds nothing missing.
pub fn schema(provider: DatabaseProvider) -> String {
    match provider {
        DatabaseProvider::Sqlite => schema_of::<Sqlite>(),
        DatabaseProvider::Postgres => schema_of::<Postgres>(),
        DatabaseProvider::MySql => schema_of::<MySql>(),
    }
}

/// What a database misses. Writes nothing, and makes no file.
pub async fn pending(config: &DatabaseConfig) -> Result<Vec<Pending>> {
    let missing = missing(config).await?.into_iter();
    Ok(missing
        .map(|migration| Pending {
            name: migration.name,
            sql: match config.provider {
                DatabaseProvider::Sqlite => migration.sqlite,
                DatabaseProvider::Postgres => migration.postgres,
                DatabaseProvider::MySql => migration.mysql,
            },
            optional: migration.is_optional,
        })
        .collect())
}

/// Applies what a database misses.
pub async fn migrate(config: &DatabaseConfig) -> Result<Migrated> {
    let before = missing(config).await?;
    Store::open(config, None).await?.close().await;
    let after = missing(config).await?;
    let (refused, applied): (Vec<_>, Vec<_>) = before
        .iter()
        .map(|migration| migration.name)
        .partition(|name| after.iter().any(|left| left.name == *name));
    Ok(Migrated { applied, refused })
}

async fn missing(config: &DatabaseConfig) -> Result<Vec<&'static Migration>> {
    in_time(async {
        match config.provider {
            DatabaseProvider::Sqlite => sqlite::pending(config).await,
            DatabaseProvider::Postgres => postgres::pending(config).await,
            DatabaseProvider::MySql => mysql::pending(config).await,
        }
    })
    .await
}

fn schema_of<DB: Dialect>() -> String {
    let mut text = format!("{};\n", flush_left(DB::SQL.create_ledger));
    for migration in MIGRATIONS {
        let Migration { version, name, .. } = migration;
        text.push_str(&format!(
            "\n-- {name}\n\n{}\n\nINSERT INTO kavach_migrations (version, name, applied_at) VALUES ({version}, '{name}', 0);\n",
            DB::script(migration).trim(),
        ));
    }
    text
}

/// Without the indentation that it has among our code.
fn flush_left(sql: &str) -> String {
    let lines: Vec<_> = sql.trim().lines().map(str::trim).collect();
    lines.join("\n    ")
}
