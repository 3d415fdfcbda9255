//! A sign-in on its way: sealed into a cookie, so that starting one writes nothing to the database.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::crypto::{self, Keyring, Purpose, Secret};
use crate::error::{Code, Error, Result};
use crate::http::Request;
use crate::http::cookies::{self, Policy};
use crate::http::redirect::RedirectTarget;
use crate::session::SameSite;
use crate::store::Hash;

/// What must be remembered from the authorization request to the callback.
pub(crate) struct Flow {
    pub state: Secret,
    pub code_verifier: Secret,
    pub redirect_uri: String,
    pub redirect_to: RedirectTarget,
    pub link: Option<Link>,
    pub expires_at: Timestamp,
}

/// For whom a flow links an account: the user, and the session that asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    #[serde(rename = "u")]
    pub user_id: String,
    #[serde(rename = "s")]
    pub session_id: String,
}

impl Flow {
    /// A flow with a new state and verifier, 256 random bits each.
    pub fn new(
        redirect_uri: String,
        redirect_to: RedirectTarget,
        link: Option<Link>,
        expires_at: Timestamp,
    ) -> Result<Self> {
        Ok(Self {
            state: crypto::random_text()?,
            code_verifier: crypto::random_text()?,
            redirect_uri,
            redirect_to,
            link,
            expires_at,
        })
    }

    /// The `Set-Cookie` values that remember this flow and forget the oldest ones of those that `request` brings.
    pub fn set_cookies(
        &self,
        keys: &Keyring,
        provider: &str,
        secure: bool,
        request: &Request,
        now: Timestamp,
    ) -> Result<Vec<String>> {
        let name = cookie_name(self.state.expose(), secure);
        let plain = Sealed {
            state: self.state.expose().into(),
            code_verifier: self.code_verifier.expose().into(),
            redirect_uri: self.redirect_uri.as_str().into(),
            redirect_to: self.redirect_to.as_str().into(),
            link: self.link.clone(),
            expires_at: self.expires_at.0,
        };
        let plain = zeroize::Zeroizing::new(
            serde_json::to_vec(&plain)
                .map_err(|error| Error::new(Code::Internal).because(error))?,
        );
        let value = keys.seal(Purpose::Flow, &[&name, provider], &plain)?;
        let mut set = forget_oldest(request, secure, value.len());
        set.push(policy(&name, secure).set(&value, self.expires_at.since(now)));
        Ok(set)
    }

    /// Finds the flow that a callback belongs to: the one whose cookie is named after the state, sealed for that
    /// provider (RFC 9700 4.4), and holding the equal state.
    pub fn find(
        keys: &Keyring,
        provider: &str,
        secure: bool,
        request: &Request,
        state: &str,
    ) -> Option<Self> {
        let name = cookie_name(state, secure);
        let value = cookies::value(request, &name)?;
        let opened = keys.open(Purpose::Flow, &[&name, provider], value)?;
        let sealed: Sealed<'_> = serde_json::from_slice(&opened.plaintext).ok()?;
        crypto::equal(&sealed.state, state).then(|| Self {
            state: Secret::new(sealed.state),
            code_verifier: Secret::new(sealed.code_verifier),
            redirect_uri: sealed.redirect_uri.into_owned(),
            redirect_to: RedirectTarget::from_sealed(sealed.redirect_to.into_owned()),
            link: sealed.link,
            expires_at: Timestamp(sealed.expires_at),
        })
    }

    /// What the database remembers of a spent state.
    pub fn state_hash(&self) -> Hash {
        crypto::hash(self.state.expose())
    }

    /// The `Set-Cookie` value that forgets this flow.
    pub fn clear_cookie(&self, secure: bool) -> String {
        policy(&cookie_name(self.state.expose(), secure), secure).clear()
    }
}

type Text<'a> = std::borrow::Cow<'a, str>;

#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    #[serde(rename = "s")]
    state: Text<'a>,
    #[serde(rename = "v")]
    code_verifier: Text<'a>,
    #[serde(rename = "r")]
    redirect_uri: Text<'a>,
    #[serde(rename = "t")]
    redirect_to: Text<'a>,
    #[serde(rename = "l", skip_serializing_if = "Option::is_none", default)]
    link: Option<Link>,
    #[serde(rename = "e")]
    expires_at: i64,
}

/// At most eight flows live at once, in at most this many bytes of cookies: servers refuse requests whose headers
/// outgrow some 16 kB.
const MAX_OTHER_FLOWS: usize = 7;
const MAX_FLOW_BYTES: usize = 8_192;

const PREFIX: &str = "kavach_flow_";
const HOST_PREFIX: &str = "__Host-kavach_flow_";

fn cookie_name(state: &str, secure: bool) -> String {
    let prefix = if secure { HOST_PREFIX } else { PREFIX };
    format!("{prefix}{}", crypto::short_name(&crypto::hash(state)))
}

fn policy(name: &str, secure: bool) -> Policy<'_> {
    Policy {
        name,
        secure,
        // The way back from the provider is a cross-site navigation, which Lax lets through and Strict does not.
        same_site: SameSite::Lax,
        domain: None,
    }
}

fn forget_oldest(request: &Request, secure: bool, new_bytes: usize) -> Vec<String> {
    let prefix = if secure { HOST_PREFIX } else { PREFIX };
    let flows: Vec<(&str, &str)> = cookies::all(request)
        .filter(|(name, _)| name.starts_with(prefix) && is_cookie_name(name))
        .collect();
    let mut bytes = new_bytes;
    let mut kept = 0;
    let mut forgotten = Vec::new();
    for (name, value) in flows.into_iter().rev() {
        bytes += name.len() + value.len();
        if kept < MAX_OTHER_FLOWS && bytes <= MAX_FLOW_BYTES {
            kept += 1;
        } else if forgotten.len() < MAX_FORGOTTEN {
            forgotten.push(policy(name, secure).clear());
        }
    }
    forgotten
}

/// A request with thousands of forged flow cookies must not make an answer of thousands of headers.
const MAX_FORGOTTEN: usize = 32;

/// The name is sent back in `Set-Cookie`, so it must be one that we could have made.
fn is_cookie_name(name: &str) -> bool {
    name.len() < 64
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
