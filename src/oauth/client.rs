//! Calls to providers: one pooled client, no redirects, bounded in time and size, JSON only.

use std::sync::OnceLock;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;
use url::Url;

use crate::crypto::Secret;
use crate::error::{Code, Error, Result};
use crate::metrics::Calls;
use crate::oauth::network::{self, PublicOnly};
use crate::timing::Timer;

/// The HTTP client of one provider. Its connections are kept and used again.
pub(crate) struct ProviderHttp {
    client: OnceLock<reqwest::Client>,
    /// Whether to call public addresses only.
    public_only: bool,
    calls: Calls,
}

/// A provider's answer to a call of its API.
pub(crate) struct ApiAnswer {
    pub status: u16,
    pub body: Value,
}

impl ProviderHttp {
    pub fn new(public_only: bool) -> Self {
        Self {
            client: OnceLock::new(),
            public_only,
            calls: Calls::default(),
        }
    }

    /// How often the provider was called.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// Sends a request as it is and gives back whatever status came, its body cut at nothing: a body over the cap is
    /// an error.
    pub async fn send(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse> {
        let request = reqwest::Request::try_from(request).map_err(|error| failure(&error))?;
        let timer = Timer::start();
        let (method, url) = (request.method().clone(), request.url().clone());
        let answer = self.exchange(request).await;
        self.calls.add(answer.is_ok());
        let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
        timer.provider_call(method.as_str(), &url, status);
        answer
    }

    async fn exchange(&self, request: reqwest::Request) -> Result<oauth2::HttpResponse> {
        if self.public_only && network::names_private_address(request.url()) {
            return Err(provider_error("the endpoint is in a private network"));
        }
        let mut response = self
            .client()?
            .execute(request)
            .await
            .map_err(|error| failure(&error))?;
        if response
            .content_length()
            .is_some_and(|length| length > MAX_BODY as u64)
        {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    /// Asks an API with a bearer token in the header (RFC 6750 2.1).
    pub async fn get(&self, url: &Url, access_token: &Secret) -> Result<ApiAnswer> {
        let request = http::Request::get(url.as_str())
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, bearer(access_token));
        self.ask(url, request, Vec::new(), false).await
    }

    /// Sends a request to an API.
    pub async fn ask(
        &self,
        url: &Url,
        request: http::request::Builder,
        body: Vec<u8>,
        any_media_type: bool,
    ) -> Result<ApiAnswer> {
        let request = request
            .body(body)
            .map_err(|_| provider_error("the access token cannot be sent in a header"))?;
        let answer = self.send(request).await?;
        let status = answer.status();
        let body = match json(&answer, any_media_type) {
            Ok(text) => serde_json::from_str(text).ok(),
            Err(problem) if status.is_success() => {
                return Err(provider_error(format!("{} answered {problem}", at(url))));
            }
            Err(_) => None,
        };
        Ok(ApiAnswer {
            status: status.as_u16(),
            body: body.unwrap_or_default(),
        })
    }

    /// Fetches a document that anybody may read.
    pub async fn get_public(&self, url: &Url) -> Result<Value> {
        let request = http::Request::get(url.as_str()).header(ACCEPT, "application/json");
        self.ask(url, request, Vec::new(), false)
            .await?
            .success(url)
    }

    fn client(&self) -> Result<&reqwest::Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client =
            build(self.public_only).map_err(|cause| Error::new(Code::Internal).because(cause))?;
        Ok(self.client.get_or_init(|| client))
    }
}

impl ApiAnswer {
    /// The body of a success; anything else is the provider's fault, told by its status and message.
    pub fn success(self, url: &Url) -> Result<Value> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        let said = self
            .body
            .pointer("/error/message")
            .or_else(|| self.body.get("message"))
            .or_else(|| self.body.get("error"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        Err(provider_error(format!(
            "{} answered {} {}",
            at(url),
            self.status,
            readable(said)
        )))
    }
}

/// A provider's failure with what it was.
pub(crate) fn provider_error(cause: impl Into<String>) -> Error {
    Error::new(Code::ProviderError).because(cause.into())
}

/// A provider's failure that it named by a code of its own (RFC 6749 5.2).
pub(crate) fn provider_refusal(code: &str, description: Option<&str>) -> Error {
    let code = if is_error_code(code) {
        code
    } else {
        "an unreadable code"
    };
    Error::with(
        Code::ProviderError,
        format!("The sign-in provider refused: {code}."),
    )
    .because(readable(description.unwrap_or("no description")))
}

/// Somebody else's sentence, fit for a log: short, and on one line.
pub(crate) fn readable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect()
}

/// Who we say that we are.
pub(crate) const USER_AGENT: &str = concat!("kavachos/", env!("CARGO_PKG_VERSION"));
/// How long the user waits for a provider, for each of the two steps of a callback.
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_BODY: usize = 1 << 20;
const MAX_VALUES: usize = 20_000;

fn build(public_only: bool) -> std::result::Result<reqwest::Client, String> {
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let ring = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = reqwest::Client::builder();
    let builder = if public_only {
        // A proxy would do the resolving.
        builder.no_proxy().dns_resolver(PublicOnly)
    } else {
        builder
    };
    builder
        .tls_backend_preconfigured(tls)
        // A redirect would carry the code, the secret or the token to wherever it points.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .timeout(TOTAL_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .tcp_nodelay(true)
        // GitHub refuses requests without one.
        .user_agent(USER_AGENT)
        .build()
        .map_err(|error| error.to_string())
}

fn failure(error: &reqwest::Error) -> Error {
    // The URL may carry what nobody should read in a log; its host is enough.
    let host = error
        .url()
        .and_then(Url::host_str)
        .unwrap_or("the provider");
    let what = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_connect() {
        "cannot be reached"
    } else {
        "broke off the exchange"
    };
    provider_error(format!("{host} {what}"))
}

fn too_large() -> Error {
    provider_error(format!("an answer was larger than {MAX_BODY} bytes"))
}

/// The body of an answer, if it is one JSON value and not an unreasonable one; otherwise what it is.
pub(crate) fn json(
    answer: &oauth2::HttpResponse,
    any_media_type: bool,
) -> std::result::Result<&str, &'static str> {
    let media_type = answer
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase())
        .unwrap_or_default();
    if !any_media_type && media_type != "application/json" && !media_type.ends_with("+json") {
        return Err("something other than JSON");
    }
    let text = std::str::from_utf8(answer.body()).map_err(|_| "bytes that are no UTF-8")?;
    // A value takes far more room in memory than its two characters on the wire.
    let values = text
        .bytes()
        .filter(|b| matches!(b, b',' | b'[' | b'{'))
        .count();
    if values > MAX_VALUES {
        return Err("JSON of too many values");
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map(|_| text)
        .map_err(|_| "JSON that cannot be read")
}

/// The value of an `Authorization` header.
pub(crate) fn bearer(token: &Secret) -> String {
    format!("Bearer {}", token.expose())
}

fn at(url: &Url) -> String {
    format!("{}{}", url.host_str().unwrap_or_default(), url.path())
}

fn is_error_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}
