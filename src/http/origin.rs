//! Origins, and whether a request that changes something came from one that we trust.

use std::fmt;

use url::Url;

use crate::error::{Code, Error, Result};
use crate::http::Request;

/// A scheme, a host and a port, in the one spelling that browsers send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(String);

impl Origin {
    /// The origin of an http(s) URL.
    pub fn of(url: &Url) -> Option<Self> {
        (matches!(url.scheme(), "http" | "https") && url.has_host())
            .then(|| Self(url.origin().ascii_serialization()))
    }

    /// Takes an origin and nothing more: no path, no wildcard.
    pub fn parse(text: &str) -> Option<Self> {
        let origin = Self::of(&Url::parse(text).ok()?)?;
        let is_bare = text.eq_ignore_ascii_case(&origin.0)
            || text
                .strip_suffix('/')
                .is_some_and(|bare| bare.eq_ignore_ascii_case(&origin.0));
        (is_bare && !text.contains('*')).then_some(origin)
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The host without the port.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let port = rest
            .rfind(':')
            .filter(|at| rest[*at..].bytes().skip(1).all(|b| b.is_ascii_digit()));
        &rest[..port.unwrap_or(rest.len())]
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a request proves who sends it, as far as forgery goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A cookie, or nothing: browsers attach cookies by themselves.
    Ambient,
    /// A bearer token, which no other site can make a browser send.
    Bearer,
}

/// Refuses a state-changing request that another site could have caused.
pub(crate) fn check(
    request: &Request,
    credential: Credential,
    own: &Origin,
    trusted: &[Origin],
) -> Result<()> {
    let mut origins = request.headers_named("origin");
    if let Some(given) = origins.next() {
        let is_trusted = origins.next().is_none()
            && (own.0 == given || trusted.iter().any(|origin| origin.0 == given));
        return if is_trusted {
            Ok(())
        } else {
            Err(Code::OriginForbidden.into())
        };
    }
    match request.header("sec-fetch-site") {
        Some("same-origin") => Ok(()),
        Some(_) => Err(Code::OriginForbidden.into()),
        None if credential == Credential::Bearer => Ok(()),
        None => Err(Error::with(
            Code::OriginForbidden,
            "The request names no origin. Browsers send one; other clients send `Origin`, or a bearer token instead of a cookie.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Option<String> {
        Origin::parse(text).map(|origin| origin.to_string())
    }

    #[test]
    fn an_origin_has_one_spelling() {
        assert_eq!(origin("https://a.com:443").as_deref(), None);
        assert_eq!(origin("https://A.com/").as_deref(), Some("https://a.com"));
        assert_eq!(
            origin("http://localhost:3000").as_deref(),
            Some("http://localhost:3000")
        );
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for text in [
            "*",
            "https://*.a.com",
            "https://a.com/x",
            "a.com",
            "null",
            "https://u@a.com",
            "ftp://a.com",
            "",
        ] {
            assert_eq!(origin(text), None, "{text}");
        }
    }

    #[test]
    fn the_host_comes_without_its_port() {
        assert_eq!(
            Origin::parse("http://[::1]:80").as_ref().map(Origin::host),
            None
        );
        assert_eq!(
            Origin::parse("http://[::1]:81").as_ref().map(Origin::host),
            Some("[::1]")
        );
        assert_eq!(
            Origin::parse("http://[::1]").as_ref().map(Origin::host),
            Some("[::1]")
        );
        assert_eq!(
            Origin::parse("https://a.com").as_ref().map(Origin::host),
            Some("a.com")
        );
    }

    fn post(headers: &[(&str, &str)]) -> Request {
        Request {
            method: "POST".into(),
            url: "/".into(),
            headers: headers
                .iter()
                .map(|(n, v)| ((*n).into(), (*v).into()))
                .collect(),
            body: Default::default(),
            peer: None,
        }
    }

    #[test]
    fn only_our_origin_and_trusted_ones_may_change_anything() {
        let own = Origin::parse("https://a.com").unwrap();
        let trusted = [Origin::parse("https://b.com").unwrap()];
        let passes = |headers: &[(&str, &str)], credential| {
            check(&post(headers), credential, &own, &trusted).is_ok()
        };
        assert!(passes(&[("Origin", "https://a.com")], Credential::Ambient));
        assert!(passes(&[("origin", "https://b.com")], Credential::Ambient));
        assert!(passes(
            &[("sec-fetch-site", "same-origin")],
            Credential::Ambient
        ));
        assert!(passes(&[], Credential::Bearer));
        for headers in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://a.com.evil.com")],
            &[("origin", "http://a.com")],
            &[
                ("origin", "https://evil.com"),
                ("sec-fetch-site", "same-origin"),
            ],
            &[("origin", "https://a.com"), ("origin", "https://evil.com")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(!passes(headers, Credential::Ambient), "{headers:?}");
        }
        assert!(!passes(
            &[("origin", "https://evil.com")],
            Credential::Bearer
        ));
    }
}
