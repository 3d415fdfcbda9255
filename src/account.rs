//! Who a provider account belongs to. Identity is (provider, provider account id); e-mail never is.

use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::model::User;
use crate::oauth::profile::Profile;
use crate::store::{AccountRecord, NewSession, NewUser, SignUp, Store};

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
            SignUp::Done { .. } => return Ok(()),
            SignUp::UserGone => return Err(Code::SessionChanged.into()),
            SignUp::AccountExists | SignUp::EmailTaken => {}
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
    if let Some(user_id) = store.known_account(record, now).await? {
        let is_signed_in = store.insert_session(&user_id, session).await?;
        return Ok(is_signed_in.then_some(SignedIn {
            user_id,
            outcome: Outcome::Known,
        }));
    }
    // Most addresses are new, so the database is asked who holds one only when it says that somebody does.
    let mut is_known = false;
    if !sign_in.disable_sign_up {
        let user = NewUser {
            email: profile.email.clone(),
            email_verified: profile.email_verified,
            name: profile.name.clone(),
            image: profile.image.clone(),
        };
        match store.sign_up(&user, record, session, now).await? {
            SignUp::Done { user_id } => {
                return Ok(Some(SignedIn {
                    user_id,
                    outcome: Outcome::Created,
                }));
            }
            SignUp::AccountExists => is_known = true,
            SignUp::UserGone => return Ok(None),
            SignUp::EmailTaken => {}
        }
    }
    if is_known || sign_in.disable_sign_up {
        // Known after all: made meanwhile, or of a user who is kept out.
        let owner = store
            .account_owner(&record.provider, &record.provider_account_id)
            .await?;
        if let Some(owner) = owner {
            refuse_disabled(store.user(&owner).await?.as_ref(), now)?;
            return Ok(None);
        }
    }
    let holder = match &profile.email {
        Some(email) => store.user_by_email(email).await?,
        None => None,
    };
    match holder {
        Some(user) if sign_in.auto_link && profile.email_verified && user.email_verified => {
            refuse_disabled(Some(&user), now)?;
            let linked = store.link(&user.id, record, now, Some(session)).await?;
            Ok(matches!(linked, SignUp::Done { .. }).then_some(SignedIn {
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
