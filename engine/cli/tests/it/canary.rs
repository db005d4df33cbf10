//! Canaries: strings in every field of facts, sound and malformed, through every door and method of a
//! server that logs everything, and none of them in the log, in metrics, in traces or on standard error.

mod facts;
mod watched;

use embargo_proto::envoy::service::auth::v3 as envoy;
use embargo_proto::v1 as pb;
use envoy::authorization_client::AuthorizationClient;
use pb::batch_decide_hosts_request::BatchItem;
use pb::decision_service_client::DecisionServiceClient;
use pb::policy_service_client::PolicyServiceClient;
use serde_json::{Value, json};
use tokio_stream::StreamExt as _;
use tonic::transport::Channel;

use self::facts::{CANARY, malformed_texts, named, sound, text, unsound};
use self::watched::{Watched, post};

const RULES: &str = r#"package restrictions.canary_free

# What a rule says of facts is the caller's answer, and nobody else's.
deny contains {"message": sprintf("%v of %v", [item.name, input.host.id])} if some item in input.software

warn contains {"message": key} if some key, _ in input.host.attributes
"#;
const FAILING: &str = r#"package restrictions.failing

deny contains "x" if to_number(input.host.id) > 0

review contains "y" if time.parse_rfc3339_ns(input.software[0].name) > 0
"#;

/// Everything that says something of a server.
fn assert_silent(place: &str, said: &[u8]) {
    let said = String::from_utf8_lossy(said).to_lowercase();
    for form in facts::forms() {
        if let Some(at) = said.find(&form) {
            let before: String = said.chars().take(at).skip(at.saturating_sub(300)).collect();
            let behind: String = said.chars().skip(at).take(200).collect();
            panic!("{form} is in {place}: …{before}{behind}…");
        }
    }
}

#[test]
fn no_fact_is_in_the_log_in_metrics_or_in_traces() {
    let policies = crate::support::folder(&[("a.rego", RULES), ("b.rego", FAILING)]);
    let watched = Watched::start(policies.path());
    let times = watched.measure_rules();
    tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(ask(&watched));
    http(&watched);

    let metrics = watched.manage("/metrics");
    let counted = String::from_utf8_lossy(&metrics).into_owned();
    for (door, method) in [
        ("grpc", "DecideHost"),
        ("grpc", "BatchDecideHosts"),
        ("grpc", "StreamDecideHosts"),
        ("grpc", "DecideInventory"),
        ("http", "DecideHost"),
        ("opa", "data"),
        ("opa", "bare"),
        ("kubernetes", "review"),
        ("authzen", "evaluation"),
        ("envoy", "Check"),
    ] {
        let indeterminate = |effect| {
            let labels = format!("door=\"{door}\",method=\"{method}\",effect=\"{effect}\"");
            let line = counted.lines().find(|line| line.contains(&labels));
            line.is_some_and(|line| !line.ends_with(" 0"))
        };
        assert!(indeterminate("DENY"), "{door} {method}: {counted}");
    }
    assert!(counted.contains("embargo_policy_failures_total{policy=\"restrictions.failing\""));
    assert_silent("metrics", &metrics);
    assert_silent("the times of policies", &times.join().unwrap());

    let (log, traces) = watched.end();
    let said = String::from_utf8_lossy(&log).into_owned();
    assert!(
        said.contains("TRACE") && said.contains("FACTS_INVALID"),
        "{said}"
    );
    assert!(!said.contains("lines of the log were dropped"));
    assert_silent("the log", &log);
    let sent = String::from_utf8_lossy(&traces);
    for part in [
        "evaluate",
        "POST /v1/hosts:decide",
        "POST /access/v1/evaluation",
        "embargo_decisions_total",
    ] {
        assert!(sent.contains(part), "{part}");
    }
    assert_silent("what a collector is sent", &traces);
}

