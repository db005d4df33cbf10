//! Trials: what a set's own tests say, and that what is remembered of them is what they would
//! say again.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use embargo_core::bundle::Bundle;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{self, Examiner, Limits, Passed};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{acme, compile, on_large_stack, own_tests, shipped_files};

/// The files of a set, each in several forms. The first form of each makes a set whose tests
/// pass; most others make some of them fail, or the set refused.
const FORMS: &[(&str, &[&str])] = &[
    (
        "catalogue/acme.yaml",
        &[
            "vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}\nproducts:\n  - {id: acme.shield, name: Shield, class: antivirus, display_names: [{value: Acme Shield, mark: V2}]}\n",
            "vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}\nproducts:\n  - {id: acme.shield, name: Shield, class: antivirus, display_names: [{value: Acme Sword, mark: V2}]}\n",
            "vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}\nproducts:\n  - {id: acme.shield, name: Shield, class: firewall, display_names: [{value: Acme Shield, mark: R}]}\n",
        ],
    ),
    (
        "instruments/a/instrument.yaml",
        &[
            "id: a\ntitle: A\nissuer: I\nconcerns: {products: [acme.shield]}\nphases:\n  - {id: p, from: 2024-01-01T00:00:00Z, actions: [presence], effect: deny, basis: published, provenance: own}\n",
            "id: a\ntitle: A\nissuer: I\nconcerns: {products: [acme.shield]}\nphases:\n  - {id: p, from: 2025-01-01T00:00:00Z, actions: [presence], effect: deny, basis: published, provenance: own}\n",
            "id: a\ntitle: A\nissuer: I\nconcerns: {products: [acme.shield]}\nscope: {owner_kinds: [government]}\nphases:\n  - {id: p, from: 2024-01-01T00:00:00Z, actions: [presence], effect: warn, basis: published, provenance: own}\n",
        ],
    ),
    (
        "instruments/a/rule.rego",
        &[
            "# METADATA\n# custom: {instrument: a}\npackage restrictions.a\n\nimport data.lib.gate\n\ndeny contains {\"identified\": i} if {\n\tsome i, found in input.identified\n\tgate.open(found)\n\tinput.now_ns >= data.instruments.a.phases[0].from_ns\n}\n",
            "# METADATA\n# custom: {instrument: a}\npackage restrictions.a\n\nimport data.lib.gate\n\ndeny contains {\"identified\": i} if {\n\tsome i, found in input.identified\n\tnot gate.open(found)\n}\n",
            "# METADATA\n# custom: {instrument: a}\npackage restrictions.a\n\nwarn contains {\"identified\": i} if some i, _ in input.identified\n",
            "package restrictions.a\n\ndeny contains {\"message\": \"m\"} if input.host.id == \"h\"\n",
            "package restrictions.a\n\ndeny contains {\n",
        ],
    ),
    (
        "lib/gate.rego",
        &[
            "package lib.gate\n\nopen(found) if not found.product in data.list.free\n",
            "package lib.gate\n\nopen(found) if found.product in data.list.free\n",
            "package lib.gate\n\nopen(_) if true\n",
        ],
    ),
    (
        "data/list.yaml",
        &[
            "free: [other]\nlimit: 2\n",
            "free: [acme.shield]\nlimit: 2\n",
            "free: []\nlimit: 3\n",
        ],
    ),
    (
        "rules/b.rego",
        &[
            "package restrictions.b\n\nwarn contains {\"message\": \"many\"} if count(input.identified) >= data.list.limit\n",
            "package restrictions.b\n\nwarn contains {\"message\": \"many\"} if count(input.identified) >= 1\n",
            "package restrictions.b\n\nreview contains {\"message\": \"many\"} if input.host.id == \"plain\"\n",
        ],
    ),
    (
        "waivers/w.yaml",
        &[
            "waivers: []\n",
            "waivers:\n  - {id: w, instruments: [a], hosts: {groups: [lab]}, products: {vendors: [acme]}, reason: r, owner: o, ticket: T-1, expires: 2025-01-01T00:00:00Z}\n",
        ],
    ),
    (
        "tests/a_test.rego",
        &[
            "package restrictions.a_test\n\nimport data.restrictions.a\n\ntest_denies if count(a.deny) == 1 with input as {\"now_ns\": 1720000000000000000, \"identified\": [{\"product\": \"acme.shield\"}]}\n\ntest_silent if count(a.deny) == 0 with input as {\"identified\": []}\n",
            "package restrictions.a_test\n\nimport data.restrictions.a\n\ntest_denies if count(a.deny) == 2 with input as {\"now_ns\": 1720000000000000000, \"identified\": [{\"product\": \"acme.shield\"}]}\n\ntest_silent if count(a.deny) == 0 with input as {\"identified\": []}\n",
        ],
    ),
    (
        "tests/gate_test.rego",
        &[
            "package lib.gate_test\n\nimport data.lib.gate\n\ntest_open if gate.open({\"product\": \"acme.shield\"})\n\ntest_from if data.instruments.a.phases[0].from_ns < 1710000000000000000\n",
            "package lib.gate_test\n\nimport data.lib.gate\n\ntest_open if not gate.open({\"product\": \"acme.shield\"})\n",
        ],
    ),
    (
        "tests/all_test.rego",
        &[
            "package lib.all_test\n\n# Goes through every package.\ntest_no_review if {\n\tfound := [1 | some name; some _ in data.restrictions[name].review] with input as {\"host\": {\"id\": \"plain\"}, \"identified\": []}\n\tcount(found) == 0\n}\n",
        ],
    ),
    (
        "cases/all.yaml",
        &[
            "cases:\n  - {name: banned, facts: {host_id: h, groups: [lab], owner: {kind: business}, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2024-06-01T00:00:00Z, want: {effect: deny, decided_by: [a]}}\n  - {name: early, facts: {host_id: h, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2023-06-01T00:00:00Z, want: {effect: allow}}\n  - {name: plain, facts: {host_id: plain, software: [{name: Editor}]}, at: 2024-06-01T00:00:00Z, want: {effect: allow}}\n",
            "cases:\n  - {name: banned, facts: {host_id: h, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2024-06-01T00:00:00Z, want: {effect: warn}}\n",
        ],
    ),
];

