//! The table row by row, and what headers may hold.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use embargo_core::decision::{Disposition, Finding, Judgement};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use crate::identity::{Cause, Scope};

use super::*;
use crate::transport::status::{Limit, Rate};

fn decision(effect: Effect, message: &str) -> Decision {
    let finding = Finding {
        instrument: None,
        policy_id: Arc::from("restrictions.test"),
        effect,
        disposition: Disposition::Active,
        software: None,
        product_id: String::new(),
        vendor_id: String::new(),
        evidence: Vec::new(),
        message: message.to_owned(),
        detail: String::new(),
        remediation: "Remove it.".to_owned(),
        since_time: None,
        next: None,
        rule_span: None,
    };
    Decision {
        decision_id: "decision".to_owned(),
        host_id: "personal".to_owned(),
        action: Action::Connect,
        judgement: Judgement {
            effect,
            findings: vec![finding],
            omitted_findings: 0,
            failures: Vec::new(),
            missing_facts: Vec::new(),
        },
        snapshot_id: Arc::from("snapshot"),
        evaluate_time: Instant::from_unix(0, 0).unwrap(),
        next_change_time: None,
    }
}

fn values(headers: &[HeaderValueOption]) -> BTreeMap<String, String> {
    let headers = headers.iter();
    headers
        .map(|option| {
            assert_eq!(option.append, Some(false), "a forged header would stay");
            let header = option.header.clone().unwrap();
            (header.key, header.value)
        })
        .collect()
}

#[test]
fn each_effect_has_its_words() {
    let settings = EnvoySettings::default();
    for (effect, code, http, reason) in [
        (Effect::Allow, 0, None, "ALLOWED"),
        (Effect::Warn, 0, None, "WARNED"),
        (Effect::Review, 7, Some(403), "REVIEW_REQUIRED"),
        (Effect::Indeterminate, 7, Some(403), "INDETERMINATE"),
        (Effect::Deny, 7, Some(403), "DENIED"),
    ] {
        let answer = decided(&decision(effect, "because"), &settings);
        assert_eq!(answer.status.unwrap().code, code, "{effect:?}");
        let metadata = answer.dynamic_metadata.unwrap().fields;
        assert_eq!(
            metadata["reason"].kind,
            Some(Kind::StringValue(reason.to_owned()))
        );
        assert!(!format!("{metadata:?}").contains("personal"));
        match (answer.http_response.unwrap(), http) {
            (HttpResponse::OkResponse(ok), None) => {
                let headers = values(&ok.headers);
                assert_eq!(headers[EFFECT], effect.word());
                assert_eq!(headers[DECISION_ID], "decision");
                assert_eq!(headers[SNAPSHOT_ID], "snapshot");
                let warned = effect == Effect::Warn;
                assert_eq!(headers.contains_key(WARNING), warned);
                assert_eq!(
                    values(&ok.response_headers_to_add).len(),
                    usize::from(warned)
                );
                let removed = ok.headers_to_remove;
                assert!(removed.contains(&"x-embargo-facts".to_owned()));
                assert_eq!(removed.contains(&WARNING.to_owned()), !warned);
            }
            (HttpResponse::DeniedResponse(denied), Some(http)) => {
                assert_eq!(denied.status.unwrap().code, http);
                let headers = values(&denied.headers);
                assert_eq!(headers[REASON], reason);
                assert_eq!(headers[EFFECT], effect.word());
                let wanted = "because | Remove it. | restrictions.test\n";
                assert!(denied.body.ends_with(wanted), "{}", denied.body);
                let says_no_denial = denied.body.contains("no denial");
                assert_eq!(says_no_denial, effect != Effect::Deny);
            }
            (other, _) => panic!("{effect:?}: {other:?}"),
        }
    }
}

#[test]
fn each_lack_has_its_words_and_errors_of_the_server_have_none() {
    let settings = EnvoySettings::default();
    for (lack, wanted) in [
        (Lack::Missing, Some("FACTS_MISSING")),
        (
            Refusal::FactsInvalid {
                violations: Vec::new(),
                total: 1,
            }
            .into(),
            Some("FACTS_INVALID"),
        ),
        (Refusal::field("a", "b").into(), Some("REQUEST_INVALID")),
        (
            Refusal::RateLimited {
                rate: Rate::Hosts,
                wait: Duration::from_millis(1_001),
            }
            .into(),
            Some("RATE_LIMITED"),
        ),
        (Refusal::NoSnapshot.into(), None),
        (Refusal::Draining.into(), None),
        (Refusal::Overloaded(Limit::QueuedCalls).into(), None),
        (Refusal::DeadlinePassed.into(), None),
        (Refusal::ServerFault.into(), None),
        (Refusal::CredentialsMissing.into(), None),
        (Refusal::CredentialsInvalid(Cause::Expired).into(), None),
        (Refusal::ScopeMissing(Scope::Decide).into(), None),
    ] {
        let answer = lacking(&lack, &settings);
        assert_eq!(answer.is_some(), wanted.is_some(), "{lack:?}");
        let Some(answer) = answer else { continue };
        let is_rate = wanted == Some("RATE_LIMITED");
        assert_eq!(answer.status.unwrap().code, if is_rate { 8 } else { 3 });
        match answer.http_response.unwrap() {
            HttpResponse::DeniedResponse(denied) => {
                let status = denied.status.unwrap().code;
                assert_eq!(status, if is_rate { 429 } else { 400 });
                let headers = values(&denied.headers);
                assert_eq!(headers[REASON], wanted.unwrap());
                let after = headers.get("retry-after").map(String::as_str);
                assert_eq!(after, is_rate.then_some("2"));
            }
            HttpResponse::OkResponse(ok) => panic!("{lack:?}: {ok:?}"),
        }
    }
}

#[test]
fn a_header_holds_what_a_header_may_and_a_content_ends_at_its_limit() {
    let evil = format!("a\r\nx-embargo-effect: allow\u{1b}я{}", "ж".repeat(5_000));
    let settings = EnvoySettings::default();
    let answer = decided(&decision(Effect::Warn, &evil), &settings);
    let Some(HttpResponse::OkResponse(ok)) = answer.http_response else {
        panic!("allowed");
    };
    let warning = &values(&ok.headers)[WARNING];
    assert!(
        warning.starts_with("a  x-embargo-effect: allow ?"),
        "{warning}"
    );
    assert!(warning.len() <= HEADER_BYTES);
    assert!(warning.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    let answer = decided(&decision(Effect::Deny, &evil), &settings);
    let Some(HttpResponse::DeniedResponse(denied)) = answer.http_response else {
        panic!("denied");
    };
    assert!(denied.body.len() <= BODY_BYTES);
    assert_eq!(denied.body.lines().count(), 2);
}
