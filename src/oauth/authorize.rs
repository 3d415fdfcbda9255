//! The start of a sign-in: everything is sealed into a cookie, so the database is not asked; nor is the network, once
//! the provider's endpoints are known.

use std::borrow::Cow;

use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::http::redirect::RedirectTarget;
use crate::http::{Request, Response};
use crate::kavach::Kavach;
use crate::oauth::provider::{AuthorizationRequest, Provider};
use crate::oauth::state::{Asked, Flow, Link};

/// A flow about to leave for the provider.
pub(crate) struct Started {
    pub url: String,
    pub cookies: Vec<String>,
}

/// What a flow may be asked to do.
#[derive(Default)]
pub(crate) struct Wishes<'a> {
    pub redirect_to: Option<Cow<'a, str>>,
    pub prompt: Option<Cow<'a, str>>,
    pub login_hint: Option<Cow<'a, str>>,
    pub max_age: Option<Cow<'a, str>>,
    pub acr_values: Option<Cow<'a, str>>,
    pub scope: Option<Cow<'a, str>>,
    pub link: Option<Link>,
}

/// `GET /auth/oauth/authorize/:provider`, where nothing waits.
pub(crate) fn authorize_now(
    kavach: &Kavach,
    request: &Request,
    provider: &str,
) -> Option<Result<Response>> {
    let started = || {
        let provider = kavach.provider(provider)?;
        let wishes = Wishes::read(request)?;
        let flow = prepare(kavach, provider, &wishes)?;
        let Some(url) = provider.authorization_request_now(&authorization_request(&flow, &wishes))
        else {
            return Ok(None);
        };
        leave(kavach, request, provider, &flow, url).map(Some)
    };
    started()
        .transpose()
        .map(|started| started.map(Started::redirect))
}

/// `GET /auth/oauth/authorize/:provider`, where the provider has to be asked first.
pub(crate) async fn authorize(
    kavach: &Kavach,
    request: &Request,
    provider: &str,
) -> Result<Response> {
    let provider = kavach.provider(provider)?;
    let wishes = Wishes::read(request)?;
    start(kavach, request, provider, wishes)
        .await
        .map(Started::redirect)
}

/// Makes a flow: the provider's URL and the cookies that remember it.
pub(crate) async fn start(
    kavach: &Kavach,
    request: &Request,
    provider: &Provider,
    wishes: Wishes<'_>,
) -> Result<Started> {
    let flow = prepare(kavach, provider, &wishes)?;
    let url = provider
        .authorization_request(&authorization_request(&flow, &wishes))
        .await?;
    leave(kavach, request, provider, &flow, url)
}

impl Started {
    fn redirect(self) -> Response {
        self.cookies
            .into_iter()
            .fold(Response::redirect(self.url), |response, cookie| {
                response.with("set-cookie", cookie)
            })
    }
}

impl<'a> Wishes<'a> {
    fn read(request: &'a Request) -> Result<Self> {
        Ok(Self {
            redirect_to: request.query("redirectTo")?,
            prompt: request.query("prompt")?,
            login_hint: request.query("login_hint")?,
            max_age: request.query("max_age")?,
            acr_values: request.query("acr_values")?,
            scope: request.query("scope")?,
            link: None,
        })
    }

    fn judge(&self, provider: &Provider) -> Result<()> {
        for text in [&self.prompt, &self.login_hint, &self.acr_values]
            .into_iter()
            .flatten()
        {
            if text.len() > MAX_HINT || text.chars().any(char::is_control) {
                return Err(Code::ArgumentInvalid.into());
            }
        }
        let needs_openid = self.max_age.is_some() || self.acr_values.is_some();
        if needs_openid && !provider.is_openid() {
            return Err(Error::with(
                Code::ArgumentInvalid,
                "`max_age` and `acr_values` need a provider that speaks OpenID Connect.",
            ));
        }
        Ok(())
    }

    fn max_age(&self) -> Result<Option<u64>> {
        let parse = |text: &Cow<'_, str>| {
            // `parse` would take a sign.
            let is_number = text.bytes().all(|b| b.is_ascii_digit());
            text.parse()
                .ok()
                .filter(|seconds| is_number && *seconds <= MAX_MAX_AGE)
                .ok_or_else(|| {
                    Error::with(
                        Code::ArgumentInvalid,
                        "`max_age` must be a number of seconds.",
                    )
                })
        };
        self.max_age.as_ref().map(parse).transpose()
    }

    /// What is asked for besides the configured scopes: a link must not make users grant what the application never
    /// meant to have.
    fn scopes(&self, provider: &Provider) -> Result<Vec<String>> {
        let mut scopes: Vec<String> = Vec::new();
        for scope in self.scope.iter().flat_map(|text| text.split_whitespace()) {
            let is_among = |list: &[String]| list.iter().any(|known| known == scope);
            if is_among(provider.scopes()) || is_among(&scopes) {
                continue;
            }
            if !is_among(provider.optional_scopes()) {
                return Err(Error::with(
                    Code::ArgumentInvalid,
                    "`scope` asks for more than the provider's `optionalScopes` allow.",
                ));
            }
            scopes.push(scope.to_owned());
        }
        Ok(scopes)
    }
}

fn prepare(kavach: &Kavach, provider: &Provider, wishes: &Wishes<'_>) -> Result<Flow> {
    let redirect_to = match &wishes.redirect_to {
        Some(text) => {
            RedirectTarget::parse(text, &kavach.config.base, &kavach.config.trusted_origins)?
        }
        None => kavach.landings()?.after_sign_in.clone(),
    };
    wishes.judge(provider)?;
    let oauth = kavach.oauth()?;
    let asked = Asked {
        redirect_to,
        link: wishes.link.clone(),
        max_age: wishes.max_age()?,
        scopes: wishes.scopes(provider)?,
    };
    let redirect_uri = oauth.redirect_uri(provider, &kavach.config.base);
    let expires_at = Timestamp::now() + oauth.state_ttl;
    Flow::new(provider, redirect_uri, asked, expires_at)
}

fn authorization_request<'a>(flow: &'a Flow, wishes: &'a Wishes<'_>) -> AuthorizationRequest<'a> {
    AuthorizationRequest {
        state: flow.state.expose(),
        code_verifier: flow.code_verifier.expose(),
        redirect_uri: &flow.redirect_uri,
        nonce: flow.nonce.as_ref().map(|nonce| nonce.expose()),
        prompt: wishes.prompt.as_deref(),
        login_hint: wishes.login_hint.as_deref(),
        max_age: flow.asked.max_age,
        acr_values: wishes.acr_values.as_deref(),
        scopes: &flow.asked.scopes,
    }
}

fn leave(
    kavach: &Kavach,
    request: &Request,
    provider: &Provider,
    flow: &Flow,
    url: String,
) -> Result<Started> {
    let secure = kavach.config.base.origin.is_https();
    let now = Timestamp::now();
    let cookies = flow.set_cookies(&kavach.keys, provider.id(), secure, request, now)?;
    Ok(Started { url, cookies })
}

const MAX_HINT: usize = 320;
/// Ten years, in seconds.
const MAX_MAX_AGE: u64 = 10 * 365 * 86_400;
