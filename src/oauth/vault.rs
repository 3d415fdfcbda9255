//! Provider tokens at rest: sealed, bound to their account, refreshed by one process at a time.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::crypto::{Keyring, Purpose, Secret};
use crate::error::{Code, Error, Result};
use crate::oauth::client::TOTAL_TIMEOUT;
use crate::oauth::profile::Profile;
use crate::oauth::provider::Provider;
use crate::oauth::tokens::Tokens;
use crate::store::{AccountRecord, Store, StoredTokens};

/// What the database keeps of a sign-in.
pub(crate) fn record(
    keys: &Keyring,
    provider: &Provider,
    tokens: &Tokens,
    profile: &Profile,
    store_tokens: bool,
) -> Result<AccountRecord> {
    Ok(AccountRecord {
        provider: provider.id().to_owned(),
        provider_account_id: profile.id.clone(),
        tokens: store_tokens
            .then(|| seal(keys, provider.id(), &profile.id, tokens))
            .transpose()?,
        scopes: tokens.scopes.clone(),
        profile: profile.raw.to_string(),
    })
}

/// A valid access token of a user's account, refreshed when it is due.
///
/// Across processes one refreshes and the others wait for what it stores: a refresh token that rotates dies by being
/// used twice (RFC 9700 4.14.2).
pub(crate) async fn access_token(
    store: &Store,
    keys: &Keyring,
    provider: &Provider,
    user_id: &str,
    min_validity: Option<Duration>,
) -> Result<Tokens> {
    let deadline = Timestamp::now() + MAX_WAIT;
    loop {
        let stored = store
            .tokens_of(user_id, provider.id())
            .await?
            .ok_or(Code::AccountNotFound)?;
        let tokens = open(store, keys, provider, &stored).await?;
        let now = Timestamp::now();
        if !is_due(&tokens, min_validity, now) {
            return Ok(tokens);
        }
        let Some(refresh_token) = tokens.refresh_token.clone() else {
            let still_valid = tokens.expires_at.is_some_and(|end| end > now);
            return if still_valid {
                Ok(tokens)
            } else {
                Err(Code::ReauthorizationRequired.into())
            };
        };
        if store
            .lease_refresh(&stored.account_id, stored.version, now, now + LEASE)
            .await?
        {
            return refresh(store, keys, provider, &stored, tokens, &refresh_token).await;
        }
        if now >= deadline {
            return Err(Error::new(Code::ProviderError)
                .because("another process is refreshing this token and does not finish"));
        }
        tokio::time::sleep(POLL).await;
    }
}

/// A token must outlive the call it is asked for, so it is due that long before its end; when nobody says how long,
/// then a minute, or half of a life that is shorter than two. One that was given just now is not due: the next would
/// be no better.
fn is_due(tokens: &Tokens, min_validity: Option<Duration>, now: Timestamp) -> bool {
    tokens.expires_at.is_some_and(|end| {
        let life = end.since(tokens.issued_at);
        let margin = min_validity.unwrap_or(MIN_VALIDITY.min(life / 2));
        let is_new = now.since(tokens.issued_at) < JUST_NOW.min(life / 2);
        end <= now + margin && !is_new
    })
}

const MIN_VALIDITY: Duration = Duration::from_secs(60);
const JUST_NOW: Duration = Duration::from_secs(1);
/// Longer than the provider's metadata and its answer can take, so a lease is only ever taken over from a process that
/// died.
const LEASE: Duration = TOTAL_TIMEOUT
    .saturating_mul(2)
    .saturating_add(Duration::from_secs(5));
const MAX_WAIT: Duration = LEASE.saturating_add(Duration::from_secs(5));
const POLL: Duration = Duration::from_millis(25);

async fn refresh(
    store: &Store,
    keys: &Keyring,
    provider: &Provider,
    stored: &StoredTokens,
    old: Tokens,
    refresh_token: &Secret,
) -> Result<Tokens> {
    let mut tokens = match provider.refresh(&old, refresh_token).await {
        Ok(tokens) => tokens,
        Err(error) => {
            let released = store
                .release_lease(&stored.account_id, stored.version)
                .await;
            if let Err(problem) = released {
                tracing::warn!(cause = problem.cause(), "a lease was not given back");
            }
            return Err(error);
        }
    };
    // RFC 6749 6: no new refresh token means that the old one stays.
    tokens.refresh_token = tokens.refresh_token.or(old.refresh_token);
    let sealed = seal(keys, provider.id(), &stored.provider_account_id, &tokens)?;
    let is_stored = store
        .store_refreshed(
            &stored.account_id,
            stored.version,
            &sealed,
            &tokens.scopes,
            Timestamp::now(),
        )
        .await?;
    if !is_stored {
        let account = store.tokens_of_account(provider.id(), &stored.provider_account_id);
        if account.await?.is_none() {
            // It was unlinked meanwhile, and what was revoked then were the tokens before these.
            if let Err(error) = provider.revoke(&tokens).await {
                let cause = error.cause();
                tracing::warn!(provider = provider.id(), cause, "tokens were not revoked");
            }
            return Err(Code::AccountNotFound.into());
        }
    }
    Ok(tokens)
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    access_token: Zeroizing<String>,
    refresh_token: Option<Zeroizing<String>>,
    issued_at: i64,
    expires_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<(String, String)>,
}

