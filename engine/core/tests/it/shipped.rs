//! The shipped policies: they compile, and their own tests and cases hold.

use embargo_core::cases;

use crate::support::{evaluator, on_large_stack, shipped};

#[test]
fn every_shipped_rule_test_passes() {
    on_large_stack(|| {
        let snapshot = shipped();
        let (mut passed, mut failed) = (0, Vec::new());
        let budget = std::time::Duration::from_secs(10);
        let ran = snapshot.run_rule_tests(budget, &|_| true, |test| match test.failure {
            None => passed += 1,
            Some(failure) => failed.push(format!("{}\n{failure}", test.name)),
        });
        assert!(ran.is_ok(), "{}", ran.unwrap_err());
        assert!(failed.is_empty(), "{}", failed.join("\n\n"));
        assert!(passed > 0);
    });
}

#[test]
fn every_shipped_case_is_judged_as_wanted() {
    on_large_stack(|| {
        let snapshot = shipped();
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
            "{} of {total}:\n{}",
            failed.len(),
            failed.join("\n")
        );
        assert!(total > 0);
    });
}
