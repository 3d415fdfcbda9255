//! What the command line does to a database without an instance.

use napi::bindgen_prelude::{Env, PromiseRaw, Unknown};
use napi_derive::napi;
use tracing::Dispatch;

use super::outcome::promise;
use super::value::{plain, text};
use crate::store::{DatabaseConfig, DatabaseProvider, migrate, pending, schema};

/// The whole schema of a dialect as SQL, the rows that record it included; as JSON text.
#[napi]
pub fn schema_sql<'env>(
    env: &'env Env,
    provider: Unknown<'_>,
) -> napi::Result<PromiseRaw<'env, String>> {
    let provider = text(&provider, "dialect")?;
    promise(env, &Dispatch::none(), async move {
        Ok(schema(DatabaseProvider::parse(&provider?)?))
    })
}

/// The migrations that a database misses, as `[{ name, sql, optional }]`; `database` is the option of that name.
#[napi]
pub fn pending_migrations<'env>(
    env: &'env Env,
    database: Unknown<'_>,
) -> napi::Result<PromiseRaw<'env, String>> {
    let database = plain(&database, "database")?;
    promise(env, &Dispatch::none(), async move {
        pending(&DatabaseConfig::parse(&database?)?).await
    })
}

/// Applies them.
#[napi]
pub fn apply_migrations<'env>(
    env: &'env Env,
    database: Unknown<'_>,
) -> napi::Result<PromiseRaw<'env, String>> {
    let database = plain(&database, "database")?;
    promise(env, &Dispatch::none(), async move {
        migrate(&DatabaseConfig::parse(&database?)?).await
    })
}
