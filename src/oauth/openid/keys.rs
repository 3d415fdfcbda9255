//! The keys that an issuer signs with (RFC 7517).

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::error::Result;
use crate::oauth::client::{ProviderHttp, provider_error};

/// The keys of a JWK Set that we can use; the others are passed over.
pub(crate) struct Keys(Vec<Key>);

struct Key {
    id: Option<String>,
    /// What it may sign: RSA keys are not bound to one algorithm unless they say so.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl Keys {
    pub async fn fetch(http: &ProviderHttp, url: &Url) -> Result<Self> {
        let answer = http.get_public(url).await?;
        Self::read(&answer).ok_or_else(|| provider_error("the key set has no list of keys"))
    }

    pub fn read(set: &Value) -> Option<Self> {
        let keys = set.get("keys")?.as_array()?;
        Some(Self(keys.iter().filter_map(Key::read).collect()))
    }

    /// The key of that id and algorithm. A token that names no key leaves no choice only if there is one key.
    pub fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.algorithms.contains(&algorithm))
            .filter(|key| id.is_none() || key.id.as_deref() == id);
        let found = fitting.next()?;
        (id.is_some() || fitting.next().is_none()).then_some(&found.key)
    }
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Key {
    fn read(value: &Value) -> Option<Self> {
        let jwk = Jwk::deserialize(value).ok()?;
        let signs = jwk.usage.as_deref().is_none_or(|usage| usage == "sig")
            && jwk
                .key_ops
                .as_ref()
                .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !signs {
            return None;
        }
        let (mut algorithms, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => (
                vec![Algorithm::RS256, Algorithm::PS256],
                DecodingKey::from_rsa_components(&jwk.n?, &jwk.e?).ok()?,
            ),
            ("EC", Some("P-256")) => (
                vec![Algorithm::ES256],
                DecodingKey::from_ec_components(&jwk.x?, &jwk.y?).ok()?,
            ),
            ("OKP", Some("Ed25519")) => (
                vec![Algorithm::EdDSA],
                DecodingKey::from_ed_components(&jwk.x?).ok()?,
            ),
            _ => return None,
        };
        if let Some(name) = &jwk.alg {
            algorithms.retain(|algorithm| is_named(*algorithm, name));
        }
        Some(Self {
            id: jwk.kid,
            algorithms,
            key,
        })
    }
}

/// Ed25519 goes by two names (RFC 9864).
fn is_named(algorithm: Algorithm, name: &str) -> bool {
    name.parse() == Ok(algorithm) || (algorithm == Algorithm::EdDSA && name == "Ed25519")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(more: Value) -> Value {
        let mut key = json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" });
        for (name, value) in more.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    }

    fn keys(list: &[Value]) -> Keys {
        Keys::read(&json!({ "keys": list })).unwrap()
    }

    #[test]
    fn a_key_is_found_by_id_and_kind() {
        let set = keys(&[
            rsa(json!({ "kid": "a" })),
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "AQAB", "kid": "b", "alg": "Ed25519" }),
        ]);
        assert!(set.find(Some("a"), Algorithm::RS256).is_some());
        assert!(set.find(Some("a"), Algorithm::PS256).is_some());
        assert!(set.find(Some("a"), Algorithm::EdDSA).is_none());
        assert!(set.find(Some("b"), Algorithm::EdDSA).is_some());
        assert!(set.find(Some("c"), Algorithm::RS256).is_none());
        assert!(set.find(Some("a"), Algorithm::HS256).is_none());
    }

    #[test]
    fn a_token_that_names_no_key_needs_a_set_that_leaves_no_choice() {
        let one = rsa(json!({ "kid": "a" }));
        assert!(
            keys(std::slice::from_ref(&one))
                .find(None, Algorithm::RS256)
                .is_some()
        );
        let two = [one, rsa(json!({ "kid": "b" }))];
        assert!(keys(&two).find(None, Algorithm::RS256).is_none());
    }

    #[test]
    fn keys_for_other_uses_and_of_unknown_kinds_are_passed_over() {
        for key in [
            rsa(json!({ "use": "enc" })),
            rsa(json!({ "key_ops": ["encrypt"] })),
            rsa(json!({ "alg": "RS512" })),
            rsa(json!({ "kid": 7 })),
            json!({ "kty": "EC", "crv": "P-384", "x": "AQAB", "y": "AQAB" }),
            json!({ "kty": "oct", "k": "AQAB" }),
            json!(null),
        ] {
            let set = keys(std::slice::from_ref(&key));
            assert!(set.find(None, Algorithm::RS256).is_none(), "{key}");
        }
    }
}
