//! Sessions that the database vouched for lately. What is here is answered without asking again, for as long as the
//! channel that tells of changes (see `changes`) is proven to be up to date.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::clock::Timestamp;
use crate::store::Hash;

/// How much is remembered, and how old an answer may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheConfig {
    pub max_entries: usize,
    pub max_staleness: Duration,
}

/// The sessions, and how sure we are of them.
pub(crate) struct Cache {
    pub config: CacheConfig,
    state: Mutex<State>,
    /// Rung when the cache is asked and not sure.
    pub(super) woken: Notify,
}

/// A checked session.
pub(crate) struct Checked {
    /// Of the session, then of the user.
    pub ids: [Tag; 2],
    /// From when on the database has to be asked again, whatever happens.
    pub until: Timestamp,
    /// User and session as JSON.
    pub text: Arc<str>,
}

/// A session that is remembered. Its number is never used for another.
pub struct Known<'a> {
    /// Which of all that were ever remembered it is.
    pub number: u64,
    /// User and session as JSON.
    pub text: &'a Arc<str>,
}

/// The first eight bytes of the SHA-256 of an id, or of a token: what a change is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tag(u64);

/// Whether the cache answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheState {
    /// It is turned off.
    Off,
    /// Nobody asked lately, so nobody follows what changes.
    Idle,
    /// It is true, and answers.
    Proven,
    /// It may miss changes, so the database is asked each time.
    Unproven,
}

/// The right to remember what the database says from now on, unless it changes meanwhile.
pub(crate) struct Ticket {
    epoch: u64,
    forgotten: u64,
}

/// A moment by both clocks: the one that nobody sets stops while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub monotonic: Instant,
    pub wall: Timestamp,
}

struct State {
    sessions: Sessions,
    by_id: HashMap<Tag, Vec<Hash>>,
    channel: Channel,
    /// Counts the times that everything was forgotten.
    epoch: u64,
    /// The last to be forgotten, and how many there were in all.
    forgotten: VecDeque<Tag>,
    forgotten_count: u64,
    last_number: u64,
    /// How often it answered.
    answered: u64,
    used_at: Instant,
}

type Sessions = LruCache<Hash, Entry, BuildHasherDefault<FirstBytes>>;

/// The first bytes of a SHA-256 as they are: spread evenly, and nobody can choose them.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_ne_bytes(*first);
        }
    }

    /// The length, which is that of all.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

struct Entry {
    number: u64,
    checked: Checked,
}

/// What we know about changes that others make.
enum Channel {
    /// Nothing.
    Down,
    /// All of them will be told from now on.
    Open,
    /// All of them were told up to this moment.
    ProvenAt(Moment),
    /// There are none: nobody else can reach the database.
    Unneeded,
}

impl Cache {
    pub fn new(config: CacheConfig) -> Self {
        Self {
            config,
            state: Mutex::new(State {
                sessions: LruCache::unbounded_with_hasher(BuildHasherDefault::default()),
                by_id: HashMap::new(),
                channel: Channel::Down,
                epoch: 0,
                forgotten: VecDeque::new(),
                forgotten_count: 0,
                last_number: 0,
                answered: 0,
                used_at: Instant::now(),
            }),
            woken: Notify::new(),
        }
    }

