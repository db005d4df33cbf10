//! The shipped policies and the examples beside them: they compile, and their own tests and
//! cases hold.

use std::sync::Arc;

use embargo_core::cases;
use embargo_core::snapshot::Snapshot;

use crate::support::{compile, evaluator, files_of, on_large_stack, shipped};

/// The sets, each by its name.
fn sets() -> [(&'static str, Arc<Snapshot>); 2] {
    let approved = files_of("../../policies/examples/approved-software");
    [
        ("shipped", shipped()),
        ("approved-software", compile(approved)),
    ]
}

#[test]
fn every_rule_test_passes() {
    on_large_stack(|| {
        for (set, snapshot) in sets() {
            let (mut passed, mut failed) = (0, Vec::new());
            let budget = std::time::Duration::from_secs(10);
            let ran = snapshot.run_rule_tests(budget, &|_| true, |test| match test.failure {
                None => passed += 1,
                Some(failure) => failed.push(format!("{}\n{failure}", test.name)),
            });
            assert!(ran.is_ok(), "{set}: {}", ran.unwrap_err());
            assert!(failed.is_empty(), "{set}: {}", failed.join("\n\n"));
            assert!(passed > 0, "{set}");
        }
    });
}

#[test]
fn every_case_is_judged_as_wanted() {
    on_large_stack(|| {
        for (set, snapshot) in sets() {
            let mut evaluator = evaluator(&snapshot);
            let mut failed = Vec::new();
            let mut total = 0;
            for (path, text) in snapshot.case_files() {
                for case in cases::read(path, text).unwrap() {
                    total += 1;
                    let name = case.name.clone();
                    let differences = cases::run(case, &mut evaluator);
                    if !differences.is_empty() {
                        failed.push(format!("{path}#{name}: {}", differences.join("; ")));
                    }
                }
            }
            assert!(
                failed.is_empty(),
                "{set}: {} of {total}:\n{}",
                failed.len(),
                failed.join("\n")
            );
            assert!(total > 0, "{set}");
        }
    });
}
