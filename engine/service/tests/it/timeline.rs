//! ComputeDecisionTimeline: how a decision changes while time passes.

use embargo_proto::v1 as pb;
use tonic::Status;

use crate::bench::{Bench, NOW, fields, reason, timestamp};
use crate::policies::{bad_host, ban, host};

async fn compute(
    bench: &Bench,
    start: Option<&str>,
    end: Option<&str>,
) -> Result<pb::ComputeDecisionTimelineResponse, Status> {
    let request = pb::ComputeDecisionTimelineRequest {
        facts: Some(host("h")),
        start_time: start.map(timestamp),
        end_time: end.map(timestamp),
        ..Default::default()
    };
    let answer = bench.decisions().compute_decision_timeline(request).await?;
    Ok(answer.into_inner())
}

#[tokio::test]
async fn segments_cover_the_interval_without_gap_or_overlap() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let start = "2023-06-01T00:00:00.000000001Z";
    let end = "2026-06-01T00:00:00.999999999Z";
    let answer = compute(&bench, Some(start), Some(end)).await.unwrap();
    let wanted = [
        (start, "2024-01-01T00:00:00Z", pb::Effect::Allow),
        (
            "2024-01-01T00:00:00Z",
            "2025-01-01T00:00:00Z",
            pb::Effect::Warn,
        ),
        (
            "2025-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            pb::Effect::Deny,
        ),
        ("2026-01-01T00:00:00Z", end, pb::Effect::Allow),
    ];
    assert_eq!(answer.segments.len(), wanted.len());
    for (segment, (start, end, effect)) in answer.segments.iter().zip(wanted) {
        assert_eq!(segment.start_time, Some(timestamp(start)));
        assert_eq!(segment.end_time, Some(timestamp(end)));
        let decision = segment.decision.as_ref().unwrap();
        assert_eq!(decision.effect(), effect);
        assert_eq!(decision.evaluate_time, segment.start_time);
    }
    assert_eq!(answer.truncate_time, None);
}

#[tokio::test]
async fn it_begins_at_the_servers_clock_if_no_start_is_given() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let answer = compute(&bench, None, Some("2025-07-01T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!(answer.segments.len(), 1);
    assert_eq!(answer.segments[0].start_time, Some(timestamp(NOW)));
}

#[tokio::test]
async fn an_interval_that_is_none_is_refused() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let start = "2024-01-01T00:00:00Z";
    for end in [
        None,
        Some(start),
        Some("2023-01-01T00:00:00Z"),
        Some("2034-01-11T00:00:00.000000001Z"),
    ] {
        let status = compute(&bench, Some(start), end).await.unwrap_err();
        assert_eq!(reason(&status).1, "REQUEST_INVALID");
        assert_eq!(fields(&status), ["end_time"], "{end:?}");
    }
    assert!(
        compute(&bench, Some(start), Some("2034-01-08T00:00:00Z"))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn facts_at_fault_are_refused() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let request = pb::ComputeDecisionTimelineRequest {
        facts: Some(bad_host("h")),
        ..Default::default()
    };
    let status = bench
        .decisions()
        .compute_decision_timeline(request)
        .await
        .unwrap_err();
    assert_eq!(reason(&status).1, "FACTS_INVALID");
}
