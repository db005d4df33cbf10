//! Shutting down: nothing that was begun is lost, and whoever comes is sent elsewhere.

use std::time::Duration;

use embargo_proto::v1 as pb;
use embargo_service::Settings;
use tokio_stream::StreamExt as _;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};

use crate::bench::{Bench, reason, settings, within};
use crate::policies::{ask, ban, host, slow};

#[tokio::test]
async fn a_server_without_calls_stops_at_once() {
    let policies = ban();
    let mut bench = Bench::start(policies.path()).await;
    bench.decide(ask(host("h"))).await.unwrap();
    bench.stop();
    bench.stopped().await;
}

#[tokio::test]
async fn a_running_call_finishes_while_new_ones_are_refused() {
    let policies = slow();
    let patient = Settings {
        policy_budget: Duration::from_secs(2),
        ..settings()
    };
    let mut bench = Bench::start_with(policies.path(), patient).await;
    let mut client = bench.decisions();
    let running = tokio::spawn(async move { client.decide_host(ask(host("h"))).await });
    // The watch says when draining has begun; it is a call that the server ends by itself.
    let mut states = bench.watch().await;
    let mut health = HealthClient::new(bench.channel.clone());
    bench.stop();
    let ended = within(states.message()).await.unwrap_err();
    assert_eq!(reason(&ended).1, "DRAINING");

    let refused = bench.decide(ask(host("h"))).await.unwrap_err();
    assert_eq!(reason(&refused).1, "DRAINING");
    let refused = bench
        .policies()
        .get_snapshot(pb::GetSnapshotRequest {})
        .await
        .unwrap_err();
    assert_eq!(reason(&refused).1, "DRAINING");
    let request = HealthCheckRequest::default();
    let status = health.check(request).await.unwrap().into_inner().status();
    assert_eq!(status, ServingStatus::NotServing);

    let decision = within(running)
        .await
        .unwrap()
        .unwrap()
        .into_inner()
        .decision
        .unwrap();
    assert_eq!(decision.effect(), pb::Effect::Indeterminate);
    drop(health);
    bench.stopped().await;
}

#[tokio::test]
async fn a_stream_ends_with_a_reason_after_what_was_answered() {
    let policies = ban();
    let mut bench = Bench::start(policies.path()).await;
    let item = pb::StreamDecideHostsRequest {
        correlation_id: "a".to_owned(),
        facts: Some(host("h")),
        ..Default::default()
    };
    let open = tokio_stream::once(item).chain(tokio_stream::pending());
    let mut answers = bench
        .decisions()
        .stream_decide_hosts(open)
        .await
        .unwrap()
        .into_inner();
    assert!(within(answers.message()).await.unwrap().is_some());
    bench.stop();
    let status = within(answers.message()).await.unwrap_err();
    assert_eq!(reason(&status).1, "DRAINING");
    drop(answers);
    bench.stopped().await;
}

#[tokio::test]
async fn a_call_that_does_not_finish_is_left_behind_after_the_limit() {
    let policies = slow();
    let impatient = Settings {
        policy_budget: Duration::from_secs(30),
        drain_limit: Duration::from_millis(100),
        ..settings()
    };
    let mut bench = Bench::start_with(policies.path(), impatient).await;
    let mut client = bench.decisions();
    let running = tokio::spawn(async move { client.decide_host(ask(host("h"))).await });
    let mut states = bench.watch().await;
    bench.stop();
    let ended = within(states.message()).await.unwrap_err();
    assert_eq!(reason(&ended).1, "DRAINING");
    let start = std::time::Instant::now();
    bench.stopped().await;
    assert!(start.elapsed() < Duration::from_secs(10));
    running.abort();
}
