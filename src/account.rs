//! Who a provider account belongs to. Identity is (provider, provider account id); e-mail never is.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::model::User;
use crate::oauth::profile::Profile;
use crate::store::{AccountRecord, Arrival, Linking, NewSession, NewUser, Store};

/// A sign-in that the provider has vouched for.
#[derive(Clone, Copy)]
pub(crate) struct SignIn<'a> {
    pub record: &'a AccountRecord,
    pub profile: &'a Profile,
    pub session: &'a NewSession,
    pub auto_link: bool,
    pub disable_sign_up: bool,
}

/// Whose sign-in it was, and what it made.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub user_id: String,
    pub outcome: Outcome,
}

/// What a sign-in made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing: the account was known.
    Known,
    /// A link to a user who was there.
    Linked,
    /// The user.
    Created,
}

/// Finds or makes the user and starts the session.
///
/// A known account signs its user in. An unknown one is linked to the user who holds the same address, if both sides
/// have it verified; if either has not, anybody could have claimed it, so the sign-in is refused. Otherwise a user is
/// made.
pub(crate) async fn sign_in(
    store: &Store,
    sign_in: SignIn<'_>,
    now: Timestamp,
) -> Result<SignedIn> {
    // Two first sign-ins may race, here or in another process: whoever loses starts over and finds what the other made.
    for _ in 0..MAX_ATTEMPTS {
        if let Some(signed_in) = attempt(store, sign_in, now).await? {
            return Ok(signed_in);
        }
    }
    Err(Error::new(Code::DatabaseUnavailable).because("the account kept changing during sign-in"))
}

/// Links an account to a user who is signed in.
pub(crate) async fn link(
    store: &Store,
    user_id: &str,
    record: &AccountRecord,
    now: Timestamp,
) -> Result<()> {
    for _ in 0..MAX_ATTEMPTS {
        match store.link(user_id, record, now, None).await? {
            Linking::Done => return Ok(()),
            Linking::UserGone => return Err(Code::SessionChanged.into()),
            Linking::AccountExists => {}
        }
        match store
            .account_owner(&record.provider, &record.provider_account_id)
            .await?
        {
            Some(owner) if owner == user_id => {
                store.known_account(record, now).await?;
                return Ok(());
            }
            Some(_) => return Err(Code::AccountLinkedElsewhere.into()),
            None => {}
        }
    }
    Err(Error::new(Code::DatabaseUnavailable).because("the account kept changing during linking"))
}

const MAX_ATTEMPTS: usize = 4;

async fn attempt(store: &Store, sign_in: SignIn<'_>, now: Timestamp) -> Result<Option<SignedIn>> {
    let SignIn {
        record,
        profile,
        session,
        ..
    } = sign_in;
    let user = (!sign_in.disable_sign_up).then(|| NewUser {
        email: profile.email.clone(),
        email_verified: profile.email_verified,
        name: profile.name.clone(),
        image: profile.image.clone(),
        extra: profile.extra.as_ref().map(Value::to_string),
    });
    let done = |user_id, outcome| Ok(Some(SignedIn { user_id, outcome }));
    // Most addresses are new, so the database is asked who holds one only when it says that somebody does.
    match store.sign_in(record, user.as_ref(), session, now).await? {
        Arrival::Known { user_id } => return done(user_id, Outcome::Known),
        Arrival::Created { user_id } => return done(user_id, Outcome::Created),
        Arrival::AccountExists | Arrival::NotLetIn => {
            // Known after all: made meanwhile, or of a user who is kept out.
            let owner = store
                .account_owner(&record.provider, &record.provider_account_id)
                .await?;
            if let Some(owner) = owner {
                refuse_disabled(store.user(&owner).await?.as_ref(), now)?;
                return Ok(None);
            }
        }
        Arrival::EmailTaken => {}
    }
    let holder = match &profile.email {
        Some(email) => store.user_by_email(email).await?,
        None => None,
    };
    match holder {
        Some(user) if sign_in.auto_link && profile.email_verified && user.email_verified => {
            refuse_disabled(Some(&user), now)?;
            let linked = store.link(&user.id, record, now, Some(session)).await?;
            Ok((linked == Linking::Done).then_some(SignedIn {
                user_id: user.id,
                outcome: Outcome::Linked,
            }))
        }
        Some(_) => Err(Code::AccountNotLinked.into()),
        None if sign_in.disable_sign_up => Err(Code::SignUpDisabled.into()),
        None => Ok(None),
    }
}

