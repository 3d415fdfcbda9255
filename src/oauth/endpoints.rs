//! The endpoints around a signed-in user's accounts.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use crate::error::Result;
use crate::http::{Request, Response};
use crate::kavach::Kavach;
use crate::oauth::authorize::{Wishes, start};
use crate::oauth::state::Link;

/// `GET /auth/oauth/providers`.
pub(crate) fn providers(kavach: &Kavach) -> Result<Response> {
    let providers: Vec<_> = kavach
        .oauth()?
        .providers()
        .map(|provider| json!({ "id": provider.id(), "name": provider.name() }))
        .collect();
    Ok(Response::json(200, &json!({ "providers": providers })))
}

/// `POST /auth/oauth/link`.
pub(crate) async fn link(kavach: &Kavach, request: &Request) -> Result<Response> {
    let signed_in = kavach.require_authentic(request).await?;
    let body: LinkBody = request.json()?;
    let provider = kavach.provider(&body.provider)?;
    let started = start(
        kavach,
        request,
        provider,
        Wishes {
            redirect_to: body.redirect_to.as_deref().map(Cow::Borrowed),
            link: Some(Link {
                user_id: signed_in.user.id,
                session_id: signed_in.session.id,
            }),
            ..Wishes::default()
        },
    )
    .await?;
    let response = Response::json(200, &json!({ "url": started.url.as_str() }));
    Ok(started
        .cookies
        .into_iter()
        .fold(response, |response, cookie| {
            response.with("set-cookie", cookie)
        }))
}

/// `POST /auth/oauth/unlink`.
pub(crate) async fn unlink(kavach: &Arc<Kavach>, request: &Request) -> Result<Response> {
    let signed_in = kavach.require_authentic(request).await?;
    let body: UnlinkBody = request.json()?;
    kavach
        .unlink(
            &signed_in.user.id,
            &body.provider,
            body.account_id.as_deref(),
            &kavach.client(request),
        )
        .await?;
    Ok(Response::json(200, &json!({ "success": true })))
}

/// `GET /auth/oauth/accounts`.
pub(crate) async fn accounts(kavach: &Kavach, request: &Request) -> Result<Response> {
    let signed_in = kavach.require(request).await?;
    let accounts = kavach.store.accounts_of(&signed_in.user.id).await?;
    Ok(Response::json(200, &json!({ "accounts": accounts })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LinkBody {
    provider: String,
    redirect_to: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UnlinkBody {
    provider: String,
    account_id: Option<String>,
}
