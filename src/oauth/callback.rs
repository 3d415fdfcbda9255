//! The end of a sign-in: the provider sends the browser back with a code.

use std::borrow::Cow;
use std::sync::Arc;

use crate::account::{self, SignIn};
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::http::client_address::client_address;
use crate::http::{Request, Response};
use crate::kavach::Kavach;
use crate::oauth::client::{provider_error, provider_refusal};
use crate::oauth::provider::Provider;
use crate::oauth::state::{Flow, Link};
use crate::oauth::vault;

/// `GET` or `POST /auth/oauth/callback/:provider` (RFC 6749 4.1.2).
pub(crate) async fn callback(
    kavach: &Arc<Kavach>,
    request: &Request,
    provider: &str,
) -> Result<Response> {
    let provider = kavach.provider(provider)?;
    let answer = Answer::read(request).map_err(|_| Error::new(Code::StateInvalid))?;
    let secure = kavach.config.base.origin.is_https();
    let state = answer.state.as_deref().unwrap_or_default();
    let Some(flow) = Flow::find(&kavach.keys, provider.id(), secure, request, state) else {
        return unless_signed_in(kavach, request, Code::StateInvalid.into()).await;
    };
    let response = match finish(kavach, request, provider, &flow, &answer).await {
        Err(error) if error.code() == Code::StateReused => {
            unless_signed_in(kavach, request, error).await
        }
        other => other,
    };
    let response = response.unwrap_or_else(|error| kavach.navigation_error(request, &error));
    Ok(response.with("set-cookie", flow.clear_cookie(secure)))
}

/// The parameters that providers send back. Each may come once.
struct Answer<'a> {
    state: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    error_description: Option<Cow<'a, str>>,
}

impl<'a> Answer<'a> {
    fn read(request: &'a Request) -> Result<Self> {
        let parameter = |name: &str| match request.method.as_str() {
            "POST" => request.form(name),
            _ => request.query(name),
        };
        Ok(Self {
            state: parameter("state")?,
            code: parameter("code")?,
            error: parameter("error")?,
            error_description: parameter("error_description")?,
        })
    }
}

async fn finish(
    kavach: &Arc<Kavach>,
    request: &Request,
    provider: &Provider,
    flow: &Flow,
    answer: &Answer<'_>,
) -> Result<Response> {
    let now = Timestamp::now();
    if flow.expires_at <= now {
        return Err(Code::StateExpired.into());
    }
    // RFC 6749 4.1.2.1
    match answer.error.as_deref() {
        Some("access_denied") => return Err(Code::AccessDenied.into()),
        Some(code) => return Err(provider_refusal(code, answer.error_description.as_deref())),
        None => {}
    }
    let code = answer
        .code
        .as_deref()
        .filter(|code| (1..=MAX_CODE_LEN).contains(&code.len()))
        .ok_or_else(|| provider_error("the callback brought no usable code"))?;
    if let Some(link) = &flow.link {
        require_same_session(kavach, request, link).await?;
    }
    if !kavach
        .store
        .spend_state(&flow.state_hash(), flow.expires_at)
        .await?
    {
        return Err(Code::StateReused.into());
    }
    let tokens = provider
        .exchange_code(code, flow.code_verifier.expose(), &flow.redirect_uri)
        .await?;
    let profile = provider.profile(&tokens.access_token).await?;
    let oauth = kavach.oauth()?;
    let record = vault::record(
        &kavach.keys,
        provider,
        &tokens,
        &profile,
        oauth.store_tokens,
    )?;
    let now = Timestamp::now();
    let response = Response::redirect(flow.redirect_to.as_str());
    if let Some(link) = &flow.link {
        account::link(&kavach.store, &link.user_id, &record, now).await?;
        tracing::info!(provider = provider.id(), user_id = %link.user_id, "account linked");
        return Ok(response);
    }
    let (session, token) = kavach.config.session.issue(
        client_address(request, &kavach.config.trusted_proxies),
        request.header("user-agent"),
        None,
        now,
    )?;
    let user_id = account::sign_in(
        &kavach.store,
        SignIn {
            record: &record,
            profile: &profile,
            session: &session,
            auto_link: oauth.auto_link,
            disable_sign_up: oauth.disable_sign_up,
        },
        now,
    )
    .await?;
    tracing::info!(provider = provider.id(), %user_id, "signed in");
    kavach.prune_now_and_then(now);
    Ok(response.with("set-cookie", kavach.config.session.set_cookie(&token)))
}

/// Codes are short as a rule; Microsoft's have well over a thousand characters.
const MAX_CODE_LEN: usize = 8_192;

/// The back button is no attack: whoever is signed in already goes on, and nothing changes.
async fn unless_signed_in(
    kavach: &Arc<Kavach>,
    request: &Request,
    error: Error,
) -> Result<Response> {
    match kavach.authenticate(request).await? {
        Some(_) => Ok(Response::redirect(
            kavach.landings()?.after_sign_in.as_str(),
        )),
        None => Err(error),
    }
}

async fn require_same_session(kavach: &Arc<Kavach>, request: &Request, link: &Link) -> Result<()> {
    match kavach.authenticate(request).await? {
        Some(now) if now.session.id == link.session_id && now.user.id == link.user_id => Ok(()),
        _ => Err(Code::SessionChanged.into()),
    }
}
