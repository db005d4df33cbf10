//! What goes wrong: rules that fail, bundles that do not compile, and what nobody verified.

use embargo_core::bundle::Bundle;
use embargo_core::decision::{Budget, FailureKind, Question};
use embargo_core::instrument::{Action, Effect};
use embargo_core::snapshot::Snapshot;

use crate::support::{acme, at, compile, evaluator, on_large_stack, shielded};

fn ask(rules: &[(&str, &str)]) -> embargo_core::decision::Decision {
    let snapshot = compile(acme(rules));
    let facts = shielded();
    let question = Question {
        facts: &facts,
        action: Action::Use,
        at: at("2025-01-01T00:00:00Z"),
    };
    evaluator(&snapshot).decide(question)
}

#[test]
fn a_rule_that_fails_makes_the_answer_indeterminate_and_silences_no_other() {
    on_large_stack(|| {
        let failing = "package restrictions.bad\n\ndeny contains \"x\" if count(input.host.id) > 0; to_number(input.host.id) > 1\n";
        let failing = failing.replace("; ", "\ndeny contains \"y\" if ");
        let alone = ask(&[("bad.rego", &failing)]);
        assert_eq!(alone.judgement.effect, Effect::Indeterminate);
        assert_eq!(alone.judgement.failures[0].kind, FailureKind::RuntimeError);
        assert_eq!(&*alone.judgement.failures[0].policy_id, "restrictions.bad");
        assert!(alone.judgement.failures[0].diagnostic.span.is_some());

        let warning = "package restrictions.good\n\nwarn contains \"w\" if true\n";
        let both = ask(&[("bad.rego", &failing), ("good.rego", warning)]);
        assert_eq!(both.judgement.effect, Effect::Indeterminate);
        assert_eq!(both.judgement.findings.len(), 1);

        let denying = "package restrictions.good\n\ndeny contains \"d\" if true\n";
        assert_eq!(
            ask(&[("bad.rego", &failing), ("good.rego", denying)])
                .judgement
                .effect,
            Effect::Deny
        );
    });
}

#[test]
fn a_failure_never_shows_facts() {
    on_large_stack(|| {
        let rule =
            "package restrictions.bad\n\ndeny contains \"y\" if to_number(input.host.id) > 1\n";
        let snapshot = compile(acme(&[("bad.rego", rule)]));
        let facts = crate::support::facts("{host_id: very-secret-host, software: []}");
        let question = Question {
            facts: &facts,
            action: Action::Use,
            at: at("2025-01-01T00:00:00Z"),
        };
        let decision = evaluator(&snapshot).decide(question);
        assert_eq!(decision.judgement.effect, Effect::Indeterminate);
        let shown = decision.judgement.failures[0].diagnostic.to_string();
        assert!(!shown.contains("secret"), "{shown}");
    });
}

#[test]
fn what_is_not_a_finding_is_a_failure() {
    on_large_stack(|| {
        for member in [
            "1",
            "[\"a\"]",
            "{\"identified\": 7}",
            "{\"identified\": -1}",
            "{\"software\": 2}",
            "{\"software\": 0, \"identified\": 0}",
            "{\"product\": \"acme.shield\"}",
            "{\"mesage\": \"typo\"}",
            "{\"message\": 1}",
            "{\"missing\": \"a\"}",
            "{\"instrument\": \"nobody\"}",
            "{\"message\": concat(\"\", [\"aaaaaaaaaa\" | some i in [0,1,2,3,4,5,6,7,8,9]; some j in [0,1,2,3,4,5,6,7,8,9]; i + j >= 0])}",
        ] {
            let rule = format!("package restrictions.r\n\ndeny contains {member} if true\n");
            let judgement = ask(&[("r.rego", &rule)]).judgement;
            let is_long_text = member.contains("concat");
            if is_long_text {
                // 1,000 bytes fit.
                assert_eq!(judgement.effect, Effect::Deny);
                continue;
            }
            assert_eq!(judgement.effect, Effect::Indeterminate, "{member}");
            assert_eq!(
                judgement.failures[0].kind,
                FailureKind::MalformedResult,
                "{member}"
            );
            assert!(judgement.findings.is_empty(), "{member}");
        }
    });
}

