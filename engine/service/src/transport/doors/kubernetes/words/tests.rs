//! The table row by row, and the limits on what is said.

use std::sync::Arc;
use std::time::Duration;

use embargo_core::decision::{Disposition, Finding, Judgement};
use embargo_core::instant::Instant;

use crate::identity::{Cause, Scope};

use super::*;
use crate::transport::status::{Limit, Rate};

const EFFECTS: [Effect; 5] = [
    Effect::Allow,
    Effect::Warn,
    Effect::Review,
    Effect::Indeterminate,
    Effect::Deny,
];

fn decision(effect: Effect, messages: &[String]) -> Decision {
    let finding = |message: &String| Finding {
        instrument: None,
        policy_id: Arc::from("restrictions.test"),
        effect,
        disposition: Disposition::Active,
        software: None,
        product_id: String::new(),
        vendor_id: String::new(),
        evidence: Vec::new(),
        message: message.clone(),
        detail: String::new(),
        remediation: "Remove it.".to_owned(),
        since_time: None,
        next: None,
        rule_span: None,
    };
    Decision {
        decision_id: format!("id-{}", effect.word()),
        host_id: "personal".to_owned(),
        action: Action::Install,
        judgement: Judgement {
            effect,
            findings: messages.iter().map(finding).collect(),
            omitted_findings: 0,
            failures: Vec::new(),
            missing_facts: Vec::new(),
        },
        snapshot_id: Arc::from("snapshot"),
        evaluate_time: Instant::from_unix(0, 0).unwrap(),
        next_change_time: Some(Instant::from_unix(60, 0).unwrap()),
    }
}

#[test]
fn each_effect_has_its_words() {
    let rows: Vec<(bool, u16, &str)> = EFFECTS
        .map(of_effect)
        .map(|words| (words.allowed, words.code, words.reason))
        .to_vec();
    assert_eq!(
        rows,
        [
            (true, 200, "Allowed"),
            (true, 200, "AllowedWithWarnings"),
            (false, 403, "ReviewRequired"),
            (false, 403, "Indeterminate"),
            (false, 403, "Denied"),
        ]
    );
}

#[test]
fn each_lack_has_its_words_and_errors_of_the_server_have_none() {
    let field = || Refusal::field("a", "b");
    for (lack, wanted) in [
        (Lack::Missing, Some("FactsMissing")),
        (
            Refusal::FactsInvalid {
                violations: Vec::new(),
                total: 1,
            }
            .into(),
            Some("FactsInvalid"),
        ),
        (field().into(), Some("AnnotationInvalid")),
        (
            Refusal::InventoryInvalid {
                message: String::new(),
                place: None,
            }
            .into(),
            Some("InventoryInvalid"),
        ),
        (
            Refusal::BatchTooLarge { items: 2, most: 1 }.into(),
            Some("TooManyHosts"),
        ),
        (Refusal::NoSnapshot.into(), None),
        (Refusal::Draining.into(), None),
        (Refusal::Overloaded(Limit::QueuedCalls).into(), None),
        (Refusal::DecisionLogUnavailable.into(), None),
        (Refusal::AnswerTooLarge { most: 1 }.into(), None),
        (
            Refusal::RateLimited {
                rate: Rate::Calls,
                wait: Duration::from_millis(1_001),
            }
            .into(),
            Some("TooManyRequests"),
        ),
        (Refusal::DeadlinePassed.into(), None),
        (Refusal::ServerFault.into(), None),
        (Refusal::CredentialsMissing.into(), None),
        (Refusal::CredentialsInvalid(Cause::Expired).into(), None),
        (Refusal::ScopeMissing(Scope::Decide).into(), None),
    ] {
        let words = of_lack(&lack);
        assert_eq!(words.map(|words| words.reason), wanted, "{lack:?}");
        let code = if wanted == Some("TooManyRequests") {
            429
        } else {
            422
        };
        assert!(words.is_none_or(|words| !words.allowed && words.code == code));
        let response = lacking(&lack);
        assert_eq!(response.is_some(), wanted.is_some());
        if let Some(response) = response {
            assert_eq!(response["allowed"], false);
            assert_eq!(response["status"]["status"], "Failure");
            let details = &response["status"]["details"];
            assert_eq!(details == &json!({"retryAfterSeconds": 2}), code == 429);
            assert_ne!(response["status"]["message"], "");
        }
    }
}

