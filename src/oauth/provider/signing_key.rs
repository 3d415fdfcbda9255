//! Private keys that clients sign with (RFC 7523): PEM, PKCS#8, of RSA, P-256 or Ed25519.

use std::fmt;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;

use crate::error::{Code, Error, Result};
use crate::oauth::openid::ring_provider;

#[derive(Clone)]
pub(crate) struct SigningKey {
    algorithm: Algorithm,
    id: Option<String>,
    key: EncodingKey,
}

impl SigningKey {
    /// Reads a key; `path` is the option's.
    pub fn parse(pem: &str, id: Option<&str>, path: &str) -> Result<Self> {
        let refuse = |what: &str| Err(Error::config(path, what));
        // Environment variables hold one line, so line ends come as `\n` in two characters.
        let pem = pem.replace("\\n", "\n");
        let Ok(der) = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()) else {
            return refuse(
                "must be a private key in PEM form that begins with `-----BEGIN PRIVATE KEY-----` (PKCS#8, not encrypted)",
            );
        };
        let der = der.secret_pkcs8_der();
        let candidates = [
            (Algorithm::ES256, EncodingKey::from_ec_der(der)),
            (Algorithm::RS256, EncodingKey::from_rsa_der(der)),
            (Algorithm::EdDSA, EncodingKey::from_ed_der(der)),
        ];
        for (algorithm, key) in candidates {
            if ring_provider::try_key(algorithm, &key).is_ok() {
                return Ok(Self {
                    algorithm,
                    id: id.map(str::to_owned),
                    key,
                });
            }
        }
        refuse("must be an RSA key of at least 2048 bits, a P-256 key or an Ed25519 key")
    }

    /// Whether it is a P-256 key.
    pub fn is_es256(&self) -> bool {
        self.algorithm == Algorithm::ES256
    }

    /// A signed JWT.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        ring_provider::install();
        let mut header = Header::new(self.algorithm);
        header.kid.clone_from(&self.id);
        jsonwebtoken::encode(&header, claims, &self.key)
            .map_err(|error| Error::new(Code::Internal).because(error))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
