//! The functions that rules have beyond those of the evaluator.

use embargo_core::decision::{FailureKind, Judgement, Question};
use embargo_core::instrument::{Action, Effect};

use crate::support::{acme, at, compile, evaluator, facts, on_large_stack, own_tests};

/// Denies what is older than 3.10, and asks a person where that cannot be told.
const FLOOR: &str = r#"package restrictions.floor

_order[i] := embargo.version_compare("dotted", found.software.version, "3.10") if some i, found in input.identified

_order[i] := "unknown" if {
	some i, found in input.identified
	not found.software.version
}

deny contains {"identified": i} if some i, "less" in _order

review contains {"identified": i} if some i, "unknown" in _order
"#;

fn judge(rule: &str, version: &str) -> Judgement {
    let snapshot = compile(acme(&[("r.rego", rule)]));
    let facts = facts(&format!(
        "{{host_id: h, software: [{{name: Acme Shield, {version} publisher: Acme Labs}}]}}"
    ));
    let question = Question {
        facts: &facts,
        action: Action::Use,
        at: at("2025-01-01T00:00:00Z"),
    };
    evaluator(&snapshot).decide(question).judgement
}

#[test]
fn a_floor_denies_what_is_below_and_asks_where_it_cannot_tell() {
    on_large_stack(|| {
        for (version, wanted) in [
            ("version: \"3.9.8\",", Effect::Deny),
            ("version: \"3.10\",", Effect::Allow),
            ("version: \"3.10.0.1\",", Effect::Allow),
            ("version: \"3.x\",", Effect::Review),
            ("", Effect::Review),
        ] {
            let judgement = judge(FLOOR, version);
            assert_eq!(judgement.effect, wanted, "{version} {judgement:?}");
            assert!(judgement.failures.is_empty(), "{version}");
        }
    });
}

#[test]
fn an_unknown_scheme_fails_the_policy_and_never_shows_the_version() {
    on_large_stack(|| {
        let rule = FLOOR.replace("\"dotted\"", "\"doted\"");
        let judgement = judge(&rule, "version: \"9.very-secret\",");
        assert_eq!(judgement.effect, Effect::Indeterminate);
        assert_eq!(judgement.failures[0].kind, FailureKind::RuntimeError);
        let diagnostic = &judgement.failures[0].diagnostic;
        assert_eq!(diagnostic.span.as_ref().unwrap().start_line, 3);
        assert_eq!(
            diagnostic.message,
            "there is no such version scheme; write semver, dpkg, rpm, pep440, dotted, android-version-code"
        );
        assert!(!diagnostic.to_string().contains("secret"), "{diagnostic}");
    });
}

#[test]
fn a_staged_rollout_can_rest_on_a_digest() {
    on_large_stack(|| {
        // The digest of "h" begins with aaa9.
        for (start, wanted) in [("a", Effect::Warn), ("b", Effect::Allow)] {
            let rule = format!(
                "package restrictions.r\n\nwarn contains \"x\" if startswith(crypto.sha256(input.host.id), \"{start}\")\n"
            );
            assert_eq!(judge(&rule, "").effect, wanted);
        }
    });
}

#[test]
fn test_rules_have_the_functions_too() {
    on_large_stack(|| {
        let tests = r#"package restrictions.floor_test

test_floor if embargo.version_compare("dotted", "3.9", "3.10") == "less"

test_digest if startswith(crypto.sha256("abc"), "ba7816bf")

test_that_fails if embargo.version_compare("dotted", "3.x", "3.10") == "less"
"#;
        let snapshot = compile(acme(&[("r.rego", FLOOR), ("r_test.rego", tests)]));
        let passed: Vec<(String, bool)> = own_tests(&snapshot)
            .into_iter()
            .map(|(name, failure)| (name, failure.is_none()))
            .collect();
        let wanted = [
            ("test_digest", true),
            ("test_floor", true),
            ("test_that_fails", false),
        ];
        let wanted =
            wanted.map(|(name, passes)| (format!("restrictions.floor_test.{name}"), passes));
        assert_eq!(passed, wanted);
    });
}
