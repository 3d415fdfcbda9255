//! A request as a plain value.

use std::borrow::Cow;
use std::net::IpAddr;

use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::error::{Code, Error, Result};

/// A request, from whatever server took it in.
#[derive(Debug)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// A path with its query, or a whole URL of which only those two count: what names our host is the
    /// configuration, never a request.
    pub url: String,
    /// Names and values as received, repeats kept; only those that are [read](Self::headers_named) need be here.
    pub headers: Vec<(String, String)>,
    /// The body, where a route reads one.
    pub body: Body,
    /// The peer's address, from the socket.
    pub peer: Option<IpAddr>,
}

/// The names of the headers that are read.
pub const HEADERS_READ: &[&str] = &[
    "accept",
    "authorization",
    "content-type",
    "cookie",
    "origin",
    "sec-fetch-site",
    "user-agent",
    "x-forwarded-for",
];

/// A body, read up to the cap.
#[derive(Debug, Default)]
pub enum Body {
    /// None was sent, or none was read.
    #[default]
    Empty,
    /// All of it.
    Full(Vec<u8>),
    /// More than 64 KiB.
    TooLarge,
    /// Somebody read it before us and kept it.
    Consumed,
}

impl Request {
    /// The path, exactly as it was sent: not decoded and not tidied, so that there is one way to write a route.
    pub fn path(&self) -> &str {
        let (_, rest) = split_authority(&self.url);
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        &rest[..end]
    }

    /// A query parameter. Given twice it is an error: two readers could take different ones.
    pub fn query(&self, name: &str) -> Result<Option<Cow<'_, str>>> {
        single(self.raw_query().as_bytes(), name)
    }

    /// The first header of that name, compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers_named(name).next()
    }

    /// All headers of that name.
    pub fn headers_named<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        debug_assert!(HEADERS_READ.contains(&name), "{name} would not cross");
        self.headers
            .iter()
            .filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether whoever asks would show HTML: a browser that navigates, not a script that fetches.
    pub fn accepts_html(&self) -> bool {
        self.headers_named("accept")
            .any(|value| value.to_ascii_lowercase().contains("text/html"))
    }

    /// The body as JSON of the shape that the route takes.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let body = match &self.body {
            Body::TooLarge => return Err(Code::BodyTooLarge.into()),
            Body::Consumed => return Err(consumed()),
            Body::Empty => {
                return Err(Error::with(
                    Code::BodyInvalid,
                    "The request needs a JSON body.",
                ));
            }
            Body::Full(bytes) => bytes,
        };
        let is_json = self.header("content-type").is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case("application/json")
        });
        if !is_json {
            return Err(Error::with(
                Code::BodyInvalid,
                "The request body must be JSON, sent with `Content-Type: application/json`.",
            ));
        }
        // No field of ours can hold it, and not every database can be asked for it.
        if body.windows(6).any(|six| six == b"\\u0000") {
            return Err(Error::with(
                Code::BodyInvalid,
                "The request body must not hold a NUL character.",
            ));
        }
        let value: serde_json::Value = serde_json::from_slice(body).map_err(|error| {
            Error::with(
                Code::BodyInvalid,
                format!("The request body is no JSON: {error}."),
            )
        })?;
        serde_path_to_error::deserialize(value).map_err(|error| {
            let at = match error.path().to_string().as_str() {
                "." => String::new(),
                path => format!(" at `{path}`"),
            };
            Error::with(
                Code::BodyInvalid,
                format!("The request body does not fit{at}: {}.", error.inner()),
            )
        })
    }

    /// The same where a body is not needed.
    pub fn optional_json<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        match &self.body {
            Body::Empty => Ok(None),
            Body::Full(bytes) if bytes.is_empty() => Ok(None),
            _ => self.json().map(Some),
        }
    }

    /// A parameter of a form that was posted (`response_mode=form_post`).
    pub fn form(&self, name: &str) -> Result<Option<Cow<'_, str>>> {
        match &self.body {
            Body::TooLarge => Err(Code::BodyTooLarge.into()),
            Body::Consumed => Err(consumed()),
            Body::Empty => Ok(None),
            Body::Full(bytes) => single(bytes, name),
        }
    }

    fn raw_query(&self) -> &str {
        // Most requests have none, and each parameter asks.
        if !self.url.contains('?') {
            return "";
        }
        let (_, rest) = split_authority(&self.url);
        let rest = rest.split('#').next().unwrap_or_default();
        rest.split_once('?').map_or("", |(_, query)| query)
    }
}

fn consumed() -> Error {
    Error::with(
        Code::BodyInvalid,
        "The request body was read before kavachos got it: mount kavachos before what parses bodies.",
    )
}

fn split_authority(url: &str) -> (&str, &str) {
    if url.starts_with('/') {
        return ("", url);
    }
    let Some((_, after_scheme)) = url.split_once("://") else {
        return ("", url);
    };
    let authority_end = after_scheme
        .find(['/', '?', '#'])
        .unwrap_or(after_scheme.len());
    after_scheme.split_at(authority_end)
}

fn single<'a>(pairs: &'a [u8], name: &str) -> Result<Option<Cow<'a, str>>> {
    let mut values = form_urlencoded::parse(pairs)
        .filter(|(candidate, _)| candidate == name)
        .map(|(_, value)| value);
    let first = values.next();
    if values.next().is_some() {
        return Err(Error::with(
            Code::ArgumentInvalid,
            format!("The parameter `{name}` was given more than once."),
        ));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(url: &str) -> Request {
        Request {
            method: "GET".into(),
            url: url.into(),
            headers: vec![],
            body: Body::Empty,
            peer: None,
        }
    }

    #[test]
    fn the_path_is_what_was_sent() {
        assert_eq!(get("https://a.b/c//d%61?e#f").path(), "/c//d%61");
        assert_eq!(get("/c?x=https://a").path(), "/c");
        assert_eq!(get("//evil/c").path(), "//evil/c");
        assert_eq!(get("https://a.b").path(), "");
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        assert_eq!(get("/?a=1&b=%2F").query("b").unwrap().as_deref(), Some("/"));
        assert!(get("/?a=1&a=2").query("a").is_err());
        assert_eq!(get("/").query("a").unwrap(), None);
    }
}
