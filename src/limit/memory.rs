//! Counts in memory, in a table that never grows: a million addresses cannot fill it.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

use crate::clock::Timestamp;

/// A table of counts. A key has a few slots where it can be; when all are taken by others, the one that matters least
/// makes room: one whose window is over, or else the one with the fewest hits. So a flood of addresses pushes out those
/// that asked once, not the one that asks and asks.
pub(super) struct Memory {
    /// Keyed at random, so that nobody can choose addresses that share a set.
    hasher: RandomState,
    sets: Box<[Mutex<[Slot; SLOTS]>]>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    key: u64,
    window_end: i64,
    hits: u32,
}

/// 8,192 sets of 8 slots of 24 bytes: 1.5 MiB, for 65,536 addresses in one window.
const SETS: usize = 8_192;
const SLOTS: usize = 8;

impl Memory {
    pub fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            sets: (0..SETS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Counts a hit and gives how many there were in this window.
    pub fn count(&self, key: impl Hash, window_end: Timestamp, now: Timestamp) -> u64 {
        let key = self.hasher.hash_one(key);
        let Some(set) = self.sets.get(key as usize % SETS) else {
            return 1;
        };
        // A panic between two plain writes cannot be, and a count that is off by one would do no harm.
        let mut slots = set.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots
            .iter_mut()
            .find(|slot| slot.key == key && slot.window_end == window_end.0)
        {
            slot.hits = slot.hits.saturating_add(1);
            return u64::from(slot.hits);
        }
        let least = slots.iter_mut().min_by_key(|slot| {
            if slot.window_end <= now.0 {
                0
            } else {
                slot.hits
            }
        });
        if let Some(slot) = least {
            *slot = Slot {
                key,
                window_end: window_end.0,
                hits: 1,
            };
        }
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_addresses_do_not_make_the_busiest_forgotten() {
        let memory = Memory::new();
        let (end, now) = (Timestamp(60_000), Timestamp(0));
        for _ in 0..100 {
            memory.count("busy", end, now);
        }
        for address in 0..1_000_000 {
            memory.count(address, end, now);
        }
        assert_eq!(memory.count("busy", end, now), 101);
    }

    #[test]
    fn a_new_window_counts_anew() {
        let memory = Memory::new();
        assert_eq!(memory.count(1, Timestamp(10), Timestamp(0)), 1);
        assert_eq!(memory.count(1, Timestamp(10), Timestamp(5)), 2);
        assert_eq!(memory.count(1, Timestamp(20), Timestamp(10)), 1);
    }
}
