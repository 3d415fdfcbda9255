//! Keys, sealing, hashing. Everything secret lives in types that wipe themselves and never print.

use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use chacha20poly1305::aead::{Aead, AeadInOut, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::store::Hash;

/// Text that must not print: a secret, a token, a code, a verifier. [`Secret::expose`] is the only way out.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a sealed value is for. Each purpose has a key of its own, so a value sealed for one never opens as another.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// A sign-in on its way: the flow cookie.
    Flow,
    /// Provider tokens at rest.
    Vault,
}

/// The keys derived from the configured secrets. The first seals; all open.
pub(crate) struct Keyring(Vec<Keys>);

struct Keys {
    id: [u8; KEY_ID_LEN],
    flow: Zeroizing<[u8; 32]>,
    vault: Zeroizing<[u8; 32]>,
}

/// What came out of a sealed value.
pub(crate) struct Opened {
    pub plaintext: Zeroizing<Vec<u8>>,
    /// Whether the first secret sealed it; if not, it wants sealing anew.
    pub current: bool,
}

impl Keyring {
    pub fn new(secrets: &[Secret]) -> Result<Self> {
        secrets
            .iter()
            .map(Keys::derive)
            .collect::<Result<_>>()
            .map(Self)
    }

    /// Seals `plaintext` and binds it to `context`, which must be given again to open it.
    pub fn seal(&self, purpose: Purpose, context: &[&str], plaintext: &[u8]) -> Result<String> {
        let keys = self.0.first().ok_or(Code::Internal)?;
        let mut sealed = Vec::with_capacity(HEADER_LEN + NONCE_LEN + plaintext.len() + 16);
        sealed.push(VERSION);
        sealed.extend_from_slice(&keys.id);
        let nonce: [u8; NONCE_LEN] = random()?;
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        let (_, message) = sealed.split_at_mut(HEADER_LEN + NONCE_LEN);
        let tag = keys
            .cipher(purpose)
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &associated_data(context),
                message.into(),
            )
            .map_err(|_| Error::new(Code::Internal).because("a value could not be sealed"))?;
        sealed.extend_from_slice(&tag);
        Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens what [`Keyring::seal`] made for the same purpose and context; `None` for anything else.
    pub fn open(&self, purpose: Purpose, context: &[&str], sealed: &str) -> Option<Opened> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (header, rest) = bytes.split_at_checked(HEADER_LEN)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>()?;
        let (version, key_id) = header.split_first()?;
        if *version != VERSION {
            return None;
        }
        let position = self.0.iter().position(|keys| keys.id == *key_id)?;
        let plaintext = self
            .0
            .get(position)?
            .cipher(purpose)
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: ciphertext,
                    aad: &associated_data(context),
                },
            )
            .ok()?;
        Some(Opened {
            plaintext: Zeroizing::new(plaintext),
            current: position == 0,
        })
    }
}

impl Keys {
    fn derive(secret: &Secret) -> Result<Self> {
        let kdf = Hkdf::<Sha256>::new(None, secret.expose().as_bytes());
        let mut keys = Self {
            id: [0; KEY_ID_LEN],
            flow: Zeroizing::new([0; 32]),
            vault: Zeroizing::new([0; 32]),
        };
        kdf.expand(b"kavachos v1 key id", &mut keys.id)
            .and_then(|()| kdf.expand(b"kavachos v1 flow cookie", keys.flow.as_mut()))
            .and_then(|()| kdf.expand(b"kavachos v1 token vault", keys.vault.as_mut()))
            .map_err(|_| Error::new(Code::Internal).because("a key could not be derived"))?;
        Ok(keys)
    }

    fn cipher(&self, purpose: Purpose) -> XChaCha20Poly1305 {
        let key = match purpose {
            Purpose::Flow => &self.flow,
            Purpose::Vault => &self.vault,
        };
        XChaCha20Poly1305::new((&**key).into())
    }
}