    /// Reads the session of a token, if it is remembered and the channel is proven.
    pub fn read<T>(
        &self,
        token: &Hash,
        now: Moment,
        read: impl FnOnce(Known<'_>) -> T,
    ) -> Option<T> {
        let mut state = self.state();
        state.used_at = now.monotonic;
        if !state.channel.is_proven(now, self.config.max_staleness) {
            drop(state);
            self.woken.notify_one();
            return None;
        }
        // Nobody is driven out while there is room, and to keep the order costs more than to look. Who was used only
        // before the cache was half full then goes first.
        let has_room = state.sessions.len() <= self.config.max_entries / 2;
        let Entry { number, checked } = match has_room {
            true => state.sessions.peek(token)?,
            false => state.sessions.get(token)?,
        };
        if now.wall >= checked.until {
            return None;
        }
        let answer = read(Known {
            number: *number,
            text: &checked.text,
        });
        state.answered += 1;
        Some(answer)
    }

    /// How often it answered.
    pub fn answered(&self) -> u64 {
        self.state().answered
    }

    /// Whether it answers, and how many sessions it holds.
    pub fn health(&self) -> (CacheState, usize) {
        let state = self.state();
        let health = match state.channel {
            _ if state
                .channel
                .is_proven(Moment::now(), self.config.max_staleness) =>
            {
                CacheState::Proven
            }
            Channel::Down | Channel::Open | Channel::ProvenAt(_)
                if state.used_at.elapsed() >= IDLE_AFTER =>
            {
                CacheState::Idle
            }
            _ => CacheState::Unproven,
        };
        (health, state.sessions.len())
    }

    /// To be taken before the database is asked for what is to be remembered.
    pub fn ticket(&self) -> Option<Ticket> {
        let mut state = self.state();
        state.used_at = Instant::now();
        let ticket = match state.channel {
            Channel::Down => None,
            Channel::Open | Channel::ProvenAt(_) | Channel::Unneeded => Some(Ticket {
                epoch: state.epoch,
                forgotten: state.forgotten_count,
            }),
        };
        drop(state);
        self.woken.notify_one();
        ticket
    }

    /// Remembers a session, unless it, its user or its token has changed since the ticket was taken.
    pub fn keep(&self, ticket: &Ticket, token: &Hash, checked: Checked) {
        if checked.text.len() > MAX_TEXT {
            return;
        }
        let mut state = self.state();
        if state.has_forgotten(
            ticket,
            &[checked.ids[0], checked.ids[1], Tag::of_hash(token)],
        ) {
            return;
        }
        state.remove(token);
        for id in checked.ids {
            // Most sessions are their users' only ones.
            let tokens = state.by_id.entry(id);
            tokens.or_insert_with(|| Vec::with_capacity(1)).push(*token);
        }
        state.last_number += 1;
        let number = state.last_number;
        state.sessions.put(*token, Entry { number, checked });
        if state.sessions.len() > self.config.max_entries
            && let Some((oldest, entry)) = state.sessions.pop_lru()
        {
            state.unlist(&oldest, &entry);
        }
    }

    /// Forgets a session, or all sessions of a user.
    pub fn forget(&self, id: Tag) {
        let mut state = self.state();
        for token in state.by_id.remove(&id).unwrap_or_default() {
            state.remove(&token);
        }
        state.note(id);
    }

    /// Forgets the session of a token.
    pub fn forget_token(&self, token: &Hash) {
        let mut state = self.state();
        state.remove(token);
        state.note(Tag::of_hash(token));
    }

    /// Forgets everything.
    pub fn forget_all(&self) {
        self.clear(|_| {});
    }

    /// From now on every change will be told. What happened before may not have been.
    pub(super) fn open_channel(&self) {
        self.clear(|state| state.channel = Channel::Open);
    }

    /// All changes up to a moment have been told.
    pub(super) fn prove(&self, moment: Moment) {
        self.state().channel = Channel::ProvenAt(moment);
    }

    /// Changes are no longer told.
    pub(super) fn lose_channel(&self) {
        self.clear(|state| state.channel = Channel::Down);
    }

    /// Nobody else can reach the database.
    pub(super) fn needs_no_channel(&self) {
        self.state().channel = Channel::Unneeded;
    }

    /// Whether anybody asked lately.
    pub(super) fn is_in_use(&self) -> bool {
        self.state().used_at.elapsed() < IDLE_AFTER
    }

    fn clear(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        let old = state.clear();
        change(&mut state);
        drop(state);
        // It may be large, and the thread of JavaScript may be waiting.
        drop(old);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            // Whatever was half done is gone with the rest.
            self.state.clear_poison();
            let mut state = PoisonError::into_inner(poisoned);
            state.clear();
            state
        })
    }
}

