//! The end of a sign-in: the provider sends the browser back with a code.

use std::borrow::Cow;
use std::sync::Arc;

use url::Url;

use crate::account::{self, Outcome, SignIn, SignedIn};
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventKind};
use crate::http::client::Client;
use crate::http::{Body, Request, Response};
use crate::kavach::Kavach;
use crate::oauth::client::{provider_error, provider_refusal};
use crate::oauth::profile::Profile;
use crate::oauth::provider::{CodeExchange, Provider};
use crate::oauth::state::{Flow, Link};
use crate::oauth::vault;
use crate::session::{self, SessionToken};
use crate::timing::Timer;

/// `GET` or `POST /auth/oauth/callback/:provider` (RFC 6749 4.1.2).
pub(crate) async fn callback(
    kavach: &Arc<Kavach>,
    request: &Request,
    provider: &str,
) -> Result<Response> {
    let provider = kavach.provider(provider)?;
    let answer = Answer::read(request).map_err(|error| match request.body {
        // The application's mistake, which the user cannot mend by starting again.
        Body::Consumed => error,
        _ => Error::new(Code::StateInvalid),
    })?;
    let secure = kavach.config.base.origin.is_https();
    let state = answer.state.as_deref().unwrap_or_default();
    let Some(flow) = Flow::find(&kavach.keys, provider.id(), secure, request, state) else {
        return unless_signed_in(kavach, request, Code::StateInvalid.into()).await;
    };
    // Browsers keep the session's cookie out of a form that another site posts, and linking needs it: a step to our
    // own address brings both.
    if request.method == "POST" && flow.asked.link.is_some() {
        let url = answer.as_query(&flow.redirect_uri);
        return Ok(Response::redirect(url?).status(303));
    }
    let timer = Timer::start();
    let finished = finish(kavach, request, provider, &flow, &answer).await;
    let refused = finished.as_ref().err().map(Error::code);
    timer.sign_in(provider.id(), flow.asked.link.is_some(), refused);
    let response = match finished {
        Err(error) if error.code() == Code::StateReused => {
            unless_signed_in(kavach, request, error).await
        }
        other => other,
    };
    let response = response
        .unwrap_or_else(|error| kavach.navigation_error(request, Some(provider.id()), &error));
    Ok(response.with("set-cookie", flow.clear_cookie(secure)))
}

/// The parameters that providers send back. Each may come once.
struct Answer<'a> {
    state: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    error_description: Option<Cow<'a, str>>,
    /// RFC 9207.
    iss: Option<Cow<'a, str>>,
}

impl<'a> Answer<'a> {
    fn read(request: &'a Request) -> Result<Self> {
        let parameter = |name: &str| parameter(request, name);
        Ok(Self {
            state: parameter("state")?,
            code: parameter("code")?,
            error: parameter("error")?,
            error_description: parameter("error_description")?,
            iss: parameter("iss")?,
        })
    }

    /// The same answer as if it had come in the query.
    fn as_query(&self, callback: &str) -> Result<Url> {
        let mut url =
            Url::parse(callback).map_err(|error| Error::new(Code::Internal).because(error))?;
        for (name, value) in [
            ("state", &self.state),
            ("code", &self.code),
            ("error", &self.error),
            ("error_description", &self.error_description),
            ("iss", &self.iss),
        ] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        Ok(url)
    }
}

fn parameter<'a>(request: &'a Request, name: &str) -> Result<Option<Cow<'a, str>>> {
    match request.method.as_str() {
        "POST" => request.form(name),
        _ => request.query(name),
    }
}

/// What else the provider wants to hear again, or says in no other place.
fn further_parameters(request: &Request, provider: &Provider) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for name in provider.callback_parameters() {
        if let Some(value) = parameter(request, name)? {
            if value.len() > MAX_PARAMETER_LEN {
                return Err(provider_error(
                    "the callback brought a parameter that is too long",
                ));
            }
            found.push((name.to_owned(), value.into_owned()));
        }
    }
    Ok(found)
}

/// How providers say that the user said no: as RFC 6749 4.1.2.1 has it, and as LinkedIn and Apple do.
const DENIALS: &[&str] = &[
    "access_denied",
    "user_cancelled_login",
    "user_cancelled_authorize",
];

/// How providers answer `prompt=none` when they cannot go on without the user (OpenID Connect Core 3.1.2.6).
const NOT_SILENTLY: &[&str] = &[
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
];

