//! From a request to its endpoint and back: the route, the limit, the answer, and what becomes of an error.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::clock::Timestamp;
use crate::error::{Code, Error, Fault, Result};
use crate::event::{Event, EventKind};
use crate::http::client;
use crate::http::page::error_page;
use crate::http::{Request, Response};
use crate::kavach::Kavach;
use crate::limit::Verdict;
use crate::routes::{self, Endpoint, Match};
use crate::{oauth, session};

/// An answer, or the promise of one.
pub enum Answer {
    /// Computed already.
    Now(Response),
    /// Waits for the database or a provider.
    Later(BoxFuture<'static, Response>),
}

impl Kavach {
    /// Answers a request, or gives `None` when its path is none of ours.
    pub fn handle(self: &Arc<Self>, request: Request, base_path: Option<&str>) -> Option<Answer> {
        let (endpoint, provider) = match self.route(&request.method, request.path(), base_path)? {
            Match::OtherMethod(methods) => {
                let refusal = Response::error(&Code::MethodNotAllowed.into());
                return Some(Answer::Now(refusal.with("allow", methods.join(", "))));
            }
            Match::Route { endpoint, provider } => (endpoint, provider.to_owned()),
        };
        let guard = match self.enter() {
            Ok(guard) => guard,
            Err(error) => return Some(Answer::Now(Response::error(&error))),
        };
        let now = Timestamp::now();
        let address = client::address(&request, &self.config.trusted_proxies);
        let ticket = match self.config.rate_limit.check(endpoint, address, now) {
            Verdict::Pass => None,
            Verdict::Ask(ticket) => Some(ticket),
            Verdict::Wait(wait) => {
                return Some(Answer::Now(
                    self.limited(endpoint, &request, &provider, wait),
                ));
            }
        };
        if ticket.is_none()
            && let Some(result) = self.answer_at_once(endpoint, &request, &provider)
        {
            return Some(Answer::Now(
                self.settle(endpoint, &request, &provider, result),
            ));
        }
        let kavach = Arc::clone(self);
        Some(Answer::Later(Box::pin(async move {
            let _guard = guard;
            if let Some(ticket) = ticket {
                match ticket.count(&kavach.store, now).await {
                    Ok(None) => {}
                    Ok(Some(wait)) => return kavach.limited(endpoint, &request, &provider, wait),
                    Err(error) => return kavach.settle(endpoint, &request, &provider, Err(error)),
                }
            }
            let result = match kavach.answer_at_once(endpoint, &request, &provider) {
                Some(result) => result,
                None => kavach.answer(endpoint, &request, &provider).await,
            };
            kavach.settle(endpoint, &request, &provider, result)
        })))
    }

    /// Whether a route of ours reads this request's body.
    pub fn wants_body(&self, method: &str, path: &str, base_path: Option<&str>) -> bool {
        method == "POST"
            && matches!(
                self.route(method, path, base_path),
                Some(Match::Route { .. })
            )
    }

    /// Whether requests below a path can be ours.
    pub fn may_be_mounted_at(&self, mount: &str) -> bool {
        let below = |path: &str, other: &str| {
            path.strip_prefix(other)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let (mount, base) = (mount.trim_end_matches('/'), &*self.config.base.path);
        below(mount, base) || below(base, mount)
    }

    /// The answer to a path that is none of ours.
    pub fn not_found(&self, path: &str) -> Response {
        let path: String = path.chars().take(200).collect();
        Response::error(&Error::with(
            Code::NotFound,
            format!(
                "There is nothing at {path}; the endpoints are below {}/auth. Mount kavachos there, or set `basePath`.",
                self.config.base.path
            ),
        ))
    }

    /// The answer to a navigation that failed: the error page for people, JSON for programs.
    pub(crate) fn navigation_error(
        &self,
        request: &Request,
        provider: Option<&str>,
        error: &Error,
    ) -> Response {
        log_refusal(error);
        self.counters.sign_ins_refused.add();
        self.events.tell(|| {
            let event = Event::new(EventKind::SignInRefused).because(error.code());
            match provider {
                Some(provider) => event.at_provider(provider, None),
                None => event,
            }
            .by_client(&self.client(request))
        });
        match self.landings() {
            Ok(landings) if request.accepts_html() => {
                let code = error.code().as_str();
                Response::redirect(landings.on_error.with_query("error", code))
            }
            _ => Response::error(error),
        }
    }

    fn route<'a>(&self, method: &str, path: &'a str, base_path: Option<&str>) -> Option<Match<'a>> {
        let base = base_path.map_or(self.config.base.path.as_str(), |path| {
            path.trim_end_matches('/')
        });
        let found = routes::find(method, path.strip_prefix(base)?)?;
        match found {
            Match::Route { endpoint, .. } if endpoint.is_oauth() && self.oauth().is_err() => None,
            found => Some(found),
        }
    }