impl Tag {
    /// The tag of an id.
    pub fn of_id(id: &str) -> Self {
        Self::of_hash(&Sha256::digest(id).into())
    }

    /// From sixteen hexadecimal digits, as PostgreSQL sends it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        (text.len() == 16)
            .then(|| u64::from_str_radix(text, 16).ok().map(Self))
            .flatten()
    }

    fn of_hash(hash: &Hash) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *hash;
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl Moment {
    pub fn now() -> Self {
        Self {
            monotonic: Instant::now(),
            wall: Timestamp::now(),
        }
    }

    /// Whether `self` is at most `span` after `earlier`, by both clocks.
    pub(super) fn is_within(self, span: Duration, earlier: Self) -> bool {
        let by_monotonic = self.monotonic.saturating_duration_since(earlier.monotonic);
        let by_wall = self.wall.since(earlier.wall);
        by_monotonic <= span && by_wall <= span
    }
}

impl Channel {
    fn is_proven(&self, now: Moment, max_staleness: Duration) -> bool {
        match self {
            Self::Down | Self::Open => false,
            Self::ProvenAt(moment) => now.is_within(max_staleness, *moment),
            Self::Unneeded => true,
        }
    }
}

impl State {
    fn has_forgotten(&self, ticket: &Ticket, tags: &[Tag]) -> bool {
        let since = self.forgotten_count - ticket.forgotten;
        let Some(known) = usize::try_from(since)
            .ok()
            .and_then(|since| self.forgotten.len().checked_sub(since))
        else {
            return true;
        };
        ticket.epoch != self.epoch || self.forgotten.range(known..).any(|tag| tags.contains(tag))
    }

    fn note(&mut self, tag: Tag) {
        if self.forgotten.len() == MAX_FORGOTTEN {
            self.forgotten.pop_front();
        }
        self.forgotten.push_back(tag);
        self.forgotten_count += 1;
    }

    fn remove(&mut self, token: &Hash) {
        if let Some(entry) = self.sessions.pop(token) {
            self.unlist(token, &entry);
        }
    }

    fn unlist(&mut self, token: &Hash, entry: &Entry) {
        for id in entry.checked.ids {
            if let Some(tokens) = self.by_id.get_mut(&id) {
                tokens.retain(|other| other != token);
                if tokens.is_empty() {
                    self.by_id.remove(&id);
                }
            }
        }
    }

    fn clear(&mut self) -> impl Sized + use<> {
        self.epoch += 1;
        (
            mem::replace(
                &mut self.sessions,
                LruCache::unbounded_with_hasher(BuildHasherDefault::default()),
            ),
            mem::take(&mut self.by_id),
        )
    }
}