const MAX_PARAMETER_LEN: usize = 8_192;

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
    provider.check_issuer(answer.iss.as_deref()).await?;
    // RFC 6749 4.1.2.1
    match answer.error.as_deref() {
        Some(code) if DENIALS.contains(&code) => return Err(Code::AccessDenied.into()),
        Some(code) if NOT_SILENTLY.contains(&code) => {
            return Err(Code::InteractionRequired.into());
        }
        Some(code) => return Err(provider_refusal(code, answer.error_description.as_deref())),
        None => {}
    }
    let code = answer
        .code
        .as_deref()
        .filter(|code| (1..=MAX_CODE_LEN).contains(&code.len()))
        .ok_or_else(|| provider_error("the callback brought no usable code"))?;
    if let Some(link) = &flow.asked.link {
        require_same_session(kavach, request, link).await?;
    }
    if !kavach
        .store
        .spend_state(&flow.state_hash(), flow.expires_at)
        .await?
    {
        return Err(Code::StateReused.into());
    }
    let callback = further_parameters(request, provider)?;
    let mut grant = provider
        .exchange_code(&CodeExchange {
            code,
            code_verifier: flow.code_verifier.expose(),
            redirect_uri: &flow.redirect_uri,
            nonce: flow.nonce.as_ref().map(|nonce| nonce.expose()),
            max_age: flow.asked.max_age,
            scopes: &flow.asked.scopes,
            callback: &callback,
        })
        .await?;
    let profile = provider.profile(&grant).await?;
    let oauth = kavach.oauth()?;
    if oauth.store_tokens {
        vault::keep_refresh_token(
            &kavach.store,
            &kavach.keys,
            provider,
            &profile.id,
            &mut grant.tokens,
        )
        .await?;
    }
    let record = vault::record(
        &kavach.keys,
        provider,
        &grant.tokens,
        &profile,
        oauth.store_tokens,
    )?;
    let now = Timestamp::now();
    let client = kavach.client(request);
    let config = &kavach.config.session;
    let cookie = if let Some(link) = &flow.asked.link {
        // The provider may have taken its time, and the user may have signed out meanwhile.
        let token = require_same_session(kavach, request, link).await?;
        account::link(&kavach.store, &link.user_id, &record, now).await?;
        tracing::info!(provider = provider.id(), user_id = %link.user_id, "account linked");
        kavach.events.tell(|| {
            Event::new(EventKind::AccountLinked)
                .of_user(&link.user_id)
                .of_session(&link.session_id)
                .at_provider(provider.id(), Some(&profile.id))
                .by_client(&client)
        });
        // One more way in is more than the session could do before.
        let rotated = session::rotate(&kavach.store, &token).await?;
        rotated.map(|token| config.set_cookie(&token))
    } else {
        let (session, token) = config.issue(&client, None, now)?;
        let request = SignIn {
            record: &record,
            profile: &profile,
            session: &session,
            auto_link: oauth.auto_link,
            disable_sign_up: oauth.disable_sign_up,
        };
        let signed_in = account::sign_in(&kavach.store, request, now).await?;
        tell(kavach, provider, &profile, &signed_in, &session.id, &client);
        kavach.prune_now_and_then(now);
        Some(config.set_cookie(&token))
    };
    let response = Response::redirect(flow.asked.redirect_to.as_str());
    Ok(match cookie {
        Some(cookie) => response.with("set-cookie", cookie),
        None => response,
    })
}

fn tell(
    kavach: &Kavach,
    provider: &Provider,
    profile: &Profile,
    signed_in: &SignedIn,
    session_id: &str,
    client: &Client,
) {
    let user_id = &*signed_in.user_id;
    tracing::info!(provider = provider.id(), user_id, "signed in");
    let event = |kind| {
        Event::new(kind)
            .of_user(user_id)
            .at_provider(provider.id(), Some(&profile.id))
            .by_client(client)
    };
    kavach.counters.sign_ins.add();
    match signed_in.outcome {
        Outcome::Created => {
            kavach.counters.users_created.add();
            kavach.events.tell(|| event(EventKind::UserCreated));
        }
        Outcome::Linked => kavach.events.tell(|| event(EventKind::AccountLinked)),
        Outcome::Known => {}
    }
    kavach
        .events
        .tell(|| event(EventKind::UserSignedIn).of_session(session_id));
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

/// The token of the session that started linking, if it is the one that comes back.
async fn require_same_session(
    kavach: &Kavach,
    request: &Request,
    link: &Link,
) -> Result<SessionToken> {
    let token = kavach
        .config
        .session
        .presented(request)
        .token
        .ok_or(Code::SessionChanged)?;
    match kavach.check(Some(&token)).await? {
        Some(now) if now.session.id == link.session_id && now.user.id == link.user_id => Ok(token),
        _ => Err(Code::SessionChanged.into()),
    }
}
