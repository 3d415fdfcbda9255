//! The catalogue: one entry a provider.

pub mod bitbucket;

use crate::oauth::provider::Entry;

/// Every provider we know.
pub static CATALOGUE: &[&Entry] = &[&bitbucket::ENTRY];

/// The entry of that id.
pub fn find(id: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.id == id).copied()
}
