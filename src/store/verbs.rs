//! The verbs, written once for the three dialects.

use std::time::Duration;

use sqlx::{ColumnIndex, Decode, Encode, Executor, IntoArguments, Pool, Row, SqlSafeStr, Type};

use super::dialect::{Dialect, SignUpSql};
use super::rows::{self, Columns, Statement};
use super::{
    AccountRecord, Hash, NewSession, NewUser, SignUp, StoredSession, StoredTokens, Unlink,
};
use crate::clock::Timestamp;
use crate::model::{OAuthConnection, Session, User, new_id};

/// The connections to one database. Where only one connection may write, it has a pool to itself; elsewhere both are
/// the same pool.
pub(crate) struct Pools<DB: sqlx::Database> {
    pub(super) writer: Pool<DB>,
    pub(super) reader: Pool<DB>,
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
    pub(super) async fn spend_state(
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

    pub(super) async fn known_account(
        &self,
        account: &AccountRecord,
        now: Timestamp,
    ) -> sqlx::Result<Option<String>> {
        let update = sqlx::query(DB::SQL.known_account)
            .bind(account.tokens.as_deref())
            .bind(account.scopes.join(" "))
            .bind(&*account.profile)
            .bind(now.0)
            .bind(&*account.provider)
            .bind(&*account.provider_account_id)
            .bind(now.0);
        if DB::RETURNS {
            // All rows, not one: SQLite commits only when the statement has run to its end.
            let rows = update.fetch_all(&self.writer).await?;
            return rows.first().map(|row| row.try_get(0)).transpose();
        }
        match self.write(update).await? {
            0 => Ok(None),
            _ => {
                self.account_owner(&account.provider, &account.provider_account_id)
                    .await
            }
        }
    }

    pub(super) async fn account_owner(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> sqlx::Result<Option<String>> {
        let query = sqlx::query(DB::SQL.account_owner)
            .bind(provider)
            .bind(provider_account_id);
        self.one(query, |columns| columns.next()).await
    }

    pub(super) async fn user_by_email(&self, email: &str) -> sqlx::Result<Option<User>> {
        self.one(sqlx::query(DB::SQL.user_by_email).bind(email), |columns| {
            columns.user()
        })
        .await
    }

    pub(super) async fn user(&self, id: &str) -> sqlx::Result<Option<User>> {
        self.one(sqlx::query(DB::SQL.user).bind(id), |columns| columns.user())
            .await
    }

    pub(super) async fn delete_user(&self, id: &str) -> sqlx::Result<bool> {
        self.write(sqlx::query(DB::SQL.delete_user).bind(id))
            .await
            .map(|rows| rows > 0)
    }

    pub(super) async fn disable_user(
        &self,
        id: &str,
        until: Timestamp,
        reason: Option<&str>,
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        let mut transaction = self.writer.begin_with(DB::SQL.begin.into_sql_str()).await?;
        let result = Self::disabled_row(id, Some(until), reason, now)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(DB::SQL.delete_sessions_of)
            .bind(id)
            .bind(None::<&str>)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(DB::affected(&result) > 0)
    }

    pub(super) async fn enable_user(&self, id: &str, now: Timestamp) -> sqlx::Result<bool> {
        self.write(Self::disabled_row(id, None, None, now))
            .await
            .map(|rows| rows > 0)
    }

    pub(super) async fn sign_up(
        &self,
        user: &NewUser,
        account: &AccountRecord,
        session: &NewSession,
        now: Timestamp,
    ) -> sqlx::Result<SignUp> {
        let user_id = new_id();
        match self
            .write_sign_up(&user_id, user, account, session, now)
            .await
        {
            Ok(()) => Ok(SignUp::Done { user_id }),
            // Whichever of the two constraints spoke first: if the account is there, then that is the answer, or its
            // owner would be told that somebody else has the address.
            Err(error) if is_unique_violation(&error) => {
                match self
                    .account_owner(&account.provider, &account.provider_account_id)
                    .await?
                {
                    Some(_) => Ok(SignUp::AccountExists),
                    None => Ok(SignUp::EmailTaken),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn write_sign_up(
        &self,
        user_id: &str,
        user: &NewUser,
        account: &AccountRecord,
        session: &NewSession,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        match DB::SQL.sign_up {
            SignUpSql::Whole(sql) => {
                let statement = rows::bind_user(sqlx::query(sql), user_id, user, now);
                let statement = rows::bind_account(statement, user_id, account, now);
                self.write(rows::bind_session(statement, user_id, session))
                    .await
                    .map(|_| ())
            }
            SignUpSql::User(sql) => {
                let mut transaction = self.writer.begin_with(DB::SQL.begin.into_sql_str()).await?;
                rows::bind_user(sqlx::query(sql), user_id, user, now)
                    .execute(&mut *transaction)
                    .await?;
                Self::account_row(user_id, account, now)
                    .execute(&mut *transaction)
                    .await?;
                Self::session_row(user_id, session)
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await
            }
        }
    }

    pub(super) async fn link(
        &self,
        user_id: &str,
        account: &AccountRecord,
        now: Timestamp,
        session: Option<&NewSession>,
    ) -> sqlx::Result<SignUp> {
        let mut transaction = self.writer.begin_with(DB::SQL.begin.into_sql_str()).await?;
        match Self::account_row(user_id, account, now)
            .execute(&mut *transaction)
            .await
        {
            Err(error) if is_unique_violation(&error) => return Ok(SignUp::AccountExists),
            Err(error) if is_foreign_key_violation(&error) => return Ok(SignUp::UserGone),
            outcome => outcome?,
        };
        if let Some(session) = session {
            let result = Self::session_row(user_id, session)
                .execute(&mut *transaction)
                .await?;
            if DB::affected(&result) == 0 {
                return Ok(SignUp::UserGone);
            }
        }
        transaction.commit().await?;
        Ok(SignUp::Done {
            user_id: user_id.to_owned(),
        })
    }

    pub(super) async fn insert_session(
        &self,
        user_id: &str,
        session: &NewSession,
    ) -> sqlx::Result<bool> {
        self.write(Self::session_row(user_id, session))
            .await
            .map(|rows| rows > 0)
    }

    pub(super) async fn session_by_hash(
        &self,
        token: &Hash,
    ) -> sqlx::Result<Option<StoredSession>> {
        let query = sqlx::query(DB::SQL.session_by_hash).bind(&token[..]);
        self.one(query, |columns| {
            Ok(StoredSession {
                user: columns.user()?,
                session: columns.session()?,
                extended_at: Timestamp(columns.next()?),
            })
        })
        .await
    }

    pub(super) async fn extend_session(
        &self,
        token: &Hash,
        expires_at: Timestamp,
        extended_at: Timestamp,
    ) -> sqlx::Result<bool> {
        let update = sqlx::query(DB::SQL.extend_session)
            .bind(expires_at.0)
            .bind(extended_at.0)
            .bind(&token[..]);
        self.write(update).await.map(|rows| rows > 0)
    }

    pub(super) async fn rotate_token(&self, old: &Hash, new: &Hash) -> sqlx::Result<bool> {
        let update = sqlx::query(DB::SQL.rotate_token)
            .bind(&new[..])
            .bind(&old[..]);
        self.write(update).await.map(|rows| rows > 0)
    }

    pub(super) async fn delete_session_by_hash(&self, token: &Hash) -> sqlx::Result<bool> {
        self.write(sqlx::query(DB::SQL.delete_session_by_hash).bind(&token[..]))
            .await
            .map(|rows| rows > 0)
    }

    pub(super) async fn delete_session(&self, id: &str, owner: Option<&str>) -> sqlx::Result<bool> {
        self.write(sqlx::query(DB::SQL.delete_session).bind(id).bind(owner))
            .await
            .map(|rows| rows > 0)
    }

    pub(super) async fn delete_sessions_of(
        &self,
        user_id: &str,
        except: Option<&str>,
    ) -> sqlx::Result<u64> {
        self.write(
            sqlx::query(DB::SQL.delete_sessions_of)
                .bind(user_id)
                .bind(except),
        )
        .await
    }

    pub(super) async fn sessions_of(
        &self,
        user_id: &str,
        now: Timestamp,
    ) -> sqlx::Result<Vec<Session>> {
        let rows = sqlx::query(DB::SQL.sessions_of)
            .bind(user_id)
            .bind(now.0)
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(|row| Columns::of(row).session()).collect()
    }

    pub(super) async fn accounts_of(&self, user_id: &str) -> sqlx::Result<Vec<OAuthConnection>> {
        let rows = sqlx::query(DB::SQL.accounts_of)
            .bind(user_id)
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(|row| Columns::of(row).account()).collect()
    }

    pub(super) async fn unlink(
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
        for account in &gone {
            sqlx::query(DB::SQL.delete_account)
                .bind(&*account.id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(Unlink::Done(gone))
    }

    pub(super) async fn tokens_of(
        &self,
        user_id: &str,
        provider: &str,
    ) -> sqlx::Result<Option<StoredTokens>> {
        let query = sqlx::query(DB::SQL.tokens_of).bind(user_id).bind(provider);
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

    pub(super) async fn lease_refresh(
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

    pub(super) async fn store_refreshed(
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

    pub(super) async fn release_lease(&self, account_id: &str, version: i64) -> sqlx::Result<()> {
        self.write(
            sqlx::query(DB::SQL.release_lease)
                .bind(account_id)
                .bind(version),
        )
        .await
        .map(|_| ())
    }

    pub(super) async fn replace_tokens(
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

    pub(super) async fn count_hit(&self, key: &Hash, expires_at: Timestamp) -> sqlx::Result<u64> {
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

    pub(super) async fn prune(&self, now: Timestamp) -> sqlx::Result<u64> {
        let states = self
            .write(sqlx::query(DB::SQL.prune_states).bind((now - SPENT_STATE_MEMORY).0))
            .await?;
        let sessions = self
            .write(sqlx::query(DB::SQL.prune_sessions).bind(now.0))
            .await?;
        let limits = self
            .write(sqlx::query(DB::SQL.prune_limits).bind(now.0))
            .await?;
        Ok(states + sessions + limits)
    }

    pub(super) async fn close(&self) {
        self.reader.close().await;
        // Last, because the last connection to a SQLite file folds its log back into it.
        self.writer.close().await;
    }

    async fn write(&self, statement: Statement<'_, DB>) -> sqlx::Result<u64> {
        statement
            .execute(&self.writer)
            .await
            .map(|result| DB::affected(&result))
    }

    async fn one<T>(
        &self,
        query: Statement<'_, DB>,
        read: impl for<'r> FnOnce(&mut Columns<'r, DB>) -> sqlx::Result<T>,
    ) -> sqlx::Result<Option<T>> {
        let row = query.fetch_optional(&self.reader).await?;
        row.map(|row| read(&mut Columns::of(&row))).transpose()
    }

    fn account_row<'q>(
        user_id: &'q str,
        account: &'q AccountRecord,
        now: Timestamp,
    ) -> Statement<'q, DB> {
        rows::bind_account(sqlx::query(DB::SQL.insert_account), user_id, account, now)
    }

    fn session_row<'q>(user_id: &'q str, session: &'q NewSession) -> Statement<'q, DB> {
        rows::bind_session_of_user(sqlx::query(DB::SQL.insert_session), user_id, session)
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

/// A spent state is remembered for a day beyond its end: should the clock step back, its flow is not over yet.
const SPENT_STATE_MEMORY: Duration = Duration::from_secs(86_400);

fn is_unique_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation())
}

fn is_foreign_key_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_foreign_key_violation())
}
