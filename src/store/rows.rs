//! What goes into a row and what comes out of one.

use sqlx::query::Query;
use sqlx::{ColumnIndex, Database, Decode, Encode, Row, Type};

use super::{AccountRecord, NewSession, NewUser};
use crate::clock::Timestamp;
use crate::model::{OAuthConnection, Session, User, new_id};

pub(super) type Statement<'q, DB> = Query<'q, DB, <DB as Database>::Arguments>;

pub(super) fn bind_user<'q, DB>(
    statement: Statement<'q, DB>,
    id: &'q str,
    user: &'q NewUser,
    now: Timestamp,
) -> Statement<'q, DB>
where
    DB: Database,
    bool: Type<DB> + Encode<'q, DB>,
    i64: Type<DB> + Encode<'q, DB>,
    &'q str: Type<DB> + Encode<'q, DB>,
    Option<&'q str>: Encode<'q, DB>,
{
    statement
        .bind(id)
        .bind(user.email.as_deref())
        .bind(user.email_verified)
        .bind(user.name.as_deref())
        .bind(user.image.as_deref())
        .bind(user.extra.as_deref())
        .bind(now.0)
        .bind(now.0)
}

pub(super) fn bind_account<'q, DB>(
    statement: Statement<'q, DB>,
    user_id: &'q str,
    account: &'q AccountRecord,
    now: Timestamp,
) -> Statement<'q, DB>
where
    DB: Database,
    i64: Type<DB> + Encode<'q, DB>,
    &'q str: Type<DB> + Encode<'q, DB>,
    Option<&'q str>: Encode<'q, DB>,
    String: Type<DB> + Encode<'q, DB>,
{
    statement
        .bind(new_id())
        .bind(user_id)
        .bind(&*account.provider)
        .bind(&*account.provider_account_id)
        .bind(account.tokens.as_deref())
        .bind(account.scopes.join(" "))
        .bind(&*account.profile)
        .bind(now.0)
        .bind(now.0)
}

pub(super) fn bind_session<'q, DB>(
    statement: Statement<'q, DB>,
    user_id: &'q str,
    session: &'q NewSession,
) -> Statement<'q, DB>
where
    DB: Database,
    i64: Type<DB> + Encode<'q, DB>,
    &'q str: Type<DB> + Encode<'q, DB>,
    Option<&'q str>: Encode<'q, DB>,
    &'q [u8]: Type<DB> + Encode<'q, DB>,
{
    statement
        .bind(&session.token_hash[..])
        .bind(&*session.id)
        .bind(user_id)
        .bind(session.created_at.0)
        .bind(session.created_at.0)
        .bind(session.expires_at.0)
        .bind(session.ip_address.as_deref())
        .bind(session.user_agent.as_deref())
        .bind(session.metadata.as_deref())
}

/// An account that is known, whose user is not disabled.
pub(super) fn bind_known_account<'q, DB>(
    statement: Statement<'q, DB>,
    account: &'q AccountRecord,
    now: Timestamp,
) -> Statement<'q, DB>
where
    DB: Database,
    i64: Type<DB> + Encode<'q, DB>,
    &'q str: Type<DB> + Encode<'q, DB>,
    Option<&'q str>: Encode<'q, DB>,
    String: Type<DB> + Encode<'q, DB>,
{
    statement
        .bind(account.tokens.as_deref())
        .bind(account.scopes.join(" "))
        .bind(&*account.profile)
        .bind(now.0)
        .bind(&*account.provider)
        .bind(&*account.provider_account_id)
        .bind(now.0)
}

/// A session of the user of an account.
pub(super) fn bind_session_without_user<'q, DB>(
    statement: Statement<'q, DB>,
    session: &'q NewSession,
) -> Statement<'q, DB>
where
    DB: Database,
    i64: Type<DB> + Encode<'q, DB>,
    &'q str: Type<DB> + Encode<'q, DB>,
    Option<&'q str>: Encode<'q, DB>,
    &'q [u8]: Type<DB> + Encode<'q, DB>,
{
    bind_session_before_user(statement, session).bind(session.created_at.0)
}

/// A session of a user who is to be there and not disabled.
pub(super) fn bind_session_of_user<'q, DB>(
    statement: Statement<'q, DB>,
    user_id: &'q str,
    session: &'q NewSession,
) -> Statement<'q, DB>
where
    DB: Database,
    i64: Type<DB> + Encode<'q, DB>,
    &'q str: Type<DB> + Encode<'q, DB>,
    Option<&'q str>: Encode<'q, DB>,
    &'q [u8]: Type<DB> + Encode<'q, DB>,
{
    bind_session_before_user(statement, session)
        .bind(user_id)
        .bind(session.created_at.0)
}

fn bind_session_before_user<'q, DB>(
    statement: Statement<'q, DB>,
    session: &'q NewSession,
) -> Statement<'q, DB>
where
    DB: Database,
    i64: Type<DB> + Encode<'q, DB>,
    &'q str: Type<DB> + Encode<'q, DB>,
    Option<&'q str>: Encode<'q, DB>,
    &'q [u8]: Type<DB> + Encode<'q, DB>,
{
    statement
        .bind(&session.token_hash[..])
        .bind(&*session.id)
        .bind(session.created_at.0)
        .bind(session.created_at.0)
        .bind(session.expires_at.0)
        .bind(session.ip_address.as_deref())
        .bind(session.user_agent.as_deref())
        .bind(session.metadata.as_deref())
}

/// A row, read from left to right.
pub(super) struct Columns<'r, DB: Database> {
    row: &'r DB::Row,
    at: usize,
}

impl<'r, DB: Database> Columns<'r, DB>
where
    usize: ColumnIndex<DB::Row>,
    bool: Type<DB> + Decode<'r, DB>,
    i64: Type<DB> + Decode<'r, DB>,
    String: Type<DB> + Decode<'r, DB>,
{
    pub(super) fn of(row: &'r DB::Row) -> Self {
        Self { row, at: 0 }
    }

    pub(super) fn user(&mut self) -> sqlx::Result<User> {
        Ok(User {
            id: self.next()?,
            email: self.next()?,
            email_verified: self.next()?,
            name: self.next()?,
            image: self.next()?,
            extra: self.json()?,
            created_at: Timestamp(self.next()?),
            updated_at: Timestamp(self.next()?),
            disabled_until: self.next::<Option<i64>>()?.map(Timestamp),
        })
    }

    pub(super) fn session(&mut self) -> sqlx::Result<Session> {
        Ok(Session {
            id: self.next()?,
            user_id: self.next()?,
            created_at: Timestamp(self.next()?),
            expires_at: Timestamp(self.next()?),
            fresh: false,
            ip_address: self.next()?,
            user_agent: self.next()?,
            metadata: self.json()?,
        })
    }

    pub(super) fn account(&mut self) -> sqlx::Result<OAuthConnection> {
        Ok(OAuthConnection {
            id: self.next()?,
            provider: self.next()?,
            provider_account_id: self.next()?,
            scopes: self.words()?,
            created_at: Timestamp(self.next()?),
            updated_at: Timestamp(self.next()?),
        })
    }

    pub(super) fn next<T: Type<DB> + Decode<'r, DB>>(&mut self) -> sqlx::Result<T> {
        let value = self.row.try_get(self.at)?;
        self.at += 1;
        Ok(value)
    }

    pub(super) fn words(&mut self) -> sqlx::Result<Vec<String>> {
        let text: String = self.next()?;
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    fn json(&mut self) -> sqlx::Result<Option<serde_json::Value>> {
        let text: Option<String> = self.next()?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| sqlx::Error::Decode(error.into()))
    }
}
