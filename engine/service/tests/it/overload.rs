//! Overload: refused at once, with the limit and a delay, and never judged by halves.

use std::time::Duration;

use embargo_proto::v1 as pb;
use embargo_service::{LimitsSettings, Settings};
use tonic::Code;

use crate::bench::{Bench, connect, reason, settings, within};
use crate::policies::{ask, ban, host, slow};

#[tokio::test]
async fn a_full_queue_is_told_with_a_delay_and_whoever_waits_is_answered() {
    let policies = slow();
    let narrow = Settings {
        workers: 1,
        limits: LimitsSettings {
            queued_calls: 1,
            ..LimitsSettings::default()
        },
        policy_budget: Duration::from_millis(500),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), narrow).await;
    let calls: Vec<_> = (0..8)
        .map(|at| {
            let mut client = bench.decisions();
            tokio::spawn(async move { client.decide_host(ask(host(&format!("h{at}")))).await })
        })
        .collect();
    let mut answered = 0;
    let mut refused = 0;
    for call in calls {
        match within(call).await.unwrap() {
            Ok(answer) => {
                let decision = answer.into_inner().decision.unwrap();
                assert_eq!(decision.effect(), pb::Effect::Indeterminate);
                answered += 1;
            }
            Err(status) => {
                let (code, reason, details) = reason(&status);
                assert_eq!(
                    (code, reason.as_str()),
                    (Code::ResourceExhausted, "OVERLOADED")
                );
                let info = details.error_info().unwrap();
                assert_eq!(info.metadata["limit"], "queued-calls");
                assert!(details.retry_info().unwrap().retry_delay.unwrap() > Duration::ZERO);
                refused += 1;
            }
        }
    }
    assert!(answered >= 1, "{answered}");
    assert!(refused >= 1, "{refused}");
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_for_a_place() {
    let policies = ban();
    let narrow = Settings {
        limits: LimitsSettings {
            connections: 1,
            ..LimitsSettings::default()
        },
        ..settings()
    };
    let mut bench = Bench::start_with(policies.path(), narrow).await;
    bench.decide(ask(host("h"))).await.unwrap();
    let channel = connect(bench.address).await;
    let mut second = pb::decision_service_client::DecisionServiceClient::new(channel.clone());
    let mut waiting = Box::pin(second.decide_host(ask(host("h"))));
    tokio::time::timeout(Duration::from_millis(200), &mut waiting)
        .await
        .expect_err("no place yet");
    // The first connection closes.
    bench.channel = channel;
    within(waiting).await.unwrap();
}

#[tokio::test]
async fn a_thousand_watches_are_served_and_one_more_is_refused() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut open = Vec::new();
    for connection in 0..5 {
        let channel = connect(bench.address).await;
        let mut client = pb::policy_service_client::PolicyServiceClient::new(channel);
        for _ in 0..200 {
            let request = pb::WatchSnapshotRequest {};
            let watch = within(client.watch_snapshot(request)).await;
            open.push(watch.unwrap_or_else(|status| panic!("{connection}: {status:?}")));
        }
    }
    let request = pb::WatchSnapshotRequest {};
    let status = bench.policies().watch_snapshot(request).await.unwrap_err();
    let (_, reason, details) = reason(&status);
    assert_eq!(reason, "OVERLOADED");
    assert_eq!(details.error_info().unwrap().metadata["limit"], "watches");
}
