//! A provider: the three calls of a sign-in, and what comes after.
//!
//! Most are [`Standard`]: an [`Entry`] of facts with the application's credentials. [`Own`] ones are made of functions
//! of the application.

mod authorization;
mod callback;
mod credentials;
pub(crate) mod entry;
mod options;
mod own;
pub(crate) mod profile;
pub(crate) mod revocation;
mod signing_key;
mod standard;
mod token_endpoint;
pub(crate) mod variables;

use std::fmt;

use url::Url;

pub use self::authorization::AuthorizationRequest;
pub use self::callback::{Callback, Callbacks};
pub use self::entry::Entry;
pub(crate) use self::entry::ResponseMode;
pub(crate) use self::options::parse_redirect_uri;
use self::own::Own;
use self::standard::Standard;
pub use self::token_endpoint::{CodeExchange, Grant};
use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::metrics::Calls;
use crate::oauth::client::{TOTAL_TIMEOUT, provider_error};
use crate::oauth::openid::metadata::Metadata;
use crate::oauth::profile::Profile;
use crate::oauth::tokens::Tokens;

/// A provider set up with credentials.
pub struct Provider {
    id: String,
    name: String,
    redirect_uri: Option<String>,
    map_profile: Option<Callback>,
    kind: Kind,
}

enum Kind {
    Standard(Box<Standard>),
    Own(Own),
}

impl Provider {
    /// The provider's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The provider's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The scopes that are asked for.
    pub fn scopes(&self) -> &[String] {
        match &self.kind {
            Kind::Standard(standard) => &standard.scopes,
            Kind::Own(own) => &own.scopes,
        }
    }

    /// Where the user is sent; `None` where that is left to the metadata.
    pub fn authorization_url(&self) -> Option<&Url> {
        self.standard()?.endpoints.authorization.as_ref()
    }

    /// Where codes are exchanged; `None` where that is left to the metadata.
    pub fn token_url(&self) -> Option<&Url> {
        self.standard()?.endpoints.token.as_ref()
    }

    /// Where the profile is read; `None` where that is left to the metadata, or where there is none.
    pub fn user_info_url(&self) -> Option<&Url> {
        self.standard()?.endpoints.user_info.as_ref()
    }

