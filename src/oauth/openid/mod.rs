//! OpenID Connect: who an issuer is, and what makes its word worth taking.

pub mod bench;
mod cached;
pub(crate) mod id_token;
pub(crate) mod keys;
pub(crate) mod metadata;
pub(crate) mod ring_provider;

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde_json::Value;
use url::Url;

use self::cached::Cached;
use self::id_token::{Expected, refused};
use self::keys::Keys;
use self::metadata::Metadata;
use crate::crypto::Secret;
use crate::error::Result;
use crate::oauth::client::ProviderHttp;
use crate::oauth::provider::entry::{IssuerRule, Nonce, SignedBy};

/// An issuer, with what was learned of it so far.
pub(crate) struct Issuer {
    pub issuer: String,
    pub discovery_url: Url,
    pub rule: IssuerRule,
    pub nonce: Nonce,
    pub signed_by: SignedBy,
    metadata: Cached<Metadata>,
    keys: Cached<Keys>,
}

/// What an id_token is verified for.
pub(crate) struct Verification<'a> {
    pub client_id: &'a str,
    pub client_secret: Option<&'a Secret>,
    pub nonce: Option<&'a str>,
    pub max_age: Option<u64>,
    pub access_token: &'a Secret,
}

impl Issuer {
    pub fn new(
        issuer: String,
        discovery_url: Url,
        rule: IssuerRule,
        nonce: Nonce,
        signed_by: SignedBy,
    ) -> Self {
        Self {
            issuer,
            discovery_url,
            rule,
            nonce,
            signed_by,
            metadata: Cached::default(),
            keys: Cached::default(),
        }
    }

    /// The metadata, if it is here.
    pub fn known_metadata(&self) -> Option<Arc<Metadata>> {
        self.metadata.peek()
    }

    /// The metadata, however old it is.
    pub fn any_metadata(&self) -> Option<Arc<Metadata>> {
        self.metadata.peek_at_any_age()
    }

    pub async fn metadata(&self, http: &ProviderHttp) -> Result<Arc<Metadata>> {
        let fetch = Metadata::fetch(http, &self.discovery_url, &self.issuer, self.rule);
        self.metadata.get(fetch).await
    }

    /// Verifies an id_token and gives its claims.
    pub async fn verify(
        &self,
        http: &ProviderHttp,
        id_token: &str,
        verification: &Verification<'_>,
    ) -> Result<Value> {
        let header = id_token::header(id_token)?;
        let expected = |issuer| Expected {
            issuer,
            issuer_rule: self.rule,
            client_id: verification.client_id,
            nonce: verification.nonce,
            nonce_rule: self.nonce,
            access_token: verification.access_token,
            max_age: verification.max_age,
        };
        if self.signed_by == SignedBy::ClientSecret {
            let Some(secret) = verification.client_secret else {
                return Err(refused("is signed with a secret that is not configured"));
            };
            if header.alg != Algorithm::HS256 {
                return Err(refused("is not signed with HS256"));
            }
            let key = DecodingKey::from_secret(secret.expose().as_bytes());
            return id_token::verify(id_token, header.alg, &key, &expected(&self.issuer));
        }
        let metadata = self.metadata(http).await?;
        require_allowed(header.alg, &metadata.signing_algorithms)?;
        let keys = self
            .keys_with(http, &metadata, header.kid.as_deref(), header.alg)
            .await?;
        verify_with(&keys, &header, id_token, &expected(&metadata.issuer))
    }

    /// The keys, fetched again when that one is not among them: issuers rotate theirs. Whoever makes ids up does not
    /// make us ask more than once in a while.
    async fn keys_with(
        &self,
        http: &ProviderHttp,
        metadata: &Metadata,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<Keys>> {
        let url = &metadata.keys;
        let keys = self.keys.get(Keys::fetch(http, url)).await?;
        if keys.find(id, algorithm).is_some() {
            return Ok(keys);
        }
        self.keys
            .get_again(PAUSE_BETWEEN_KEYS, Keys::fetch(http, url))
            .await
    }
}

const PAUSE_BETWEEN_KEYS: Duration = Duration::from_secs(5);

fn verify_with(
    keys: &Keys,
    header: &Header,
    id_token: &str,
    expected: &Expected<'_>,
) -> Result<Value> {
    let key = keys
        .find(header.kid.as_deref(), header.alg)
        .ok_or_else(|| refused("is signed by a key that its issuer does not publish"))?;
    id_token::verify(id_token, header.alg, key, expected)
}

/// What we take, and the issuer says that it gives. Nothing symmetric: a public key must never be read as a secret.
fn require_allowed(algorithm: Algorithm, announced: &[String]) -> Result<()> {
    let names: &[&str] = match algorithm {
        Algorithm::RS256 => &["RS256"],
        Algorithm::PS256 => &["PS256"],
        Algorithm::ES256 => &["ES256"],
        Algorithm::EdDSA => &["EdDSA", "Ed25519"],
        _ => &[],
    };
    if announced.iter().any(|name| names.contains(&name.as_str())) {
        Ok(())
    } else {
        Err(refused(
            "is signed by an algorithm that we do not take or its issuer does not announce",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attack 16.
    #[test]
    fn only_what_is_announced_and_asymmetric_is_taken() {
        let announced = ["RS256", "HS256", "none", "RS512"].map(str::to_owned);
        assert!(require_allowed(Algorithm::RS256, &announced).is_ok());
        for algorithm in [
            Algorithm::HS256,
            Algorithm::RS512,
            Algorithm::ES256,
            Algorithm::PS256,
        ] {
            assert!(
                require_allowed(algorithm, &announced).is_err(),
                "{algorithm:?}"
            );
        }
    }
}
