//! What happened, for an audit trail.

use std::sync::Arc;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::error::Code;
use crate::http::client::Client;

/// Something worth keeping. Never holds a secret, a token or an e-mail address.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// What it was.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// Whom it is about, where that is known.
    pub user_id: Option<String>,
    /// The session that began or ended; `None` where several ended.
    pub session_id: Option<String>,
    /// The provider's id in the configuration.
    pub provider: Option<String>,
    /// The account's id at the provider.
    pub provider_account_id: Option<String>,
    /// Why it was refused.
    pub code: Option<&'static str>,
    /// The client's address.
    pub ip_address: Option<String>,
    /// The client's user agent.
    pub user_agent: Option<String>,
}

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum EventKind {
    /// A user was made.
    #[serde(rename = "user.created")]
    UserCreated,
    /// A user signed in.
    #[serde(rename = "user.signed_in")]
    UserSignedIn,
    /// A provider account was linked to a user.
    #[serde(rename = "account.linked")]
    AccountLinked,
    /// A provider account was unlinked.
    #[serde(rename = "account.unlinked")]
    AccountUnlinked,
    /// A session, or all of a user's, ended before its time.
    #[serde(rename = "session.revoked")]
    SessionRevoked,
    /// A sign-in was refused.
    #[serde(rename = "sign_in.refused")]
    SignInRefused,
}

/// Takes events. Must come back at once.
pub type EventFn = dyn Fn(&Event) + Send + Sync;

/// Who is told, if anyone is.
#[derive(Clone, Default)]
pub(crate) struct Listener(pub Option<Arc<EventFn>>);

impl Event {
    pub(crate) fn new(kind: EventKind) -> Self {
        Self {
            kind,
            at: Timestamp::now(),
            user_id: None,
            session_id: None,
            provider: None,
            provider_account_id: None,
            code: None,
            ip_address: None,
            user_agent: None,
        }
    }

    pub(crate) fn of_user(mut self, user_id: &str) -> Self {
        self.user_id = Some(user_id.to_owned());
        self
    }

    pub(crate) fn of_session(mut self, session_id: &str) -> Self {
        self.session_id = Some(session_id.to_owned());
        self
    }

    pub(crate) fn at_provider(mut self, provider: &str, account_id: Option<&str>) -> Self {
        self.provider = Some(provider.to_owned());
        self.provider_account_id = account_id.map(str::to_owned);
        self
    }

    pub(crate) fn because(mut self, code: Code) -> Self {
        self.code = Some(code.as_str());
        self
    }

    pub(crate) fn by_client(mut self, client: &Client) -> Self {
        self.ip_address = client.address.map(|address| address.to_string());
        self.user_agent.clone_from(&client.user_agent);
        self
    }
}

impl Listener {
    /// Tells the listener. The event is made only if there is one.
    pub fn tell(&self, event: impl FnOnce() -> Event) {
        if let Listener(Some(listener)) = self {
            listener(&event());
        }
    }
}
