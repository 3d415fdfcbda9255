//! The engine: takes a request to its endpoint and brings the answer back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedRwLockReadGuard, RwLock};
use tracing::instrument::WithSubscriber;

use crate::clock::Timestamp;
use crate::config::Config;
use crate::crypto::Keyring;
use crate::error::{Code, Result};
use crate::event::{EventFn, Listener};
use crate::http::Request;
use crate::http::client::Client;
use crate::http::origin;
use crate::metrics::Counters;
use crate::oauth::plugin::Landings;
use crate::oauth::{OAuth, Provider};
use crate::routes::{self, Route};
use crate::session::{Authenticated, Presented, SessionToken, TokenText};
use crate::store::{Known, Moment, Store};
use crate::timing::Timer;

/// An instance: configuration, keys and database. Cheap work is done at once, everything that waits is a future.
pub struct Kavach {
    pub(crate) config: Config,
    pub(crate) keys: Keyring,
    pub(crate) store: Store,
    pub(crate) events: Listener,
    pub(crate) counters: Counters,
    oauth: Option<(Arc<OAuth>, Landings)>,
    /// Held for reading by whatever is in flight, and for writing to close; `true` once closed.
    closed: Arc<RwLock<bool>>,
    last_prune: AtomicI64,
    pub(crate) warned_of_hidden_clients: AtomicBool,
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
            store: Store::open(&config.database, config.session.cache).await?,
            config,
            events: Listener(events),
            counters: Counters::default(),
            oauth,
            closed: Arc::default(),
            last_prune: AtomicI64::new(0),
            warned_of_hidden_clients: AtomicBool::new(false),
        }))
    }

    /// The endpoints that this instance answers.
    pub fn endpoints(&self) -> impl Iterator<Item = &'static Route> {
        let has_oauth = self.oauth.is_some();
        routes::ROUTES
            .iter()
            .filter(move |route| has_oauth || !route.endpoint.is_oauth())
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

    /// The providers that are set up.
    pub(crate) fn providers(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.oauth.iter().flat_map(|(oauth, _)| oauth.providers())
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
        self.look_up(token, false).await
    }

    /// The same, where a moment ago is soon enough: what is to be read, not changed.
    pub(crate) async fn check_and_remember(
        &self,
        token: Option<&SessionToken>,
    ) -> Result<Option<Authenticated>> {
        self.look_up(token, true).await
    }

    async fn look_up(
        &self,
        token: Option<&SessionToken>,
        is_remembered: bool,
    ) -> Result<Option<Authenticated>> {
        let Some(token) = token else {
            return Ok(None);
        };
        self.counters.session_checks.add();
        let timer = Timer::start();
        let (config, now) = (&self.config.session, Timestamp::now());
        let found = match is_remembered {
            true => config.check_and_remember(&self.store, token, now).await,
            false => config.check(&self.store, token, now).await,
        };
        timer.session(false, matches!(found, Ok(Some(_))));
        found
    }

    /// The session that these headers speak for, if it is remembered and nobody can have changed it.
    pub fn recall<T>(
        &self,
        cookie: Option<&str>,
        authorization: Option<&str>,
        read: impl FnOnce(Known<'_>) -> T,
    ) -> Option<T> {
        let (token, _) = self
            .config
            .session
            .presented_in(authorization.into_iter(), cookie.into_iter());
        self.recall_presented(token?, read)
    }

    /// The session of a token, if it is remembered and nobody can have changed it.
    pub fn recall_token<T>(&self, token: &str, read: impl FnOnce(Known<'_>) -> T) -> Option<T> {
        self.recall_presented(TokenText::parse(token)?, read)
    }

    /// The same of one that was found in a request.
    pub(crate) fn recall_presented<T>(
        &self,
        token: TokenText<'_>,
        read: impl FnOnce(Known<'_>) -> T,
    ) -> Option<T> {
        self.store.recall(&token.hash(), Moment::now(), read)
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

    /// Deletes expired rows, once in a while, behind a sign-in: no timer has to live for it.
    pub(crate) fn prune_now_and_then(self: &Arc<Self>, now: Timestamp) {
        let last = self.last_prune.load(Ordering::Relaxed);
        let is_due = now.since(Timestamp(last)) >= PRUNE_INTERVAL;
        let is_ours = is_due
            && self
                .last_prune
                .compare_exchange(last, now.0, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if is_ours {
            let kavach = Arc::clone(self);
            let pruning = async move {
                match kavach.prune().await {
                    Err(error) if error.code() != Code::Closed => {
                        tracing::warn!(cause = error.cause(), "expired rows were not deleted");
                    }
                    _ => {}
                }
            };
            tokio::spawn(pruning.with_current_subscriber());
        }
    }

    /// Deletes expired rows: in small batches with pauses between, so that nobody waits for them; `close` does not
    /// either.
    pub async fn prune(&self) -> Result<()> {
        let now = Timestamp::now();
        loop {
            let in_flight = self.enter()?;
            if self.store.prune(now).await? {
                return Ok(());
            }
            drop(in_flight);
            tokio::time::sleep(PRUNE_PAUSE).await;
        }
    }
}

const PRUNE_INTERVAL: Duration = Duration::from_secs(300);
const PRUNE_PAUSE: Duration = Duration::from_millis(40);
