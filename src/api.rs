//! What the application calls itself, beside the HTTP endpoints.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::OwnedRwLockReadGuard;
use tracing::instrument::WithSubscriber;

use crate::clock::Timestamp;
use crate::error::{Code, Result};
use crate::event::{Event, EventKind};
use crate::http::Request;
use crate::http::client::Client;
use crate::kavach::Kavach;
use crate::model::{OAuthConnection, Session, User, is_id};
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
        let presented = self.kavach.config.session.presented(request);
        self.kavach
            .check_and_remember(presented.token.as_ref())
            .await
    }

    /// Starts a session for a user that the application knows by other means; gives it and its token, which is
    /// never to be had again.
    pub async fn create_session(
        &self,
        user_id: &str,
        metadata: &Value,
    ) -> Result<(Session, String)> {
        if !is_id(user_id) {
            return Err(Code::UserNotFound.into());
        }
        let metadata = session::metadata(metadata)?;
        let now = Timestamp::now();
        let (new, token) = self
            .kavach
            .config
            .session
            .issue(&Client::default(), metadata, now)?;
        if !self.kavach.store.insert_session(user_id, &new).await? {
            let is_there = self.kavach.store.user(user_id).await?.is_some();
            let code = if is_there {
                Code::UserDisabled
            } else {
                Code::UserNotFound
            };
            return Err(code.into());
        }
        self.kavach.prune_now_and_then(now);
        Ok((
            self.kavach.config.session.describe(&new, user_id),
            token.expose().to_owned(),
        ))
    }

    /// Whose token this is, if its session is alive.
    pub async fn validate_session(&self, token: &str) -> Result<Option<Authenticated>> {
        self.kavach
            .check_and_remember(SessionToken::parse(token).as_ref())
            .await
    }

    /// Ends a session by its id; says whether there was one.
    pub async fn revoke_session(&self, id: &str) -> Result<bool> {
        if !is_id(id) {
            return Ok(false);
        }
        let is_done = self.kavach.store.delete_session(id, None).await?;
        if is_done {
            self.kavach
                .events
                .tell(|| Event::new(EventKind::SessionRevoked).of_session(id));
        }
        Ok(is_done)
    }

    /// Ends a user's sessions, but for one when it is named; says how many.
    pub async fn revoke_sessions(&self, user_id: &str, except: Option<&str>) -> Result<u64> {
        if !is_id(user_id) {
            return Ok(0);
        }
        let count = self
            .kavach
            .store
            .delete_sessions_of(user_id, except)
            .await?;
        if count > 0 {
            self.kavach
                .events
                .tell(|| Event::new(EventKind::SessionRevoked).of_user(user_id));
        }
        Ok(count)
    }

    /// A user's sessions that are alive, newest first.
    pub async fn sessions(&self, user_id: &str) -> Result<Vec<Session>> {
        if !is_id(user_id) {
            return Ok(Vec::new());
        }
        self.kavach
            .config
            .session
            .list(&self.kavach.store, user_id, Timestamp::now())
            .await
    }

    /// A user's linked accounts.
    pub async fn connections(&self, user_id: &str) -> Result<Vec<OAuthConnection>> {
        if !is_id(user_id) {
            return Ok(Vec::new());
        }
        self.kavach.store.accounts_of(user_id).await
    }

    /// Unlinks a user's accounts at a provider, unless no way in would be left.
    pub async fn disconnect(&self, user_id: &str, provider: &str) -> Result<()> {
        if !is_id(user_id) {
            return Err(Code::AccountNotFound.into());
        }
        self.kavach
            .unlink(user_id, provider, None, &Client::default())
            .await
    }

    /// A valid access token for a user's account at a provider, refreshed when due.
    pub async fn access_token(
        &self,
        user_id: &str,
        provider: &str,
        min_validity: Option<Duration>,
    ) -> Result<Tokens> {
        if !is_id(user_id) {
            return Err(Code::AccountNotFound.into());
        }
        let provider = self.kavach.provider(provider)?;
        vault::access_token(
            &self.kavach.store,
            &self.kavach.keys,
            provider,
            user_id,
            min_validity,
        )
        .await
    }

    /// A user by id.
    pub async fn user(&self, id: &str) -> Result<Option<User>> {
        if !is_id(id) {
            return Ok(None);
        }
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
        if !is_id(id) {
            return Ok(false);
        }
        self.kavach.store.delete_user(id).await
    }

    /// Keeps a user out until a moment, or for good, and ends all sessions; says whether there was one. A moment that
    /// has passed lets the user in again.
    pub async fn disable_user(
        &self,
        id: &str,
        until: Option<Timestamp>,
        reason: Option<&str>,
    ) -> Result<bool> {
        if !is_id(id) {
            return Ok(false);
        }
        let now = Timestamp::now();
        let until = until
            .unwrap_or(Timestamp::FOR_EVER)
            .min(Timestamp::FOR_EVER);
        if until <= now {
            return self.kavach.store.enable_user(id, now).await;
        }
        let ended = self
            .kavach
            .store
            .disable_user(id, until, reason, now)
            .await?;
        if ended.is_some_and(|count| count > 0) {
            self.kavach
                .events
                .tell(|| Event::new(EventKind::SessionRevoked).of_user(id));
        }
        Ok(ended.is_some())
    }

    /// Lets a user in again; says whether there was one.
    pub async fn enable_user(&self, id: &str) -> Result<bool> {
        if !is_id(id) {
            return Ok(false);
        }
        self.kavach.store.enable_user(id, Timestamp::now()).await
    }
}

impl Kavach {
    /// Unlinks one account of a provider, or all of them, unless no way in would be left.
    pub(crate) async fn unlink(
        self: &Arc<Self>,
        user_id: &str,
        provider: &str,
        account_id: Option<&str>,
        client: &Client,
    ) -> Result<()> {
        let gone = match self.store.unlink(user_id, provider, account_id).await? {
            Unlink::Done(gone) => gone,
            Unlink::LastAccount => return Err(Code::LastAccount.into()),
            Unlink::NotFound => return Err(Code::AccountNotFound.into()),
        };
        for (account, tokens) in gone {
            self.events.tell(|| {
                Event::new(EventKind::AccountUnlinked)
                    .of_user(user_id)
                    .at_provider(&account.provider, Some(&account.provider_account_id))
                    .by_client(client)
            });
            if let Some(sealed) = tokens {
                self.revoke_tokens(&account, &sealed);
            }
        }
        Ok(())
    }

    /// Gives the tokens of an account that is gone back to its provider, behind the answer: it is gone either way.
    fn revoke_tokens(self: &Arc<Self>, account: &OAuthConnection, sealed: &str) {
        let (Ok(provider), Ok(guard)) = (self.provider(&account.provider), self.enter()) else {
            return;
        };
        let account_id = account.provider_account_id.clone();
        let Some(tokens) = vault::open_gone(&self.keys, provider.id(), &account_id, sealed) else {
            return;
        };
        let provider = Arc::clone(provider);
        let revocation = async move {
            let _guard = guard;
            if let Err(error) = provider.revoke(&tokens).await {
                let cause = error.cause();
                tracing::warn!(provider = provider.id(), cause, "tokens were not revoked");
            }
        };
        tokio::spawn(revocation.with_current_subscriber());
    }
}
