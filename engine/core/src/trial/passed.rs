//! Memory of what has passed.

use std::collections::HashMap;

use super::Key;

/// Runs after which a key that none of them asked for is forgotten. A fault that is taken back
/// is mostly taken back by the next change, and by then its set's keys are still known.
const KEPT: u64 = 4;

/// The tests that have passed lately, by their keys.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// The run in which each was asked for last.
    known: HashMap<Key, u64>,
    run: u64,
}

impl Passed {
    /// Begins a run.
    pub fn begin(&mut self) {
        self.run += 1;
        let run = self.run;
        self.known
            .retain(|_, last| last.saturating_add(KEPT) >= run);
    }

    /// Whether a test with this key has passed.
    pub fn holds(&mut self, key: Key) -> bool {
        match self.known.get_mut(&key) {
            Some(last) => {
                *last = self.run;
                true
            }
            None => false,
        }
    }

    /// Remembers that a test with this key has passed.
    pub fn add(&mut self, key: Key) {
        self.known.insert(key, self.run);
    }

    /// How many are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}