/// A set in which each file has one of its forms.
fn files(forms: &[usize]) -> Vec<(String, Vec<u8>)> {
    FORMS
        .iter()
        .zip(forms)
        .map(|((path, known), form)| {
            let text = known.get(form % known.len()).unwrap();
            ((*path).to_owned(), text.as_bytes().to_vec())
        })
        .collect()
}

/// The tests that fail, where those that have passed are not run again; and how many ran.
fn failing(snapshot: &Arc<Snapshot>, passed: &mut Passed) -> (BTreeSet<String>, usize) {
    let (trials, faults) = trial::of(snapshot);
    assert_eq!(faults, []);
    let mut examiner = Examiner::new(Arc::clone(snapshot), Limits::default());
    let mut failing = BTreeSet::new();
    let mut run = 0;
    passed.begin();
    for trial in &trials {
        if passed.holds(trial.key()) {
            continue;
        }
        run += 1;
        match examiner.run(trial) {
            None => passed.add(trial.key()),
            Some(_) => {
                failing.insert(trial.name().to_owned());
            }
        }
    }
    (failing, run)
}

#[test]
fn the_first_form_passes() {
    on_large_stack(|| {
        let snapshot = compile(files(&[0; 11]));
        for (name, failure) in own_tests(&snapshot) {
            assert!(failure.is_none(), "{name}: {}", failure.unwrap());
        }
    });
}

