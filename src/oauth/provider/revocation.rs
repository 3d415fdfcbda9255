//! Giving tokens back (RFC 7009).

use http::header::AUTHORIZATION;
use url::Url;

use super::entry::Revocation;
use super::standard::{Endpoint, Revoked, Standard};
use crate::clock::Timestamp;
use crate::crypto::Secret;
use crate::error::Result;
use crate::oauth::client::{bearer, provider_error};
use crate::oauth::tokens::{Tokens, read_answer};

/// What a revocation of a provider's own kind is made of.
pub(crate) struct RevocationCall<'a> {
    pub url: &'a Url,
    pub client_id: &'a str,
    pub client_secret: Option<&'a Secret>,
    pub access_token: &'a Secret,
}

impl Standard {
    /// Gives tokens back, where the provider takes them; says whether it does.
    pub async fn revoke(&self, tokens: &Tokens) -> Result<bool> {
        let configured = match &self.endpoints.revocation {
            Revoked::At(url) => Some(url),
            Revoked::AtDiscovered => None,
            Revoked::Nowhere => return Ok(false),
        };
        let endpoint = self
            .endpoint(configured, |metadata| metadata.revocation.as_ref())
            .await?;
        let Some(endpoint) = endpoint else {
            return Ok(false);
        };
        let answer = self.revocation(&endpoint, tokens).await?;
        match read_answer(&answer, true) {
            // Most answer nothing at all; some say with status 200 that they will not.
            Err(refusal) if refusal.code.is_empty() && answer.status().is_success() => Ok(true),
            Err(refusal) => Err(refusal.into()),
            Ok(_) => Ok(true),
        }
    }

    async fn revocation(
        &self,
        endpoint: &Endpoint,
        tokens: &Tokens,
    ) -> Result<oauth2::HttpResponse> {
        let fresh = self.alive(tokens).await;
        let access_token = fresh
            .as_ref()
            .map_or(&tokens.access_token, |fresh| &fresh.access_token);
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match &self.entry.revocation {
            // A refresh token takes its access tokens along (RFC 7009 2.1).
            Revocation::Standard => {
                let (token, hint) = match &tokens.refresh_token {
                    Some(token) => (token, "refresh_token"),
                    None => (access_token, "access_token"),
                };
                let fields = vec![
                    field("token", token.expose()),
                    field("token_type_hint", hint),
                ];
                self.send(endpoint, fields).await
            }
            Revocation::AccessToken { names, also } => {
                let token = names.iter().map(|name| field(name, access_token.expose()));
                let also = also.iter().map(|(name, value)| field(name, value));
                self.send(endpoint, token.chain(also).collect()).await
            }
            Revocation::Bearer => {
                let request = http::Request::post(endpoint.url.as_str())
                    .header(AUTHORIZATION, bearer(access_token))
                    .body(Vec::new())
                    .map_err(|_| provider_error("the access token cannot be sent in a header"))?;
                self.http.send(request).await
            }
            Revocation::Code(request) => {
                let request = request(&RevocationCall {
                    url: &endpoint.url,
                    client_id: &self.credentials.client_id,
                    client_secret: self.credentials.secret(),
                    access_token,
                })?;
                self.http.send(request).await
            }
        }
    }

    /// New tokens in place of expired ones: what revokes by the access token needs one that lives.
    async fn alive(&self, tokens: &Tokens) -> Option<Tokens> {
        let refresh_token = tokens.refresh_token.as_ref()?;
        if matches!(self.entry.revocation, Revocation::Standard) {
            return None;
        }
        let has_expired = tokens.expires_at.is_some_and(|end| end <= Timestamp::now());
        if !has_expired {
            return None;
        }
        self.refresh(tokens, refresh_token).await.ok()
    }
}
