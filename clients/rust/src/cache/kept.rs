//! Decisions by question, with an end to how many there are.

use std::collections::{BTreeMap, HashMap};

use embargo_proto::v1::{Action, Decision, HostFacts};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::CacheLimits;

/// A digest of facts and action. Two questions with the same one are the same question: nobody can
/// make two that differ and agree in SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    pub(super) fn new(facts: &HostFacts, action: i32) -> Self {
        let action = if action == i32::from(Action::Unspecified) {
            i32::from(Action::Presence)
        } else {
            action
        };
        let mut digest = Sha256::new();
        digest.update(action.to_be_bytes());
        // The fields of a message are encoded in one order, and the keys of attributes are sorted.
        digest.update(facts.encode_to_vec());
        Self(digest.finalize().into())
    }
}

/// What is kept.
#[derive(Debug)]
pub(super) struct Kept {
    limits: CacheLimits,
    decisions: HashMap<Key, Entry>,
    /// The questions by when they were last asked.
    order: BTreeMap<u64, Key>,
    bytes: usize,
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    decision: Decision,
    bytes: usize,
    asked: u64,
}

impl Kept {
    pub(super) fn new(limits: CacheLimits) -> Self {
        Self {
            limits,
            decisions: HashMap::new(),
            order: BTreeMap::new(),
            bytes: 0,
            clock: 0,
        }
    }

    /// The decision on a question, if it holds; forgets it if it does not.
    pub(super) fn find(
        &mut self,
        key: &Key,
        holds: impl Fn(&Decision) -> bool,
    ) -> Option<Decision> {
        let entry = self.decisions.get_mut(key)?;
        if !holds(&entry.decision) {
            self.remove(key);
            return None;
        }
        self.clock = self.clock.saturating_add(1);
        self.order.remove(&entry.asked);
        entry.asked = self.clock;
        self.order.insert(entry.asked, *key);
        Some(entry.decision.clone())
    }

    pub(super) fn insert(&mut self, key: Key, decision: Decision) {
        self.remove(&key);
        let bytes = decision.encoded_len();
        if bytes > self.limits.bytes || self.limits.decisions == 0 {
            return;
        }
        while self.decisions.len() >= self.limits.decisions
            || self.bytes.saturating_add(bytes) > self.limits.bytes
        {
            let Some((_, oldest)) = self.order.first_key_value() else {
                break;
            };
            let oldest = *oldest;
            self.remove(&oldest);
        }
        self.clock = self.clock.saturating_add(1);
        self.order.insert(self.clock, key);
        self.bytes = self.bytes.saturating_add(bytes);
        let asked = self.clock;
        self.decisions.insert(
            key,
            Entry {
                decision,
                bytes,
                asked,
            },
        );
    }

    /// Forgets all decisions but those that `holds` says.
    pub(super) fn retain(&mut self, holds: impl Fn(&Decision) -> bool) {
        let gone: Vec<Key> = self
            .decisions
            .iter()
            .filter(|(_, entry)| !holds(&entry.decision))
            .map(|(key, _)| *key)
            .collect();
        for key in gone {
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.decisions.remove(key) {
            self.order.remove(&entry.asked);
            self.bytes = self.bytes.saturating_sub(entry.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(host_id: &str) -> Key {
        let facts = HostFacts {
            host_id: host_id.into(),
            ..HostFacts::default()
        };
        Key::new(&facts, 0)
    }

    fn decision(host_id: &str) -> Decision {
        Decision {
            host_id: host_id.into(),
            ..Decision::default()
        }
    }

    fn has(kept: &mut Kept, host_id: &str) -> bool {
        kept.find(&key(host_id), |_| true).is_some()
    }

    #[test]
    fn what_was_not_asked_about_for_longest_goes_first() {
        let mut kept = Kept::new(CacheLimits {
            decisions: 2,
            ..CacheLimits::default()
        });
        kept.insert(key("a"), decision("a"));
        kept.insert(key("b"), decision("b"));
        assert!(has(&mut kept, "a"));
        kept.insert(key("c"), decision("c"));
        assert_eq!(
            ["a", "b", "c"].map(|host| has(&mut kept, host)),
            [true, false, true]
        );
        assert_eq!((kept.order.len(), kept.decisions.len()), (2, 2));
    }

    #[test]
    fn bytes_have_an_end_and_come_back_with_what_goes() {
        let one = decision("a").encoded_len();
        let mut kept = Kept::new(CacheLimits {
            bytes: 2 * one,
            ..CacheLimits::default()
        });
        for host in ["a", "b", "c"] {
            kept.insert(key(host), decision(host));
            // The same once more takes the place of the first.
            kept.insert(key(host), decision(host));
        }
        assert_eq!(
            ["a", "b", "c"].map(|host| has(&mut kept, host)),
            [false, true, true]
        );
        assert_eq!(kept.bytes, 2 * one);
        kept.insert(key("long"), decision(&"h".repeat(2 * one)));
        assert!(!has(&mut kept, "long") && has(&mut kept, "b"));
        kept.retain(|_| false);
        assert_eq!((kept.bytes, kept.order.len()), (0, 0));
    }

    #[test]
    fn a_decision_that_does_not_hold_is_forgotten() {
        let mut kept = Kept::new(CacheLimits::default());
        kept.insert(key("a"), decision("a"));
        assert!(kept.find(&key("a"), |_| false).is_none());
        assert!(!has(&mut kept, "a"));
    }

    #[test]
    fn questions_differ_by_facts_and_action_and_presence_is_the_usual_one() {
        let facts = HostFacts::default();
        let keys: std::collections::HashSet<Key> =
            (0..8).map(|action| Key::new(&facts, action)).collect();
        assert_eq!(keys.len(), 7);
        assert_eq!(
            Key::new(&facts, 0),
            Key::new(&facts, Action::Presence.into())
        );
        assert_ne!(key("a"), key("b"));
    }
}
