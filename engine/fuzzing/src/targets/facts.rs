//! Facts: any text as a fact file in YAML and as one in JSON, and the check of what was read.
//!
//! No panic, every fault has its place, and facts that were checked keep every limit: they
//! are facts once more.

use embargo_core::facts::inventory::{self, Format};
use embargo_core::facts::{HostFacts, HostRecord, read};

use crate::remarks;
use crate::target::Target;

use super::YAML_WORDS;

pub(crate) const FACTS: Target =
    Target::new("facts", &["engine/fuzzing/corpus/facts"], &YAML_WORDS, feed);

fn feed(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        match read("facts.yaml", text) {
            Ok(record) => check(record),
            Err(refused) => remarks::check_refusal(&[refused], &[("facts.yaml", bytes)]),
        }
    }
    if let Ok(inventory) = inventory::read("facts.json", bytes, Some(Format::Facts)) {
        inventory
            .hosts
            .into_iter()
            .for_each(|host| check(host.record));
    }
}

fn check(record: HostRecord) {
    if let Ok(facts) = HostFacts::check(record) {
        let again = HostFacts::check(facts.record().clone());
        assert_eq!(again.as_ref(), Ok(&facts));
    }
}
