//! How often one caller may ask: in the words of every door, and with the wait that is told.

use std::time::{Duration, Instant};

use embargo_proto::envoy::service::auth::v3 as envoy;
use embargo_proto::v1 as pb;
use embargo_service::{LimitsSettings, RateSettings};
use envoy::authorization_client::AuthorizationClient;
use envoy::check_response::HttpResponse;
use pb::batch_decide_hosts_request::BatchItem;
use serde_json::json;
use tokio_stream::StreamExt as _;
use tonic::{Code, Status};

use super::bench_with;
use crate::asker::{Answer, get, post};
use crate::bench::{Bench, connect, reason, within};
use crate::policies::{ask, ban, clean_host, host};

/// So many calls at once, and then one an hour, or nearly.
const fn calls(burst: u32) -> RateSettings {
    RateSettings {
        calls_per_second: Some(1),
        burst: Some(burst),
        hosts_per_second: None,
        callers: 10_000,
    }
}

/// What a status says of a caller who asks too often, and after what time it may.
fn told(status: &Status, limit: &str) -> Duration {
    let (code, word, details) = reason(status);
    assert_eq!(
        (code, word.as_str()),
        (Code::ResourceExhausted, "RATE_LIMITED")
    );
    assert_eq!(details.error_info().unwrap().metadata["limit"], limit);
    details.retry_info().unwrap().retry_delay.unwrap()
}

#[tokio::test]
async fn a_caller_who_asks_too_often_may_ask_again_after_the_time_that_it_is_told() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| limits.rate = calls(3)).await;
    for _ in 0..3 {
        bench.decide(ask(host("h"))).await.unwrap();
    }
    let start = Instant::now();
    let status = bench.decide(ask(host("h"))).await.unwrap_err();
    let wait = told(&status, "calls-per-second");
    assert!(wait <= Duration::from_secs(1), "{wait:?}");
    // Whichever method and connection, it is the same caller.
    let channel = connect(bench.address).await;
    let mut other = pb::policy_service_client::PolicyServiceClient::new(channel);
    let status = other.get_snapshot(pb::GetSnapshotRequest {}).await;
    told(&status.unwrap_err(), "calls-per-second");
    tokio::time::sleep_until((start + wait).into()).await;
    bench.decide(ask(host("h"))).await.unwrap();
    // Whoever looks after the server may look as often as it likes.
    let mut health = tonic_health::pb::health_client::HealthClient::new(bench.channel.clone());
    for _ in 0..20 {
        let request = tonic_health::pb::HealthCheckRequest::default();
        health.check(request).await.unwrap();
    }
}

fn retries_after(answer: &Answer) {
    assert_eq!(answer.status, 429, "{answer:?}");
    assert_eq!(answer.headers["retry-after"], "1", "{answer:?}");
    let said = String::from_utf8_lossy(&answer.body);
    assert!(said.contains("more calls a second than it may"), "{said}");
}

#[tokio::test]
async fn every_door_of_http_says_it_in_its_own_words() {
    let policies = ban();
    let native = json!({"facts": {"hostId": "h"}});
    let opa = json!({"input": {"host_id": "h"}});
    let authzen = json!({
        "subject": {"type": "device", "id": "h"}, "action": {"name": "install"},
        "resource": {"type": "software", "id": "Editor"},
    });
    for (path, body) in [
        ("/v1/hosts:decide", native),
        ("/v1/data/embargo/decision", opa),
        ("/access/v1/evaluation", authzen),
    ] {
        let bench = bench_with(policies.path(), |limits| limits.rate = calls(2)).await;
        for _ in 0..2 {
            let answer = post(bench.address, path, body.to_string()).await;
            // Also where one door asks another, a call is one.
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
        }
        let answer = post(bench.address, path, body.to_string()).await;
        retries_after(&answer);
        match path {
            "/v1/hosts:decide" => {
                let details = answer.json()["details"].clone();
                let mut details = details.as_array().unwrap().iter();
                assert!(details.any(|detail| detail["reason"] == "RATE_LIMITED"));
            }
            "/v1/data/embargo/decision" => {
                assert_eq!(answer.json()["errors"][0]["code"], "RATE_LIMITED");
                assert_eq!(answer.json().get("result"), None);
            }
            _ => assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err()),
        }
        assert_eq!(get(bench.address, "/health").await.status, 200);
    }
}

#[tokio::test]
async fn who_is_behind_kubernetes_is_let_nothing_in_by_asking_too_often() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| limits.rate = calls(1)).await;
    let object = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "h", "annotations": {"embargo.dev/facts": "host_id: h"}},
    });
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5", "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
            "operation": "CREATE", "namespace": "default", "name": "h", "object": object,
            "userInfo": {"username": "admin"},
        },
    });
    let ask = || post(bench.address, "/webhook/k8s/v1", review.to_string());
    assert_eq!(ask().await.json()["response"]["allowed"], true);
    let answer = ask().await;
    assert_eq!(answer.status, 200, "an error could let it in");
    let response = &answer.json()["response"];
    assert_eq!(response["uid"], "705ab4f5");
    assert_eq!(response["allowed"], false);
    assert_eq!(response["status"]["code"], 429);
    assert_eq!(response["status"]["reason"], "TooManyRequests");
    assert_eq!(response["status"]["details"]["retryAfterSeconds"], 1);
}

