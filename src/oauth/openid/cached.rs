//! Something fetched from a provider and kept: one request for many who ask, the old one while a new one is not to be
//! had, and a pause after a failure.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::error::{Error, Result};

pub(crate) struct Cached<T> {
    value: RwLock<Option<Kept<T>>>,
    /// Held by whoever fetches; the last failure.
    fetching: Mutex<Option<(Instant, Error)>>,
}

struct Kept<T> {
    value: Arc<T>,
    fetched_at: Instant,
    /// Whether it was fetched because an earlier one was not enough.
    is_again: bool,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self {
            value: RwLock::new(None),
            fetching: Mutex::new(None),
        }
    }
}

impl<T> Cached<T> {
    /// What is kept, if it is not too old.
    pub fn peek(&self) -> Option<Arc<T>> {
        self.kept(|kept| kept.fetched_at.elapsed() < MAX_AGE)
    }

    /// What is kept, however old it is.
    pub fn peek_at_any_age(&self) -> Option<Arc<T>> {
        self.kept(|_| true)
    }

    /// What is kept, or what `fetch` brings.
    pub async fn get(&self, fetch: impl Future<Output = Result<T>>) -> Result<Arc<T>> {
        let is_enough = |kept: &Kept<T>| kept.fetched_at.elapsed() < MAX_AGE;
        self.get_if(is_enough, false, fetch).await
    }

    /// The same, for somebody who found that what is kept is not enough: fetched again at once, but then not for
    /// another `pause`.
    pub async fn get_again(
        &self,
        pause: Duration,
        fetch: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        let is_enough = |kept: &Kept<T>| kept.is_again && kept.fetched_at.elapsed() < pause;
        self.get_if(is_enough, true, fetch).await
    }

    async fn get_if(
        &self,
        is_enough: impl Fn(&Kept<T>) -> bool,
        is_again: bool,
        fetch: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        if let Some(value) = self.kept(&is_enough) {
            return Ok(value);
        }
        let old = self.peek_at_any_age();
        let mut failure = match (self.fetching.try_lock(), &old) {
            (Ok(failure), _) => failure,
            // Somebody is fetching, which may take its time; what is old is better than to wait. But whoever found it
            // wanting has to.
            (Err(_), Some(old)) if !is_again => return Ok(Arc::clone(old)),
            (Err(_), _) => self.fetching.lock().await,
        };
        if let Some(value) = self.kept(&is_enough) {
            return Ok(value);
        }
        let pause = match old {
            Some(_) => PAUSE_WITH_AN_OLD_ONE,
            None => PAUSE_AFTER_FAILURE,
        };
        if let Some((at, error)) = &*failure
            && at.elapsed() < pause
        {
            return old.ok_or_else(|| error.clone());
        }
        match fetch.await {
            Ok(value) => {
                *failure = None;
                let value = Arc::new(value);
                *self.value.write().unwrap_or_else(PoisonError::into_inner) = Some(Kept {
                    value: Arc::clone(&value),
                    fetched_at: Instant::now(),
                    is_again,
                });
                Ok(value)
            }
            Err(error) => {
                if old.is_some() {
                    tracing::warn!(
                        cause = error.cause(),
                        "what is known of the provider is old"
                    );
                }
                *failure = Some((Instant::now(), error.clone()));
                old.ok_or(error)
            }
        }
    }

    fn kept(&self, is_enough: impl Fn(&Kept<T>) -> bool) -> Option<Arc<T>> {
        self.value
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .filter(|kept| is_enough(kept))
            .map(|kept| Arc::clone(&kept.value))
    }
}

/// Metadata and keys change rarely, and an unknown key is asked for at once.
const MAX_AGE: Duration = Duration::from_secs(3_600);
/// A provider that is down is not asked by every visitor anew.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
const PAUSE_WITH_AN_OLD_ONE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::Code;

    #[tokio::test]
    async fn many_who_ask_at_once_cause_one_fetch() {
        let cached = Cached::default();
        let fetches = AtomicUsize::new(0);
        let ask = || {
            cached.get(async {
                tokio::task::yield_now().await;
                Ok(fetches.fetch_add(1, Ordering::Relaxed))
            })
        };
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        assert_eq!((*a.unwrap(), *b.unwrap(), *c.unwrap()), (0, 0, 0));
        assert_eq!(fetches.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_failure_is_told_to_those_who_come_right_after_and_then_tried_again() {
        let cached = Cached::<u8>::default();
        let failing = || cached.get(async { Err(Error::new(Code::ProviderError)) });
        assert!(failing().await.is_err());
        let fetched = AtomicUsize::new(0);
        let fetch = async {
            fetched.fetch_add(1, Ordering::Relaxed);
            Ok(1)
        };
        assert!(cached.get(fetch).await.is_err());
        assert_eq!(fetched.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn what_is_not_enough_is_fetched_again_at_once_and_then_after_a_pause() {
        let cached = Cached::default();
        assert_eq!(*cached.get(async { Ok(1) }).await.unwrap(), 1);
        let again = |pause, value| cached.get_again(pause, async move { Ok(value) });
        let pause = Duration::from_secs(60);
        assert_eq!(*again(pause, 2).await.unwrap(), 2);
        assert_eq!(*again(pause, 3).await.unwrap(), 2);
        assert_eq!(*again(Duration::ZERO, 4).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn nobody_waits_for_a_new_one_who_could_have_the_old_one() {
        let cached = Cached::default();
        cached.get(async { Ok(1) }).await.unwrap();
        let is_old = |_: &Kept<u8>| false;
        let slow = cached.get_if(is_old, false, std::future::pending());
        let other = cached.get_if(is_old, false, async { Ok(2) });
        let first = async {
            tokio::select! {
                biased;
                value = slow => value,
                value = other => value,
            }
        };
        let got = tokio::time::timeout(Duration::from_secs(5), first).await;
        assert_eq!(*got.unwrap().unwrap(), 1);
    }

    #[tokio::test]
    async fn the_old_one_serves_while_a_new_one_is_not_to_be_had() {
        let cached = Cached::default();
        cached.get(async { Ok(1) }).await.unwrap();
        let failing = cached.get_again(Duration::ZERO, async {
            Err(Error::new(Code::ProviderError))
        });
        assert_eq!(*failing.await.unwrap(), 1);
    }
}