    async fn answer(
        self: &Arc<Self>,
        endpoint: Endpoint,
        request: &Request,
        provider: &str,
    ) -> Result<Response> {
        match endpoint {
            Endpoint::Authorize => oauth::authorize::authorize(self, request, provider).await,
            Endpoint::Callback => oauth::callback::callback(self, request, provider).await,
            Endpoint::Link => oauth::endpoints::link(self, request).await,
            Endpoint::Unlink => oauth::endpoints::unlink(self, request).await,
            Endpoint::Accounts => oauth::endpoints::accounts(self, request).await,
            Endpoint::Session => session::endpoints::current(self, request).await,
            Endpoint::Sessions => session::endpoints::list(self, request).await,
            Endpoint::RevokeSessions => session::endpoints::revoke(self, request).await,
            Endpoint::SignOut => session::endpoints::sign_out(self, request).await,
            // Answered at once.
            Endpoint::Providers | Endpoint::ErrorPage => Err(Code::Internal.into()),
        }
    }

    /// What needs neither database nor network, this time. The rest gives `None`.
    fn answer_at_once(
        &self,
        endpoint: Endpoint,
        request: &Request,
        provider: &str,
    ) -> Option<Result<Response>> {
        match endpoint {
            Endpoint::Authorize => oauth::authorize::authorize_now(self, request, provider),
            Endpoint::Providers => Some(oauth::endpoints::providers(self)),
            Endpoint::ErrorPage => Some(Ok(self.error_page(request))),
            Endpoint::Session => session::endpoints::current_now(self, request).map(Ok),
            _ => None,
        }
    }

    fn settle(
        &self,
        endpoint: Endpoint,
        request: &Request,
        provider: &str,
        result: Result<Response>,
    ) -> Response {
        match result {
            Ok(response) => response,
            Err(error) if endpoint.is_navigation() => {
                // A name from the URL is told on only if it is one of ours.
                let provider = self.provider(provider).ok().map(|provider| provider.id());
                self.navigation_error(request, provider, &error)
            }
            Err(error) => {
                log_refusal(&error);
                Response::error(&error)
            }
        }
    }

    /// RFC 6585 4. A browser is shown the page at once: another redirect would be another request.
    fn limited(
        &self,
        endpoint: Endpoint,
        request: &Request,
        provider: &str,
        wait: Duration,
    ) -> Response {
        self.warn_of_hidden_clients(request);
        self.counters.rate_limited.add();
        let error = Error::new(Code::RateLimited);
        let response = self.settle(endpoint, request, provider, Err(error));
        let response = if endpoint.is_navigation() && request.accepts_html() {
            error_page(Some(Code::RateLimited.as_str()), &self.home())
                .status(Code::RateLimited.status())
        } else {
            response
        };
        response.with("retry-after", wait.as_secs().max(1).to_string())
    }

    /// Behind a proxy that `trustedProxies` does not name, all clients have the proxy's address and share its limit.
    fn warn_of_hidden_clients(&self, request: &Request) {
        let is_forwarded = request.header("x-forwarded-for").is_some();
        let seen = client::address(request, &self.config.trusted_proxies);
        let is_hidden = is_forwarded && seen == request.peer.map(|peer| peer.to_canonical());
        if is_hidden && !self.warned_of_hidden_clients.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                peer = seen.map(tracing::field::display),
                "requests are limited by the address of a proxy: name it in trustedProxies"
            );
        }
    }

    fn error_page(&self, request: &Request) -> Response {
        let code = request.query("error").unwrap_or_default();
        error_page(code.as_deref(), &self.home())
    }

    fn home(&self) -> String {
        format!("{}/", self.config.base.origin)
    }
}

/// What users and clients get wrong is a matter of course; what providers, databases and we get wrong is not.
fn log_refusal(error: &Error) {
    let code = error.code().as_str();
    match error.code().fault() {
        Fault::Caller => {
            // Its own message may repeat what the caller sent.
            tracing::debug!(code, "{}", error.code().message());
        }
        Fault::Provider => {
            tracing::warn!(code, cause = error.cause(), "{}", error.message());
        }
        Fault::Database | Fault::Library => {
            tracing::error!(code, cause = error.cause(), "{}", error.message());
        }
    }
}
