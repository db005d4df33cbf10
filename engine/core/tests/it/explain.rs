//! Explanations: what became of each rule, and the condition that decides it.

use std::sync::Arc;
use std::time::Duration;

use embargo_core::cases;
use embargo_core::decision::Question;
use embargo_core::explain::{
    Condition, Explanation, Limits, Outcome, PolicyState, RuleExplanation, explain,
};
use embargo_core::facts::HostFacts;
use embargo_core::instrument::Action;
use embargo_core::snapshot::Snapshot;

use crate::support::{acme, at, compile, evaluator, facts, on_large_stack, shielded, shipped};

const INSTRUMENT: &str = "
id: r
title: R
issuer: I
concerns: {vendors: [acme]}
scope: {owner_kinds: [business]}
phases:
  - {id: deny, from: 2024-01-01T00:00:00Z, until: 2026-01-01T00:00:00Z, actions: [use], effect: deny, basis: published, provenance: own}
  - {id: again, from: 2027-01-01T00:00:00Z, actions: [use], effect: deny, basis: published, provenance: own}
";

const LIBRARY: &str = "package lib.reach

# Whom it reaches, by their sector.
reached(owner, sectors) := {sector |
\tsome sector in owner.sectors
\tsector in sectors
}
";

/// Rules of every kind of end.
const RULE: &str = r#"# METADATA
# custom: {instrument: r}
package restrictions.r

import data.lib.reach

_covered := {"bank", "grid"}

deny contains {"identified": i} if {
	some i, found in input.identified
	found.class == "antivirus"
	count(reach.reached(input.host.owner, _covered)) > 0
}

warn contains {"identified": i} if {
	some i, found in input.identified
	some sector in reach.reached(input.host.owner, _covered)
	sector == "bank"
}

review contains {"message": "who is it for?"} if {
	input.host.purposes[_] == "test"
}

exempt contains {"identified": i} if {
	some i, _ in input.identified
	"exempted" in input.host.groups
}
"#;

fn set(more: &[(&str, &str)]) -> Arc<Snapshot> {
    let mut files = vec![
        ("instruments/r/instrument.yaml", INSTRUMENT),
        ("instruments/r/rule.rego", RULE),
        ("lib/reach.rego", LIBRARY),
    ];
    files.extend(more);
    compile(acme(&files))
}

fn explained(snapshot: &Arc<Snapshot>, facts: &HostFacts, instant: &str) -> Explanation {
    let question = Question {
        facts,
        action: Action::Use,
        at: at(instant),
    };
    let plenty = || Duration::from_secs(60);
    let clock = || Duration::ZERO;
    let limits = Limits {
        policies: &[],
        rest: &plenty,
        clock: &clock,
    };
    explain(&mut evaluator(snapshot), question, &limits)
}

fn rule<'a>(explanation: &'a Explanation, set: &str) -> &'a RuleExplanation {
    let rules = explanation.policies.iter().flat_map(|policy| &policy.rules);
    rules.into_iter().find(|rule| rule.set == set).unwrap()
}

/// The condition that decides, as a line for each step down to it.
fn decides(rule: &RuleExplanation) -> Vec<String> {
    let mut lines = Vec::new();
    let mut at: Option<&Condition> = rule.conditions.last();
    while let Some(condition) = at {
        let readings: Vec<String> = condition
            .readings
            .iter()
            .map(|reading| format!("{}={}", reading.name, reading.values.join("|")))
            .collect();
        let place = format!("{}:{}", condition.span.path, condition.span.start_line);
        lines.push(format!(
            "{place} {} [{}]",
            condition.text,
            readings.join(" ")
        ));
        at = condition.because.first();
    }
    lines
}

fn owned_by(sectors: &str) -> HostFacts {
    facts(&format!(
        "{{host_id: h, owner: {{kind: business, sectors: {sectors}}}, software: [{{name: Acme Shield, publisher: Acme Labs}}]}}"
    ))
}

