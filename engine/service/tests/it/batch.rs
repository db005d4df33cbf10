//! BatchDecideHosts: each host for itself, under one snapshot and at one instant.

use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;
use tonic::{Code, Status};

use crate::bench::{Bench, NOW, fields, item_decision, item_status, reason, timestamp};
use crate::policies::{bad_host, ban, clean_host, host};

fn item(id: &str, facts: pb::HostFacts) -> BatchItem {
    BatchItem {
        correlation_id: id.to_owned(),
        facts: Some(facts),
        action: 0,
    }
}

async fn decide(
    bench: &Bench,
    items: Vec<BatchItem>,
) -> Result<pb::BatchDecideHostsResponse, Status> {
    let request = pb::BatchDecideHostsRequest {
        items,
        ..Default::default()
    };
    Ok(bench
        .decisions()
        .batch_decide_hosts(request)
        .await?
        .into_inner())
}

#[tokio::test]
async fn a_bad_item_fails_alone() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut unknown = item("d", host("d"));
    unknown.action = 99;
    let items = vec![
        item("a", host("a")),
        item("b", bad_host("b")),
        item("c", clean_host("c")),
        unknown,
        BatchItem {
            correlation_id: "e".to_owned(),
            ..Default::default()
        },
    ];
    let answer = decide(&bench, items).await.unwrap();
    let ids: Vec<&str> = answer
        .results
        .iter()
        .map(|r| r.correlation_id.as_str())
        .collect();
    assert_eq!(ids, ["a", "b", "c", "d", "e"]);
    assert_eq!(item_decision(&answer.results[0]).effect(), pb::Effect::Deny);
    assert_eq!(
        item_decision(&answer.results[2]).effect(),
        pb::Effect::Allow
    );
    for (at, wanted, field) in [
        (1, "FACTS_INVALID", "facts.software[1].sha256"),
        (3, "REQUEST_INVALID", "action"),
        (4, "FACTS_INVALID", "facts"),
    ] {
        let status = item_status(&answer.results[at]);
        let (code, reason, _) = reason(&status);
        assert_eq!((code, reason.as_str()), (Code::InvalidArgument, wanted));
        assert_eq!(fields(&status), [field]);
    }
    assert_eq!(answer.evaluate_time, Some(timestamp(NOW)));
    assert_eq!(answer.snapshot.unwrap().snapshot_id, bench.snapshot_id());
}

#[tokio::test]
async fn a_thousand_hosts_are_answered_in_order_and_at_one_instant() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let items = (0..1_000).map(|at| item(&at.to_string(), host(&format!("h{at}"))));
    let answer = decide(&bench, items.collect()).await.unwrap();
    assert_eq!(answer.results.len(), 1_000);
    for (at, result) in answer.results.iter().enumerate() {
        let decision = item_decision(result);
        assert_eq!(result.correlation_id, at.to_string());
        assert_eq!(decision.host_id, format!("h{at}"));
        assert_eq!(decision.evaluate_time, answer.evaluate_time);
        assert_eq!(decision.effect(), pb::Effect::Deny);
    }
}

#[tokio::test]
async fn a_batch_that_is_too_large_is_refused_with_both_numbers() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let items = (0..1_200)
        .map(|at| item(&at.to_string(), clean_host("h")))
        .collect();
    let status = decide(&bench, items).await.unwrap_err();
    let (code, reason, details) = reason(&status);
    assert_eq!(
        (code, reason.as_str()),
        (Code::InvalidArgument, "BATCH_TOO_LARGE")
    );
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(metadata["itemCount"], "1200");
    assert_eq!(metadata["maxItemCount"], "1000");
}

#[tokio::test]
async fn a_batch_is_refused_as_a_whole_for_what_concerns_all_of_it() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let long = "x".repeat(65);
    for (items, wanted) in [
        (vec![], "items"),
        (vec![item("", host("h"))], "items[0].correlation_id"),
        (vec![item(&long, host("h"))], "items[0].correlation_id"),
        (
            vec![
                item("a", host("h")),
                item("b", host("h")),
                item("a", host("h")),
            ],
            "items[2].correlation_id",
        ),
    ] {
        let status = decide(&bench, items).await.unwrap_err();
        assert_eq!(reason(&status).1, "REQUEST_INVALID");
        assert_eq!(fields(&status), [wanted]);
    }
}
