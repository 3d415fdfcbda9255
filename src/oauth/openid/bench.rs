//! The verification of id_tokens alone, for the benchmark.

use serde_json::Value;

use super::id_token::{self, Expected};
use super::keys::Keys;
use super::{require_allowed, verify_with};
use crate::crypto::Secret;
use crate::error::Result;
use crate::oauth::provider::entry::{IssuerRule, Nonce};

/// What a provider that is warm knows.
pub struct IdTokenVerifier {
    keys: Keys,
    algorithms: Vec<String>,
    issuer: String,
    client_id: String,
}

impl IdTokenVerifier {
    /// `None` when `jwks` is no JWK Set.
    pub fn new(
        jwks: &Value,
        algorithms: Vec<String>,
        issuer: String,
        client_id: String,
    ) -> Option<Self> {
        Some(Self {
            keys: Keys::read(jwks)?,
            algorithms,
            issuer,
            client_id,
        })
    }

    /// Verifies as a sign-in does.
    pub fn verify(&self, nonce: &str, access_token: &Secret, id_token: &str) -> Result<Value> {
        let header = id_token::header(id_token)?;
        require_allowed(header.alg, &self.algorithms)?;
        let expected = Expected {
            issuer: &self.issuer,
            issuer_rule: IssuerRule::Exact,
            client_id: &self.client_id,
            nonce: Some(nonce),
            nonce_rule: Nonce::Required,
            access_token,
            max_age: None,
        };
        verify_with(&self.keys, &header, id_token, &expected)
    }
}