#[test]
fn the_condition_that_decides_is_named_with_what_it_reads() {
    on_large_stack(|| {
        let snapshot = set(&[]);
        let bank = explained(&snapshot, &owned_by("[bank]"), "2025-01-01T00:00:00Z");
        assert_eq!(rule(&bank, "deny").outcome, Outcome::Matched);
        assert!(rule(&bank, "deny").conditions.iter().all(|one| one.held));

        let farm = explained(&snapshot, &owned_by("[farm]"), "2025-01-01T00:00:00Z");
        let deny = rule(&farm, "deny");
        assert_eq!(deny.outcome, Outcome::NotMatched);
        assert_eq!(
            decides(deny),
            [
                "instruments/r/rule.rego:12 count(reach.reached(input.host.owner, _covered)) > 0 \
                 [count(reach.reached(input.host.owner, _covered))=0 \
                 input.host.owner={\"kind\": \"business\", \"sectors\": [\"farm\"]} \
                 _covered={\"bank\", \"grid\"}]"
            ]
        );
        // Through the function to the condition inside of it.
        assert_eq!(
            decides(rule(&farm, "warn"))[1..],
            ["lib/reach.rego:6 sector in sectors [sector=\"farm\" sectors={\"bank\", \"grid\"}]"]
        );
        // Several ways in which the conditions before hold.
        let grid = explained(&snapshot, &owned_by("[farm, grid]"), "2025-01-01T00:00:00Z");
        assert_eq!(
            decides(rule(&grid, "warn")),
            ["instruments/r/rule.rego:18 sector == \"bank\" [sector=\"grid\"]"]
        );
        let read: Vec<_> = deny
            .facts
            .iter()
            .map(|fact| (fact.path.as_str(), fact.value.as_deref()))
            .collect();
        let owner = "{\"kind\":\"business\",\"sectors\":[\"farm\"]}";
        assert_eq!(read, [("host.owner", Some(owner))]);
    });
}

#[test]
fn every_end_of_a_rule_has_its_outcome() {
    on_large_stack(|| {
        let snapshot = set(&[(
            "waivers/w.yaml",
            "waivers:\n  - {id: w, instruments: [r], hosts: {groups: [lab]}, products: {vendors: [acme]}, reason: tests, owner: lab, ticket: T-1, expires: 2025-06-01T00:00:00Z}\n",
        )]);
        let now = "2025-01-01T00:00:00Z";
        let host = |rest: &str| {
            facts(&format!(
                "{{host_id: h, owner: {{kind: business, sectors: [bank]}}, software: [{{name: Acme Shield, publisher: Acme Labs}}], {rest}}}"
            ))
        };
        let known = explained(
            &snapshot,
            &host("purposes: [office], groups: [exempted]"),
            now,
        );
        assert_eq!(rule(&known, "deny").outcome, Outcome::Matched);
        assert_eq!(rule(&known, "exempt").outcome, Outcome::Exempt);
        assert_eq!(rule(&known, "review").outcome, Outcome::NotMatched);

        let waived = explained(&snapshot, &host("purposes: [office], groups: [lab]"), now);
        assert_eq!(rule(&waived, "deny").outcome, Outcome::Waived);

        let missing = explained(&snapshot, &host("groups: [other]"), now);
        let paths = vec!["host.purposes[]".to_owned()];
        assert_eq!(
            rule(&missing, "review").outcome,
            Outcome::MissingFact { paths }
        );

        let early = explained(&snapshot, &owned_by("[farm]"), "2023-01-01T00:00:00Z");
        let begins = Some(at("2024-01-01T00:00:00Z"));
        assert_eq!(rule(&early, "deny").outcome, Outcome::OutOfPhase { begins });
        let between = explained(&snapshot, &owned_by("[farm]"), "2026-06-01T00:00:00Z");
        let begins = Some(at("2027-01-01T00:00:00Z"));
        assert_eq!(
            rule(&between, "deny").outcome,
            Outcome::OutOfPhase { begins }
        );

        let state = |facts: &HostFacts| explained(&snapshot, facts, now).policies[0].state;
        assert_eq!(state(&owned_by("[farm]")), PolicyState::Evaluated);
        let others = facts("{host_id: h, software: [{name: Other}]}");
        assert_eq!(state(&others), PolicyState::NotConcerned);
        let private = facts(
            "{host_id: h, owner: {kind: personal}, software: [{name: Acme Shield, publisher: Acme Labs}]}",
        );
        assert_eq!(state(&private), PolicyState::OutOfScope);

        let broken = set(&[(
            "broken.rego",
            "package restrictions.broken\n\ndeny contains \"x\" if to_number(input.host.id) > 1\n",
        )]);
        let failed = explained(&broken, &shielded(), now);
        assert_eq!(failed.policies[0].state, PolicyState::Failed);
        assert_eq!(failed.policies[0].rules[0].outcome, Outcome::Failed);
    });
}

