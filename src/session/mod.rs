//! Sessions: issue, check, revoke. The database knows a token by its SHA-256 only.

mod config;
pub(crate) mod endpoints;

pub(crate) use config::{SameSite, SessionConfig};

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::crypto::{self, Secret};
use crate::error::{Code, Error, Result};
use crate::http::Request;
use crate::http::client::Client;
use crate::http::cookies;
use crate::http::origin::Credential;
use crate::model::{self, Session, User};
use crate::store::{Checked, Hash, NewSession, Store, StoredSession, Tag};

/// A user and the session that says so.
#[derive(Clone, Debug, Serialize)]
pub struct Authenticated {
    /// Who it is.
    pub user: User,
    /// By which session.
    pub session: Session,
}

/// A session token: `kvs_` and 256 random bits.
#[derive(Clone, Debug)]
pub(crate) struct SessionToken(Secret);

/// A text that has the form of a session token, where a request holds it.
#[derive(Clone, Copy)]
pub(crate) struct TokenText<'a>(&'a str);

/// What a request offers as proof of a session.
pub(crate) struct Presented {
    pub token: Option<SessionToken>,
    pub credential: Credential,
}

impl SessionToken {
    pub fn new() -> Result<Self> {
        let random = crypto::random_text()?;
        Ok(Self(Secret::new(format!("{PREFIX}{}", random.expose()))))
    }

    /// Takes what has the form of a token; nothing else reaches the database.
    pub fn parse(text: &str) -> Option<Self> {
        TokenText::parse(text).map(Self::from)
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    fn hash(&self) -> Hash {
        crypto::hash(self.expose())
    }
}

impl From<TokenText<'_>> for SessionToken {
    fn from(TokenText(text): TokenText<'_>) -> Self {
        Self(Secret::new(text))
    }
}

impl<'a> TokenText<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let random = text.strip_prefix(PREFIX)?;
        let is_token = random.len() == RANDOM_CHARS && crypto::is_base64_url(random);
        is_token.then_some(Self(text))
    }

    /// What database and cache know it by.
    pub fn hash(self) -> Hash {
        crypto::hash(self.0)
    }
}

impl SessionConfig {
    /// A session about to be made, and its token, which exists nowhere else.
    pub fn issue(
        &self,
        client: &Client,
        metadata: Option<&Value>,
        now: Timestamp,
    ) -> Result<(NewSession, SessionToken)> {
        let token = SessionToken::new()?;
        let session = NewSession {
            id: model::new_id(),
            token_hash: token.hash(),
            created_at: now,
            expires_at: now + self.expires_in.min(self.max_age),
            ip_address: client.address.map(|address| address.to_string()),
            user_agent: client.user_agent.clone(),
            metadata: metadata.map(Value::to_string),
        };
        Ok((session, token))
    }