fn seal(keys: &Keyring, provider: &str, account_id: &str, tokens: &Tokens) -> Result<String> {
    let plain = Sealed {
        access_token: Zeroizing::new(tokens.access_token.expose().to_owned()),
        refresh_token: tokens
            .refresh_token
            .as_ref()
            .map(|token| Zeroizing::new(token.expose().to_owned())),
        issued_at: tokens.issued_at.0,
        expires_at: tokens.expires_at.map(|end| end.0),
        parameters: tokens.parameters.clone(),
    };
    let plain = Zeroizing::new(
        serde_json::to_vec(&plain).map_err(|error| Error::new(Code::Internal).because(error))?,
    );
    keys.seal(Purpose::Vault, &[provider, account_id], &plain)
}

/// Tokens of an account that is gone.
pub(crate) fn open_gone(
    keys: &Keyring,
    provider: &str,
    account_id: &str,
    sealed: &str,
) -> Option<Tokens> {
    unsealed(keys, provider, account_id, sealed, Vec::new()).map(|(tokens, _)| tokens)
}

/// Some providers give a refresh token at the first sign-in only: the one that is here stays (RFC 6749 6). Takes the
/// right to refresh, which ends when the sign-in is written, lest somebody else use it up meanwhile.
pub(crate) async fn keep_refresh_token(
    store: &Store,
    keys: &Keyring,
    provider: &Provider,
    account_id: &str,
    tokens: &mut Tokens,
) -> Result<()> {
    let deadline = Timestamp::now() + MAX_WAIT;
    while tokens.refresh_token.is_none() {
        let Some(stored) = store.tokens_of_account(provider.id(), account_id).await? else {
            break;
        };
        let sealed = stored.tokens.as_deref();
        let old = sealed.and_then(|sealed| open_gone(keys, provider.id(), account_id, sealed));
        let Some(refresh_token) = old.and_then(|old| old.refresh_token) else {
            break;
        };
        let now = Timestamp::now();
        let is_ours = store
            .lease_refresh(&stored.account_id, stored.version, now, now + LEASE)
            .await?;
        if is_ours || now >= deadline {
            tokens.refresh_token = Some(refresh_token);
        } else {
            tokio::time::sleep(POLL).await;
        }
    }
    Ok(())
}

/// Opens stored tokens, and seals them anew when an older secret did it.
async fn open(
    store: &Store,
    keys: &Keyring,
    provider: &Provider,
    stored: &StoredTokens,
) -> Result<Tokens> {
    let sealed = stored.tokens.as_deref().ok_or(Code::TokensNotStored)?;
    let account_id = &stored.provider_account_id;
    let (tokens, is_current) = unsealed(
        keys,
        provider.id(),
        account_id,
        sealed,
        stored.scopes.clone(),
    )
    .ok_or_else(|| {
        Error::new(Code::ReauthorizationRequired)
            .because("the stored tokens do not open under any configured secret")
    })?;
    if !is_current {
        let sealed = seal(keys, provider.id(), account_id, &tokens)?;
        store
            .replace_tokens(&stored.account_id, stored.version, &sealed)
            .await?;
    }
    Ok(tokens)
}

/// The tokens, and whether the current secret sealed them.
fn unsealed(
    keys: &Keyring,
    provider: &str,
    account_id: &str,
    sealed: &str,
    scopes: Vec<String>,
) -> Option<(Tokens, bool)> {
    let opened = keys.open(Purpose::Vault, &[provider, account_id], sealed)?;
    let plain: Sealed = serde_json::from_slice(&opened.plaintext).ok()?;
    let tokens = Tokens {
        access_token: Secret::new(plain.access_token.as_str()),
        refresh_token: plain.refresh_token.map(|token| Secret::new(token.as_str())),
        issued_at: Timestamp(plain.issued_at),
        expires_at: plain.expires_at.map(Timestamp),
        parameters: plain.parameters,
        scopes,
    };
    Some((tokens, opened.current))
}
