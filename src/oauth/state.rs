//! A sign-in on its way: sealed into a cookie, so that starting one writes nothing to the database.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::crypto::{self, Keyring, Purpose, Secret};
use crate::error::{Code, Error, Result};
use crate::http::Request;
use crate::http::cookies::{self, Policy};
use crate::http::redirect::RedirectTarget;
use crate::oauth::provider::Provider;
use crate::session::SameSite;
use crate::store::Hash;

/// What must be remembered from the authorization request to the callback.
pub(crate) struct Flow {
    pub state: Secret,
    pub code_verifier: Secret,
    /// What an id_token must carry.
    pub nonce: Option<Secret>,
    pub redirect_uri: String,
    pub asked: Asked,
    /// Whether the answer comes as a form that another site posts.
    pub by_form_post: bool,
    pub expires_at: Timestamp,
}

/// What a sign-in was asked for.
#[derive(Clone)]
pub(crate) struct Asked {
    pub redirect_to: RedirectTarget,
    pub link: Option<Link>,
    /// In seconds.
    pub max_age: Option<u64>,
    /// Beside the configured ones.
    pub scopes: Vec<String>,
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
    /// A flow with a new state, verifier and nonce, 256 random bits each.
    pub fn new(
        provider: &Provider,
        redirect_uri: String,
        asked: Asked,
        expires_at: Timestamp,
    ) -> Result<Self> {
        let [state, code_verifier, nonce] = crypto::random_texts()?;
        Ok(Self {
            state,
            code_verifier,
            nonce: provider.is_openid().then_some(nonce),
            redirect_uri,
            asked,
            by_form_post: provider.answers_by_form_post(),
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
            nonce: self.nonce.as_ref().map(|nonce| nonce.expose().into()),
            redirect_uri: self.redirect_uri.as_str().into(),
            redirect_to: self.asked.redirect_to.as_str().into(),
            link: self.asked.link.clone(),
            max_age: self.asked.max_age,
            scopes: self.asked.scopes.clone(),
            by_form_post: self.by_form_post,
            expires_at: self.expires_at.0,
        };
        let plain = zeroize::Zeroizing::new(
            serde_json::to_vec(&plain)
                .map_err(|error| Error::new(Code::Internal).because(error))?,
        );
        let value = keys.seal(Purpose::Flow, &[&name, provider], &plain)?;
        // Cookies count whole seconds: one that began counts.
        let life = self.expires_at.since(now) + Duration::from_millis(999);
        let mut set = forget_oldest(request, secure, value.len());
        set.push(self.policy(&name, secure).set(&value, life));
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
        let value = cookies::first(request.headers_named("cookie"), &name)?;
        let opened = keys.open(Purpose::Flow, &[&name, provider], value)?;
        let sealed: Sealed<'_> = serde_json::from_slice(&opened.plaintext).ok()?;
        crypto::equal(&sealed.state, state).then(|| Self {
            state: Secret::new(sealed.state),
            code_verifier: Secret::new(sealed.code_verifier),
            nonce: sealed.nonce.map(Secret::new),
            redirect_uri: sealed.redirect_uri.into_owned(),
            asked: Asked {
                redirect_to: RedirectTarget::from_sealed(sealed.redirect_to.into_owned()),
                link: sealed.link,
                max_age: sealed.max_age,
                scopes: sealed.scopes,
            },
            by_form_post: sealed.by_form_post,
            expires_at: Timestamp(sealed.expires_at),
        })
    }

    /// What the database remembers of a spent state.
    pub fn state_hash(&self) -> Hash {
        crypto::hash(self.state.expose())
    }

    /// The `Set-Cookie` value that forgets this flow.
    pub fn clear_cookie(&self, secure: bool) -> String {
        self.policy(&cookie_name(self.state.expose(), secure), secure)
            .clear()
    }

    /// A form that another site posts brings cookies only if they say so, which browsers allow secure ones alone, and
    /// this machine counts as secure.
    fn policy<'a>(&self, name: &'a str, secure: bool) -> Policy<'a> {
        if self.by_form_post {
            Policy {
                secure: true,
                same_site: SameSite::None,
                ..policy(name, secure)
            }
        } else {
            policy(name, secure)
        }
    }
}

type Text<'a> = std::borrow::Cow<'a, str>;

