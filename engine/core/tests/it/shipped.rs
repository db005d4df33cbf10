//! The shipped policies and the examples beside them: they compile, and their own tests and
//! cases hold.

use std::sync::Arc;

use embargo_core::snapshot::Snapshot;

use crate::support::{compile, files_of, on_large_stack, own_tests, shipped};

/// The sets, each by its name.
fn sets() -> [(&'static str, Arc<Snapshot>); 2] {
    let approved = files_of("../../policies/examples/approved-software");
    [
        ("shipped", shipped()),
        ("approved-software", compile(approved)),
    ]
}

#[test]
fn every_rule_test_passes_and_every_case_is_judged_as_wanted() {
    on_large_stack(|| {
        for (set, snapshot) in sets() {
            let results = own_tests(&snapshot);
            let cases = results.iter().filter(|(name, _)| name.contains('#'));
            assert!((1..results.len()).contains(&cases.count()), "{set}");
            for (name, failure) in results {
                assert!(failure.is_none(), "{set}: {name}\n{}", failure.unwrap());
            }
        }
    });
}