    /// The session as it is shown while it is new.
    pub fn describe(&self, new: &NewSession, user_id: &str) -> Session {
        Session {
            id: new.id.clone(),
            user_id: user_id.to_owned(),
            created_at: new.created_at,
            expires_at: new.expires_at,
            fresh: !self.fresh_age.is_zero(),
            ip_address: new.ip_address.clone(),
            user_agent: new.user_agent.clone(),
            metadata: new
                .metadata
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok()),
        }
    }

    /// Whose token this is, if its session is alive, as the database says now. Moves its end, at most once per
    /// `updateAge`.
    pub async fn check(
        &self,
        store: &Store,
        token: &SessionToken,
        now: Timestamp,
    ) -> Result<Option<Authenticated>> {
        let found = self.look_up(store, &token.hash(), now).await?;
        Ok(found.map(|(authenticated, _)| authenticated))
    }

    /// The same, remembered for `Store::recall`.
    pub async fn check_and_remember(
        &self,
        store: &Store,
        token: &SessionToken,
        now: Timestamp,
    ) -> Result<Option<Authenticated>> {
        let hash = token.hash();
        let ticket = store.ticket();
        let Some((found, until)) = self.look_up(store, &hash, now).await? else {
            return Ok(None);
        };
        if let (Some(ticket), Ok(text)) = (ticket, serde_json::to_string(&found)) {
            let checked = Checked {
                ids: [Tag::of_id(&found.session.id), Tag::of_id(&found.user.id)],
                until,
                text: text.into(),
            };
            store.remember(&ticket, &hash, checked);
        }
        Ok(Some(found))
    }

    /// The session of a token, and until when it may be remembered.
    async fn look_up(
        &self,
        store: &Store,
        token: &Hash,
        now: Timestamp,
    ) -> Result<Option<(Authenticated, Timestamp)>> {
        let (user, mut session, extended_at) = loop {
            let Some(StoredSession {
                user,
                mut session,
                extended_at,
            }) = store.session_by_hash(token).await?
            else {
                return Ok(None);
            };
            let last_moment = session.created_at + self.max_age;
            session.expires_at = session.expires_at.min(last_moment);
            if session.expires_at <= now || user.is_disabled(now) {
                return Ok(None);
            }
            if now.since(extended_at) < self.update_age {
                break (user, session, extended_at);
            }
            session.expires_at = (now + self.expires_in).min(last_moment);
            let extending = store.extend_session(token, session.expires_at, now, extended_at);
            // Otherwise another check was first, or the session has ended meanwhile.
            if extending.await? {
                break (user, session, now);
            }
        };
        session.fresh = self.is_fresh(&session, now);
        let mut until = session
            .expires_at
            .min(extended_at + self.update_age)
            .min(now + LONGEST_MEMORY);
        if session.fresh {
            until = until.min(session.created_at + self.fresh_age);
        }
        Ok(Some((Authenticated { user, session }, until)))
    }

    /// A user's devices.
    pub async fn list(&self, store: &Store, user_id: &str, now: Timestamp) -> Result<Vec<Session>> {
        let mut sessions = store.sessions_of(user_id, now).await?;
        // `maxAge` may have been longer when they began.
        sessions.retain_mut(|session| {
            session.expires_at = session.expires_at.min(session.created_at + self.max_age);
            session.fresh = self.is_fresh(session, now);
            session.expires_at > now
        });
        Ok(sessions)
    }

    /// What a request offers.
    pub fn presented(&self, request: &Request) -> Presented {
        let (token, credential) = self.presented_in(
            request.headers_named("authorization"),
            request.headers_named("cookie"),
        );
        Presented {
            token: token.map(SessionToken::from),
            credential,
        }
    }

    /// What has the form of a token in these headers. A bearer token of ours counts before the cookie; of two
    /// `Authorization` headers, none does.
    pub fn presented_in<'a>(
        &self,
        mut authorization: impl Iterator<Item = &'a str>,
        cookie: impl Iterator<Item = &'a str>,
    ) -> (Option<TokenText<'a>>, Credential) {
        let bearer = match (authorization.next(), authorization.next()) {
            (Some(header), None) => bearer_token(header),
            (None, _) => None,
            (Some(_), Some(_)) => return (None, Credential::Ambient),
        };
        match bearer {
            Some(token) => (Some(token), Credential::Bearer),
            None => {
                let value = cookies::first(cookie, &self.cookie_name);
                (value.and_then(TokenText::parse), Credential::Ambient)
            }
        }
    }

    fn is_fresh(&self, session: &Session, now: Timestamp) -> bool {
        now.since(session.created_at) < self.fresh_age
    }
}

/// Gives the session of a token a new one, because what it may do has changed; the old one is dead.
pub(crate) async fn rotate(store: &Store, token: &SessionToken) -> Result<Option<SessionToken>> {
    let new = SessionToken::new()?;
    let is_done = store.rotate_token(&token.hash(), &new.hash()).await?;
    Ok(is_done.then_some(new))
}

/// What an application may attach to a session: JSON of reasonable size.
pub(crate) fn metadata(value: &Value) -> Result<Option<&Value>> {
    match value {
        Value::Null => Ok(None),
        Value::Object(_) if value.to_string().len() <= MAX_METADATA_LEN => Ok(Some(value)),
        Value::Object(_) => Err(Error::with(
            Code::ArgumentInvalid,
            format!("`metadata` must be at most {MAX_METADATA_LEN} bytes of JSON"),
        )),
        _ => Err(Error::with(
            Code::ArgumentInvalid,
            "`metadata` must be an object",
        )),
    }
}

