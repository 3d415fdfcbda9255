//! How long sessions live and how their cookie is set.

use std::time::Duration;

use crate::config::Base;
use crate::config::fields::Fields;
use crate::error::{Error, Result};
use crate::http::cookies::Policy;
use crate::session::SessionToken;
use crate::store::CacheConfig;

/// How long sessions live and how their cookie is set.
pub(crate) struct SessionConfig {
    pub expires_in: Duration,
    pub update_age: Duration,
    pub max_age: Duration,
    pub fresh_age: Duration,
    pub cookie_name: String,
    pub domain: Option<String>,
    pub same_site: SameSite,
    pub secure: bool,
    /// `None` when the database is to be asked each time.
    pub cache: Option<CacheConfig>,
}

/// The `SameSite` attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SameSite {
    Lax,
    Strict,
    None,
}

impl SessionConfig {
    /// Reads `auth.session`.
    pub fn parse(fields: &Fields<'_>, base: &Base) -> Result<Self> {
        let auth = fields.object("auth", &["session"])?;
        let session = auth.object(
            "session",
            &[
                "expiresIn",
                "updateAge",
                "maxAge",
                "freshAge",
                "cookieName",
                "domain",
                "sameSite",
                "cache",
            ],
        )?;
        let secure = base.origin.is_https();
        let domain = session
            .text("domain")?
            .map(|text| parse_domain(text, base, &session))
            .transpose()?;
        let same_site = match session.text("sameSite")? {
            None | Some("lax") => SameSite::Lax,
            Some("strict") => SameSite::Strict,
            Some("none") if secure => SameSite::None,
            Some("none") => {
                return Err(Error::config(
                    &session.path("sameSite"),
                    "can be 'none' only when baseUrl is https",
                ));
            }
            Some(_) => {
                return Err(Error::config(
                    &session.path("sameSite"),
                    "must be 'lax', 'strict' or 'none'",
                ));
            }
        };
        let cookie_name = match session.text("cookieName")? {
            Some(name) if is_cookie_name(name, secure, domain.is_some()) => name.to_owned(),
            Some(_) => {
                return Err(Error::config(
                    &session.path("cookieName"),
                    "must be letters, digits, - or _; __Host- before it needs https and no domain, __Secure- needs https",
                ));
            }
            None if secure && domain.is_none() => "__Host-kavach_session".to_owned(),
            None => "kavach_session".to_owned(),
        };
        let expires_in = session.seconds("expiresIn", 7 * DAY, 1)?;
        Ok(Self {
            expires_in,
            update_age: session.seconds("updateAge", DAY, 0)?,
            max_age: session.seconds("maxAge", (90 * DAY).max(expires_in.as_secs()), 1)?,
            fresh_age: session.seconds("freshAge", DAY, 0)?,
            cookie_name,
            domain,
            same_site,
            secure,
            cache: parse_cache(&session)?,
        })
    }

    pub fn cookie(&self) -> Policy<'_> {
        Policy {
            name: &self.cookie_name,
            secure: self.secure,
            same_site: self.same_site,
            domain: self.domain.as_deref(),
        }
    }

    /// The cookie that carries a new token. It lives as long as the session can at most; when the session ends is
    /// the database's word, so moving its end needs no new cookie.
    pub fn set_cookie(&self, token: &SessionToken) -> String {
        self.cookie().set(token.expose(), self.max_age)
    }
}

const DAY: u64 = 86_400;

fn parse_cache(session: &Fields<'_>) -> Result<Option<CacheConfig>> {
    let cache = session.object("cache", &["enabled", "maxEntries", "maxStaleness"])?;
    let config = CacheConfig {
        max_entries: cache.number("maxEntries", 10_000, 1, 1_000_000)? as usize,
        max_staleness: Duration::from_secs(cache.number("maxStaleness", 1, 1, 60)?),
    };
    Ok(cache.flag("enabled", true)?.then_some(config))
}

fn parse_domain(text: &str, base: &Base, session: &Fields<'_>) -> Result<String> {
    let domain = text.trim_start_matches('.').to_ascii_lowercase();
    let host = base.origin.host();
    let covers = host == domain
        || host
            .strip_suffix(&domain)
            .is_some_and(|rest| rest.ends_with('.'));
    if !covers || !domain.contains('.') {
        return Err(Error::config(
            &session.path("domain"),
            format!("must be {host} or a domain above it"),
        ));
    }
    Ok(domain)
}

/// A name that needs no quoting, and whose prefix promises only what is kept (RFC 6265bis 4.1.3).
fn is_cookie_name(name: &str, secure: bool, has_domain: bool) -> bool {
    let rest = match (name.strip_prefix("__Host-"), name.strip_prefix("__Secure-")) {
        (Some(rest), _) if secure && !has_domain => rest,
        (_, Some(rest)) if secure => rest,
        _ => name,
    };
    (1..=64).contains(&rest.len())
        && !rest.starts_with("__")
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
