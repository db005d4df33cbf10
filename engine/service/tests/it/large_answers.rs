//! Answers that do not fit into a message: cut where the API says how, refused elsewhere.

use std::time::Duration;

use embargo_proto::v1 as pb;
use embargo_service::Settings;
use pb::batch_decide_hosts_request::BatchItem;
use prost::Message as _;
use tempfile::TempDir;

use crate::bench::{Bench, item_decision, item_status, reason, settings, timestamp};
use crate::policies::{clean_host, item, write};

/// A rule with a finding of 4 kB for each item, which changes with each phase.
const RULE: &str = r#"# METADATA
# custom: {instrument: large}
package restrictions.large

warn contains {"software": i, "message": phase.id, "detail": data.texts.detail} if {
	some i, _ in input.software
	some phase in data.instruments.large.phases
	phase.from_ns <= input.now_ns
	not phase.until_ns <= input.now_ns
}
"#;

/// An instrument with a phase for each month of 2025.
fn instrument() -> String {
    let phases = (1..=12).map(|month| {
        let until = match month {
            12 => "2026-01".to_owned(),
            _ => format!("2025-{:02}", month + 1),
        };
        format!(
            "  - {{id: in-month-{month}, from: 2025-{month:02}-01T00:00:00Z, until: \
             {until}-01T00:00:00Z, actions: [presence], effect: warn, basis: published, \
             provenance: own}}\n"
        )
    });
    let phases: String = phases.collect();
    format!("id: large\ntitle: Large\nissuer: The test\nphases:\n{phases}")
}

async fn bench() -> (TempDir, Bench) {
    let root = tempfile::tempdir().unwrap();
    let detail = format!("detail: {}\n", "d".repeat(4_000));
    write(root.path(), "data/texts.yaml", &detail);
    write(
        root.path(),
        "instruments/large/instrument.yaml",
        &instrument(),
    );
    write(root.path(), "instruments/large/rule.rego", RULE);
    let patient = Settings {
        policy_budget: Duration::from_secs(20),
        decision_budget: Duration::from_secs(60),
        ..settings()
    };
    let bench = Bench::start_with(root.path(), patient).await;
    assert!(
        bench.started_with.active.is_some(),
        "{:?}",
        bench.started_with.last_reload
    );
    (root, bench)
}

fn full_host(id: &str) -> pb::HostFacts {
    pb::HostFacts {
        software: (0..1_000).map(|at| item(&at.to_string())).collect(),
        ..clean_host(id)
    }
}

#[tokio::test]
async fn items_of_a_batch_that_no_longer_fit_are_refused_and_small_ones_still_fit() {
    let (_root, bench) = bench().await;
    let batch_item = |id: &str, facts| BatchItem {
        correlation_id: id.to_owned(),
        facts: Some(facts),
        action: 0,
    };
    let mut items: Vec<BatchItem> = (0..6)
        .map(|at| batch_item(&at.to_string(), full_host("full")))
        .collect();
    items.push(batch_item("small", clean_host("small")));
    let request = pb::BatchDecideHostsRequest {
        items,
        ..Default::default()
    };
    let answer = bench
        .decisions()
        .batch_decide_hosts(request)
        .await
        .unwrap()
        .into_inner();
    assert!(answer.encoded_len() <= embargo_proto::MAX_MESSAGE_BYTES);
    assert_eq!(item_decision(&answer.results[0]).findings.len(), 1_000);
    let status = item_status(&answer.results[5]);
    let (_, reason, details) = reason(&status);
    assert_eq!(reason, "ANSWER_TOO_LARGE");
    let info = details.error_info().unwrap();
    assert_eq!(info.metadata["maxByteCount"], "16777216");
    assert_eq!(item_decision(&answer.results[6]).findings.len(), 1);
}

#[tokio::test]
async fn a_timeline_is_cut_where_it_would_no_longer_fit_and_goes_on_from_there() {
    let (_root, bench) = bench().await;
    let mut request = pb::ComputeDecisionTimelineRequest {
        facts: Some(full_host("h")),
        start_time: Some(timestamp("2025-01-15T00:00:00Z")),
        end_time: Some(timestamp("2025-12-15T00:00:00Z")),
        ..Default::default()
    };
    let mut segments = Vec::new();
    let mut calls = 0;
    loop {
        calls += 1;
        let answer = bench
            .decisions()
            .compute_decision_timeline(request.clone())
            .await;
        let answer = answer.unwrap().into_inner();
        assert!(answer.encoded_len() <= embargo_proto::MAX_MESSAGE_BYTES);
        segments.extend(answer.segments);
        let Some(cut) = answer.truncate_time else {
            break;
        };
        assert_eq!(segments.last().unwrap().end_time, Some(cut));
        request.start_time = Some(cut);
    }
    assert!(calls > 1);
    assert_eq!(segments.len(), 12);
    assert_eq!(segments[11].end_time, request.end_time);
}
