//! What an id_token must be before its word is taken (OpenID Connect Core 3.1.3.7).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};

use super::ring_provider;
use crate::clock::Timestamp;
use crate::crypto::{self, Secret};
use crate::error::{Error, Result};
use crate::oauth::client::provider_error;
use crate::oauth::provider::entry::{IssuerRule, Nonce};

/// What is expected of the claims.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// As the metadata names it.
    pub issuer: &'a str,
    pub issuer_rule: IssuerRule,
    pub client_id: &'a str,
    /// What was sent, if anything was.
    pub nonce: Option<&'a str>,
    pub nonce_rule: Nonce,
    /// The token that came with it.
    pub access_token: &'a Secret,
    /// The age that was asked for, in seconds.
    pub max_age: Option<u64>,
}

/// The header, judged as far as it can be without a key: the algorithm is one that we know, and nothing in it demands
/// to be understood. What it says about keys other than their id is never looked at.
pub(crate) fn header(token: &str) -> Result<Header> {
    ring_provider::install();
    if token.len() > MAX_TOKEN_LEN {
        return Err(refused("is too long"));
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| refused("has no usable header"))?;
    // RFC 7515 4.1.11
    if header.crit.is_some() {
        return Err(refused("demands an extension"));
    }
    Ok(header)
}

/// Verifies the signature and the claims, and gives them.
pub(crate) fn verify(
    token: &str,
    algorithm: Algorithm,
    key: &DecodingKey,
    expected: &Expected<'_>,
) -> Result<Value> {
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_audience(&[expected.client_id]);
    validation.set_required_spec_claims(&["exp", "aud"]);
    let claims = jsonwebtoken::decode::<Value>(token, key, &validation)
        .map_err(|error| failure(error.kind()))?
        .claims;
    expected.check(&claims, algorithm, Timestamp::now())?;
    Ok(claims)
}

impl Expected<'_> {
    fn check(&self, claims: &Value, algorithm: Algorithm, now: Timestamp) -> Result<()> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let time = |name: &str| claims.get(name).and_then(Value::as_f64);
        let now = now.0 as f64 / 1_000.0;
        let leeway = LEEWAY as f64;

        if !text("iss").is_some_and(|issuer| self.is_issuer(issuer, claims)) {
            return Err(refused("is of another issuer"));
        }
        if text("sub").is_none_or(str::is_empty) {
            return Err(refused("names no subject"));
        }
        // 3.1.3.7, 3 to 5: several audiences are trusted only if it was made for us.
        let several = claims
            .get("aud")
            .and_then(Value::as_array)
            .is_some_and(|audiences| audiences.len() > 1);
        match claims.get("azp") {
            None if several => return Err(refused("is for several audiences and names no azp")),
            Some(azp) if azp.as_str() != Some(self.client_id) => {
                return Err(refused("was issued to another client"));
            }
            _ => {}
        }
        if !time("iat").is_some_and(|issued_at| issued_at <= now + leeway) {
            return Err(refused("has no time of issue, or one in the future"));
        }
        self.check_nonce(claims.get("nonce"))?;
        if let Some(max_age) = self.max_age {
            // 3.1.2.1: with `max_age` the time of the sign-in must be told.
            let is_recent = time("auth_time").is_some_and(|at| now <= at + max_age as f64 + leeway);
            if !is_recent {
                return Err(refused(
                    "does not show a sign-in as recent as was asked for",
                ));
            }
        }
        match claims.get("at_hash") {
            Some(hash) if hash.as_str() != Some(&*self.token_hash(algorithm)) => {
                Err(refused("belongs to another access token"))
            }
            _ => Ok(()),
        }
    }

    fn is_issuer(&self, named: &str, claims: &Value) -> bool {
        match self.issuer_rule {
            IssuerRule::Exact => named == self.issuer,
            IssuerRule::OrElse(other) => named == self.issuer || named == other,
            IssuerRule::Tenant => claims
                .get("tid")
                .and_then(Value::as_str)
                .is_some_and(|tenant| named == self.issuer.replace("{tenantid}", tenant)),
        }
    }

    fn check_nonce(&self, named: Option<&Value>) -> Result<()> {
        let Some(sent) = self.nonce else {
            return match named {
                None | Some(Value::Null) => Ok(()),
                Some(_) => Err(refused("carries the nonce of another sign-in")),
            };
        };
        match named {
            Some(Value::String(named)) if crypto::equal(named, sent) => Ok(()),
            None if self.nonce_rule == Nonce::MayBeMissing => Ok(()),
            _ => Err(refused("does not carry the nonce of this sign-in")),
        }
    }

    /// 3.1.3.6: half of the access token's hash, by the algorithm of the signature.
    fn token_hash(&self, algorithm: Algorithm) -> String {
        let token = self.access_token.expose();
        let half = |hash: &[u8]| {
            let (left, _) = hash.split_at(hash.len() / 2);
            BASE64_URL_SAFE_NO_PAD.encode(left)
        };
        match algorithm {
            // Ed25519 hashes with SHA-512.
            Algorithm::EdDSA => half(&Sha512::digest(token)),
            _ => half(&Sha256::digest(token)),
        }
    }
}

