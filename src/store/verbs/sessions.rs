//! Sessions.

use sqlx::{ColumnIndex, Decode, Encode, Executor, IntoArguments, Type};

use super::Pools;
use crate::clock::Timestamp;
use crate::model::Session;
use crate::store::dialect::Dialect;
use crate::store::rows::{self, Columns, Statement};
use crate::store::{Hash, NewSession, StoredSession};

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
    pub(in crate::store) async fn insert_session(
        &self,
        user_id: &str,
        session: &NewSession,
    ) -> sqlx::Result<bool> {
        self.write(Self::session_row(user_id, session))
            .await
            .map(|rows| rows > 0)
    }

    pub(in crate::store) async fn session_by_hash(
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

    pub(in crate::store) async fn extend_session(
        &self,
        token: &Hash,
        expires_at: Timestamp,
        extended_at: Timestamp,
        last: Timestamp,
    ) -> sqlx::Result<bool> {
        let update = sqlx::query(DB::SQL.extend_session)
            .bind(expires_at.0)
            .bind(extended_at.0)
            .bind(&token[..])
            .bind(last.0);
        self.write(update).await.map(|rows| rows > 0)
    }

    pub(in crate::store) async fn rotate_token(
        &self,
        old: &Hash,
        new: &Hash,
    ) -> sqlx::Result<bool> {
        let update = sqlx::query(DB::SQL.rotate_token)
            .bind(&new[..])
            .bind(&old[..]);
        self.write(update).await.map(|rows| rows > 0)
    }

    pub(in crate::store) async fn delete_session(
        &self,
        id: &str,
        owner: Option<&str>,
    ) -> sqlx::Result<bool> {
        self.write(sqlx::query(DB::SQL.delete_session).bind(id).bind(owner))
            .await
            .map(|rows| rows > 0)
    }

    pub(in crate::store) async fn delete_sessions_of(
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

    pub(in crate::store) async fn sessions_of(
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

    pub(super) fn session_row<'q>(user_id: &'q str, session: &'q NewSession) -> Statement<'q, DB> {
        rows::bind_session_of_user(sqlx::query(DB::SQL.insert_session), user_id, session)
    }
}