/// Longer texts are of users or sessions with much of the application's own data: they would break the bound.
const MAX_TEXT: usize = 4_096;
/// A database call lasts shorter than this many changes, or its answer is not remembered.
const MAX_FORGOTTEN: usize = 1_024;
const IDLE_AFTER: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(max_entries: usize) -> Cache {
        let cache = Cache::new(CacheConfig {
            max_entries,
            max_staleness: Duration::from_secs(1),
        });
        cache.open_channel();
        cache.prove(Moment::now());
        cache
    }

    fn token(number: u8) -> Hash {
        Sha256::digest([number]).into()
    }

    fn checked(session: &str, user: &str) -> Checked {
        Checked {
            ids: [Tag::of_id(session), Tag::of_id(user)],
            until: Timestamp::FOR_EVER,
            text: format!("{session} of {user}").into(),
        }
    }

    fn keep(cache: &Cache, number: u8, session: &str, user: &str) {
        let ticket = cache.ticket().unwrap();
        cache.keep(&ticket, &token(number), checked(session, user));
    }

    fn text(cache: &Cache, number: u8) -> Option<String> {
        cache.read(&token(number), Moment::now(), |known| {
            known.text.to_string()
        })
    }

    #[test]
    fn a_session_is_remembered_until_it_or_its_user_or_its_token_changes() {
        let forgettings: [fn(&Cache); 4] = [
            |cache| cache.forget(Tag::of_id("s1")),
            |cache| cache.forget(Tag::of_id("u1")),
            |cache| cache.forget_token(&token(1)),
            |cache| cache.forget_all(),
        ];
        for forget in forgettings {
            let cache = cache(10);
            keep(&cache, 1, "s1", "u1");
            assert_eq!(text(&cache, 1).unwrap(), "s1 of u1");
            forget(&cache);
            assert_eq!(text(&cache, 1), None);
        }
    }

    #[test]
    fn what_changes_while_the_database_is_asked_is_not_remembered() {
        let forgettings: [fn(&Cache); 5] = [
            |cache| cache.forget(Tag::of_id("s1")),
            |cache| cache.forget(Tag::of_id("u1")),
            |cache| cache.forget_token(&token(1)),
            |cache| cache.forget_all(),
            |cache| (0..=MAX_FORGOTTEN).for_each(|_| cache.forget(Tag::of_id("other"))),
        ];
        for forget in forgettings {
            let cache = cache(10);
            let ticket = cache.ticket().unwrap();
            forget(&cache);
            cache.keep(&ticket, &token(1), checked("s1", "u1"));
            assert_eq!(text(&cache, 1), None);
        }
        let cache = cache(10);
        let ticket = cache.ticket().unwrap();
        cache.forget(Tag::of_id("other"));
        cache.keep(&ticket, &token(1), checked("s1", "u1"));
        assert!(text(&cache, 1).is_some());
    }

    #[test]
    fn nothing_is_answered_unless_the_channel_is_proven_in_time() {
        let cache = cache(10);
        keep(&cache, 1, "s1", "u1");
        let ago = |span| Moment {
            monotonic: Instant::now().checked_sub(span).unwrap(),
            wall: Timestamp::now() - span,
        };
        cache.prove(ago(Duration::from_millis(1_100)));
        assert_eq!(text(&cache, 1), None);
        // The machine slept: the clock that nobody sets did not see it.
        cache.prove(Moment {
            monotonic: Instant::now(),
            ..ago(Duration::from_secs(60))
        });
        assert_eq!(text(&cache, 1), None);
        cache.prove(ago(Duration::from_millis(500)));
        assert!(text(&cache, 1).is_some());

        cache.lose_channel();
        assert!(cache.ticket().is_none());
        cache.open_channel();
        assert_eq!(text(&cache, 1), None);
        keep(&cache, 1, "s1", "u1");
        assert_eq!(text(&cache, 1), None, "open, but not proven");
        cache.prove(Moment::now());
        assert!(text(&cache, 1).is_some());
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let cache = cache(2);
        keep(&cache, 1, "s1", "u1");
        keep(&cache, 2, "s2", "u1");
        assert!(text(&cache, 1).is_some());
        keep(&cache, 3, "s3", "u1");
        assert!(text(&cache, 1).is_some());
        assert_eq!(text(&cache, 2), None);
        assert!(text(&cache, 3).is_some());
        cache.forget(Tag::of_id("u1"));
        let state = cache.state();
        assert!(state.by_id.is_empty() && state.sessions.is_empty());
    }

    #[test]
    fn a_session_is_answered_from_memory_until_its_time_and_not_when_it_is_large() {
        let cache = cache(10);
        let ticket = cache.ticket().unwrap();
        let over = Checked {
            until: Timestamp::now(),
            ..checked("s1", "u1")
        };
        cache.keep(&ticket, &token(1), over);
        assert_eq!(text(&cache, 1), None);
        let large = Checked {
            text: "x".repeat(MAX_TEXT + 1).into(),
            ..checked("s2", "u1")
        };
        cache.keep(&ticket, &token(2), large);
        assert_eq!(text(&cache, 2), None);
    }

    #[test]
    fn a_number_stands_for_one_text_only() {
        let cache = cache(10);
        let number = || cache.read(&token(1), Moment::now(), |known| known.number);
        keep(&cache, 1, "s1", "u1");
        let first = number();
        keep(&cache, 1, "s1", "u1");
        assert!(first.is_some() && number() > first);
    }
}
