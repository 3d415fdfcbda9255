//! The start of a sign-in: everything is sealed into a cookie, so neither database nor network is asked.

use url::Url;

use crate::clock::Timestamp;
use crate::error::{Code, Result};
use crate::http::redirect::RedirectTarget;
use crate::http::{Request, Response};
use crate::kavach::Kavach;
use crate::oauth::provider::{AuthorizationRequest, Provider};
use crate::oauth::state::{Flow, Link};

/// A flow about to leave for the provider.
pub(crate) struct Started {
    pub url: Url,
    pub cookies: Vec<String>,
}

/// What a flow may be asked to do.
#[derive(Default)]
pub(crate) struct Wishes<'a> {
    pub redirect_to: Option<&'a str>,
    pub prompt: Option<&'a str>,
    pub login_hint: Option<&'a str>,
    pub link: Option<Link>,
}

/// `GET /auth/oauth/authorize/:provider`.
pub(crate) fn authorize(kavach: &Kavach, request: &Request, provider: &str) -> Result<Response> {
    let provider = kavach.provider(provider)?;
    let redirect_to = request.query("redirectTo")?;
    let prompt = request.query("prompt")?;
    let login_hint = request.query("login_hint")?;
    let started = start(
        kavach,
        request,
        provider,
        Wishes {
            redirect_to: redirect_to.as_deref(),
            prompt: prompt.as_deref(),
            login_hint: login_hint.as_deref(),
            link: None,
        },
    )?;
    Ok(started
        .cookies
        .into_iter()
        .fold(Response::redirect(started.url), |response, cookie| {
            response.with("set-cookie", cookie)
        }))
}

/// Makes a flow: the provider's URL and the cookies that remember it.
pub(crate) fn start(
    kavach: &Kavach,
    request: &Request,
    provider: &Provider,
    wishes: Wishes<'_>,
) -> Result<Started> {
    let redirect_to = match wishes.redirect_to {
        Some(text) => {
            RedirectTarget::parse(text, &kavach.config.base, &kavach.config.trusted_origins)?
        }
        None => kavach.landings()?.after_sign_in.clone(),
    };
    for text in [wishes.prompt, wishes.login_hint].into_iter().flatten() {
        if text.len() > MAX_HINT || text.chars().any(char::is_control) {
            return Err(Code::ArgumentInvalid.into());
        }
    }
    let now = Timestamp::now();
    let oauth = kavach.oauth()?;
    let secure = kavach.config.base.origin.is_https();
    let redirect_uri = oauth.redirect_uri(provider, &kavach.config.base);
    let flow = Flow::new(
        redirect_uri,
        redirect_to,
        wishes.link,
        now + oauth.state_ttl,
    )?;
    let url = provider.authorization_request(&AuthorizationRequest {
        state: flow.state.expose(),
        code_verifier: flow.code_verifier.expose(),
        redirect_uri: &flow.redirect_uri,
        prompt: wishes.prompt,
        login_hint: wishes.login_hint,
    })?;
    let cookies = flow.set_cookies(&kavach.keys, provider.id(), secure, request, now)?;
    Ok(Started { url, cookies })
}

const MAX_HINT: usize = 320;
