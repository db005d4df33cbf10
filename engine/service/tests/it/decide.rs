//! DecideHost: what it answers, and what it refuses.

use embargo_proto::v1 as pb;
use tonic::Code;

use crate::bench::{Bench, NOW, fields, reason, timestamp};
use crate::policies::{ask, bad_host, ban, clean_host, host, item, verdicts, write};

#[tokio::test]
async fn a_denial_is_an_answer_with_its_reasons() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let decision = bench.decide(ask(host("h1"))).await.unwrap();
    assert_eq!(decision.effect(), pb::Effect::Deny);
    assert_eq!(decision.host_id, "h1");
    assert_eq!(decision.action(), pb::Action::Presence);
    assert_eq!(decision.snapshot_id, bench.snapshot_id());
    assert_eq!(decision.evaluate_time, Some(timestamp(NOW)));
    let ends = timestamp("2026-01-01T00:00:00Z");
    assert_eq!(decision.next_change_time, Some(ends));
    assert_eq!(decision.decision_id.len(), 64);
    let [finding] = decision.findings.as_slice() else {
        panic!("{:?}", decision.findings);
    };
    assert_eq!(finding.instrument_id, "ban");
    assert_eq!(finding.policy_id, "restrictions.ban");
    assert_eq!(finding.effect(), pb::Effect::Deny);
    assert_eq!(finding.disposition(), pb::finding::Disposition::Active);
    let software = finding.software.as_ref().unwrap();
    assert_eq!((software.index, software.name.as_str()), (1, "Acme Shield"));
    assert_eq!(software.version.as_deref(), Some("3.1"));
    assert_eq!(finding.product_id, "acme.shield");
    assert_eq!(finding.vendor_id, "acme");
    assert_eq!(finding.evidence[0].kind, "bundle-id");
    assert_eq!(
        finding.evidence[0].strength(),
        pb::evidence::Strength::Strong
    );
    assert_eq!(finding.message, "Acme Shield is banned");
    assert_eq!(finding.remediation, "Remove it.");
    assert_eq!(finding.citations[0].url, "https://example.org/ban");
    assert_eq!(finding.since_time, Some(timestamp("2025-01-01T00:00:00Z")));
    let next = finding.next.as_ref().unwrap();
    assert_eq!((next.effect(), next.time), (pb::Effect::Allow, Some(ends)));
    let span = finding.rule_span.as_ref().unwrap();
    assert_eq!(span.path, "instruments/ban/rule.rego");
}

#[tokio::test]
async fn a_waived_finding_stays_in_the_answer_with_its_waiver() {
    let policies = ban();
    let waiver = "waivers:
  - id: lab-1
    instruments: [ban]
    hosts: {ids: [h1]}
    products: {ids: [acme.shield]}
    reason: The laboratory needs it.
    owner: lab@example.org
    ticket: T-1
    expires: 2025-09-01T00:00:00Z
";
    write(policies.path(), "waivers/lab.yaml", waiver);
    let bench = Bench::start(policies.path()).await;
    let decision = bench.decide(ask(host("h1"))).await.unwrap();
    assert_eq!(decision.effect(), pb::Effect::Warn);
    let [finding] = decision.findings.as_slice() else {
        panic!("{:?}", decision.findings);
    };
    assert_eq!(finding.disposition(), pb::finding::Disposition::Waived);
    let expires = timestamp("2025-09-01T00:00:00Z");
    let wanted = pb::Waiver {
        waiver_id: "lab-1".to_owned(),
        expire_time: Some(expires),
        owner: "lab@example.org".to_owned(),
        reason: "The laboratory needs it.".to_owned(),
    };
    assert_eq!(finding.waiver, Some(wanted));
    assert_eq!(decision.next_change_time, Some(expires));
}

#[tokio::test]
async fn a_failure_names_its_policy_its_kind_and_its_place() {
    let policies = verdicts();
    let bench = Bench::start(policies.path()).await;
    let decision = bench
        .decide(ask(clean_host("indeterminate")))
        .await
        .unwrap();
    assert_eq!(decision.effect(), pb::Effect::Indeterminate);
    let [failure] = decision.failures.as_slice() else {
        panic!("{:?}", decision.failures);
    };
    assert_eq!(failure.policy_id, "restrictions.failing");
    assert_eq!(failure.kind(), pb::FailureKind::RuntimeError);
    let span = failure.diagnostic.as_ref().unwrap().span.as_ref().unwrap();
    assert_eq!(
        (span.path.as_str(), span.start_line),
        ("rules/failing.rego", 5)
    );
}

