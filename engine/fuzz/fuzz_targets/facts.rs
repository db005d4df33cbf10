//! Facts: any text as a fact file, and the check of what was read.
//!
//! No panic, and facts that were checked keep every limit: they are facts once more.

#![no_main]

use embargo_core::facts::{HostFacts, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(record) = read("facts.yaml", text) else {
        return;
    };
    if let Ok(facts) = HostFacts::check(record) {
        let again = HostFacts::check(facts.record().clone());
        assert_eq!(again.as_ref(), Ok(&facts));
    }
});
