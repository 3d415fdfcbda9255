//! The authorization request (RFC 6749 4.1.1, RFC 7636 4.3, OpenID Connect Core 3.1.2.1, RFC 9126).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use oauth2::RedirectUrl;
use serde_json::Value;
use url::{Position, Url, form_urlencoded};

use super::entry::{ResponseMode, SignedBy};
use super::standard::{Endpoint, Standard};
use crate::crypto;
use crate::error::{Code, Error, Result};
use crate::oauth::client::provider_error;
use crate::oauth::openid::metadata::Metadata;
use crate::oauth::tokens::read_answer;

/// What goes into an authorization request besides what the provider knows itself.
#[derive(Clone, Copy, Default)]
pub struct AuthorizationRequest<'a> {
    /// Comes back with the answer (RFC 6749 10.12).
    pub state: &'a str,
    /// The PKCE verifier; its S256 challenge is sent.
    pub code_verifier: &'a str,
    /// Where the answer goes.
    pub redirect_uri: &'a str,
    /// Comes back in the id_token.
    pub nonce: Option<&'a str>,
    /// OpenID Connect's `prompt`, in place of the configured one.
    pub prompt: Option<&'a str>,
    /// OpenID Connect's `login_hint`.
    pub login_hint: Option<&'a str>,
    /// OpenID Connect's `max_age`, in seconds.
    pub max_age: Option<u64>,
    /// OpenID Connect's `acr_values`.
    pub acr_values: Option<&'a str>,
    /// What is asked for, besides the configured scopes.
    pub scopes: &'a [String],
}

impl Standard {
    /// The URL, where nothing has to be asked for it.
    pub fn authorization_request_now(&self, request: &AuthorizationRequest<'_>) -> Option<String> {
        let Some(issuer) = &self.issuer else {
            let url = self.authorization_endpoint(None)?;
            return Some(self.authorization_url(url, request));
        };
        // Whether requests must be pushed is known once its metadata has been seen, however old that is.
        let metadata = match (&self.endpoints.authorization, issuer.signed_by) {
            (Some(_), SignedBy::ClientSecret) => None,
            (Some(_), SignedBy::PublishedKeys) => Some(issuer.any_metadata()?),
            (None, _) => Some(issuer.known_metadata()?),
        };
        let metadata = metadata.as_deref();
        let is_pushed = metadata.is_some_and(|metadata| metadata.requires_pushed_authorization);
        let url = self.authorization_endpoint(metadata)?;
        (!is_pushed).then(|| self.authorization_url(url, request))
    }

