//! Deadlines: the caller learns why there is no answer.

use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use embargo_service::Settings;
use tokio_stream::StreamExt as _;
use tonic::{Code, Request};

use crate::bench::{Bench, reason, settings, within};
use crate::policies::{ask, host, slow};

fn with_timeout<T>(message: T, timeout: &'static str) -> Request<T> {
    let mut request = Request::new(message);
    // Only the header: the client's own timer would hide what the server says.
    request
        .metadata_mut()
        .insert("grpc-timeout", timeout.parse().unwrap());
    request
}

async fn slow_bench() -> (tempfile::TempDir, Bench) {
    let policies = slow();
    let patient = Settings {
        policy_budget: Duration::from_secs(5),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), patient).await;
    (policies, bench)
}

#[tokio::test]
async fn a_deadline_that_passes_has_a_reason() {
    let (_policies, bench) = slow_bench().await;
    let start = Instant::now();
    let request = with_timeout(ask(host("h")), "200m");
    let status = bench.decisions().decide_host(request).await.unwrap_err();
    let (code, reason, _) = reason(&status);
    assert_eq!(
        (code, reason.as_str()),
        (Code::DeadlineExceeded, "DEADLINE_PASSED")
    );
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn the_deadline_lowers_the_budget_so_that_the_worker_is_free_again() {
    let (_policies, bench) = slow_bench().await;
    let start = Instant::now();
    for _ in 0..4 {
        let request = with_timeout(ask(host("h")), "100m");
        let status = bench.decisions().decide_host(request).await.unwrap_err();
        assert_eq!(reason(&status).1, "DEADLINE_PASSED");
    }
    // With the whole budget for each, two workers would be busy for ten seconds.
    let snapshot = pb::IdentifySoftwareRequest {
        software: host("h").software,
        ..Default::default()
    };
    bench.policies().identify_software(snapshot).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_stream_ends_at_its_deadline_with_a_reason() {
    let (_policies, bench) = slow_bench().await;
    let item = pb::StreamDecideHostsRequest {
        correlation_id: "a".to_owned(),
        facts: Some(host("h")),
        ..Default::default()
    };
    let open = tokio_stream::once(item).chain(tokio_stream::pending());
    let request = with_timeout(open, "300m");
    let mut answers = bench
        .decisions()
        .stream_decide_hosts(request)
        .await
        .unwrap()
        .into_inner();
    let status = within(answers.message()).await.unwrap_err();
    assert_eq!(reason(&status).1, "DEADLINE_PASSED");
}

#[tokio::test]
async fn a_watch_ends_at_its_deadline_with_a_reason() {
    let (_policies, bench) = slow_bench().await;
    let request = with_timeout(pb::WatchSnapshotRequest {}, "300m");
    let mut states = bench
        .policies()
        .watch_snapshot(request)
        .await
        .unwrap()
        .into_inner();
    assert!(within(states.message()).await.unwrap().is_some());
    let status = within(states.message()).await.unwrap_err();
    assert_eq!(reason(&status).1, "DEADLINE_PASSED");
}
