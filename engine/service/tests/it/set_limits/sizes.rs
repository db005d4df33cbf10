//! How large one message may be: in the words of every door.

use embargo_proto::v1 as pb;
use embargo_service::{EnvoyPlace, EnvoySettings, Settings};
use prost::Message as _;
use serde_json::json;
use tonic::Code;

use super::{bench_with, with};
use crate::asker::post;
use crate::bench::{Bench, item_status, reason, timestamp};
use crate::policies::{ask, ban, clean_host, host, item, write};

const KIB: usize = 1_024;

#[tokio::test]
async fn a_request_beyond_its_size_is_refused_at_every_door_and_one_within_is_read() {
    let policies = ban();
    let set = with(|limits| limits.request_bytes = 64 * KIB);
    let settings = Settings {
        envoy: EnvoySettings {
            facts: vec![EnvoyPlace::Header("x-facts".to_owned())],
            ..EnvoySettings::default()
        },
        ..set
    };
    let bench = Bench::start_with(policies.path(), settings).await;
    let mut facts = clean_host("h");
    while ask(facts.clone()).encoded_len() < 60 * KIB {
        facts.software.extend(vec![item(&"x".repeat(200)); 20]);
    }
    bench.decide(ask(facts.clone())).await.unwrap();
    facts.software.extend(vec![item(&"x".repeat(200)); 30]);
    let status = bench.decide(ask(facts)).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");

    let text = |bytes: usize| {
        let software = vec![json!({"name": "x".repeat(200)}); bytes / 220];
        json!({"facts": {"hostId": "h", "software": software}}).to_string()
    };
    let (fits, too_large) = (text(60 * KIB), text(80 * KIB));
    let address = bench.address;
    assert_eq!(post(address, "/v1/hosts:decide", &fits).await.status, 200);
    for path in [
        "/v1/hosts:decide",
        "/v1/data/embargo/decision",
        "/access/v1/evaluation",
        "/webhook/k8s/v1",
    ] {
        let answer = post(address, path, &too_large).await;
        assert_eq!(answer.status, 413, "{path}");
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(said.contains("65536 bytes"), "{path}: {said}");
    }
    let line = json!({"correlationId": "a", "facts": {"hostId": "x".repeat(80 * KIB)}});
    let answer = post(address, "/v1/hosts:streamDecide", line.to_string()).await;
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(said.contains("line 1 is larger than 65536 bytes"), "{said}");
}

#[tokio::test]
async fn an_answer_beyond_its_size_is_refused_with_that_size_and_never_cut() {
    let policies = ban();
    super::write_large(policies.path());
    let detail = format!("detail: {}\n", "d".repeat(4_000));
    write(policies.path(), "data/texts.yaml", &detail);
    let rule = "package restrictions.each\n\nwarn contains {\"software\": i, \"message\": \"seen\", \"detail\": data.texts.detail} if some i, _ in input.software\n";
    write(policies.path(), "rules/each.rego", rule);
    let set = with(|limits| limits.answer_bytes = 1_024 * KIB);
    let bench = Bench::start_with(policies.path(), set).await;
    assert!(bench.started_with.active.is_some());
    let policy_id = "restrictions.large".to_owned();
    let request = pb::GetPolicyRequest { policy_id };
    let status = bench.policies().get_policy(request).await.unwrap_err();
    let wanted = |status: &tonic::Status| {
        let (code, word, details) = reason(status);
        assert_eq!(
            (code, word.as_str()),
            (Code::ResourceExhausted, "ANSWER_TOO_LARGE")
        );
        let info = details.error_info().unwrap();
        assert_eq!(info.metadata["maxByteCount"], "1048576");
    };
    wanted(&status);
    let many = || pb::HostFacts {
        software: (0..500).map(|at| item(&at.to_string())).collect(),
        ..clean_host("h")
    };
    wanted(&bench.decide(ask(many())).await.unwrap_err());
    let items = |facts: pb::HostFacts| pb::batch_decide_hosts_request::BatchItem {
        correlation_id: facts.host_id.clone(),
        facts: Some(facts),
        action: 0,
    };
    let request = pb::BatchDecideHostsRequest {
        items: vec![items(many()), items(host("small"))],
        ..Default::default()
    };
    let answer = bench.decisions().batch_decide_hosts(request).await.unwrap();
    let answer = answer.into_inner();
    assert!(answer.encoded_len() <= 1_024 * KIB);
    wanted(&item_status(&answer.results[0]));
    crate::bench::item_decision(&answer.results[1]);
    let item = pb::StreamDecideHostsRequest {
        correlation_id: "a".to_owned(),
        facts: Some(many()),
        ..Default::default()
    };
    let stream = tokio_stream::once(item);
    let answers = bench.decisions().stream_decide_hosts(stream).await.unwrap();
    let answer = answers.into_inner().message().await.unwrap().unwrap();
    wanted(&item_status(&answer.result.unwrap()));
    let request = pb::ComputeDecisionTimelineRequest {
        facts: Some(many()),
        start_time: Some(timestamp("2025-01-01T00:00:00Z")),
        end_time: Some(timestamp("2025-01-02T00:00:00Z")),
        ..Default::default()
    };
    let timeline = bench.decisions().compute_decision_timeline(request).await;
    wanted(&timeline.unwrap_err());
    let text = json!({"input": {"host_id": "h", "software": (0..500).map(|at| json!({"name": at.to_string()})).collect::<Vec<_>>()}});
    let answer = post(bench.address, "/v1/data/embargo/decision", text.to_string()).await;
    assert_eq!(answer.status, 400);
    // The usual limit takes them.
    let usual = bench_with(policies.path(), |_| {}).await;
    usual.decide(ask(many())).await.unwrap();
}