/// Asks over gRPC, whatever comes of it.
async fn ask(watched: &Watched) {
    let channel = Channel::from_shared(format!("http://{}", watched.address))
        .unwrap()
        .connect()
        .await
        .unwrap();
    let mut decisions = DecisionServiceClient::new(channel.clone());
    let mut policies = PolicyServiceClient::new(channel.clone());
    let answer = decisions.decide_host(asked(sound())).await.unwrap();
    let decision = answer.into_inner().decision.unwrap();
    assert!(format!("{decision:?}").contains(CANARY));
    assert_eq!(decision.effect(), pb::Effect::Deny);
    let mut refused = 0;
    for facts in unsound() {
        // A few are judged all the same: as what is not recognised.
        refused += usize::from(decisions.decide_host(asked(facts)).await.is_err());
    }
    assert!(refused >= 12, "{refused}");
    let all: Vec<_> = [sound()].into_iter().chain(unsound()).collect();
    let items = all.iter().enumerate().map(|(at, facts)| BatchItem {
        correlation_id: format!("{at}"),
        facts: Some(facts.clone()),
        ..Default::default()
    });
    let batch = pb::BatchDecideHostsRequest {
        items: items.collect(),
        ..Default::default()
    };
    decisions.batch_decide_hosts(batch).await.unwrap();
    let streamed: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(at, facts)| pb::StreamDecideHostsRequest {
            correlation_id: format!("{CANARY}-{at}"),
            facts: Some(facts.clone()),
            ..Default::default()
        })
        .collect();
    let answers = decisions
        .stream_decide_hosts(tokio_stream::iter(streamed))
        .await;
    let answers: Vec<_> = answers.unwrap().into_inner().collect().await;
    assert_eq!(answers.len(), all.len());
    for document in [text()].into_iter().chain(malformed_texts()) {
        for format in ["facts", "", CANARY] {
            let request = pb::DecideInventoryRequest {
                document: document.clone().into_bytes(),
                format: format.to_owned(),
                ..Default::default()
            };
            let _ = decisions.decide_inventory(request).await;
        }
    }
    for facts in all {
        let facts = Some(facts);
        let explained = pb::ExplainDecisionRequest {
            facts: facts.clone(),
            ..Default::default()
        };
        let _ = decisions.explain_decision(explained).await;
        let timeline = pb::ComputeDecisionTimelineRequest {
            facts: facts.clone(),
            end_time: Some(prost_types::Timestamp {
                seconds: 4_000_000_000,
                nanos: 0,
            }),
            ..Default::default()
        };
        let _ = decisions.compute_decision_timeline(timeline).await;
        let software = facts.map(|facts| facts.software).unwrap_or_default();
        let identify = pb::IdentifySoftwareRequest {
            software,
            ..Default::default()
        };
        let _ = policies.identify_software(identify).await;
    }
    let mut client = AuthorizationClient::new(channel);
    for facts in [text()].into_iter().chain(malformed_texts()) {
        let attributes = envoy::AttributeContext {
            context_extensions: [("embargo-facts".to_owned(), facts)].into(),
            ..Default::default()
        };
        let question = envoy::CheckRequest {
            attributes: Some(attributes),
        };
        client.check(question).await.unwrap();
    }
}

fn asked(facts: pb::HostFacts) -> pb::DecideHostRequest {
    pb::DecideHostRequest {
        facts: Some(facts),
        ..Default::default()
    }
}

/// Asks over HTTP, whatever comes of it.
fn http(watched: &Watched) {
    let address = watched.address;
    let facts: Value = serde_json::from_str(&text()).unwrap();
    let native = named(&facts);
    let bodies = |wrap: &dyn Fn(Value) -> Value| -> Vec<String> {
        let sound = wrap(facts.clone()).to_string();
        let broken: String = sound.chars().take(sound.len() / 2).collect();
        let other = wrap(json!({"host_id": CANARY, CANARY: [CANARY], "software": CANARY}));
        let many = wrap(json!([facts.clone(), CANARY]));
        vec![
            sound,
            broken,
            other.to_string(),
            many.to_string(),
            CANARY.to_owned(),
        ]
    };
    let status = post(
        address,
        "/v1/hosts:decide",
        &json!({"facts": native}).to_string(),
    );
    assert_eq!(status, 200);
    for path in [
        "/v1/hosts:decide",
        "/v1/hosts:explain",
        "/v1/hosts:computeTimeline",
        "/v1/hosts:streamDecide",
    ] {
        for body in
            bodies(&|facts| json!({"facts": named(&facts), "endTime": "2090-01-01T00:00:00Z"}))
        {
            post(address, path, &body);
        }
    }
    for body in
        bodies(&|facts| json!({"items": [{"correlationId": CANARY, "facts": named(&facts)}]}))
    {
        post(address, "/v1/hosts:batchDecide", &body);
    }
    for body in bodies(&|facts| json!({"software": facts["software"]})) {
        post(address, "/v1/software:identify", &body);
    }
    for body in bodies(&|facts| json!({"input": facts})) {
        for path in [
            "/v1/data/embargo/allow",
            "/v1/data",
            "/v1/data/canary/x",
            "/v1/data/embargo/aap",
        ] {
            post(address, path, &body);
        }
    }
    for body in bodies(&|facts| facts) {
        for path in ["/v0/data/embargo/allow", "/", "/v0/data/canary"] {
            post(address, path, &body);
        }
        let input: String = body.bytes().map(|byte| format!("%{byte:02X}")).collect();
        watched::get(
            address,
            &format!("/v1/data/embargo/allow?input={input}&{CANARY}={CANARY}"),
        );
    }
    for body in bodies(&|facts| {
        let annotations = json!({"embargo.dev/facts": facts.to_string()});
        let object = json!({"metadata": {"annotations": annotations, "name": CANARY}});
        let request =
            json!({"uid": CANARY, "operation": "CREATE", "name": CANARY, "object": object});
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
    }) {
        post(address, "/webhook/k8s/v1?timeout=5s", &body);
    }
    for body in bodies(&|facts| {
        json!({
            "subject": {"type": "device", "id": facts["host_id"], "properties": {"groups": [CANARY]}},
            "resource": {"type": "software", "id": CANARY, "properties": {"publisher": CANARY}},
            "action": {"name": "use"},
            "context": {CANARY: CANARY},
        })
    }) {
        post(address, "/access/v1/evaluation", &body);
        post(
            address,
            "/access/v1/evaluations",
            &format!("{{\"evaluations\": [{body}]}}"),
        );
    }
}