#[test]
fn a_rule_that_takes_too_long_is_a_failure_and_the_engine_goes_on() {
    on_large_stack(|| {
        let numbers = (0..100)
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
            .join(",");
        let rule = format!(
            "package restrictions.slow\n\n_n := [{numbers}]\n\ndeny contains \"x\" if {{ some a in _n; some b in _n; some c in _n; some d in _n; a + b + c + d == 1000 }}\n"
        );
        let snapshot = compile(acme(&[("slow.rego", &rule)]));
        let facts = shielded();
        let question = Question {
            facts: &facts,
            action: Action::Use,
            at: at("2025-01-01T00:00:00Z"),
        };
        let mut evaluator = evaluator(&snapshot);
        let short = std::time::Duration::from_millis(20);
        evaluator.set_budget(Budget::of_policy(short));
        for _ in 0..2 {
            let decision = evaluator.decide(question);
            let judgement = decision.judgement;
            assert_eq!(judgement.effect, Effect::Indeterminate);
            assert_eq!(judgement.failures[0].kind, FailureKind::BudgetExceeded);
            // It may go well at any time.
            assert_eq!(decision.next_change_time, Some(question.at.next()));
        }
        // No time is left for the decision, however much a policy might take.
        let long = Budget::of_policy(short * 1_000);
        evaluator.set_budget(long.within(|| std::time::Duration::ZERO));
        let judgement = evaluator.decide(question).judgement;
        assert_eq!(judgement.effect, Effect::Indeterminate);
        assert_eq!(judgement.failures[0].kind, FailureKind::BudgetExceeded);
    });
}

#[test]
fn identifiers_that_nobody_verified_do_not_deny() {
    on_large_stack(|| {
        let rule = "package restrictions.r\n\ndeny contains {\"identified\": i} if some i, _ in input.identified\n";
        let snapshot = compile(acme(&[("r.rego", rule)]));
        let facts = crate::support::facts(
            "{host_id: h, software: [{name: Acme Guess, publisher: Acme Labs}]}",
        );
        let question = Question {
            facts: &facts,
            action: Action::Use,
            at: at("2025-01-01T00:00:00Z"),
        };
        let decision = evaluator(&snapshot).decide(question);
        assert_eq!(decision.judgement.effect, Effect::Review);
        assert!(decision.judgement.findings[0].detail.contains("recalled"));
    });
}

#[test]
fn a_fact_that_a_rule_reads_and_nobody_collected_is_named() {
    on_large_stack(|| {
        let rule = "package restrictions.r\n\ndeny contains \"x\" if input.host.owner.us_person == true\nwarn contains \"y\" if { some f in input.identified; f.software.path == \"x\" }\n";
        let judgement = ask(&[("r.rego", rule)]).judgement;
        assert_eq!(
            judgement.missing_facts,
            ["host.owner.us_person", "identified[].software.path"]
        );
        assert_eq!(judgement.effect, Effect::Allow);
    });
}

#[test]
fn a_bundle_that_cannot_judge_is_refused_with_its_place() {
    let rule = |body: &str| format!("package restrictions.r\n\n{body}\n");
    let rows: Vec<(&str, String)> = vec![
        ("rego-parse-error", rule("deny contains x if {")),
        (
            "rego-refused-function",
            rule("deny contains \"x\" if not http.send({\"url\": \"http://x\"})"),
        ),
        (
            "rego-refused-function",
            rule("deny contains \"x\" if time.now_ns() > 1"),
        ),
        (
            "rego-refused-function",
            rule("deny contains \"x\" if count(numbers.range(1, 9)) > 1"),
        ),
        (
            "rego-refused-function",
            rule("_a := [1]\n_b := [_a, _a]\ndeny contains \"x\" if { walk(_b, [_, v]); v == 1 }"),
        ),
        (
            "rego-wrong-arguments",
            rule("deny contains \"x\" if replace(\"a\", \"b\") == \"a\""),
        ),
        (
            "rego-unknown-function",
            rule("deny contains \"x\" if startwith(\"a\", \"b\")"),
        ),
        (
            "rego-wrong-arguments",
            rule("deny contains \"x\" if embargo.version_compare(\"rpm\", \"1\") == \"less\""),
        ),
        (
            "rego-wrong-arguments",
            rule(
                "deny contains \"x\" if { embargo.version_compare(\"rpm\", \"1\", \"2\", x); x == \"less\" }",
            ),
        ),
        (
            "rego-wrong-arguments",
            rule("deny contains crypto.sha256(\"a\", \"b\") if crypto.sha256(\"a\")"),
        ),
        (
            "rego-unknown-function",
            rule(
                "deny contains \"x\" if embargo.versions_compare(\"rpm\", \"1\", \"2\") == \"less\"",
            ),
        ),
        (
            "rego-recursion",
            rule("f(x) := f(x + 1)\n\ndeny contains f(1) if true"),
        ),
        (
            "rego-recursion",
            rule("deny contains \"x\" if data.restrictions.r.deny"),
        ),
        (
            "rego-not-a-set",
            rule("deny := {\"x\"} if input.action == \"use\""),
        ),
        (
            "rego-package",
            "package elsewhere\n\ndeny contains \"x\" if true\n".to_owned(),
        ),
        ("rego-unbound-name", rule("deny contains x if true")),
        (
            "rego-unbound-name",
            rule("_known := 1\n\ndeny contains \"x\" if _knwon == 1"),
        ),
        (
            "rego-metadata",
            format!(
                "# METADATA\n# custom: {{instrument: nobody}}\n{}",
                rule("deny contains \"x\" if true")
            ),
        ),
        (
            "rego-too-deep",
            rule(&format!(
                "deny contains {}1{} if true",
                "[".repeat(30),
                "]".repeat(30)
            )),
        ),
    ];
    on_large_stack(move || {
        for (code, text) in rows {
            let Err(refused) = Snapshot::compile(Bundle::new(acme(&[("r.rego", &text)])).unwrap())
            else {
                panic!("{code}: accepted\n{text}");
            };
            let found = refused.iter().find(|remark| remark.code == code);
            assert!(
                found.is_some_and(|remark| remark.span.is_some()),
                "{code}: {refused:?}"
            );
        }
        let empty = Snapshot::compile(Bundle::new(acme(&[])).unwrap()).unwrap_err();
        assert_eq!(empty[0].code, "bundle-empty");
        let long = (0..150)
            .map(|at| format!("_r{at} := _r{} + 1", at + 1))
            .collect::<Vec<_>>()
            .join("\n");
        let long = rule(&format!("deny contains _r0 if true\n{long}\n_r150 := 1"));
        let refused =
            Snapshot::compile(Bundle::new(acme(&[("r.rego", &long)])).unwrap()).unwrap_err();
        assert_eq!(refused[0].code, "rego-chain-too-long");
        let latin = ("r.rego".to_owned(), b"package a\n\xff\n".to_vec());
        let refused = Snapshot::compile(Bundle::new(acme(&[]).into_iter().chain([latin])).unwrap())
            .unwrap_err();
        assert_eq!(
            (
                refused[0].code,
                refused[0].span.as_ref().unwrap().start_line
            ),
            ("not-utf-8", 2)
        );
    });
}

