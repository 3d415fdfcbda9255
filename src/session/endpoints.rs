//! The endpoints around a session.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventKind};
use crate::http::{Request, Response};
use crate::kavach::Kavach;
use crate::model::Session;
use crate::oauth::logout::Logout;
use crate::timing::Timer;

/// `GET /auth/session`.
pub(crate) async fn current(kavach: &Kavach, request: &Request) -> Result<Response> {
    let presented = kavach.config.session.presented(request);
    match kavach.check_and_remember(presented.token.as_ref()).await? {
        Some(signed_in) => Ok(Response::json(200, &signed_in)),
        None => Err(Code::Unauthenticated.into()),
    }
}

/// The same, where the database need not be asked.
pub(crate) fn current_now(kavach: &Kavach, request: &Request) -> Option<Response> {
    let (token, _) = kavach.config.session.presented_in(
        request.headers_named("authorization"),
        request.headers_named("cookie"),
    );
    let timer = Timer::start();
    let answer =
        kavach.recall_presented(token?, |known| Response::json_text(200, &**known.text))?;
    timer.session(true, true);
    Some(answer)
}

/// `GET /auth/sessions`.
pub(crate) async fn list(kavach: &Kavach, request: &Request) -> Result<Response> {
    let signed_in = kavach.require(request).await?;
    let sessions = kavach
        .config
        .session
        .list(&kavach.store, &signed_in.user.id, Timestamp::now())
        .await?;
    let sessions: Vec<_> = sessions
        .into_iter()
        .map(|session| Device {
            current: session.id == signed_in.session.id,
            session,
        })
        .collect();
    Ok(Response::json(200, &json!({ "sessions": sessions })))
}

/// `POST /auth/sessions/revoke`.
pub(crate) async fn revoke(kavach: &Kavach, request: &Request) -> Result<Response> {
    let signed_in = kavach.require_authentic(request).await?;
    let user_id = signed_in.user.id.as_str();
    match request.json::<RevokeBody>()? {
        RevokeBody {
            id: Some(id),
            others: None,
        } => {
            if !kavach.store.delete_session(&id, Some(user_id)).await? {
                return Err(Code::SessionNotFound.into());
            }
            kavach
                .events
                .tell(|| revoked(kavach, request, user_id).of_session(&id));
        }
        RevokeBody {
            id: None,
            others: Some(true),
        } => {
            let ended = kavach
                .store
                .delete_sessions_of(user_id, Some(&signed_in.session.id))
                .await?;
            if ended > 0 {
                kavach.events.tell(|| revoked(kavach, request, user_id));
            }
        }
        _ => {
            return Err(Error::with(
                Code::BodyInvalid,
                "The request body must be `{ \"id\": … }` or `{ \"others\": true }`.",
            ));
        }
    }
    Ok(success())
}

/// `POST /auth/sign-out`. Whoever is signed out already gets the same answer.
pub(crate) async fn sign_out(kavach: &Kavach, request: &Request) -> Result<Response> {
    let presented = kavach.presented_authentic(request)?;
    let SignOutBody {
        provider,
        redirect_to,
    } = request.optional_json()?.unwrap_or_default();
    let logout = match (provider, redirect_to) {
        (Some(provider), back) => Some(Logout::read(kavach, &provider, back.as_deref())?),
        (None, None) => None,
        (None, Some(_)) => {
            return Err(Error::with(
                Code::BodyInvalid,
                "`redirectTo` goes together with `provider`, at which to sign out too.",
            ));
        }
    };
    // By id: a link that finishes meanwhile gives the session another token.
    if let Some(signed_in) = kavach.check(presented.token.as_ref()).await?
        && kavach
            .store
            .delete_session(&signed_in.session.id, Some(&signed_in.user.id))
            .await?
    {
        kavach.events.tell(|| {
            revoked(kavach, request, &signed_in.user.id).of_session(&signed_in.session.id)
        });
    }
    let url = match logout {
        Some(logout) => logout.url().await,
        None => None,
    };
    let response = match url {
        Some(url) => Response::json(200, &json!({ "success": true, "url": url.as_str() })),
        None => success(),
    };
    Ok(response.with("set-cookie", kavach.config.session.cookie().clear()))
}

#[derive(Serialize)]
struct Device {
    #[serde(flatten)]
    session: Session,
    current: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeBody {
    id: Option<String>,
    others: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignOutBody {
    provider: Option<String>,
    redirect_to: Option<String>,
}

fn success() -> Response {
    Response::json(200, &json!({ "success": true }))
}

fn revoked(kavach: &Kavach, request: &Request, user_id: &str) -> Event {
    Event::new(EventKind::SessionRevoked)
        .of_user(user_id)
        .by_client(&kavach.client(request))
}
