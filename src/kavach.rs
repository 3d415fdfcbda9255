//! The engine: takes a request to its endpoint and brings the answer back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use crate::clock::Timestamp;
use crate::config::Config;
use crate::crypto::Keyring;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventFn, EventKind, Listener};
use crate::http::client::{self, Client};
use crate::http::origin;
use crate::http::page::error_page;
use crate::http::{Request, Response};
use crate::limit::Verdict;
use crate::oauth::plugin::Landings;
use crate::oauth::{OAuth, Provider};
use crate::routes::{self, Endpoint, Match, Route};
use crate::session::{Authenticated, Presented, SessionToken};
use crate::store::Store;
use crate::{oauth, session};

/// An instance: configuration, keys and database. Cheap work is done at once, everything that waits is a future.
pub struct Kavach {
    pub(crate) config: Config,
    pub(crate) keys: Keyring,
    pub(crate) store: Store,
    pub(crate) events: Listener,
    oauth: Option<(Arc<OAuth>, Landings)>,
    /// Held for reading by whatever is in flight, and for writing to close; `true` once closed.
    closed: Arc<RwLock<bool>>,
    last_prune: AtomicI64,
}

/// An answer, or the promise of one.
pub enum Answer {
    /// Computed already.
    Now(Response),
    /// Waits for the database or a provider.
    Later(BoxFuture<'static, Response>),
}

impl Kavach {
    /// Opens the database, migrates it, and is ready.
    pub async fn open(
        config: Config,
        oauth: Option<Arc<OAuth>>,
        events: Option<Arc<EventFn>>,
    ) -> Result<Arc<Self>> {
        let oauth = match oauth {
            Some(oauth) => {
                let landings = oauth.landings(&config.base, &config.trusted_origins)?;
                Some((oauth, landings))
            }
            None => None,
        };
        Ok(Arc::new(Self {
            keys: Keyring::new(&config.secrets)?,
            store: Store::open(&config.database).await?,
            config,
            events: Listener(events),
            oauth,
            closed: Arc::default(),
            last_prune: AtomicI64::new(0),
        }))
    }

