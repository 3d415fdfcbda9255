//! Provider tokens at rest: sealed, bound to their account, refreshed by one process at a time.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::crypto::{Keyring, Purpose, Secret};
use crate::error::{Code, Error, Result};
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
) -> Result<Tokens> {
    let deadline = Timestamp::now() + MAX_WAIT;
    loop {
        let stored = store
            .tokens_of(user_id, provider.id())
            .await?
            .ok_or(Code::AccountNotFound)?;
        let tokens = open(store, keys, provider, &stored).await?;
        let now = Timestamp::now();
        if !is_due(&tokens, now) {
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

/// A token must outlive the call it is asked for, so it is due this long before its end, or halfway through a life
/// that is shorter than twice that.
fn is_due(tokens: &Tokens, now: Timestamp) -> bool {
    tokens.expires_at.is_some_and(|end| {
        let margin = MIN_VALIDITY.min(end.since(tokens.issued_at) / 2);
        end <= now + margin
    })
}

const MIN_VALIDITY: Duration = Duration::from_secs(60);
/// Longer than a provider call can take, so a lease is only ever taken over from a process that died.
const LEASE: Duration = Duration::from_secs(15);
const MAX_WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(25);

async fn refresh(
    store: &Store,
    keys: &Keyring,
    provider: &Provider,
    stored: &StoredTokens,
    old: Tokens,
    refresh_token: &Secret,
) -> Result<Tokens> {
    let mut tokens = match provider.refresh(refresh_token).await {
        Ok(tokens) => tokens,
        Err(error) => {
            store
                .release_lease(&stored.account_id, stored.version)
                .await?;
            return Err(error);
        }
    };
    // RFC 6749 6: no new refresh token means that the old one stays.
    tokens.refresh_token = tokens.refresh_token.or(old.refresh_token);
    if tokens.scopes.is_empty() {
        tokens.scopes = old.scopes;
    }
    let sealed = seal(keys, provider.id(), &stored.provider_account_id, &tokens)?;
    store
        .store_refreshed(
            &stored.account_id,
            stored.version,
            &sealed,
            &tokens.scopes,
            Timestamp::now(),
        )
        .await?;
    Ok(tokens)
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    access_token: Zeroizing<String>,
    refresh_token: Option<Zeroizing<String>>,
    token_type: String,
    issued_at: i64,
    expires_at: Option<i64>,
}

fn seal(keys: &Keyring, provider: &str, account_id: &str, tokens: &Tokens) -> Result<String> {
    let plain = Sealed {
        access_token: Zeroizing::new(tokens.access_token.expose().to_owned()),
        refresh_token: tokens
            .refresh_token
            .as_ref()
            .map(|token| Zeroizing::new(token.expose().to_owned())),
        token_type: tokens.token_type.clone(),
        issued_at: tokens.issued_at.0,
        expires_at: tokens.expires_at.map(|end| end.0),
    };
    let plain = Zeroizing::new(
        serde_json::to_vec(&plain).map_err(|error| Error::new(Code::Internal).because(error))?,
    );
    keys.seal(Purpose::Vault, &[provider, account_id], &plain)
}

/// Opens stored tokens, and seals them anew when an older secret did it.
async fn open(
    store: &Store,
    keys: &Keyring,
    provider: &Provider,
    stored: &StoredTokens,
) -> Result<Tokens> {
    let sealed = stored.tokens.as_deref().ok_or(Code::TokensNotStored)?;
    let unreadable = || {
        Error::new(Code::ReauthorizationRequired)
            .because("the stored tokens do not open under any configured secret")
    };
    let opened = keys
        .open(
            Purpose::Vault,
            &[provider.id(), &stored.provider_account_id],
            sealed,
        )
        .ok_or_else(unreadable)?;
    let plain: Sealed = serde_json::from_slice(&opened.plaintext).map_err(|_| unreadable())?;
    let tokens = Tokens {
        access_token: Secret::new(plain.access_token.as_str()),
        refresh_token: plain.refresh_token.map(|token| Secret::new(token.as_str())),
        token_type: plain.token_type,
        issued_at: Timestamp(plain.issued_at),
        expires_at: plain.expires_at.map(Timestamp),
        scopes: stored.scopes.clone(),
    };
    if !opened.current {
        let sealed = seal(keys, provider.id(), &stored.provider_account_id, &tokens)?;
        store
            .replace_tokens(&stored.account_id, stored.version, &sealed)
            .await?;
    }
    Ok(tokens)
}
