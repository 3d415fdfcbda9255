//! A sign-in that the provider has vouched for, in one statement or one transaction where the dialect lets us.

use sqlx::{ColumnIndex, Decode, Encode, Executor, IntoArguments, Row, SqlSafeStr, Type};

use super::Pools;
use super::accounts::is_unique_violation;
use crate::clock::Timestamp;
use crate::model::new_id;
use crate::store::dialect::{Dialect, SignInSql};
use crate::store::rows;
use crate::store::{AccountRecord, Arrival, NewSession, NewUser};

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
    pub(in crate::store) async fn sign_in(
        &self,
        account: &AccountRecord,
        new_user: Option<&NewUser>,
        session: &NewSession,
        now: Timestamp,
    ) -> sqlx::Result<Arrival> {
        let arrival = match DB::SQL.sign_in {
            SignInSql::Statements { known, new } => {
                self.by_statements(known, new, account, new_user, session, now)
                    .await
            }
            SignInSql::Transaction { insert_user } => {
                self.by_transaction(insert_user, account, new_user, session, now)
                    .await
            }
        };
        match arrival {
            // Whichever of the two constraints spoke first: if the account is there, then that is the answer, or its
            // owner would be told that somebody else has the address.
            Err(error) if is_unique_violation(&error) => {
                let owner = self.account_owner(&account.provider, &account.provider_account_id);
                Ok(match owner.await? {
                    Some(_) => Arrival::AccountExists,
                    None => Arrival::EmailTaken,
                })
            }
            arrival => arrival,
        }
    }

    async fn by_statements(
        &self,
        known: &'static str,
        new: &'static str,
        account: &AccountRecord,
        new_user: Option<&NewUser>,
        session: &NewSession,
        now: Timestamp,
    ) -> sqlx::Result<Arrival> {
        let statement = rows::bind_known_account(sqlx::query(known), account, now);
        let found = rows::bind_session_without_user(statement, session)
            .fetch_optional(&self.writer)
            .await?;
        if let Some(row) = found {
            let user_id = row.try_get(0)?;
            return Ok(Arrival::Known { user_id });
        }
        let Some(user) = new_user else {
            return Ok(Arrival::NotLetIn);
        };
        let user_id = new_id();
        let statement = rows::bind_user(sqlx::query(new), &user_id, user, now);
        let statement = rows::bind_account(statement, &user_id, account, now);
        self.write(rows::bind_session(statement, &user_id, session))
            .await?;
        Ok(Arrival::Created { user_id })
    }

    async fn by_transaction(
        &self,
        insert_user: &'static str,
        account: &AccountRecord,
        new_user: Option<&NewUser>,
        session: &NewSession,
        now: Timestamp,
    ) -> sqlx::Result<Arrival> {
        let mut transaction = self.writer.begin_with(DB::SQL.begin.into_sql_str()).await?;
        if let Some(user_id) = Self::update_account(&mut transaction, account, now).await? {
            let added = Self::session_row(&user_id, session)
                .execute(&mut *transaction)
                .await?;
            if DB::affected(&added) == 0 {
                return Ok(Arrival::NotLetIn);
            }
            transaction.commit().await?;
            return Ok(Arrival::Known { user_id });
        }
        let Some(user) = new_user else {
            return Ok(Arrival::NotLetIn);
        };
        if DB::LOCKS_GAPS {
            transaction.rollback().await?;
            transaction = self.writer.begin_with(DB::SQL.begin.into_sql_str()).await?;
        }
        let user_id = new_id();
        rows::bind_user(sqlx::query(insert_user), &user_id, user, now)
            .execute(&mut *transaction)
            .await?;
        Self::account_row(&user_id, account, now)
            .execute(&mut *transaction)
            .await?;
        Self::session_row(&user_id, session)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Arrival::Created { user_id })
    }
}