    /// The authorization request (RFC 6749 4.1.1, with PKCE S256 of RFC 7636 4.3).
    pub async fn authorization_request(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Result<String> {
        match &self.kind {
            Kind::Standard(standard) => {
                let url = standard.authorization_request(request).await;
                url.map_err(|error| standard.scrub(error, &[]))
            }
            Kind::Own(own) => own.authorization_request(request).await,
        }
    }

    /// The same, where nothing has to be asked for it.
    pub(crate) fn authorization_request_now(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Option<String> {
        self.standard()?.authorization_request_now(request)
    }

    /// Exchanges a code (RFC 6749 4.1.3) and verifies the id_token that comes with the tokens.
    pub async fn exchange_code(&self, exchange: &CodeExchange<'_>) -> Result<Grant> {
        match &self.kind {
            Kind::Standard(standard) => standard.exchange_code(exchange).await,
            Kind::Own(own) => {
                let grant = own.exchange_code(exchange).await;
                grant.map_err(|error| error.without(&[exchange.code, exchange.code_verifier]))
            }
        }
    }

    /// Asks for a new access token (RFC 6749 6). A refusal of the refresh token itself is
    /// `reauthorization_required`.
    pub async fn refresh(&self, old: &Tokens, refresh_token: &Secret) -> Result<Tokens> {
        match &self.kind {
            Kind::Standard(standard) => standard.refresh(old, refresh_token).await,
            Kind::Own(own) => {
                let tokens = own.refresh(old, refresh_token).await;
                tokens.map_err(|error| error.without(&[refresh_token.expose()]))
            }
        }
    }

    /// Who a grant speaks for.
    pub async fn profile(&self, grant: &Grant) -> Result<Profile> {
        let read = async {
            match &self.kind {
                Kind::Standard(standard) => standard.profile(grant).await,
                Kind::Own(own) => own.profile(grant).await,
            }
        };
        // A list of many slow pages is still one thing that the user waits for.
        let mut profile = tokio::time::timeout(TOTAL_TIMEOUT, read)
            .await
            .unwrap_or_else(|_| Err(provider_error("the profile took too long to read")))
            .map_err(|error| self.scrub(error, &grant.tokens))?;
        if let Some(map_profile) = &self.map_profile {
            profile::mapped(map_profile, &mut profile)
                .await
                .map_err(|error| self.scrub(error, &grant.tokens))?;
        }
        Ok(profile)
    }

    /// Who an access token speaks for, where an id_token is not needed to tell.
    pub async fn user_info(&self, access_token: &Secret) -> Result<Profile> {
        self.profile(&Grant::of_access_token(access_token.clone()))
            .await
    }

    /// Gives an account's tokens back (RFC 7009); says whether the provider takes them.
    pub async fn revoke(&self, tokens: &Tokens) -> Result<bool> {
        let revoked = match &self.kind {
            Kind::Standard(standard) => standard.revoke(tokens).await,
            Kind::Own(own) => own.revoke(tokens).await,
        };
        revoked.map_err(|error| self.scrub(error, tokens))
    }

    /// The scopes that a sign-in may ask for besides the configured ones.
    pub(crate) fn optional_scopes(&self) -> &[String] {
        self.standard()
            .map_or(&[], |standard| standard.optional_scopes.as_slice())
    }

    pub(crate) fn redirect_uri(&self) -> Option<&str> {
        self.redirect_uri.as_deref()
    }

    /// Whether id_tokens are verified, and sign-ins bound to them by a nonce.
    pub(crate) fn is_openid(&self) -> bool {
        self.standard()
            .is_some_and(|standard| standard.issuer.is_some())
    }

    pub(crate) fn answers_by_form_post(&self) -> bool {
        self.standard()
            .is_some_and(|standard| standard.response_mode == ResponseMode::FormPost)
    }

    /// The parameters of the callback that matter besides the standard ones.
    pub(crate) fn callback_parameters(&self) -> impl Iterator<Item = &'static str> {
        let entry = self.standard().map(|standard| standard.entry);
        entry.into_iter().flat_map(|entry| {
            let own = entry.callback_parameters.iter();
            own.chain(entry.token_parameters).copied()
        })
    }

    /// The metadata, where there is any.
    pub(crate) async fn metadata(&self) -> Result<Option<std::sync::Arc<Metadata>>> {
        match self.standard() {
            Some(standard) => standard.metadata().await,
            None => Ok(None),
        }
    }

    /// The client id, where there is one.
    pub(crate) fn client_id(&self) -> Option<&str> {
        Some(&self.standard()?.credentials.client_id)
    }

    /// Judges the issuer that an answer names (RFC 9207 2.4), before anything in it is used.
    pub(crate) async fn check_issuer(&self, named: Option<&str>) -> Result<()> {
        match self.standard() {
            Some(standard) => standard.check_issuer(named).await,
            None => Ok(()),
        }
    }

    /// How often it was called; `None` for one that makes its calls itself.
    pub(crate) fn calls(&self) -> Option<&Calls> {
        Some(self.standard()?.http.calls())
    }

    fn standard(&self) -> Option<&Standard> {
        match &self.kind {
            Kind::Standard(standard) => Some(standard),
            Kind::Own(_) => None,
        }
    }

    fn scrub(&self, error: Error, tokens: &Tokens) -> Error {
        let sent = [Some(&tokens.access_token), tokens.refresh_token.as_ref()];
        let sent: Vec<&str> = sent.into_iter().flatten().map(Secret::expose).collect();
        match self.standard() {
            Some(standard) => standard.scrub(error, &sent),
            None => error.without(&sent),
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("id", &self.id)
            .field("scopes", &self.scopes())
            .finish_non_exhaustive()
    }
}