/// SHA-256.
pub(crate) fn hash(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

/// 256 random bits as 43 characters of base64url.
pub(crate) fn random_text() -> Result<Secret> {
    random_texts().map(|[text]| text)
}

/// So many of them, for one call to the system.
pub(crate) fn random_texts<const N: usize>() -> Result<[Secret; N]> {
    let mut bytes = Zeroizing::new([[0; 32]; N]);
    fill(bytes.as_flattened_mut())?;
    let encode = |bytes: &[u8; 32]| Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes));
    Ok(bytes.each_ref().map(encode))
}

/// Whether a text is of the alphabet of base64url (RFC 4648 5). Each byte is looked at, whatever the others are: that is
/// quicker than to stop.
pub(crate) fn is_base64_url(text: &str) -> bool {
    let is_of_it = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'_');
    text.bytes().fold(true, |all, byte| all & is_of_it(byte))
}

/// Whether two secrets are equal, in time that depends on their lengths only.
pub(crate) fn equal(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// A short name for a hash, in characters that a cookie name may have.
pub(crate) fn short_name(hash: &Hash) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&hash[..12])
}

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const NONCE_LEN: usize = 24;
const HEADER_LEN: usize = 1 + KEY_ID_LEN;

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes)
        .map_err(|error| Error::new(Code::Internal).because(format!("no random bytes: {error}")))
}

/// Length-prefixed, so that `["ab", "c"]` and `["a", "bc"]` differ.
fn associated_data(context: &[&str]) -> Vec<u8> {
    let mut data = Vec::new();
    for part in context {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old secret of more than 32 characters";
    const NEW: &str = "a new secret of more than 32 characters!";

    fn keyring(secrets: &[&str]) -> Keyring {
        let secrets: Vec<_> = secrets.iter().map(|text| Secret::new(*text)).collect();
        Keyring::new(&secrets).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_again() {
        let keys = keyring(&[NEW]);
        let sealed = keys
            .seal(Purpose::Vault, &["bitbucket", "{1}"], b"token")
            .unwrap();
        let opened = keys
            .open(Purpose::Vault, &["bitbucket", "{1}"], &sealed)
            .unwrap();
        assert_eq!(&opened.plaintext[..], b"token");
        assert!(opened.current);
    }

    #[test]
    fn a_sealed_value_is_bound_to_its_purpose_and_context() {
        let keys = keyring(&[NEW]);
        let sealed = keys
            .seal(Purpose::Vault, &["bitbucket", "{1}"], b"token")
            .unwrap();
        assert!(
            keys.open(Purpose::Flow, &["bitbucket", "{1}"], &sealed)
                .is_none()
        );
        assert!(
            keys.open(Purpose::Vault, &["bitbucket", "{2}"], &sealed)
                .is_none()
        );
        assert!(
            keys.open(Purpose::Vault, &["bitbucket{", "1}"], &sealed)
                .is_none()
        );
    }

    #[test]
    fn an_older_secret_still_opens_and_says_that_it_is_old() {
        let sealed = keyring(&[OLD]).seal(Purpose::Flow, &[], b"x").unwrap();
        assert!(
            !keyring(&[NEW, OLD])
                .open(Purpose::Flow, &[], &sealed)
                .unwrap()
                .current
        );
        assert!(keyring(&[NEW]).open(Purpose::Flow, &[], &sealed).is_none());
    }

    #[test]
    fn no_bit_of_a_sealed_value_can_be_changed() {
        let keys = keyring(&[NEW]);
        let sealed = keys.seal(Purpose::Flow, &[], b"hello").unwrap();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        for at in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            let flipped = BASE64_URL_SAFE_NO_PAD.encode(flipped);
            assert!(
                keys.open(Purpose::Flow, &[], &flipped).is_none(),
                "bit {at}"
            );
        }
        for end in 0..sealed.len() {
            assert!(
                keys.open(Purpose::Flow, &[], &sealed[..end]).is_none(),
                "cut at {end}"
            );
        }
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new("hush")), "[redacted]");
    }
}
