//! What the application calls itself, beside the HTTP endpoints.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::OwnedRwLockReadGuard;

use crate::clock::Timestamp;
use crate::error::{Code, Result};
use crate::http::Request;
use crate::kavach::Kavach;
use crate::model::{OAuthConnection, Session, User};
use crate::oauth::{Tokens, profile, vault};
use crate::session::{self, Authenticated, SessionToken};
use crate::store::Unlink;

/// What the application calls. While one of these lives, `close` waits.
pub struct Api {
    kavach: Arc<Kavach>,
    _in_flight: OwnedRwLockReadGuard<bool>,
}

impl Kavach {
    /// The calls, unless this instance is closed.
    pub fn api(self: &Arc<Self>) -> Result<Api> {
        Ok(Api {
            _in_flight: self.enter()?,
            kavach: Arc::clone(self),
        })
    }
}

impl Api {
    /// Who a request's headers speak for, by cookie or bearer token.
    pub async fn session_of(&self, request: &Request) -> Result<Option<Authenticated>> {
        self.kavach.authenticate(request).await
    }

    /// Starts a session for a user that the application knows by other means; gives it and its token, which is
    /// never to be had again.
    pub async fn create_session(
        &self,
        user_id: &str,
        metadata: &Value,
    ) -> Result<(Session, String)> {
        let metadata = session::metadata(metadata)?;
        let now = Timestamp::now();
        let (new, token) = self
            .kavach
            .config
            .session
            .issue(None, None, metadata, now)?;
        if !self.kavach.store.insert_session(user_id, &new).await? {
            return Err(Code::UserNotFound.into());
        }
        self.kavach.prune_now_and_then(now);
        Ok((
            self.kavach.config.session.describe(&new, user_id),
            token.expose().to_owned(),
        ))
    }

    /// Whose token this is, if its session is alive.
    pub async fn validate_session(&self, token: &str) -> Result<Option<Authenticated>> {
        match SessionToken::parse(token) {
            Some(token) => {
                self.kavach
                    .config
                    .session
                    .check(&self.kavach.store, &token, Timestamp::now())
                    .await
            }
            None => Ok(None),
        }
    }

    /// Ends a session by its id; says whether there was one.
    pub async fn revoke_session(&self, id: &str) -> Result<bool> {
        self.kavach.store.delete_session(id, None).await
    }

    /// Ends a user's sessions, but for one when it is named; says how many.
    pub async fn revoke_sessions(&self, user_id: &str, except: Option<&str>) -> Result<u64> {
        self.kavach.store.delete_sessions_of(user_id, except).await
    }

    /// A user's sessions that are alive, newest first.
    pub async fn sessions(&self, user_id: &str) -> Result<Vec<Session>> {
        self.kavach
            .config
            .session
            .list(&self.kavach.store, user_id, Timestamp::now())
            .await
    }

    /// A user's linked accounts.
    pub async fn connections(&self, user_id: &str) -> Result<Vec<OAuthConnection>> {
        self.kavach.store.accounts_of(user_id).await
    }

    /// Unlinks a user's accounts at a provider, unless no way in would be left.
    pub async fn disconnect(&self, user_id: &str, provider: &str) -> Result<()> {
        self.kavach.unlink(user_id, provider, None).await
    }

    /// A valid access token for a user's account at a provider, refreshed when due.
    pub async fn access_token(&self, user_id: &str, provider: &str) -> Result<Tokens> {
        let provider = self.kavach.provider(provider)?;
        vault::access_token(&self.kavach.store, &self.kavach.keys, provider, user_id).await
    }

    /// A user by id.
    pub async fn user(&self, id: &str) -> Result<Option<User>> {
        self.kavach.store.user(id).await
    }

    /// A user by e-mail address, compared trimmed and in lower case.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>> {
        match profile::email_address(email) {
            Some(email) => self.kavach.store.user_by_email(&email).await,
            None => Ok(None),
        }
    }

    /// Deletes a user with all sessions and accounts; says whether there was one.
    pub async fn delete_user(&self, id: &str) -> Result<bool> {
        self.kavach.store.delete_user(id).await
    }
}

impl Kavach {
    /// Unlinks one account of a provider, or all of them, unless no way in would be left.
    pub(crate) async fn unlink(
        &self,
        user_id: &str,
        provider: &str,
        account_id: Option<&str>,
    ) -> Result<()> {
        match self.store.unlink(user_id, provider, account_id).await? {
            Unlink::Done(_) => Ok(()),
            Unlink::LastAccount => Err(Code::LastAccount.into()),
            Unlink::NotFound => Err(Code::AccountNotFound.into()),
        }
    }
}
