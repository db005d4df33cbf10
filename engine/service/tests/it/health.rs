//! Health: serving from the first good snapshot on, whatever becomes of later changes.

use std::fs;
use std::time::Duration;

use tonic::Streaming;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::bench::{Bench, within};
use crate::policies::{ban, write_stamped};

const NAMES: [&str; 3] = ["", "embargo.v1.DecisionService", "embargo.v1.PolicyService"];

async fn check(bench: &Bench, name: &str) -> ServingStatus {
    let request = HealthCheckRequest {
        service: name.to_owned(),
    };
    let mut client = HealthClient::new(bench.channel.clone());
    client.check(request).await.unwrap().into_inner().status()
}

async fn watch(bench: &Bench, name: &str) -> Streaming<HealthCheckResponse> {
    let request = HealthCheckRequest {
        service: name.to_owned(),
    };
    let mut client = HealthClient::new(bench.channel.clone());
    client.watch(request).await.unwrap().into_inner()
}

async fn until(states: &mut Streaming<HealthCheckResponse>, wanted: ServingStatus) {
    loop {
        let state = within(states.message()).await.unwrap().expect("a state");
        if state.status() == wanted {
            return;
        }
    }
}

#[tokio::test]
async fn nothing_serves_until_policies_are_active() {
    let root = tempfile::tempdir().unwrap();
    let bench = Bench::start(root.path()).await;
    for name in NAMES {
        assert_eq!(
            check(&bench, name).await,
            ServingStatus::NotServing,
            "{name}"
        );
    }
    let mut states = watch(&bench, NAMES[1]).await;
    write_stamped(root.path(), "v1");
    until(&mut states, ServingStatus::Serving).await;
    for name in NAMES {
        let mut states = watch(&bench, name).await;
        until(&mut states, ServingStatus::Serving).await;
    }
}

#[tokio::test]
async fn a_rejected_change_is_visible_and_the_last_good_set_serves() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    assert_eq!(
        check(&bench, "embargo.v1.reload").await,
        ServingStatus::Serving
    );
    let mut states = watch(&bench, "embargo.v1.reload").await;
    let rule = policies.path().join("instruments/ban/rule.rego");
    fs::write(&rule, "package (").unwrap();
    until(&mut states, ServingStatus::NotServing).await;
    for name in NAMES {
        assert_eq!(check(&bench, name).await, ServingStatus::Serving, "{name}");
    }
}

#[tokio::test]
async fn an_open_watch_of_health_does_not_keep_the_server() {
    let policies = ban();
    let mut bench = Bench::start(policies.path()).await;
    let mut states = watch(&bench, "").await;
    until(&mut states, ServingStatus::Serving).await;
    bench.stop();
    until(&mut states, ServingStatus::NotServing).await;
    let ended = tokio::time::timeout(Duration::from_secs(10), states.message()).await;
    assert!(matches!(ended.expect("in time"), Ok(None)));
    bench.stopped().await;
}