    /// The URL, after asking the provider for what is not known yet.
    pub async fn authorization_request(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Result<String> {
        redirect_url(request.redirect_uri)?;
        if let Some(url) = self.authorization_request_now(request) {
            return Ok(url);
        }
        let metadata = match (self.metadata().await, &self.endpoints.authorization) {
            (Ok(metadata), _) => metadata,
            // The endpoint is known all the same; the callback will say what is wrong.
            (Err(_), Some(_)) => None,
            (Err(error), None) => return Err(error),
        };
        let url = self
            .authorization_endpoint(metadata.as_deref())
            .ok_or_else(|| provider_error("the provider has no authorization endpoint"))?;
        let full = self.authorization_url(url, request);
        let Some(known) = metadata
            .clone()
            .filter(|known| known.requires_pushed_authorization)
        else {
            return Ok(full);
        };
        let pushed = known.pushed_authorization.clone().ok_or_else(|| {
            provider_error("the metadata requires pushed requests and names no endpoint")
        })?;
        let endpoint = Endpoint {
            url: pushed,
            metadata: Some(known),
        };
        self.push(&endpoint, url, &full).await
    }

    fn authorization_endpoint<'a>(&'a self, metadata: Option<&'a Metadata>) -> Option<&'a Url> {
        self.endpoints
            .authorization
            .as_ref()
            .or_else(|| Some(&metadata?.authorization))
    }

    fn authorization_url(&self, endpoint: &Url, request: &AuthorizationRequest<'_>) -> String {
        let challenge = self.pkce.then(|| code_challenge(request.code_verifier));
        let scopes: Vec<&str> = self
            .scopes
            .iter()
            .chain(request.scopes)
            .map(String::as_str)
            .collect();
        let scope = scopes.join(self.entry.scope_separator);
        let max_age = request.max_age.map(|seconds| seconds.to_string());
        let form_post = (self.response_mode == ResponseMode::FormPost).then_some("form_post");
        let asked = [
            ("nonce", request.nonce),
            ("prompt", request.prompt.or(self.prompt.as_deref())),
            ("login_hint", request.login_hint),
            ("max_age", max_age.as_deref()),
            ("acr_values", request.acr_values),
        ];

        let mut query = Query::of(endpoint);
        let mut add = |name, value: &str| query.add(self.name_of(name), value);
        add("response_type", "code");
        add("client_id", &self.credentials.client_id);
        add("state", request.state);
        if let Some(challenge) = &challenge {
            add("code_challenge", challenge);
            add("code_challenge_method", "S256");
        }
        add("redirect_uri", request.redirect_uri);
        if !scope.is_empty() {
            add("scope", &scope);
        }
        for (name, value) in &self.authorization_parameters {
            // RFC 6749 3.1: never twice.
            if asked
                .iter()
                .all(|(asked, value)| asked != name || value.is_none())
            {
                add(name, value);
            }
        }
        for (name, value) in asked.into_iter().chain([("response_mode", form_post)]) {
            if let Some(value) = value {
                add(name, value);
            }
        }
        if let Some(fragment) = self.entry.authorization_fragment {
            query.text.push('#');
            query.text.push_str(fragment);
        }
        query.text
    }

    /// Hands the request over beforehand and gives the URL that refers to it (RFC 9126).
    async fn push(&self, pushed: &Endpoint, authorization: &Url, request: &str) -> Result<String> {
        let request = Url::parse(request)
            .map_err(|_| provider_error("the authorization endpoint is no URL"))?;
        let fields = request
            .query_pairs()
            .into_owned()
            // The proof of the client brings its own.
            .filter(|(name, _)| name != "client_id")
            .chain(self.client_id_beside_header(pushed.metadata.as_deref()))
            .collect();
        let answer = self.send(pushed, fields).await?;
        let answer = read_answer(&answer, false)?;
        let reference = answer
            .get("request_uri")
            .and_then(Value::as_str)
            .filter(|reference| !reference.is_empty())
            .ok_or_else(|| provider_error("the pushed request was answered without request_uri"))?;
        let mut url = authorization.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &self.credentials.client_id)
            .append_pair("request_uri", reference);
        Ok(url.into())
    }

    /// A pushed request names its client like any other, also where the proof is in a header (RFC 9126 2.1).
    fn client_id_beside_header(&self, metadata: Option<&Metadata>) -> Option<(String, String)> {
        self.credentials
            .is_in_header(metadata)
            .then(|| ("client_id".to_owned(), self.credentials.client_id.clone()))
    }
}

/// A URL whose query grows. A form's `+` is a plus sign to those who read URLs only, so a blank is `%20`.
struct Query {
    text: String,
    separator: char,
}

impl Query {
    /// What a provider's endpoint brings along stays (RFC 6749 3.1), except for a fragment.
    fn of(endpoint: &Url) -> Self {
        let mut text = String::with_capacity(ROOM);
        text.push_str(&endpoint[..Position::AfterQuery]);
        let separator = match endpoint.query() {
            None => '?',
            Some(_) => '&',
        };
        Self { text, separator }
    }

    fn add(&mut self, name: &str, value: &str) {
        self.text.push(self.separator);
        self.separator = '&';
        self.encode(name);
        self.text.push('=');
        self.encode(value);
    }

    fn encode(&mut self, text: &str) {
        // Most is a name or base64url, and stays as it is.
        if crypto::is_base64_url(text) {
            return self.text.push_str(text);
        }
        for part in form_urlencoded::byte_serialize(text.as_bytes()) {
            self.text.push_str(if part == "+" { "%20" } else { part });
        }
    }
}

/// What most URLs fit into.
const ROOM: usize = 512;

/// RFC 7636 4.2.
fn code_challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(crypto::hash(verifier))
}

pub(super) fn redirect_url(text: &str) -> Result<RedirectUrl> {
    RedirectUrl::new(text.to_owned()).map_err(|_| {
        Error::with(
            Code::ArgumentInvalid,
            "`redirectUri` must be an absolute URL",
        )
    })
}