#[test]
fn an_explanation_without_time_left_has_the_decision_and_claims_nothing() {
    on_large_stack(|| {
        let snapshot = set(&[]);
        let facts = owned_by("[farm]");
        let question = Question {
            facts: &facts,
            action: Action::Use,
            at: at("2025-01-01T00:00:00Z"),
        };
        let none = || Duration::ZERO;
        let limits = Limits {
            policies: &["restrictions.r"],
            rest: &none,
            clock: &none,
        };
        let explanation = explain(&mut evaluator(&snapshot), question, &limits);
        assert_eq!(explanation.decision, evaluator(&snapshot).decide(question));
        for rule in &explanation.policies[0].rules {
            assert!(
                rule.conditions
                    .iter()
                    .all(|condition| condition.because.is_empty())
            );
            assert_ne!(rule.outcome, Outcome::Matched);
        }
    });
}

/// The shipped cases, with the library through which the shipped rules decide.
#[test]
fn every_rule_of_the_shipped_cases_matches_or_has_a_condition_that_decides() {
    on_large_stack(|| {
        let snapshot = shipped();
        let files: Vec<(String, String)> = snapshot
            .case_files()
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .collect();
        let mut explained = 0;
        let mut evaluator = evaluator(&snapshot);
        for (path, text) in files {
            // One in twelve keeps the test short.
            for case in cases::read(&path, &text, None)
                .unwrap()
                .into_iter()
                .step_by(12)
            {
                let Ok(facts) = HostFacts::check(case.facts) else {
                    continue;
                };
                let question = Question {
                    facts: &facts,
                    action: case.action,
                    at: case.moments[0].at,
                };
                let plenty = || Duration::from_secs(60);
                let limits = Limits {
                    policies: &[],
                    rest: &plenty,
                    clock: &|| Duration::ZERO,
                };
                let explanation = explain(&mut evaluator, question, &limits);
                assert_eq!(explanation.decision, evaluator.decide(question));
                for policy in &explanation.policies {
                    if policy.state != PolicyState::Evaluated {
                        continue;
                    }
                    for rule in &policy.rules {
                        let matched = matches!(
                            rule.outcome,
                            Outcome::Matched | Outcome::Waived | Outcome::Exempt
                        );
                        let last = rule.conditions.last();
                        assert_eq!(
                            last.is_none_or(|condition| condition.held),
                            matched,
                            "{}: {} of {}: {rule:#?}",
                            case.name,
                            rule.set,
                            policy.policy_id
                        );
                        explained += 1;
                    }
                }
            }
        }
        assert!(explained > 100, "{explained}");
    });
}

#[test]
fn an_explanation_keeps_to_its_limits_however_much_there_is_to_tell() {
    /// The most of anything below a condition, and how deep it goes.
    fn most(condition: &Condition) -> (usize, usize, usize, usize) {
        let readings = condition.readings.len();
        let values = condition.readings.iter().map(|one| one.values.len()).max();
        let mut all = (readings, values.unwrap_or(0), condition.because.len(), 1);
        for below in condition.because.iter().map(most) {
            all.0 = all.0.max(below.0);
            all.1 = all.1.max(below.1);
            all.2 = all.2.max(below.2);
            all.3 = all.3.max(below.3 + 1);
        }
        all
    }
    on_large_stack(|| {
        let names: Vec<String> = (0..12).map(|at| format!("v{at}")).collect();
        let made: String = names
            .iter()
            .map(|name| format!("\t{name} := x\n"))
            .collect();
        let sum = names.join(" + ");
        let many: String = (0..9)
            .map(|at| format!("_any if input.host.id == \"other{at}\"\n\n"))
            .collect();
        let chain: String = (0..30)
            .map(|at| format!("_c{at} if _c{}\n\n", at + 1))
            .collect();
        let text = format!(
            "package restrictions.much\n\ndeny contains \"x\" if {{\n\tsome x in [1, 2, 3, 4, 5, 6, 7, 8, 9]\n{made}\t{sum} > 1000\n}}\n\nwarn contains \"x\" if _any\n\nreview contains \"x\" if _c0\n\n{many}{chain}_c30 if input.host.id == \"other\"\n"
        );
        let snapshot = compile(acme(&[("much.rego", &text)]));
        let explanation = explained(&snapshot, &shielded(), "2025-01-01T00:00:00Z");
        let of = |set: &str| most(rule(&explanation, set).conditions.last().unwrap());
        let (readings, values, ..) = of("deny");
        assert_eq!((readings, values), (8, 3));
        assert_eq!(of("warn").2, 4);
        assert_eq!(of("review").3, 13);
        let long = rule(&explanation, "deny").conditions.last().unwrap();
        assert!(long.readings.iter().all(|one| one.more == 6), "{long:#?}");
    });
}