/// However sure we are that nothing changed: somebody may have switched the triggers off, or exchanged a table.
const LONGEST_MEMORY: Duration = Duration::from_secs(60);
const PREFIX: &str = "kvs_";
const RANDOM_CHARS: usize = 43;
const MAX_METADATA_LEN: usize = 16_384;

/// RFC 6750 2.1; the scheme's name has no case (RFC 9110 11.1).
fn bearer_token(header: &str) -> Option<TokenText<'_>> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| TokenText::parse(token.trim()))?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Config;
    use crate::store::{AccountRecord, Moment, NewUser};

    #[test]
    fn a_new_token_has_the_form_of_one() {
        let token = SessionToken::new().unwrap();
        assert!(SessionToken::parse(token.expose()).is_some());
        assert_eq!(format!("{token:?}"), "SessionToken([redacted])");
    }

    /// A session of a new user in a database that is remembered of, and its token.
    async fn remembered(options: &Value) -> (Store, SessionToken, Timestamp) {
        let options = json!({
            "database": { "provider": "sqlite", "url": ":memory:" },
            "secret": "a secret of more than 32 characters",
            "baseUrl": "https://a.com",
            "auth": { "session": options },
        });
        let config = Config::parse(&options).unwrap();
        let (database, session) = (&config.database, &config.session);
        let store = Store::open(database, session.cache).await.unwrap();
        let now = Timestamp::now();
        let (new, token) = session.issue(&Client::default(), None, now).unwrap();
        let account = AccountRecord {
            provider: "x".to_owned(),
            provider_account_id: "1".to_owned(),
            tokens: None,
            scopes: Vec::new(),
            profile: "{}".to_owned(),
        };
        let user = NewUser {
            email: None,
            email_verified: false,
            name: None,
            image: None,
            extra: None,
        };
        let user = Some(&user);
        store.sign_in(&account, user, &new, now).await.unwrap();
        let found = session.check_and_remember(&store, &token, now).await;
        assert!(found.unwrap().is_some());
        (store, token, now)
    }

    fn is_recalled(store: &Store, token: &SessionToken, wall: Timestamp) -> bool {
        let moment = Moment {
            wall,
            ..Moment::now()
        };
        store.recall(&token.hash(), moment, |_| ()).is_some()
    }

    #[tokio::test]
    async fn a_session_is_remembered_for_a_minute_at_most() {
        let (store, token, now) = remembered(&json!({})).await;
        assert!(is_recalled(&store, &token, now + Duration::from_secs(59)));
        assert!(!is_recalled(&store, &token, now + Duration::from_secs(60)));
    }

    #[tokio::test]
    async fn a_session_is_remembered_until_something_about_it_changes_by_itself() {
        for options in [
            json!({ "expiresIn": 5 }),
            json!({ "maxAge": 5, "expiresIn": 5 }),
            json!({ "freshAge": 5 }),
            json!({ "updateAge": 5 }),
        ] {
            let (store, token, now) = remembered(&options).await;
            let after = |millis| now + Duration::from_millis(millis);
            assert!(is_recalled(&store, &token, after(4_999)), "{options}");
            assert!(!is_recalled(&store, &token, after(5_000)), "{options}");
        }
        let (store, token, now) = remembered(&json!({ "cache": { "enabled": false } })).await;
        assert!(!is_recalled(&store, &token, now));
    }

    #[test]
    fn what_has_not_the_form_of_a_token_is_none() {
        for text in [
            "",
            "kvs_",
            "kvs_short",
            "abc",
            &format!("kvs_{}", "é".repeat(22)),
            &format!("kvs_{}", "a".repeat(44)),
        ] {
            assert!(SessionToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_bearer_header_is_read_whatever_its_case() {
        let token = SessionToken::new().unwrap();
        assert!(bearer_token(&format!("bearer {}", token.expose())).is_some());
        for header in ["Bearer", "Bearer ", "Bearer %", "Basic kvs_", ""] {
            assert!(bearer_token(header).is_none(), "{header}");
        }
    }
}
