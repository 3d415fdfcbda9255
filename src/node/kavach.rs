//! What `createKavach()` returns.

use std::sync::Arc;

use napi::bindgen_prelude::{
    Either, Either3, Env, Function, Null, PromiseRaw, Uint8Array, Unknown,
};
use napi_derive::napi;
use serde::Serialize;
use serde_json::json;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

use super::header::Room;
use super::outcome::{guarded, guarded_now, promise};
use super::value::{optional_seconds, optional_text, plain, text};
use super::wire;
use crate::api::Api;
use crate::clock::Timestamp;
use crate::crypto::Secret;
use crate::dispatch::Answer;
use crate::error::{Code, Error, Result};
use crate::http::{Body, Request, Response};
use crate::kavach::Kavach;
use crate::store::Known;

/// An instance.
#[napi]
pub struct NativeKavach {
    inner: Arc<Kavach>,
    log: Dispatch,
}

impl NativeKavach {
    pub(super) fn new(inner: Arc<Kavach>, log: Dispatch) -> Self {
        Self { inner, log }
    }
}

#[napi]
impl NativeKavach {
    /// Answers at once where nothing waits, otherwise by a promise. `body` is the bytes, or why there are none. Where a
    /// router has mounted us at `mount` (`""` at its root), `null` passes on what is none of ours.
    #[napi(ts_return_type = "string | null | Promise<string>")]
    pub fn handle<'env>(
        &self,
        env: &'env Env,
        request: String,
        body: Option<Either<Uint8Array, String>>,
        base_path: Option<String>,
        mount: Option<String>,
    ) -> napi::Result<Either3<String, Null, PromiseRaw<'env, String>>> {
        let request = wire::request(&request, body);
        // No request that arrives at a wrong mount can be ours, and whoever wrote it must see that.
        let passes_on = mount.is_some_and(|mount| self.inner.may_be_mounted_at(&mount));
        let path = match passes_on {
            true => String::new(),
            false => request.path().to_owned(),
        };
        let answer = guarded_now(|| {
            tracing::dispatcher::with_default(&self.log, || {
                self.inner.handle(request, base_path.as_deref())
            })
        });
        Ok(match answer {
            Err(error) => Either3::A(wire::response(Response::error(&error))),
            Ok(None) if passes_on => Either3::B(Null),
            Ok(None) => Either3::A(wire::response(self.inner.not_found(&path))),
            Ok(Some(Answer::Now(response))) => Either3::A(wire::response(response)),
            Ok(Some(Answer::Later(future))) => {
                let log = self.log.clone();
                Either3::C(env.spawn_future(async move {
                    let settled = guarded(async { Ok(future.await) })
                        .with_subscriber(log)
                        .await;
                    Ok(wire::response(
                        settled.unwrap_or_else(|error| Response::error(&error)),
                    ))
                })?)
            }
        })
    }

    #[napi]
    pub fn wants_body(&self, method: String, url: String, base_path: Option<String>) -> bool {
        let request = Request {
            method,
            url,
            headers: Vec::new(),
            body: Body::Empty,
            peer: None,
        };
        self.inner
            .wants_body(&request.method, request.path(), base_path.as_deref())
    }

    #[napi]
    pub fn endpoints(&self) -> String {
        json!(self.inner.endpoints().collect::<Vec<_>>()).to_string()
    }

    /// A function of cookie, authorization and token that gives the number of the session that the headers, or the
    /// token, speak for; 0 unless it is known without asking the database. A number stands for one text, which
    /// `recall_text` gives. A function of its own, since a method costs twice as much as all that this does.
    #[napi(ts_return_type = "(cookie: unknown, authorization: unknown, token: unknown) => number")]
    pub fn recaller<'env>(&self, env: &'env Env) -> napi::Result<Function<'env, (), f64>> {
        let kavach = Arc::clone(&self.inner);
        env.create_function_from_closure("recall", move |call| {
            let headers = [call.get(0)?, call.get(1)?, call.get(2)?];
            let number = recall(&kavach, &headers, |known| known.number as f64)?;
            Ok(number.unwrap_or_default())
        })
    }

    /// The same with user and session as JSON.
    #[napi(ts_args_type = "cookie: unknown, authorization: unknown, token: unknown")]
    pub fn recall_text(
        &self,
        cookie: Unknown<'_>,
        authorization: Unknown<'_>,
        token: Unknown<'_>,
    ) -> napi::Result<Option<Recalled>> {
        recall(&self.inner, &[cookie, authorization, token], |known| {
            Recalled {
                number: known.number as f64,
                text: known.text.to_string(),
            }
        })
    }

    #[napi]
    pub fn get_session<'env>(
        &self,
        env: &'env Env,
        cookie: Option<String>,
        authorization: Option<String>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let request = headers_only(cookie, authorization);
        self.call(env, async move |api| api.session_of(&request).await)
    }

    #[napi]
    pub fn create_session<'env>(
        &self,
        env: &'env Env,
        user_id: Unknown<'_>,
        metadata: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let user_id = text(&user_id, "userId")?;
        let metadata = plain(&metadata, "metadata")?
            .map_err(|error| Error::with(Code::ArgumentInvalid, error.message()));
        self.call(env, async move |api| {
            let (session, token) = api.create_session(&user_id?, &metadata?).await?;
            Ok(json!({ "session": session, "token": token }))
        })
    }

    #[napi]
    pub fn validate_session<'env>(
        &self,
        env: &'env Env,
        token: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let token = text(&token, "token")?;
        self.call(env, async move |api| api.validate_session(&token?).await)
    }

    #[napi]
    pub fn revoke_session<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let id = text(&id, "id")?;
        self.call(env, async move |api| api.revoke_session(&id?).await)
    }

    #[napi]
    pub fn revoke_all_sessions<'env>(
        &self,
        env: &'env Env,
        user_id: Unknown<'_>,
        except: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let user_id = text(&user_id, "userId")?;
        let except = optional_text(&except, "except")?;
        self.call(env, async move |api| {
            api.revoke_sessions(&user_id?, except?.as_deref()).await
        })
    }

    #[napi]
    pub fn list_sessions<'env>(
        &self,
        env: &'env Env,
        user_id: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let user_id = text(&user_id, "userId")?;
        self.call(env, async move |api| api.sessions(&user_id?).await)
    }

    #[napi(js_name = "getOAuthConnections")]
    pub fn get_oauth_connections<'env>(
        &self,
        env: &'env Env,
        user_id: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let user_id = text(&user_id, "userId")?;
        self.call(env, async move |api| api.connections(&user_id?).await)
    }

    #[napi(js_name = "disconnectOAuth")]
    pub fn disconnect_oauth<'env>(
        &self,
        env: &'env Env,
        user_id: Unknown<'_>,
        provider: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let (user_id, provider) = (text(&user_id, "userId")?, text(&provider, "provider")?);
        self.call(env, async move |api| {
            api.disconnect(&user_id?, &provider?).await
        })
    }

    #[napi]
    pub fn get_access_token<'env>(
        &self,
        env: &'env Env,
        user_id: Unknown<'_>,
        provider: Unknown<'_>,
        min_validity: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let (user_id, provider) = (text(&user_id, "userId")?, text(&provider, "provider")?);
        let min_validity = optional_seconds(&min_validity, "minValidity")?;
        self.call(env, async move |api| {
            let tokens = api
                .access_token(&user_id?, &provider?, min_validity?)
                .await?;
            Ok(json!({
                "accessToken": Secret::expose(&tokens.access_token),
                "expiresAt": tokens.expires_at,
                "scopes": tokens.scopes,
            }))
        })
    }

    #[napi]
    pub fn get_user<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let id = text(&id, "id")?;
        self.call(env, async move |api| api.user(&id?).await)
    }

    #[napi]
    pub fn find_user_by_email<'env>(
        &self,
        env: &'env Env,
        email: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let email = text(&email, "email")?;
        self.call(env, async move |api| api.user_by_email(&email?).await)
    }

    #[napi]
    pub fn delete_user<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let id = text(&id, "id")?;
        self.call(env, async move |api| api.delete_user(&id?).await)
    }

    /// `until`: milliseconds since the Unix epoch.
    #[napi]
    pub fn disable_user<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'_>,
        until: Option<i64>,
        reason: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let (id, reason) = (text(&id, "id")?, optional_text(&reason, "reason")?);
        self.call(env, async move |api| {
            api.disable_user(&id?, until.map(Timestamp), reason?.as_deref())
                .await
        })
    }

    #[napi]
    pub fn enable_user<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let id = text(&id, "id")?;
        self.call(env, async move |api| api.enable_user(&id?).await)
    }

    #[napi]
    pub fn prune<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, String>> {
        let kavach = Arc::clone(&self.inner);
        promise(env, &self.log, async move { kavach.prune().await })
    }

    #[napi]
    pub fn health<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, String>> {
        let kavach = Arc::clone(&self.inner);
        promise(env, &self.log, async move { kavach.health().await })
    }

    #[napi]
    pub fn metrics(&self) -> String {
        json!(self.inner.metrics()).to_string()
    }

    /// What the application has to register where, as JSON.
    #[napi]
    pub fn setup(&self) -> String {
        json!(self.inner.setup()).to_string()
    }

    #[napi]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, String>> {
        let kavach = Arc::clone(&self.inner);
        promise(env, &self.log, async move {
            kavach.close().await;
            Ok(())
        })
    }

    /// The call is in flight from now on, not from when its future first runs: `close()` right after it waits for it.
    fn call<'env, T, F, R>(&self, env: &'env Env, work: F) -> napi::Result<PromiseRaw<'env, String>>
    where
        T: Serialize + Send + 'static,
        F: FnOnce(Api) -> R + Send + 'static,
        R: Future<Output = Result<T>> + Send + 'static,
    {
        let api = self.inner.api();
        promise(env, &self.log, async move { work(api?).await })
    }
}

/// A session that is known without asking the database.
#[napi(object, object_from_js = false)]
pub struct Recalled {
    pub number: f64,
    pub text: String,
}

fn recall<T>(
    kavach: &Kavach,
    [cookie, authorization, token]: &[Unknown<'_>; 3],
    read: impl FnOnce(Known<'_>) -> T,
) -> napi::Result<Option<T>> {
    let (mut first, mut second) = (Room::new(), Room::new());
    let token = first.text(token)?;
    if let Some(token) = token {
        return Ok(guarded_now(|| kavach.recall_token(token, read)).unwrap_or_default());
    }
    let (cookie, authorization) = (first.text(cookie)?, second.text(authorization)?);
    Ok(guarded_now(|| kavach.recall(cookie, authorization, read)).unwrap_or_default())
}

fn headers_only(cookie: Option<String>, authorization: Option<String>) -> Request {
    let named = |name: &str, value: Option<String>| value.map(|value| (name.to_owned(), value));
    Request {
        method: String::new(),
        url: String::new(),
        headers: [
            named("cookie", cookie),
            named("authorization", authorization),
        ]
        .into_iter()
        .flatten()
        .collect(),
        body: Body::Empty,
        peer: None,
    }
}