fn refuse_disabled(user: Option<&User>, now: Timestamp) -> Result<()> {
    match user {
        Some(user) if user.is_disabled(now) => Err(Code::UserDisabled.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto;
    use crate::model::new_id;
    use crate::store::{DatabaseConfig, DatabaseProvider};

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    async fn store() -> Store {
        let config = DatabaseConfig {
            provider: DatabaseProvider::Sqlite,
            url: ":memory:".to_owned(),
            skip_migrations: false,
            max_connections: 1,
        };
        Store::open(&config, None).await.unwrap()
    }

    /// A provider account, by an address that is verified or not.
    async fn arrive(
        store: &Store,
        provider: &str,
        email: &str,
        verified: bool,
    ) -> Result<SignedIn> {
        let record = AccountRecord {
            provider: provider.to_owned(),
            provider_account_id: "1".to_owned(),
            tokens: None,
            scopes: Vec::new(),
            profile: "{}".to_owned(),
        };
        let profile = Profile {
            id: "1".to_owned(),
            email: Some(email.to_owned()),
            email_verified: verified,
            name: None,
            image: None,
            raw: Value::Null,
            extra: None,
        };
        let id = new_id();
        let session = NewSession {
            token_hash: crypto::hash(&id),
            id,
            created_at: NOW,
            expires_at: NOW,
            ip_address: None,
            user_agent: None,
            metadata: None,
        };
        let request = SignIn {
            record: &record,
            profile: &profile,
            session: &session,
            auto_link: true,
            disable_sign_up: false,
        };
        sign_in(store, request, NOW).await
    }

    fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
        result.unwrap_err().code().as_str()
    }

    #[tokio::test]
    async fn equal_verified_addresses_are_one_user() {
        let store = store().await;
        let first = arrive(&store, "a", "ada@x.com", true).await.unwrap();
        let second = arrive(&store, "b", "ada@x.com", true).await.unwrap();
        assert_eq!(first.outcome, Outcome::Created);
        assert_eq!(second.outcome, Outcome::Linked);
        assert_eq!(first.user_id, second.user_id);
    }

    /// Attack 27.
    #[tokio::test]
    async fn an_unverified_address_of_a_provider_leads_to_nobody() {
        let store = store().await;
        let victim = arrive(&store, "a", "ada@x.com", true).await.unwrap();
        assert_eq!(
            code(arrive(&store, "b", "ada@x.com", false).await),
            "account_not_linked"
        );
        assert_eq!(store.accounts_of(&victim.user_id).await.unwrap().len(), 1);
        assert_eq!(store.account_owner("b", "1").await.unwrap(), None);
    }

    /// Attack 28.
    #[tokio::test]
    async fn a_user_whose_address_is_unverified_gets_no_account_by_it() {
        let store = store().await;
        let squatter = arrive(&store, "a", "ada@x.com", false).await.unwrap();
        assert_eq!(
            code(arrive(&store, "b", "ada@x.com", true).await),
            "account_not_linked"
        );
        assert_eq!(store.accounts_of(&squatter.user_id).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_disabled_user_is_told_so_by_whatever_way_in() {
        let store = store().await;
        let user = arrive(&store, "a", "ada@x.com", true)
            .await
            .unwrap()
            .user_id;
        store
            .disable_user(&user, Timestamp::FOR_EVER, None, NOW)
            .await
            .unwrap();
        assert_eq!(
            code(arrive(&store, "a", "ada@x.com", true).await),
            "user_disabled"
        );
        assert_eq!(
            code(arrive(&store, "b", "ada@x.com", true).await),
            "user_disabled"
        );
        assert_eq!(store.accounts_of(&user).await.unwrap().len(), 1);
    }
}
