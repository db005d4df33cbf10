//! Every documented reason that a caller can provoke, with its code and metadata.

use embargo_proto::v1 as pb;
use tonic::{Code, Status};

use crate::bench::{Bench, fields, reason};
use crate::policies::{ask, ban, host};

/// Provokes each reason in turn. Those that depend on load, time and shutdown have tests of
/// their own.
#[tokio::test]
async fn each_reason_has_its_code_and_metadata() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut client = bench.policies();
    let file = |path: &str| pb::SourceFile {
        path: path.to_owned(),
        content: Vec::new(),
    };
    let negative = pb::ListPoliciesRequest {
        page_size: -1,
        ..Default::default()
    };
    let stranger = pb::ListPoliciesRequest {
        page_token: "1.32.0000000000000000".to_owned(),
        ..Default::default()
    };
    let outside = pb::ValidateBundleRequest {
        files: vec![file("../waivers/all.yaml")],
    };
    let nothing = pb::ValidateBundleRequest::default();
    let gone = pb::GetPolicyRequest {
        policy_id: "restrictions.gone".to_owned(),
    };
    let unexplained = pb::ExplainDecisionRequest {
        facts: Some(host("h")),
        policy_ids: vec!["restrictions.gone".to_owned()],
        ..Default::default()
    };
    let required = pb::DecideHostRequest {
        require_snapshot_id: "x".to_owned(),
        ..ask(host("h"))
    };
    let seen: Vec<(Status, Code, &str, &[&str])> = vec![
        (
            bench
                .decide(pb::DecideHostRequest::default())
                .await
                .unwrap_err(),
            Code::InvalidArgument,
            "FACTS_INVALID",
            &[],
        ),
        (
            client.list_policies(negative).await.unwrap_err(),
            Code::InvalidArgument,
            "REQUEST_INVALID",
            &[],
        ),
        (
            client.list_policies(stranger).await.unwrap_err(),
            Code::InvalidArgument,
            "PAGE_TOKEN_INVALID",
            &[],
        ),
        (
            client.validate_bundle(outside).await.unwrap_err(),
            Code::InvalidArgument,
            "BUNDLE_INVALID",
            &["path"],
        ),
        (
            client.validate_bundle(nothing).await.unwrap_err(),
            Code::InvalidArgument,
            "BUNDLE_INVALID",
            &[],
        ),
        (
            client.get_policy(gone).await.unwrap_err(),
            Code::NotFound,
            "POLICY_NOT_FOUND",
            &["policyId"],
        ),
        (
            bench
                .decisions()
                .explain_decision(unexplained)
                .await
                .unwrap_err(),
            Code::NotFound,
            "POLICY_NOT_FOUND",
            &["policyId"],
        ),
        (
            bench.decide(required).await.unwrap_err(),
            Code::FailedPrecondition,
            "SNAPSHOT_MISMATCH",
            &["activeSnapshotId", "requiredSnapshotId"],
        ),
    ];
    for (status, wanted_code, wanted, keys) in seen {
        let (code, reason, details) = reason(&status);
        assert_eq!((code, reason.as_str()), (wanted_code, wanted));
        let info = details.error_info().unwrap();
        let mut found: Vec<&str> = info.metadata.keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, keys, "{wanted}");
    }
}

#[tokio::test]
async fn without_policies_nothing_is_decided_and_the_cause_is_shown() {
    let root = tempfile::tempdir().unwrap();
    let bench = Bench::start(root.path()).await;
    let mut client = bench.policies();
    let get = pb::GetPolicyRequest {
        policy_id: "x".to_owned(),
    };
    let identify = pb::IdentifySoftwareRequest {
        software: host("h").software,
        ..Default::default()
    };
    let timeline = pb::ComputeDecisionTimelineRequest::default();
    let batch = pb::BatchDecideHostsRequest {
        items: vec![Default::default()],
        ..Default::default()
    };
    let seen: Vec<Status> = vec![
        bench.decide(ask(host("h"))).await.unwrap_err(),
        bench
            .decisions()
            .batch_decide_hosts(batch)
            .await
            .unwrap_err(),
        bench
            .decisions()
            .compute_decision_timeline(timeline)
            .await
            .unwrap_err(),
        client
            .list_policies(pb::ListPoliciesRequest::default())
            .await
            .unwrap_err(),
        client.get_policy(get).await.unwrap_err(),
        client.identify_software(identify).await.unwrap_err(),
    ];
    for status in seen {
        let (code, reason, _) = reason(&status);
        assert_eq!((code, reason.as_str()), (Code::Unavailable, "NO_SNAPSHOT"));
    }
    let answer = client
        .get_snapshot(pb::GetSnapshotRequest {})
        .await
        .unwrap()
        .into_inner();
    assert!(answer.active.is_none());
    let reload = answer.last_reload.unwrap();
    assert_eq!(reload.state(), pb::reload::State::Rejected);
    assert_eq!(reload.diagnostics[0].code, "source-empty");
    assert!(
        reload.diagnostics[0]
            .hint
            .contains("an empty folder is not an empty policy")
    );
}

#[tokio::test]
async fn fields_beyond_their_length_are_named() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut client = bench.policies();
    let token = pb::ListPoliciesRequest {
        page_token: "x".repeat(1_025),
        ..Default::default()
    };
    let status = client.list_policies(token).await.unwrap_err();
    assert_eq!(fields(&status), ["page_token"]);
    for id in [String::new(), "x".repeat(257)] {
        let request = pb::GetPolicyRequest { policy_id: id };
        let status = client.get_policy(request).await.unwrap_err();
        assert_eq!(fields(&status), ["policy_id"]);
    }
    for count in [0, 20_001] {
        let request = pb::IdentifySoftwareRequest {
            software: vec![crate::policies::item("x"); count],
            ..Default::default()
        };
        let status = client.identify_software(request).await.unwrap_err();
        assert_eq!(reason(&status).1, "REQUEST_INVALID");
        assert_eq!(fields(&status), ["software"]);
    }
}
