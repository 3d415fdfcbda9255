//! The client: its id, and how it proves who it is (RFC 6749 2.3, RFC 7523, OpenID Connect Core 9).

use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, Engine as _};
use serde_json::json;
use url::form_urlencoded;

use super::signing_key::SigningKey;
use crate::clock::Timestamp;
use crate::crypto::{self, Secret};
use crate::error::{Error, Result};
use crate::oauth::client::provider_error;
use crate::oauth::openid::metadata::Metadata;

pub(crate) struct Credentials {
    pub client_id: String,
    pub proof: Proof,
}

/// What a client proves itself with.
pub(crate) enum Proof {
    Basic(Secret),
    Post(Secret),
    /// A secret, sent the way that the provider's metadata asks for.
    Discovered(Secret),
    /// `private_key_jwt`.
    PrivateKeyJwt(SigningKey),
    /// Apple's way: a JWT of the team in place of the secret.
    SignedSecret {
        key: SigningKey,
        team_id: String,
    },
    /// A public client.
    None,
}

/// What a request proves its client with: fields of the form, and an `Authorization` header.
#[derive(Default)]
pub(crate) struct Proven {
    pub fields: Vec<(&'static str, String)>,
    pub authorization: Option<String>,
}

impl Credentials {
    /// The proof for one request. `audience` names who it is for: the issuer, or the endpoint
    /// where there is none.
    pub fn prove(
        &self,
        metadata: Option<&Metadata>,
        audience: &str,
        now: Timestamp,
    ) -> Result<Proven> {
        let now = now.0 / 1_000;
        match &self.proof {
            Proof::Basic(secret) => Ok(self.basic(secret)),
            Proof::Post(secret) => Ok(self.in_form(Some(secret.expose().to_owned()))),
            Proof::Discovered(secret) => {
                if offers(metadata, BASIC) {
                    Ok(self.basic(secret))
                } else if offers(metadata, POST) {
                    Ok(self.in_form(Some(secret.expose().to_owned())))
                } else {
                    // Never downgraded to no authentication at all.
                    Err(provider_error(
                        "the metadata offers neither client_secret_basic nor client_secret_post: set `tokenEndpointAuthMethod`",
                    ))
                }
            }
            Proof::PrivateKeyJwt(key) => {
                let assertion = key.sign(&json!({
                    "iss": self.client_id,
                    "sub": self.client_id,
                    "aud": audience,
                    "jti": crypto::random_text()?.expose(),
                    "iat": now,
                    "exp": now + ASSERTION_LIFETIME,
                }))?;
                let mut proven = self.in_form(None);
                proven.fields.extend([
                    ("client_assertion_type", JWT_BEARER.to_owned()),
                    ("client_assertion", assertion),
                ]);
                Ok(proven)
            }
            Proof::SignedSecret { key, team_id } => {
                let secret = key.sign(&json!({
                    "iss": team_id,
                    "sub": self.client_id,
                    "aud": "https://appleid.apple.com",
                    "iat": now,
                    "exp": now + ASSERTION_LIFETIME,
                }))?;
                Ok(self.in_form(Some(secret)))
            }
            Proof::None => Ok(self.in_form(None)),
        }
    }

    /// Whether the proof depends on the metadata.
    pub fn need_metadata(&self) -> bool {
        matches!(self.proof, Proof::Discovered(_))
    }

    /// Whether the proof is no part of the form.
    pub fn is_in_header(&self, metadata: Option<&Metadata>) -> bool {
        match &self.proof {
            Proof::Basic(_) => true,
            Proof::Discovered(_) => offers(metadata, BASIC),
            _ => false,
        }
    }

    /// The secret itself, where there is one.
    pub fn secret(&self) -> Option<&Secret> {
        match &self.proof {
            Proof::Basic(secret) | Proof::Post(secret) | Proof::Discovered(secret) => Some(secret),
            _ => None,
        }
    }

    /// An error of somebody else's words, without what was sent: the secret in each of its dresses, and more.
    pub fn scrub(&self, error: Error, sent: &[&str]) -> Error {
        let error = match self.secret() {
            Some(secret) => {
                let secret = secret.expose();
                let pairs = [
                    format!("{}:{}", encoded(&self.client_id), encoded(secret)),
                    format!("{}:{secret}", self.client_id),
                ]
                .map(|pair| BASE64_STANDARD_NO_PAD.encode(pair));
                error
                    .without(&pairs.each_ref().map(String::as_str))
                    .without(&[secret])
            }
            None => error,
        };
        error.without(sent)
    }

    /// RFC 6749 2.3.1: both halves form-encoded first.
    fn basic(&self, secret: &Secret) -> Proven {
        let pair = format!("{}:{}", encoded(&self.client_id), encoded(secret.expose()));
        Proven {
            authorization: Some(format!("Basic {}", BASE64_STANDARD.encode(pair))),
            ..Proven::default()
        }
    }

    fn in_form(&self, secret: Option<String>) -> Proven {
        let id = ("client_id", self.client_id.clone());
        let secret = secret.map(|secret| ("client_secret", secret));
        Proven {
            fields: std::iter::once(id).chain(secret).collect(),
            authorization: None,
        }
    }
}

const BASIC: &str = "client_secret_basic";
const POST: &str = "client_secret_post";

/// OpenID Connect Discovery 3: without a word it is Basic.
fn offers(metadata: Option<&Metadata>, method: &str) -> bool {
    metadata
        .and_then(|metadata| metadata.client_authentication.as_ref())
        .is_none_or(|offered| offered.iter().any(|offer| offer == method))
}

/// In seconds: it is made for one request.
const ASSERTION_LIFETIME: i64 = 60;
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
