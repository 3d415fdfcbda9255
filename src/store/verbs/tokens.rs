//! Sealed tokens, and who may refresh them.

use sqlx::{ColumnIndex, Decode, Encode, Executor, IntoArguments, Type};

use super::Pools;
use crate::clock::Timestamp;
use crate::store::StoredTokens;
use crate::store::dialect::Dialect;
use crate::store::rows::Statement;

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
    pub(in crate::store) async fn tokens_of(
        &self,
        user_id: &str,
        provider: &str,
    ) -> sqlx::Result<Option<StoredTokens>> {
        self.stored_tokens(sqlx::query(DB::SQL.tokens_of).bind(user_id).bind(provider))
            .await
    }

    pub(in crate::store) async fn tokens_of_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> sqlx::Result<Option<StoredTokens>> {
        let query = sqlx::query(DB::SQL.tokens_of_account)
            .bind(provider)
            .bind(provider_account_id);
        self.stored_tokens(query).await
    }

    async fn stored_tokens(&self, query: Statement<'_, DB>) -> sqlx::Result<Option<StoredTokens>> {
        self.one(query, |columns| {
            Ok(StoredTokens {
                account_id: columns.next()?,
                provider_account_id: columns.next()?,
                tokens: columns.next()?,
                scopes: columns.words()?,
                version: columns.next()?,
            })
        })
        .await
    }

    pub(in crate::store) async fn lease_refresh(
        &self,
        account_id: &str,
        version: i64,
        now: Timestamp,
        until: Timestamp,
    ) -> sqlx::Result<bool> {
        let update = sqlx::query(DB::SQL.lease_refresh)
            .bind(until.0)
            .bind(account_id)
            .bind(version)
            .bind(now.0);
        self.write(update).await.map(|rows| rows > 0)
    }

    pub(in crate::store) async fn store_refreshed(
        &self,
        account_id: &str,
        version: i64,
        tokens: &str,
        scopes: &[String],
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        let update = sqlx::query(DB::SQL.store_refreshed)
            .bind(tokens)
            .bind(scopes.join(" "))
            .bind(now.0)
            .bind(account_id)
            .bind(version);
        self.write(update).await.map(|rows| rows > 0)
    }

    pub(in crate::store) async fn release_lease(
        &self,
        account_id: &str,
        version: i64,
    ) -> sqlx::Result<()> {
        self.write(
            sqlx::query(DB::SQL.release_lease)
                .bind(account_id)
                .bind(version),
        )
        .await
        .map(|_| ())
    }

    pub(in crate::store) async fn replace_tokens(
        &self,
        account_id: &str,
        version: i64,
        tokens: &str,
    ) -> sqlx::Result<bool> {
        let update = sqlx::query(DB::SQL.replace_tokens)
            .bind(tokens)
            .bind(account_id)
            .bind(version);
        self.write(update).await.map(|rows| rows > 0)
    }
}