/// Remarks are cut where there are very many, and only if an error is among them.
#[test]
fn no_number_of_warnings_hides_an_error() {
    on_large_stack(|| {
        let warned = "package lib.w\n\ntest_w if true\n";
        let mut files = acme(&[(
            "r.rego",
            "package restrictions.r\n\nf(x) := f(x + 1)\n\ndeny contains f(1) if true\n",
        )]);
        files.extend((0..600).map(|at| (format!("w{at}.rego"), warned.into())));
        let refused = Snapshot::compile(Bundle::new(files).unwrap()).unwrap_err();
        assert_eq!(refused[0].code, "rego-recursion");
    });
}

#[test]
fn more_findings_than_fit_are_counted() {
    on_large_stack(|| {
        let rule = "package restrictions.r\n\nwarn contains {\"software\": i} if some i, _ in input.software\ndeny contains {\"software\": 1100, \"message\": \"last\"} if input.software[1100]\n";
        let snapshot = compile(acme(&[("r.rego", rule)]));
        let items = vec!["{name: x}"; 1_101].join(", ");
        let facts = crate::support::facts(&format!("{{host_id: h, software: [{items}]}}"));
        let question = Question {
            facts: &facts,
            action: Action::Use,
            at: at("2025-01-01T00:00:00Z"),
        };
        let judgement = evaluator(&snapshot).decide(question).judgement;
        assert_eq!(
            (judgement.findings.len(), judgement.omitted_findings),
            (1_000, 102)
        );
        assert_eq!(judgement.effect, Effect::Deny);
        assert_eq!(judgement.findings[0].message, "last");
    });
}

#[test]
fn software_that_was_not_or_could_not_be_read_is_never_allowed() {
    on_large_stack(|| {
        let silent = "package restrictions.silent\n\ndeny contains \"x\" if false\n";
        let snapshot = compile(acme(&[("silent.rego", silent)]));
        for (said, wanted) in [
            ("software: []", Effect::Allow),
            (
                "software: [], coverage: [{source: apps, state: complete}]",
                Effect::Allow,
            ),
            (
                "software: [], coverage: [{source: apps, state: partial}]",
                Effect::Allow,
            ),
            (
                "software: [], coverage: [{source: apps, state: not-collected}]",
                Effect::Indeterminate,
            ),
            (
                "software: [], coverage: [{source: apps, state: not-permitted}]",
                Effect::Indeterminate,
            ),
            (
                "software: [{name: x}], coverage: [{source: apps, state: not-collected}]",
                Effect::Allow,
            ),
            (
                "software: [{name: x}], coverage: [{source: apps, state: unreadable}]",
                Effect::Indeterminate,
            ),
            (
                "software: [], coverage: [{source: apps, state: not-collected}, {source: sbom, state: complete}]",
                Effect::Allow,
            ),
        ] {
            let facts = crate::support::facts(&format!("{{host_id: h, {said}}}"));
            let question = Question {
                facts: &facts,
                action: Action::Presence,
                at: at("2025-01-01T00:00:00Z"),
            };
            let decision = evaluator(&snapshot).decide(question);
            assert_eq!(decision.judgement.effect, wanted, "{said}");
            let missing = decision.judgement.missing_facts;
            assert_eq!(
                missing.contains(&"software".to_owned()),
                wanted == Effect::Indeterminate,
                "{said}"
            );
        }
    });
}
