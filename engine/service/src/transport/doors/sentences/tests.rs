use embargo_core::decision::{FailureKind, PolicyFailure, WaiverRef};
use embargo_core::diagnostic::Diagnostic;
use embargo_core::instant::Instant;

use super::*;

fn finding(policy: &str, effect: Effect, disposition: Disposition) -> Finding {
    Finding {
        instrument: None,
        policy_id: policy.into(),
        effect,
        message: format!("{policy} {effect}"),
        disposition,
        software: None,
        product_id: String::new(),
        vendor_id: String::new(),
        evidence: Vec::new(),
        detail: String::new(),
        remediation: String::new(),
        since_time: None,
        next: None,
        rule_span: None,
    }
}

fn judgement(effect: Effect, findings: Vec<Finding>) -> Judgement {
    Judgement {
        effect,
        findings,
        omitted_findings: 0,
        failures: Vec::new(),
        missing_facts: Vec::new(),
    }
}

#[test]
fn each_finding_stands_where_it_counts() {
    let waiver = WaiverRef {
        id: "w".into(),
        expires: Instant::MAX,
        owner: "o".into(),
        reason: "r".into(),
    };
    let judged = judgement(
        Effect::Deny,
        vec![
            finding("a", Effect::Deny, Disposition::Active),
            finding("a", Effect::Deny, Disposition::Active),
            finding("a", Effect::Review, Disposition::Active),
            finding("b", Effect::Warn, Disposition::Active),
            finding("c", Effect::Deny, Disposition::Waived(waiver)),
            finding("b", Effect::Deny, Disposition::Exempt),
        ],
    );
    let all = Sentences::of(&judged);
    assert_eq!(all.deny, ["a deny"]);
    assert_eq!(all.review, ["a review"]);
    assert_eq!(all.warn, ["b warn", "c deny"]);
    assert_eq!(all.exempt, ["b deny"]);
    assert_eq!(all.violations(), ["a deny", "a review"]);
    let one = Sentences::of_policy(&judged, "b");
    assert_eq!(
        (one.deny.len(), one.warn.len(), one.exempt.len()),
        (0, 1, 1)
    );
}

#[test]
fn what_could_not_be_told_stands_among_the_denials() {
    let unread = judgement(Effect::Indeterminate, Vec::new());
    assert_eq!(Sentences::of(&unread).deny, [UNREAD]);
    assert_eq!(Sentences::of_policy(&unread, "any").deny, [UNREAD]);

    let mut failed = judgement(Effect::Indeterminate, Vec::new());
    failed.failures.push(PolicyFailure {
        policy_id: "a".into(),
        kind: FailureKind::RuntimeError,
        diagnostic: Diagnostic::error("rego-error", "a fault"),
    });
    let wanted = ["policy `a` could not be evaluated: a fault"];
    assert_eq!(Sentences::of(&failed).deny, wanted);
    assert_eq!(Sentences::of_policy(&failed, "a").deny, wanted);
    assert_eq!(Sentences::of_policy(&failed, "b"), Sentences::default());
}

#[test]
fn findings_that_are_left_out_count_as_the_last_one_listed() {
    let mut judged = judgement(
        Effect::Deny,
        vec![finding("a", Effect::Deny, Disposition::Active)],
    );
    judged.omitted_findings = 2;
    assert_eq!(
        Sentences::of_policy(&judged, "b").deny,
        ["and 2 more findings"]
    );
}
