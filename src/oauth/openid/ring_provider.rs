//! The cryptography of JSON Web Signatures: `jsonwebtoken` leaves it open, and `ring` is here already for TLS.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::rand::SystemRandom;
use ring::{hmac, signature as ring_signature};
use signature::{Signer, Verifier};

/// Makes `jsonwebtoken` use `ring`. Costs nothing after the first time.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another provider can only be another copy of this one.
        let _ = PROVIDER.install_default();
    });
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(RingSigner(*algorithm, key.clone()))),
    verifier_factory: |algorithm, key| {
        if key.family() != algorithm.family() {
            return Err(Error::from(ErrorKind::InvalidAlgorithm));
        }
        Ok(Box::new(RingVerifier(*algorithm, key.clone())))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct RingSigner(Algorithm, EncodingKey);

struct RingVerifier(Algorithm, DecodingKey);

impl JwtSigner for RingSigner {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

impl Signer<Vec<u8>> for RingSigner {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, signature::Error> {
        let key = self.1.as_bytes();
        let random = SystemRandom::new();
        let refused = |_| signature::Error::new();
        match self.0 {
            Algorithm::RS256 => {
                let pair = ring_signature::RsaKeyPair::from_pkcs8(key)
                    .map_err(|_| signature::Error::new())?;
                let mut signed = vec![0; pair.public().modulus_len()];
                pair.sign(
                    &ring_signature::RSA_PKCS1_SHA256,
                    &random,
                    message,
                    &mut signed,
                )
                .map_err(refused)?;
                Ok(signed)
            }
            Algorithm::ES256 => ring_signature::EcdsaKeyPair::from_pkcs8(
                &ring_signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                key,
                &random,
            )
            .map_err(|_| signature::Error::new())?
            .sign(&random, message)
            .map(|signed| signed.as_ref().to_vec())
            .map_err(refused),
            // OpenSSL writes these without the public half.
            Algorithm::EdDSA => ring_signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(key)
                .map(|pair| pair.sign(message).as_ref().to_vec())
                .map_err(|_| signature::Error::new()),
            _ => Err(signature::Error::new()),
        }
    }
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(
        &self,
        message: &[u8],
        signed: &Vec<u8>,
    ) -> std::result::Result<(), signature::Error> {
        let refused = |_| signature::Error::new();
        let unparsed = |algorithm: &'static dyn ring_signature::VerificationAlgorithm| {
            let key = self
                .1
                .try_get_as_bytes()
                .map_err(|_| signature::Error::new())?;
            ring_signature::UnparsedPublicKey::new(algorithm, key)
                .verify(message, signed)
                .map_err(refused)
        };
        let rsa = |parameters: &'static ring_signature::RsaParameters| match self.1.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => {
                ring_signature::RsaPublicKeyComponents { n, e }
                    .verify(parameters, message, signed)
                    .map_err(refused)
            }
            DecodingKeyKind::SecretOrDer(_) => Err(signature::Error::new()),
        };
        match self.0 {
            Algorithm::RS256 => rsa(&ring_signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::PS256 => rsa(&ring_signature::RSA_PSS_2048_8192_SHA256),
            Algorithm::ES256 => unparsed(&ring_signature::ECDSA_P256_SHA256_FIXED),
            Algorithm::EdDSA => unparsed(&ring_signature::ED25519),
            Algorithm::HS256 if self.1.family() == AlgorithmFamily::Hmac => {
                let secret = self
                    .1
                    .try_get_as_bytes()
                    .map_err(|_| signature::Error::new())?;
                hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), message, signed)
                    .map_err(refused)
            }
            _ => Err(signature::Error::new()),
        }
    }
}

/// Checks that a key can be used, before any token is signed with it.
pub(crate) fn try_key(algorithm: Algorithm, key: &EncodingKey) -> Result<()> {
    RingSigner(algorithm, key.clone())
        .try_sign(b"test")
        .map(|_| ())
        .map_err(|_| Error::from(ErrorKind::InvalidKeyFormat))
}