    /// The endpoints that this instance answers.
    pub fn endpoints(&self) -> impl Iterator<Item = &'static Route> {
        let has_oauth = self.oauth.is_some();
        routes::ROUTES
            .iter()
            .filter(move |route| has_oauth || !route.endpoint.is_oauth())
    }

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
                match kavach
                    .config
                    .rate_limit
                    .count(&kavach.store, &ticket, now)
                    .await
                {
                    Ok(Verdict::Wait(wait)) => {
                        return kavach.limited(endpoint, &request, &provider, wait);
                    }
                    Ok(Verdict::Pass | Verdict::Ask(_)) => {}
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

    /// The answer to a path that is none of ours.
    pub fn not_found(&self, path: &str) -> Response {
        let path: String = path.chars().take(200).collect();
        Response::error(&Error::with(
            Code::NotFound,
            format!(
                "There is nothing at {path}; the endpoints are below {}/auth.",
                self.config.base.path
            ),
        ))
    }

    /// Waits for what is in flight, then closes the database. A second call does nothing.
    pub async fn close(&self) {
        let mut closed = self.closed.write().await;
        if !*closed {
            *closed = true;
            self.store.close().await;
        }
    }

    /// Takes part in what `close` waits for.
    pub(crate) fn enter(&self) -> Result<OwnedRwLockReadGuard<bool>> {
        // A lock that cannot be had at once is held by `close`.
        match Arc::clone(&self.closed).try_read_owned() {
            Ok(guard) if !*guard => Ok(guard),
            _ => Err(Code::Closed.into()),
        }
    }

    pub(crate) fn oauth(&self) -> Result<&OAuth> {
        self.oauth
            .as_ref()
            .map(|(oauth, _)| &**oauth)
            .ok_or_else(|| Code::NotFound.into())
    }

    pub(crate) fn landings(&self) -> Result<&Landings> {
        self.oauth
            .as_ref()
            .map(|(_, landings)| landings)
            .ok_or_else(|| Code::NotFound.into())
    }

    pub(crate) fn provider(&self, id: &str) -> Result<&Arc<Provider>> {
        self.oauth
            .as_ref()
            .and_then(|(oauth, _)| oauth.provider(id))
            .ok_or_else(|| Code::ProviderUnknown.into())
    }

    /// Where a request came from.
    pub(crate) fn client(&self, request: &Request) -> Client {
        Client::of(request, &self.config.trusted_proxies)
    }

    /// Who sends this request, if anyone we know.
    pub(crate) async fn authenticate(&self, request: &Request) -> Result<Option<Authenticated>> {
        let presented = self.config.session.presented(request);
        self.check(presented.token.as_ref()).await
    }

    /// Whose token this is, if anyone's we know.
    pub(crate) async fn check(
        &self,
        token: Option<&SessionToken>,
    ) -> Result<Option<Authenticated>> {
        match token {
            Some(token) => {
                let now = Timestamp::now();
                self.config.session.check(&self.store, token, now).await
            }
            None => Ok(None),
        }
    }

    /// Who sends this request, or 401.
    pub(crate) async fn require(&self, request: &Request) -> Result<Authenticated> {
        self.authenticate(request)
            .await?
            .ok_or_else(|| Code::Unauthenticated.into())
    }

    /// Who sends this request that changes something, after making sure that no other site caused it.
    pub(crate) async fn require_authentic(&self, request: &Request) -> Result<Authenticated> {
        let presented = self.presented_authentic(request)?;
        self.check(presented.token.as_ref())
            .await?
            .ok_or_else(|| Code::Unauthenticated.into())
    }

    /// What a request presents, after making sure that no other site caused it.
    pub(crate) fn presented_authentic(&self, request: &Request) -> Result<Presented> {
        let presented = self.config.session.presented(request);
        origin::check(
            request,
            presented.credential,
            &self.config.base.origin,
            &self.config.trusted_origins,
        )?;
        Ok(presented)
    }

    /// The answer to a navigation that failed: the error page for people, JSON for programs.
    pub(crate) fn navigation_error(
        &self,
        request: &Request,
        provider: Option<&str>,
        error: &Error,
    ) -> Response {
        log_refusal(error);
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

    /// Deletes expired rows, once in a while, behind a sign-in: no timer has to live for it.
    pub(crate) fn prune_now_and_then(self: &Arc<Self>, now: Timestamp) {
        let last = self.last_prune.load(Ordering::Relaxed);
        let is_due = now.since(Timestamp(last)) >= PRUNE_INTERVAL;
        let is_ours = is_due
            && self
                .last_prune
                .compare_exchange(last, now.0, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if let (true, Ok(guard)) = (is_ours, self.enter()) {
            let kavach = Arc::clone(self);
            tokio::spawn(async move {
                let _guard = guard;
                if let Err(error) = kavach.store.prune(now).await {
                    tracing::warn!(cause = error.cause(), "expired rows were not deleted");
                }
            });
        }
    }

    fn route<'a>(&self, method: &str, path: &'a str, base_path: Option<&str>) -> Option<Match<'a>> {
        let base = base_path.map_or(self.config.base.path.as_str(), |path| {
            path.trim_end_matches('/')
        });
        let found = routes::find(method, path.strip_prefix(base)?)?;
        match found {
            Match::Route { endpoint, .. } if endpoint.is_oauth() && self.oauth.is_none() => None,
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
            Endpoint::Callback => oauth::callback::callback(self, request, provider).await,
            Endpoint::Link => oauth::endpoints::link(self, request).await,
            Endpoint::Unlink => oauth::endpoints::unlink(self, request).await,
            Endpoint::Accounts => oauth::endpoints::accounts(self, request).await,
            Endpoint::Session => session::endpoints::current(self, request).await,
            Endpoint::Sessions => session::endpoints::list(self, request).await,
            Endpoint::RevokeSessions => session::endpoints::revoke(self, request).await,
            Endpoint::SignOut => session::endpoints::sign_out(self, request).await,
            // Answered at once.
            Endpoint::Authorize | Endpoint::Providers | Endpoint::ErrorPage => {
                Err(Code::Internal.into())
            }
        }
    }

    /// What needs neither database nor network. The rest gives `None`.
    fn answer_at_once(
        &self,
        endpoint: Endpoint,
        request: &Request,
        provider: &str,
    ) -> Option<Result<Response>> {
        match endpoint {
            Endpoint::Authorize => Some(oauth::authorize::authorize(self, request, provider)),
            Endpoint::Providers => Some(oauth::endpoints::providers(self)),
            Endpoint::ErrorPage => Some(Ok(self.error_page(request))),
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

    fn error_page(&self, request: &Request) -> Response {
        let code = request.query("error").unwrap_or_default();
        error_page(code.as_deref(), &self.home())
    }

    fn home(&self) -> String {
        format!("{}/", self.config.base.origin)
    }
}

const PRUNE_INTERVAL: Duration = Duration::from_secs(300);

/// What users and clients get wrong is a matter of course; what providers, databases and we get wrong is not.
fn log_refusal(error: &Error) {
    use crate::error::Fault;
    let code = error.code().as_str();
    match error.code().fault() {
        Fault::Caller => {
            tracing::debug!(code, cause = error.cause(), "{}", error.message());
        }
        Fault::Provider => {
            tracing::warn!(code, cause = error.cause(), "{}", error.message());
        }
        Fault::Database | Fault::Library => {
            tracing::error!(code, cause = error.cause(), "{}", error.message());
        }
    }
}
