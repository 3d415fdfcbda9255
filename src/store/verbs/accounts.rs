//! Users and their accounts.

use sqlx::{ColumnIndex, Decode, Encode, Executor, IntoArguments, Row, SqlSafeStr, Type};

use super::Pools;
use crate::clock::Timestamp;
use crate::model::{OAuthConnection, User};
use crate::store::dialect::Dialect;
use crate::store::rows::{self, Columns, Statement};
use crate::store::{AccountRecord, Linking, NewSession, Unlink};

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
    pub(in crate::store) async fn known_account(
        &self,
        account: &AccountRecord,
        now: Timestamp,
    ) -> sqlx::Result<Option<String>> {
        let mut connection = self.writer.acquire().await?;
        Self::update_account(&mut connection, account, now).await
    }

    pub(super) async fn update_account(
        connection: &mut DB::Connection,
        account: &AccountRecord,
        now: Timestamp,
    ) -> sqlx::Result<Option<String>> {
        let statement = sqlx::query(DB::SQL.known_account);
        let update = rows::bind_known_account(statement, account, now);
        if DB::RETURNS {
            // All rows, not one: SQLite commits only when the statement has run to its end.
            let rows = update.fetch_all(&mut *connection).await?;
            return rows.first().map(|row| row.try_get(0)).transpose();
        }
        if DB::affected(&update.execute(&mut *connection).await?) == 0 {
            return Ok(None);
        }
        let owner = sqlx::query(DB::SQL.account_owner)
            .bind(&*account.provider)
            .bind(&*account.provider_account_id)
            .fetch_optional(&mut *connection)
            .await?;
        owner.map(|row| row.try_get(0)).transpose()
    }

    pub(in crate::store) async fn account_owner(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> sqlx::Result<Option<String>> {
        let query = sqlx::query(DB::SQL.account_owner)
            .bind(provider)
            .bind(provider_account_id);
        self.one(query, |columns| columns.next()).await
    }

    pub(in crate::store) async fn user_by_email(&self, email: &str) -> sqlx::Result<Option<User>> {
        self.one(sqlx::query(DB::SQL.user_by_email).bind(email), |columns| {
            columns.user()
        })
        .await
    }

    pub(in crate::store) async fn user(&self, id: &str) -> sqlx::Result<Option<User>> {
        self.one(sqlx::query(DB::SQL.user).bind(id), |columns| columns.user())
            .await
    }

    pub(in crate::store) async fn delete_user(&self, id: &str) -> sqlx::Result<bool> {
        self.write(sqlx::query(DB::SQL.delete_user).bind(id))
            .await
            .map(|rows| rows > 0)
    }

    pub(in crate::store) async fn disable_user(
        &self,
        id: &str,
        until: Timestamp,
        reason: Option<&str>,
        now: Timestamp,
    ) -> sqlx::Result<Option<u64>> {
        let mut transaction = self.writer.begin_with(DB::SQL.begin.into_sql_str()).await?;
        let user = Self::disabled_row(id, Some(until), reason, now)
            .execute(&mut *transaction)
            .await?;
        let sessions = sqlx::query(DB::SQL.delete_sessions_of)
            .bind(id)
            .bind(None::<&str>)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok((DB::affected(&user) > 0).then(|| DB::affected(&sessions)))
    }

    pub(in crate::store) async fn enable_user(
        &self,
        id: &str,
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        self.write(Self::disabled_row(id, None, None, now))
            .await
            .map(|rows| rows > 0)
    }

    pub(in crate::store) async fn link(
        &self,
        user_id: &str,
        account: &AccountRecord,
        now: Timestamp,
        session: Option<&NewSession>,
    ) -> sqlx::Result<Linking> {
        let mut transaction = self.writer.begin_with(DB::SQL.begin.into_sql_str()).await?;
        match Self::account_row(user_id, account, now)
            .execute(&mut *transaction)
            .await
        {
            Err(error) if is_unique_violation(&error) => return Ok(Linking::AccountExists),
            Err(error) if is_foreign_key_violation(&error) => return Ok(Linking::UserGone),
            outcome => outcome?,
        };
        if let Some(session) = session {
            let result = Self::session_row(user_id, session)
                .execute(&mut *transaction)
                .await?;
            if DB::affected(&result) == 0 {
                return Ok(Linking::UserGone);
            }
        }
        transaction.commit().await?;
        Ok(Linking::Done)
    }

    pub(in crate::store) async fn accounts_of(
        &self,
        user_id: &str,
    ) -> sqlx::Result<Vec<OAuthConnection>> {
        let rows = sqlx::query(DB::SQL.accounts_of)
            .bind(user_id)
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(|row| Columns::of(row).account()).collect()
    }

    pub(in crate::store) async fn unlink(
        &self,
        user_id: &str,
        provider: &str,
        account_id: Option<&str>,
    ) -> sqlx::Result<Unlink> {
        let mut transaction = self.writer.begin_with(DB::SQL.begin.into_sql_str()).await?;
        // Two parallel calls must not each leave the account that the other removes.
        sqlx::query(DB::SQL.lock_user)
            .bind(user_id)
            .fetch_optional(&mut *transaction)
            .await?;
        let rows = sqlx::query(DB::SQL.accounts_of)
            .bind(user_id)
            .fetch_all(&mut *transaction)
            .await?;
        let accounts: Vec<_> = rows
            .iter()
            .map(|row| Columns::of(row).account())
            .collect::<sqlx::Result<_>>()?;

        let (gone, left): (Vec<_>, Vec<_>) = accounts.into_iter().partition(|account| {
            account.provider == provider && account_id.is_none_or(|id| account.id == id)
        });
        if gone.is_empty() {
            return Ok(Unlink::NotFound);
        }
        if left.is_empty() {
            return Ok(Unlink::LastAccount);
        }
        let mut unlinked = Vec::with_capacity(gone.len());
        for account in gone {
            let row = sqlx::query(DB::SQL.tokens_of_account)
                .bind(&*account.provider)
                .bind(&*account.provider_account_id)
                .fetch_optional(&mut *transaction)
                .await?;
            let tokens = row.map(|row| row.try_get(2)).transpose()?.flatten();
            sqlx::query(DB::SQL.delete_account)
                .bind(&*account.id)
                .execute(&mut *transaction)
                .await?;
            unlinked.push((account, tokens));
        }
        transaction.commit().await?;
        Ok(Unlink::Done(unlinked))
    }

    pub(super) fn account_row<'q>(
        user_id: &'q str,
        account: &'q AccountRecord,
        now: Timestamp,
    ) -> Statement<'q, DB> {
        rows::bind_account(sqlx::query(DB::SQL.insert_account), user_id, account, now)
    }

    fn disabled_row<'q>(
        id: &'q str,
        until: Option<Timestamp>,
        reason: Option<&'q str>,
        now: Timestamp,
    ) -> Statement<'q, DB> {
        sqlx::query(DB::SQL.set_disabled)
            .bind(until.map(|until| until.0))
            .bind(reason)
            .bind(now.0)
            .bind(id)
    }
}

pub(super) fn is_unique_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation())
}

fn is_foreign_key_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_foreign_key_violation())
}
