//! How decisions turn with time, on rules written for it.

use embargo_core::decision::Question;
use embargo_core::instrument::{Action, Effect};

use crate::support::{acme, at, compile, evaluator, on_large_stack, shielded};

const INSTRUMENT: &str = "
id: r
title: R
issuer: I
concerns: {vendors: [acme]}
phases:
  - {id: warn, from: 2024-01-01T00:00:00Z, until: 2026-01-01T00:00:00Z, actions: [use], effect: warn, basis: published, provenance: own}
  - {id: deny, from: 2025-01-01T00:00:00Z, until: 2026-01-01T00:00:00Z, actions: [use], effect: deny, basis: published, provenance: own}
";

const BY_PHASE: &str = r#"# METADATA
# custom: {instrument: r}
package restrictions.r

_effects contains phase.effect if {
	some phase in data.instruments.r.phases
	phase.from_ns <= input.now_ns
	not phase.until_ns <= input.now_ns
}

deny contains {"identified": i} if {
	"deny" in _effects
	some i, _ in input.identified
}

warn contains {"identified": i} if {
	"warn" in _effects
	some i, _ in input.identified
}
"#;

#[test]
fn phases_turn_a_decision_at_their_instants_and_findings_say_when() {
    on_large_stack(|| {
        let snapshot = compile(acme(&[
            ("instruments/r/instrument.yaml", INSTRUMENT),
            ("instruments/r/rule.rego", BY_PHASE),
        ]));
        let facts = shielded();
        let mut evaluator = evaluator(&snapshot);
        let question = Question {
            facts: &facts,
            action: Action::Use,
            at: at("2023-06-01T00:00:00Z"),
        };
        let timeline = evaluator
            .timeline(question, at("2027-01-01T00:00:00Z"))
            .unwrap();
        let seen: Vec<(String, Effect)> = timeline
            .segments
            .iter()
            .map(|segment| (segment.start.to_string(), segment.decision.judgement.effect))
            .collect();
        let wanted = [
            ("2023-06-01T00:00:00Z", Effect::Allow),
            ("2024-01-01T00:00:00Z", Effect::Warn),
            ("2025-01-01T00:00:00Z", Effect::Deny),
            ("2026-01-01T00:00:00Z", Effect::Allow),
        ];
        assert_eq!(seen, wanted.map(|(at, effect)| (at.to_owned(), effect)));

        let warned = &timeline.segments[1].decision.judgement.findings[0];
        assert_eq!(warned.since_time, Some(at("2024-01-01T00:00:00Z")));
        let next = warned.next.unwrap();
        assert_eq!(
            (next.effect, next.time),
            (Effect::Deny, at("2025-01-01T00:00:00Z"))
        );
        let denied = &timeline.segments[2].decision.judgement.findings[0];
        let next = denied.next.unwrap();
        assert_eq!(
            (next.effect, next.time),
            (Effect::Allow, at("2026-01-01T00:00:00Z"))
        );
    });
}

#[test]
fn an_instant_written_in_a_rule_turns_a_decision_too() {
    on_large_stack(|| {
        for (condition, turns) in [
            (
                "input.now_ns >= time.parse_rfc3339_ns(\"2025-03-01T00:00:00Z\")",
                "2025-03-01T00:00:00Z",
            ),
            (
                "input.now_ns > time.parse_rfc3339_ns(\"2025-03-01T00:00:00Z\")",
                "2025-03-01T00:00:00.000000001Z",
            ),
            (
                "input.now_ns >= 1740787200000000000",
                "2025-03-01T00:00:00Z",
            ),
            ("input.now_ns >= _since", "2025-03-01T00:00:00Z"),
        ] {
            let rule = format!(
                "package restrictions.r\n\n_since := time.parse_rfc3339_ns(\"2025-03-01T00:00:00Z\")\n\ndeny contains \"no\" if {{ {condition} }}\n"
            );
            let snapshot = compile(acme(&[("r.rego", &rule)]));
            assert!(snapshot.warnings().is_empty(), "{:?}", snapshot.warnings());
            let facts = shielded();
            let question = Question {
                facts: &facts,
                action: Action::Use,
                at: at("2025-01-01T00:00:00Z"),
            };
            let decision = evaluator(&snapshot).decide(question);
            assert_eq!(decision.judgement.effect, Effect::Allow, "{condition}");
            assert_eq!(decision.next_change_time, Some(at(turns)), "{condition}");
        }
    });
}

#[test]
fn a_rule_that_computes_with_the_instant_is_never_kept() {
    on_large_stack(|| {
        let rule = "package restrictions.r\n\ndeny contains \"old\" if input.now_ns - time.parse_rfc3339_ns(input.host.collect_time) > 1000\n";
        let snapshot = compile(acme(&[("r.rego", rule)]));
        assert_eq!(snapshot.warnings()[0].code, "rego-free-time");
        let facts =
            crate::support::facts("{host_id: h, collect_time: 2025-01-01T00:00:00Z, software: []}");
        let mut evaluator = evaluator(&snapshot);
        let mut ask = |text: &str| {
            evaluator.decide(Question {
                facts: &facts,
                action: Action::Use,
                at: at(text),
            })
        };
        let fresh = ask("2025-01-01T00:00:00.000001Z");
        assert_eq!(fresh.judgement.effect, Effect::Allow);
        assert_eq!(
            fresh.next_change_time,
            Some(at("2025-01-01T00:00:00.000001001Z"))
        );
        assert_eq!(
            ask("2025-01-01T00:00:00.000001001Z").judgement.effect,
            Effect::Deny
        );
    });
}

#[test]
fn nothing_identified_and_no_rule_about_it_means_no_expiry_and_no_rule_run() {
    on_large_stack(|| {
        let snapshot = compile(acme(&[
            ("instruments/r/instrument.yaml", INSTRUMENT),
            ("instruments/r/rule.rego", BY_PHASE),
        ]));
        let facts = crate::support::facts("{host_id: h, software: [{name: Other}]}");
        let question = Question {
            facts: &facts,
            action: Action::Use,
            at: at("2023-01-01T00:00:00Z"),
        };
        let decision = evaluator(&snapshot).decide(question);
        assert_eq!(decision.judgement.effect, Effect::Allow);
        assert_eq!(decision.next_change_time, None);
    });
}

#[test]
fn an_interval_must_be_later_and_not_too_long() {
    on_large_stack(|| {
        let snapshot = compile(acme(&[
            ("instruments/r/instrument.yaml", INSTRUMENT),
            ("instruments/r/rule.rego", BY_PHASE),
        ]));
        let facts = shielded();
        let question = Question {
            facts: &facts,
            action: Action::Use,
            at: at("2023-01-01T00:00:00Z"),
        };
        assert!(
            evaluator(&snapshot)
                .timeline(question, question.at)
                .is_err()
        );
        assert!(
            evaluator(&snapshot)
                .timeline(question, at("2033-01-08T00:00:00Z"))
                .is_ok()
        );
        assert!(
            evaluator(&snapshot)
                .timeline(question, at("2033-01-09T00:00:00.000000001Z"))
                .is_err()
        );
    });
}