#[test]
fn a_response_says_what_was_decided_and_by_which_snapshot() {
    for effect in EFFECTS {
        let messages = ["first".to_owned(), "second".to_owned()];
        let response = decided(&[decision(effect, &messages)], Action::Install).unwrap();
        let words = of_effect(effect);
        assert_eq!(response["allowed"], words.allowed, "{effect:?}");
        let audit = &response["auditAnnotations"];
        assert_eq!(audit["effect"], effect.word());
        assert_eq!(audit["decision-id"], format!("id-{}", effect.word()));
        assert_eq!(audit["snapshot-id"], "snapshot");
        assert_eq!(audit["next-change-time"], "1970-01-01T00:01:00Z");
        assert!(audit.as_object().unwrap().values().all(Value::is_string));
        assert_eq!(response.get("status").is_none(), words.allowed);
        if !words.allowed {
            let message = response["status"]["message"].as_str().unwrap();
            assert!(message.contains("first | Remove it."), "{message}");
            assert_eq!(message.contains("no denial"), effect != Effect::Deny);
            assert!(!message.contains("personal"), "{message}");
            assert_eq!(response["warnings"], json!(["second"]));
        }
    }
    let warned = decided(&[decision(Effect::Warn, &["one".to_owned()])], Action::Use).unwrap();
    assert_eq!(warned["warnings"], json!(["one"]));
}

#[test]
fn the_gravest_of_several_hosts_decides_whatever_their_order() {
    let message = ["m".to_owned()];
    for gravest in [Effect::Review, Effect::Indeterminate, Effect::Deny] {
        for at in 0..3 {
            let mut hosts = vec![decision(Effect::Allow, &[]); 3];
            hosts[at] = decision(gravest, &message);
            let response = decided(&hosts, Action::Install).unwrap();
            assert_eq!(response["allowed"], false);
            assert_eq!(response["auditAnnotations"]["effect"], gravest.word());
            let said = response["status"]["message"].as_str().unwrap();
            let wanted = format!("on 1 of 3 hosts, first on host {}", at + 1);
            assert!(said.contains(&wanted), "{said}");
        }
    }
    assert_eq!(decided(&[], Action::Install), None);
}

#[test]
fn warnings_keep_their_limits_and_no_character_is_cut() {
    let many: Vec<String> = (0..100)
        .map(|n| format!("{n} {}", "я🦀".repeat(200)))
        .collect();
    let short: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    for (messages, wanted) in [(many, None), (short, Some(WARNINGS))] {
        let response = decided(&[decision(Effect::Warn, &messages)], Action::Install).unwrap();
        let warnings: Vec<&str> = response["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|warning| warning.as_str().unwrap())
            .collect();
        assert!(warnings.len() <= WARNINGS);
        assert!(wanted.is_none_or(|wanted| warnings.len() == wanted));
        assert!(
            warnings
                .iter()
                .all(|text| text.chars().count() <= WARNING_CHARS)
        );
        let bytes: usize = warnings.iter().map(|text| text.len()).sum();
        assert!(bytes <= WARNINGS_BYTES, "{bytes}");
        let left_out = 100 - (warnings.len() - 1);
        let last = warnings.last().unwrap();
        assert_eq!(*last, format!("{left_out} more were left out"));
    }
}

#[test]
fn what_steers_a_terminal_or_ends_a_line_is_not_handed_on() {
    let evil = ["a\u{1b}[2J\nb\r\"".to_owned()];
    let response = decided(&[decision(Effect::Deny, &evil)], Action::Install).unwrap();
    let message = response["status"]["message"].as_str().unwrap();
    assert!(!message.chars().any(char::is_control), "{message:?}");
}
