//! The verbs, written once for the three dialects. The bounds are what sqlx asks of a dialect that is not named.

mod accounts;
mod sessions;
mod sign_in;
mod tokens;

use std::time::Duration;

use sqlx::{ColumnIndex, Decode, Encode, Executor, IntoArguments, Pool, Row, Type};

use crate::clock::Timestamp;
use crate::store::Hash;
use crate::store::dialect::Dialect;
use crate::store::rows::{Columns, Statement};

/// The connections to one database. Where only one connection may write, it has a pool to itself; elsewhere both are
/// the same pool.
pub(crate) struct Pools<DB: sqlx::Database> {
    pub(in crate::store) writer: Pool<DB>,
    pub(in crate::store) reader: Pool<DB>,
}

impl<DB: sqlx::Database> Clone for Pools<DB> {
    fn clone(&self) -> Self {
        Self {
            writer: self.writer.clone(),
            reader: self.reader.clone(),
        }
    }
}

impl<DB> Pools<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'v> bool: Type<DB> + Encode<'v, DB> + Decode<'v, DB>,
    for<'v> i64: Type<DB> + Encode<'v, DB> + Decode<'v, DB>,
    for<'v> String: Type<DB> + Encode<'v, DB> + Decode<'v, DB>,
    for<'v> &'v str: Type<DB> + Encode<'v, DB>,
    for<'v> Option<&'v str>: Encode<'v, DB>,
    for<'v> Option<i64>: Encode<'v, DB>,
    for<'v> &'v [u8]: Type<DB> + Encode<'v, DB>,
    usize: ColumnIndex<DB::Row>,
{
    pub(in crate::store) async fn spend_state(
        &self,
        state: &Hash,
        expires_at: Timestamp,
    ) -> sqlx::Result<bool> {
        self.write(
            sqlx::query(DB::SQL.spend_state)
                .bind(&state[..])
                .bind(expires_at.0),
        )
        .await
        .map(|rows| rows > 0)
    }

    pub(in crate::store) async fn count_hit(
        &self,
        key: &Hash,
        expires_at: Timestamp,
    ) -> sqlx::Result<u64> {
        let count = sqlx::query(DB::SQL.count_hit)
            .bind(&key[..])
            .bind(expires_at.0);
        if DB::RETURNS {
            let rows = count.fetch_all(&self.writer).await?;
            let hits: i64 = rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)?;
            return Ok(hits.unsigned_abs());
        }
        let result = count.execute(&self.writer).await?;
        Ok(DB::last_insert_id(&result))
    }

    pub(in crate::store) async fn prune(&self, now: Timestamp) -> sqlx::Result<bool> {
        let mut is_done = true;
        for (sql, bound) in [
            (DB::SQL.prune_states, now - SPENT_STATE_MEMORY),
            (DB::SQL.prune_sessions, now),
            (DB::SQL.prune_limits, now),
        ] {
            is_done &= self.write(sqlx::query(sql).bind(bound.0)).await? < PRUNE_BATCH;
        }
        if let Some(sql) = DB::SQL.prune_changes {
            is_done &= self.write(sqlx::query(sql)).await? < PRUNE_BATCH;
        }
        Ok(is_done)
    }

    pub(in crate::store) async fn close(&self) {
        self.reader.close().await;
        // Last, because the last connection to a SQLite file folds its log back into it.
        self.writer.close().await;
    }

    pub(super) async fn write(&self, statement: Statement<'_, DB>) -> sqlx::Result<u64> {
        statement
            .execute(&self.writer)
            .await
            .map(|result| DB::affected(&result))
    }

    pub(super) async fn one<T>(
        &self,
        query: Statement<'_, DB>,
        read: impl for<'r> FnOnce(&mut Columns<'r, DB>) -> sqlx::Result<T>,
    ) -> sqlx::Result<Option<T>> {
        let row = query.fetch_optional(&self.reader).await?;
        row.map(|row| read(&mut Columns::of(&row))).transpose()
    }
}

/// What the statements take at once.
pub(super) const PRUNE_BATCH: u64 = 100;
/// A spent state is remembered for a day beyond its end: should the clock step back, its flow is not over yet.
const SPENT_STATE_MEMORY: Duration = Duration::from_secs(86_400);
