//! Waivers: what is set aside, for whom, and until when.

use embargo_core::bundle::Bundle;
use embargo_core::decision::{Disposition, Question};
use embargo_core::instrument::{Action, Effect};
use embargo_core::snapshot::Snapshot;

use crate::support::{acme, at, compile, evaluator, on_large_stack, shielded};

const INSTRUMENT: &str = "
id: r
title: R
issuer: I
concerns: {vendors: [acme]}
phases:
  - {id: deny, from: 2024-01-01T00:00:00Z, actions: [presence, use], effect: deny, basis: published, provenance: own}
";

const RULE: &str = "# METADATA\n# custom: {instrument: r}\npackage restrictions.r\n\ndeny contains {\"identified\": i} if some i, _ in input.identified\n";

fn waiver(hosts: &str, products: &str) -> String {
    format!(
        "waivers:\n  - {{id: w, instruments: [r], hosts: {hosts}, products: {products}, reason: tests, owner: lab, ticket: T-1, expires: 2025-06-01T00:00:00Z}}\n"
    )
}

fn files(waivers: &str) -> Vec<(String, Vec<u8>)> {
    acme(&[
        ("instruments/r/instrument.yaml", INSTRUMENT),
        ("instruments/r/rule.rego", RULE),
        ("waivers/lab.yaml", waivers),
    ])
}

#[test]
fn a_waived_finding_stays_marked_and_counts_as_a_warning_until_the_waiver_ends() {
    on_large_stack(|| {
        let snapshot = compile(files(&waiver("{groups: [lab]}", "{vendors: [acme]}")));
        let facts = shielded();
        let mut evaluator = evaluator(&snapshot);
        let mut ask = |text: &str| {
            evaluator.decide(Question {
                facts: &facts,
                action: Action::Use,
                at: at(text),
            })
        };
        let waived = ask("2025-01-01T00:00:00Z");
        assert_eq!(waived.judgement.effect, Effect::Warn);
        assert_eq!(waived.next_change_time, Some(at("2025-06-01T00:00:00Z")));
        let finding = &waived.judgement.findings[0];
        assert_eq!(finding.effect, Effect::Deny);
        assert!(
            matches!(&finding.disposition, Disposition::Waived(waiver) if waiver.id == "w" && waiver.owner == "lab")
        );
        assert_eq!(ask("2025-06-01T00:00:00Z").judgement.effect, Effect::Deny);
    });
}

#[test]
fn a_waiver_holds_only_for_its_hosts_and_products() {
    on_large_stack(|| {
        for (hosts, products, effect) in [
            ("{ids: [h]}", "{ids: [acme.shield]}", Effect::Warn),
            ("{all: true}", "{all: true}", Effect::Warn),
            ("{ids: [other]}", "{all: true}", Effect::Deny),
            ("{groups: [other]}", "{all: true}", Effect::Deny),
            ("{all: true}", "{ids: [acme.guess]}", Effect::Deny),
        ] {
            let snapshot = compile(files(&waiver(hosts, products)));
            let facts = shielded();
            let question = Question {
                facts: &facts,
                action: Action::Use,
                at: at("2025-01-01T00:00:00Z"),
            };
            assert_eq!(
                evaluator(&snapshot).decide(question).judgement.effect,
                effect,
                "{hosts} {products}"
            );
        }
    });
}

#[test]
fn a_waiver_that_does_not_say_everything_is_refused() {
    let whole = waiver("{all: true}", "{all: true}");
    for (from, to) in [
        ("reason: tests", "reason: ''"),
        (", ticket: T-1", ""),
        (", expires: 2025-06-01T00:00:00Z", ""),
        ("instruments: [r]", "instruments: []"),
        ("instruments: [r]", "instruments: [typo]"),
        ("hosts: {all: true}", "hosts: {}"),
        ("products: {all: true}", "products: {ids: [acme.typo]}"),
    ] {
        let broken = whole.replacen(from, to, 1);
        assert_ne!(broken, whole);
        let refused = Snapshot::compile(Bundle::new(files(&broken)).unwrap()).unwrap_err();
        assert!(
            refused
                .iter()
                .any(|remark| remark.code.starts_with("waiver-")),
            "{to}: {refused:?}"
        );
    }
}