#[test]
fn what_is_remembered_of_tests_is_what_they_would_say() {
    on_large_stack(|| {
        // Each step changes one file or a few.
        let steps = vec(vec((0..FORMS.len(), 0..5_usize), 1..3), 4..24);
        let saved = Cell::new(0);
        let seen = RefCell::new(BTreeMap::<String, BTreeSet<bool>>::new());
        let mut runner = TestRunner::new(Config {
            cases: 40,
            failure_persistence: None,
            ..Config::default()
        });
        runner
            .run(&steps, |steps| {
                let mut forms = [0; FORMS.len()];
                let mut passed = Passed::default();
                for step in steps {
                    for (file, form) in step {
                        forms[file] = form;
                    }
                    let Ok(snapshot) = Snapshot::compile(Bundle::new(files(&forms)).unwrap())
                    else {
                        continue;
                    };
                    let snapshot = Arc::new(snapshot);
                    let (remembered, run) = failing(&snapshot, &mut passed);
                    let (fresh, all) = failing(&snapshot, &mut Passed::default());
                    prop_assert_eq!(&remembered, &fresh, "{:?}", forms);
                    saved.set(saved.get() + all - run);
                    for trial in trial::of(&snapshot).0 {
                        let fails = fresh.contains(trial.name());
                        let mut seen = seen.borrow_mut();
                        seen.entry(trial.name().to_owned())
                            .or_default()
                            .insert(fails);
                    }
                }
                Ok(())
            })
            .unwrap();
        assert!(saved.get() > 100, "{}", saved.get());
        let seen = seen.into_inner();
        // A memory that is wrong about a test shows only if the test goes both ways.
        let one_way: Vec<&String> = seen
            .iter()
            .filter(|(_, ways)| ways.len() < 2)
            .map(|(name, _)| name)
            .collect();
        assert!(one_way.is_empty(), "{one_way:?}");
    });
}

#[test]
fn a_change_of_one_rule_runs_few_of_the_shipped_tests() {
    on_large_stack(|| {
        let mut passed = Passed::default();
        let before = compile(shipped_files());
        passed.begin();
        let (trials, _) = trial::of(&before);
        trials.iter().for_each(|trial| passed.add(trial.key()));
        let mut files = shipped_files();
        let path = "instruments/be-tiktok/rule.rego";
        let (_, rule) = files.iter_mut().find(|(known, _)| known == path).unwrap();
        rule.extend(b"\n# changed\n");
        let (failing, run) = failing(&compile(files), &mut passed);
        assert!(failing.is_empty(), "{failing:?}");
        assert!((6..trials.len() / 3).contains(&run), "{run}");
    });
}

#[test]
fn a_failing_case_is_shown_in_its_place_with_what_was_wanted_and_got() {
    on_large_stack(|| {
        let rule =
            "package restrictions.r\n\nwarn contains {\"message\": \"m\"} if input.host.id\n";
        let cases = "cases:\n  - name: first\n    facts: {host_id: h}\n    at: 2024-01-01T00:00:00Z\n    want: {effect: warn}\n  - name: first-again\n    facts: {host_id: h}\n    at: 2024-01-01T00:00:00Z\n    want: {effect: allow}\n";
        let snapshot = compile(acme(&[("r.rego", rule), ("cases/c.yaml", cases)]));
        let mut results = own_tests(&snapshot).into_iter();
        assert_eq!(
            results.next().unwrap(),
            ("cases/c.yaml#first".to_owned(), None)
        );
        let (_, failure) = results.next().unwrap();
        assert_eq!(
            failure.unwrap().to_string(),
            "cases/c.yaml:6:5: error[case-failed]: wanted effect allow, got warn (warn by restrictions.r)\n  |\n6 |   - name: first-again\n  |     ^\n  see: docs/codes/case.md#case-failed"
        );
    });
}

#[test]
fn a_test_that_runs_away_is_cut_and_fails() {
    on_large_stack(|| {
        let rule =
            "package restrictions.r\n\nwarn contains {\"message\": \"m\"} if input.host.id\n";
        let test = "package restrictions.r_test\n\n_ten := {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}\n\ntest_long if {\n\tcount([1 | some a in _ten; some b in _ten; some c in _ten; some d in _ten; some e in _ten; some f in _ten; a + b + c + d + e + f < 0]) == 0\n}\n\ntest_short if true\n";
        let snapshot = compile(acme(&[("r.rego", rule), ("r_test.rego", test)]));
        let limits = Limits {
            rule: std::time::Duration::from_millis(50),
            ..Limits::default()
        };
        let mut examiner = Examiner::new(Arc::clone(&snapshot), limits);
        let (trials, _) = trial::of(&snapshot);
        let codes: Vec<Option<&str>> = trials
            .iter()
            .map(|trial| examiner.run(trial).map(|failure| failure.code))
            .collect();
        assert_eq!(codes, [Some("test-budget"), None]);
    });
}