#[tokio::test]
async fn who_is_behind_envoy_passes_nothing_by_asking_too_often() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| limits.rate = calls(1)).await;
    let question = || envoy::CheckRequest {
        attributes: Some(envoy::AttributeContext {
            context_extensions: [("embargo-facts".to_owned(), r#"{"host_id": "h"}"#.to_owned())]
                .into(),
            ..Default::default()
        }),
    };
    let mut client = AuthorizationClient::new(bench.channel.clone());
    let answer = client.check(question()).await.unwrap().into_inner();
    assert_eq!(answer.status.unwrap().code, 0);
    let answer = client.check(question()).await;
    let answer = answer.expect("an error could let it pass").into_inner();
    assert_eq!(
        answer.status.unwrap().code,
        i32::from(Code::ResourceExhausted)
    );
    let Some(HttpResponse::DeniedResponse(denied)) = answer.http_response else {
        panic!("denied");
    };
    assert_eq!(denied.status.unwrap().code, 429);
    let headers = denied.headers.iter().filter_map(|one| one.header.clone());
    let after = headers.filter(|header| header.key == "retry-after");
    assert_eq!(after.map(|header| header.value).collect::<Vec<_>>(), ["1"]);
}

/// A rate of hosts.
const fn hosts(per_second: u32) -> RateSettings {
    RateSettings {
        calls_per_second: None,
        burst: None,
        hosts_per_second: Some(per_second),
        callers: 10_000,
    }
}

fn batch(count: usize) -> pb::BatchDecideHostsRequest {
    pb::BatchDecideHostsRequest {
        items: (0..count)
            .map(|at| BatchItem {
                correlation_id: at.to_string(),
                facts: Some(clean_host("h")),
                action: 0,
            })
            .collect(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_batch_is_paid_for_by_its_hosts_and_whoever_is_behind_waits() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| limits.rate = hosts(10)).await;
    let answer = bench.decisions().batch_decide_hosts(batch(110)).await;
    assert_eq!(answer.unwrap().into_inner().results.len(), 110);
    let status = bench.decide(ask(host("h"))).await.unwrap_err();
    let wait = told(&status, "hosts-per-second");
    let range = Duration::from_secs(5)..=Duration::from_secs(10);
    assert!(range.contains(&wait), "{wait:?}");
}

#[tokio::test]
async fn a_stream_is_read_no_faster_than_its_caller_may_ask() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| limits.rate = hosts(20)).await;
    let items = (0..30).map(|at| pb::StreamDecideHostsRequest {
        correlation_id: at.to_string(),
        facts: Some(clean_host("h")),
        ..Default::default()
    });
    let start = Instant::now();
    let answers = bench
        .decisions()
        .stream_decide_hosts(tokio_stream::iter(items))
        .await;
    let answers: Vec<_> = within(answers.unwrap().into_inner().collect()).await;
    assert_eq!(answers.len(), 30);
    assert!(answers.iter().all(Result::is_ok));
    // Twenty may come at once, and the others at their rate.
    let taken = start.elapsed();
    assert!(taken >= Duration::from_millis(450), "{taken:?}");
}

#[tokio::test]
async fn a_rate_is_changed_while_the_server_runs() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for _ in 0..20 {
        bench.decide(ask(host("h"))).await.unwrap();
    }
    let limits = |rate| LimitsSettings {
        rate,
        ..LimitsSettings::default()
    };
    assert!(bench.limits.apply(&limits(calls(1))).unwrap().is_empty());
    bench.decide(ask(host("h"))).await.unwrap();
    bench.decide(ask(host("h"))).await.unwrap_err();
    bench
        .limits
        .apply(&limits(RateSettings::default()))
        .unwrap();
    for _ in 0..20 {
        bench.decide(ask(host("h"))).await.unwrap();
    }
}

#[tokio::test]
async fn callers_without_a_credential_are_told_apart_by_their_address() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| limits.rate = calls(1)).await;
    let ask_from = |own: [u8; 4]| async move {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((own, 0).into()).unwrap();
        let stream = socket.connect(bench.address).await.unwrap();
        crate::asker::ask_over(
            stream,
            "POST",
            "/v1/hosts:decide",
            &[("content-type", "application/json")],
            br#"{"facts": {"hostId": "h"}}"#,
        )
        .await
        .status
    };
    assert_eq!(ask_from([127, 0, 0, 1]).await, 200);
    assert_eq!(ask_from([127, 0, 0, 1]).await, 429);
    // All of 127.0.0.0/8 is this host on Linux alone.
    if cfg!(target_os = "linux") {
        assert_eq!(ask_from([127, 0, 0, 2]).await, 200);
        assert_eq!(ask_from([127, 0, 0, 2]).await, 429);
    }
}