#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    #[serde(rename = "s")]
    state: Text<'a>,
    #[serde(rename = "v")]
    code_verifier: Text<'a>,
    #[serde(rename = "n", skip_serializing_if = "Option::is_none", default)]
    nonce: Option<Text<'a>>,
    #[serde(rename = "r")]
    redirect_uri: Text<'a>,
    #[serde(rename = "t")]
    redirect_to: Text<'a>,
    #[serde(rename = "l", skip_serializing_if = "Option::is_none", default)]
    link: Option<Link>,
    #[serde(rename = "a", skip_serializing_if = "Option::is_none", default)]
    max_age: Option<u64>,
    #[serde(rename = "q", skip_serializing_if = "Vec::is_empty", default)]
    scopes: Vec<String>,
    #[serde(rename = "f", skip_serializing_if = "std::ops::Not::not", default)]
    by_form_post: bool,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Body;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn keys() -> Keyring {
        Keyring::new(&[Secret::new("a secret of more than 32 characters")]).unwrap()
    }

    fn flow(target: &str) -> Flow {
        Flow {
            state: crypto::random_text().unwrap(),
            code_verifier: crypto::random_text().unwrap(),
            nonce: Some(crypto::random_text().unwrap()),
            redirect_uri: "https://a.com/callback".to_owned(),
            asked: Asked {
                redirect_to: RedirectTarget::from_sealed(target.to_owned()),
                link: None,
                max_age: Some(60),
                scopes: vec!["a".to_owned()],
            },
            by_form_post: false,
            expires_at: NOW + Duration::from_secs(600),
        }
    }

    fn with_cookies(pairs: &[String]) -> Request {
        Request {
            method: "GET".to_owned(),
            url: "/".to_owned(),
            headers: vec![("cookie".to_owned(), pairs.join("; "))],
            body: Body::Empty,
            peer: None,
        }
    }

    fn pair(set_cookie: &str) -> String {
        set_cookie.split(';').next().unwrap().to_owned()
    }

    fn cookies_of(flow: &Flow, request: &Request) -> Vec<String> {
        flow.set_cookies(&keys(), "bitbucket", true, request, NOW)
            .unwrap()
    }

    #[test]
    fn a_flow_is_found_again_by_its_state() {
        let flow = flow("https://a.com/");
        let request = with_cookies(&[pair(&cookies_of(&flow, &with_cookies(&[]))[0])]);
        let found = Flow::find(&keys(), "bitbucket", true, &request, flow.state.expose()).unwrap();
        assert_eq!(found.code_verifier, flow.code_verifier);
        assert_eq!(found.nonce, flow.nonce);
        assert_eq!(found.asked.redirect_to, flow.asked.redirect_to);
        assert_eq!(found.asked.max_age, flow.asked.max_age);
        assert_eq!(found.asked.scopes, flow.asked.scopes);
        assert_eq!(found.expires_at, flow.expires_at);
    }

    /// Attack 7: mix-up (RFC 9700 4.4).
    #[test]
    fn a_flow_of_one_provider_is_none_of_anothers_and_still_its_own() {
        let flow = flow("https://a.com/");
        let request = with_cookies(&[pair(&cookies_of(&flow, &with_cookies(&[]))[0])]);
        let state = flow.state.expose();
        assert!(Flow::find(&keys(), "github", true, &request, state).is_none());
        assert!(Flow::find(&keys(), "bitbucket", true, &request, state).is_some());
    }

    #[test]
    fn a_cookie_under_the_name_of_another_state_does_not_open() {
        let (mine, other) = (flow("https://a.com/"), flow("https://a.com/"));
        let value = pair(&cookies_of(&mine, &with_cookies(&[]))[0]);
        let (_, value) = value.split_once('=').unwrap();
        let renamed = format!("{}={value}", cookie_name(other.state.expose(), true));
        let request = with_cookies(&[renamed]);
        assert!(Flow::find(&keys(), "bitbucket", true, &request, other.state.expose()).is_none());
    }

    #[test]
    fn a_sealed_flow_that_holds_another_state_is_not_the_one_that_is_asked_for() {
        let (mine, other) = (flow("https://a.com/"), flow("https://a.com/"));
        let name = cookie_name(other.state.expose(), true);
        let plain = serde_json::to_vec(&Sealed {
            state: mine.state.expose().into(),
            code_verifier: "v".into(),
            nonce: None,
            redirect_uri: "r".into(),
            redirect_to: "t".into(),
            link: None,
            max_age: None,
            scopes: Vec::new(),
            by_form_post: false,
            expires_at: mine.expires_at.0,
        });
        let sealed = keys().seal(Purpose::Flow, &[&name, "bitbucket"], &plain.unwrap());
        let request = with_cookies(&[format!("{name}={}", sealed.unwrap())]);
        assert!(Flow::find(&keys(), "bitbucket", true, &request, other.state.expose()).is_none());
    }

    #[test]
    fn a_form_that_another_site_posts_brings_the_cookie_along() {
        let mut flow = flow("https://a.com/");
        flow.by_form_post = true;
        let set = cookies_of(&flow, &with_cookies(&[]));
        assert!(set[0].contains("SameSite=None; Secure"));
        assert!(flow.clear_cookie(true).contains("SameSite=None; Secure"));
    }

    #[test]
    fn the_oldest_of_more_than_eight_flows_are_forgotten() {
        let mut jar: Vec<String> = Vec::new();
        for _ in 0..8 {
            let set = cookies_of(&flow("https://a.com/"), &with_cookies(&jar));
            assert_eq!(set.len(), 1);
            jar.push(pair(&set[0]));
        }
        let set = cookies_of(&flow("https://a.com/"), &with_cookies(&jar));
        let (oldest, _) = jar[0].split_once('=').unwrap();
        assert_eq!(set.len(), 2);
        assert!(set[0].starts_with(&format!("{oldest}=;")) && set[0].contains("Max-Age=0"));
    }

    #[test]
    fn long_flows_are_forgotten_before_they_outgrow_a_servers_headers() {
        let long = format!("https://a.com/{}", "x".repeat(2_000));
        let mut jar: Vec<String> = Vec::new();
        for _ in 0..20 {
            for set in cookies_of(&flow(&long), &with_cookies(&jar)) {
                let (name, _) = set.split_once('=').unwrap();
                jar.retain(|known| !known.starts_with(name));
                if !set.contains("Max-Age=0") {
                    jar.push(pair(&set));
                }
            }
        }
        assert!(jar.join("; ").len() <= MAX_FLOW_BYTES + 1_024);
    }

    #[test]
    fn thousands_of_forged_flows_make_no_answer_of_thousands_of_headers() {
        let jar: Vec<String> = (0..5_000)
            .map(|n| format!("__Host-kavach_flow_{n}=x"))
            .collect();
        assert!(
            cookies_of(&flow("https://a.com/"), &with_cookies(&jar)).len() <= MAX_FORGOTTEN + 1
        );
    }
}
