//! What the library keeps and gives back: users, sessions, linked accounts.

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;

/// A person, as the application knows them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// UUIDv7.
    pub id: String,
    /// Trimmed and lower-cased; `None` when no provider gave one.
    pub email: Option<String>,
    /// Whether a provider vouched for the address.
    pub email_verified: bool,
    /// The name to show.
    pub name: Option<String>,
    /// The address of a picture.
    pub image: Option<String>,
    /// What `mapProfile` gave beside, as a JSON object.
    pub extra: Option<Value>,
    /// When the user first signed in.
    pub created_at: Timestamp,
    /// When a field last changed.
    pub updated_at: Timestamp,
    /// Until when the user is kept out.
    #[serde(skip)]
    pub(crate) disabled_until: Option<Timestamp>,
}

impl User {
    /// Whether the user is kept out at that moment.
    pub(crate) fn is_disabled(&self, now: Timestamp) -> bool {
        self.disabled_until.is_some_and(|until| until > now)
    }
}

/// A signed-in device.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// UUIDv7; not the token.
    pub id: String,
    /// Whose session it is.
    pub user_id: String,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it ends unless it is used before.
    pub expires_at: Timestamp,
    /// Whether the user signed in within `freshAge`.
    pub fresh: bool,
    /// The client's address at sign-in.
    pub ip_address: Option<String>,
    /// The client's user agent at sign-in.
    pub user_agent: Option<String>,
    /// What the application attached to it.
    pub metadata: Option<Value>,
}

/// An account at a provider, linked to a user. Never holds its tokens.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthConnection {
    /// UUIDv7.
    pub id: String,
    /// The provider's id in the configuration.
    pub provider: String,
    /// The account's id at the provider.
    pub provider_account_id: String,
    /// What the user granted.
    pub scopes: Vec<String>,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When it last signed in or its tokens were refreshed.
    pub updated_at: Timestamp,
}

/// Whether a text can be an id: ours are UUIDs, those of imported users may look otherwise. What is none is nobody's,
/// and no database is asked for it: MySQL would overlook a trailing blank.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=36).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A new UUIDv7.
pub(crate) fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
