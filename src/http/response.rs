//! A response as a plain value.

use serde::Serialize;
use serde_json::json;

use crate::error::Error;

/// A response, for whatever server sends it out.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names and values; `set-cookie` may repeat.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// A JSON answer.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        Self::json_text(
            status,
            serde_json::to_string(body).unwrap_or_else(|_| "null".to_owned()),
        )
    }

    /// A JSON answer that is written already.
    pub fn json_text(status: u16, body: impl Into<String>) -> Self {
        Self::plain(status)
            .with("content-type", "application/json")
            .body(body.into())
    }

    /// `{ "error": { "code", "message" } }`. The cause stays with the log.
    pub fn error(error: &Error) -> Self {
        Self::json(
            error.code().status(),
            &json!({ "error": { "code": error.code().as_str(), "message": error.message() } }),
        )
    }

    /// Sends the browser elsewhere. The referrer would carry the code and the state.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::plain(302).with("location", location)
    }

    /// An HTML page.
    pub fn html(body: String, policy: String) -> Self {
        Self::plain(200)
            .with("content-type", "text/html; charset=utf-8")
            .with("content-security-policy", policy)
            .with("x-frame-options", "DENY")
            .body(body)
    }

    /// The same response with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same response with another status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    fn body(mut self, body: String) -> Self {
        self.body = body;
        self
    }

    fn plain(status: u16) -> Self {
        Self {
            status,
            headers: vec![
                ("cache-control", "no-store".to_owned()),
                ("referrer-policy", "no-referrer".to_owned()),
                ("x-content-type-options", "nosniff".to_owned()),
            ],
            body: String::new(),
        }
    }
}