#[tokio::test]
async fn nothing_found_allows_and_never_expires() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let decision = bench.decide(ask(clean_host("h"))).await.unwrap();
    assert_eq!(decision.effect(), pb::Effect::Allow);
    assert_eq!(decision.next_change_time, None);
    assert!(decision.findings.is_empty() && decision.failures.is_empty());
}

#[tokio::test]
async fn the_instant_is_given_back_to_the_nanosecond() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for (at, effect) in [
        ("2023-12-31T23:59:59.999999999Z", pb::Effect::Allow),
        ("2024-01-01T00:00:00Z", pb::Effect::Warn),
        ("2024-12-31T23:59:59.999999999Z", pb::Effect::Warn),
        ("2025-01-01T00:00:00Z", pb::Effect::Deny),
        ("0001-01-01T00:00:00Z", pb::Effect::Allow),
        ("9999-12-31T23:59:59.999999999Z", pb::Effect::Allow),
    ] {
        let request = pb::DecideHostRequest {
            evaluate_time: Some(timestamp(at)),
            ..ask(host("h"))
        };
        let decision = bench.decide(request).await.unwrap();
        assert_eq!(decision.evaluate_time, Some(timestamp(at)));
        assert_eq!(decision.effect(), effect, "{at}");
    }
}

#[tokio::test]
async fn equal_requests_get_equal_bytes() {
    use prost::Message as _;
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let first = bench.decide(ask(host("h"))).await.unwrap().encode_to_vec();
    for _ in 0..20 {
        let again = bench.decide(ask(host("h"))).await.unwrap().encode_to_vec();
        assert_eq!(first, again);
    }
}

#[tokio::test]
async fn facts_are_refused_before_other_fields_and_with_their_fields() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut request = pb::DecideHostRequest {
        action: 99,
        require_snapshot_id: "x".repeat(65),
        ..ask(bad_host("h"))
    };
    let status = bench.decide(request.clone()).await.unwrap_err();
    let (code, reason, _) = reason(&status);
    assert_eq!(
        (code, reason.as_str()),
        (Code::InvalidArgument, "FACTS_INVALID")
    );
    assert_eq!(fields(&status), ["facts.software[1].sha256"]);
    assert!(status.message().contains("has 20 bytes"), "{status:?}");

    request.facts = Some(host("h"));
    let status = bench.decide(request).await.unwrap_err();
    assert_eq!(crate::bench::reason(&status).1, "REQUEST_INVALID");
    assert_eq!(fields(&status), ["action", "require_snapshot_id"]);
}

#[tokio::test]
async fn at_most_sixteen_fields_are_named_and_all_are_counted() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let facts = pb::HostFacts {
        host_id: "h".to_owned(),
        software: (0..40).map(|_| item("")).collect(),
        ..Default::default()
    };
    let status = bench.decide(ask(facts)).await.unwrap_err();
    assert_eq!(fields(&status).len(), 16);
    assert!(status.message().contains("and 39 more"), "{status:?}");
}

#[tokio::test]
async fn a_required_snapshot_is_the_active_one_or_nothing() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut request = pb::DecideHostRequest {
        require_snapshot_id: bench.snapshot_id(),
        ..ask(host("h"))
    };
    assert!(bench.decide(request.clone()).await.is_ok());
    request.require_snapshot_id = "other".to_owned();
    let status = bench.decide(request).await.unwrap_err();
    let (code, reason, details) = reason(&status);
    assert_eq!(
        (code, reason.as_str()),
        (Code::FailedPrecondition, "SNAPSHOT_MISMATCH")
    );
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(metadata["requiredSnapshotId"], "other");
    assert_eq!(metadata["activeSnapshotId"], bench.snapshot_id());
}

#[tokio::test]
async fn an_explanation_carries_the_decision_and_what_became_of_each_rule() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let facts = Some(host("h"));
    let decided = bench
        .decide(pb::DecideHostRequest {
            facts: facts.clone(),
            ..Default::default()
        })
        .await
        .unwrap();
    let explained = bench
        .decisions()
        .explain_decision(pb::ExplainDecisionRequest {
            facts,
            evaluate_time: decided.evaluate_time,
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(explained.decision, Some(decided));
    assert!(!explained.rules.is_empty());
    let outcomes: Vec<_> = explained
        .rules
        .iter()
        .map(|rule| {
            assert!(rule.span.is_some() && rule.duration.is_some(), "{rule:?}");
            let decides = rule.conditions.last().filter(|last| !last.held);
            (&*rule.set, rule.outcome(), decides.is_some())
        })
        .collect();
    use pb::rule_explanation::Outcome::{Matched, NotMatched};
    assert_eq!(
        outcomes,
        [("deny", Matched, false), ("warn", NotMatched, true)]
    );
}