/// How far clocks may be apart, in seconds.
const LEEWAY: u64 = 60;
/// Some carry whole lists of groups.
const MAX_TOKEN_LEN: usize = 100_000;

pub(crate) fn refused(what: &str) -> Error {
    provider_error(format!("the id_token {what}"))
}

fn failure(kind: &ErrorKind) -> Error {
    refused(match kind {
        ErrorKind::ExpiredSignature => "has expired",
        ErrorKind::ImmatureSignature => "is not valid yet",
        ErrorKind::InvalidAudience => "is for another audience",
        ErrorKind::MissingRequiredClaim(_) => "lacks exp or aud",
        ErrorKind::InvalidSignature => "has a wrong signature",
        _ => "cannot be read",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);
    const SECONDS: u64 = 1_700_000_000;

    fn claims(change: &Value) -> Value {
        let mut claims = json!({
            "iss": "https://a.com", "sub": "7", "aud": "client", "exp": SECONDS + 300,
            "iat": SECONDS, "nonce": "n",
        });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    fn check_with(change: &Value, adapt: impl FnOnce(&mut Expected<'_>)) -> bool {
        is_taken(&claims(change), adapt)
    }

    fn is_taken(claims: &Value, adapt: impl FnOnce(&mut Expected<'_>)) -> bool {
        let access_token = Secret::new("token");
        let mut expected = Expected {
            issuer: "https://a.com",
            issuer_rule: IssuerRule::Exact,
            client_id: "client",
            nonce: Some("n"),
            nonce_rule: Nonce::Required,
            access_token: &access_token,
            max_age: None,
        };
        adapt(&mut expected);
        expected.check(claims, Algorithm::RS256, NOW).is_ok()
    }

    fn check(change: &Value) -> bool {
        check_with(change, |_| {})
    }

    /// Attack 17.
    #[test]
    fn claims_that_are_not_ours_are_refused() {
        assert!(check(&json!({})));
        for change in [
            json!({ "iss": "https://a.com/" }),
            json!({ "iss": null }),
            json!({ "sub": "" }),
            json!({ "sub": 7 }),
            json!({ "aud": ["client", "other"] }),
            json!({ "azp": "other" }),
            json!({ "azp": 7 }),
            json!({ "iat": SECONDS + 61 }),
            json!({ "iat": null }),
            json!({ "iat": "1700000000" }),
            json!({ "nonce": "m" }),
            json!({ "nonce": null }),
            json!({ "nonce": ["n"] }),
            json!({ "at_hash": "x" }),
            json!({ "at_hash": 7 }),
        ] {
            assert!(!check(&change), "{change}");
        }
        assert!(check(
            &json!({ "aud": ["client", "other"], "azp": "client" })
        ));
        assert!(check(&json!({ "iat": SECONDS + 59 })));
    }

    #[test]
    fn the_hash_of_the_access_token_is_half_of_it() {
        let hash = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest("token")[..16]);
        assert!(check(&json!({ "at_hash": hash })));
    }

    #[test]
    fn a_nonce_may_be_missing_only_where_that_is_known() {
        let lenient = |expected: &mut Expected<'_>| expected.nonce_rule = Nonce::MayBeMissing;
        let mut without = claims(&json!({}));
        without.as_object_mut().unwrap().remove("nonce");
        assert!(!is_taken(&without, |_| {}));
        assert!(is_taken(&without, lenient));
        assert!(!check_with(&json!({ "nonce": "m" }), lenient));
    }

    #[test]
    fn a_recent_sign_in_is_shown_when_it_was_asked_for() {
        let asked = |expected: &mut Expected<'_>| expected.max_age = Some(100);
        assert!(check_with(&json!({ "auth_time": SECONDS - 100 }), asked));
        assert!(!check_with(&json!({ "auth_time": SECONDS - 200 }), asked));
        assert!(!check_with(&json!({}), asked));
    }

    #[test]
    fn a_tenant_is_the_one_that_the_token_itself_names() {
        let tenant = |expected: &mut Expected<'_>| {
            expected.issuer = "https://m.com/{tenantid}/v2.0";
            expected.issuer_rule = IssuerRule::Tenant;
        };
        let named =
            |issuer: &str, tid: Value| check_with(&json!({ "iss": issuer, "tid": tid }), tenant);
        assert!(named("https://m.com/t1/v2.0", json!("t1")));
        assert!(!named("https://m.com/t1/v2.0", json!("t2")));
        assert!(!named("https://m.com/t1/v2.0", json!(null)));
        assert!(!named("https://evil.example/t1/v2.0", json!("t1")));
    }
}
