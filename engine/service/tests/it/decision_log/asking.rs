//! Every way to ask for decisions.

use embargo_proto::envoy::service::auth::v3 as envoy;
use embargo_proto::v1 as pb;
use embargo_service::{EnvoyPlace, EnvoySettings};
use envoy::attribute_context::{HttpRequest, Request as Sent};
use envoy::authorization_client::AuthorizationClient;
use envoy::check_response::HttpResponse;
use serde_json::{Value, json};
use tempfile::TempDir;
use tonic::{Code, Request};

use crate::asker::{Answer, post};
use crate::bench::{Bench, reason, timestamp};
use crate::http::as_json;
use crate::policies::{ask, bad_host, ban, host, write};

/// A decision that was answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asked {
    pub(super) door: String,
    pub(super) method: String,
    pub(super) decision_id: String,
}

const FLEET: &str = r#"[
  {"host": {"uuid": "H1", "platform": "darwin", "software": [{"name": "Acme Shield.app", "version": "3.1", "source": "apps", "bundle_identifier": "com.acme.shield"}]}},
  {"host": {"uuid": "H2", "platform": "darwin", "software": []}}
]"#;
const FACTS: &str = "software: [{name: Acme Shield, bundle_id: com.acme.shield}]";

fn batch() -> pb::BatchDecideHostsRequest {
    use pb::batch_decide_hosts_request::BatchItem;
    let item = |id: &str, facts| BatchItem {
        correlation_id: id.to_owned(),
        facts: Some(facts),
        action: 0,
    };
    pb::BatchDecideHostsRequest {
        items: vec![
            item("1", host("b1")),
            item("2", bad_host("b2")),
            item("3", host("b3")),
        ],
        ..Default::default()
    }
}

fn stream() -> Vec<pb::StreamDecideHostsRequest> {
    let item = |id: &str, facts| pb::StreamDecideHostsRequest {
        correlation_id: id.to_owned(),
        facts: Some(facts),
        ..Default::default()
    };
    vec![
        item("1", host("s1")),
        item("2", bad_host("s2")),
        item("3", host("s3")),
    ]
}

fn inventory() -> pb::DecideInventoryRequest {
    pb::DecideInventoryRequest {
        document: FLEET.as_bytes().to_vec(),
        ..Default::default()
    }
}

fn explain() -> pb::ExplainDecisionRequest {
    pb::ExplainDecisionRequest {
        facts: Some(host("e")),
        ..Default::default()
    }
}

fn timeline() -> pb::ComputeDecisionTimelineRequest {
    pb::ComputeDecisionTimelineRequest {
        facts: Some(host("t")),
        start_time: Some(timestamp("2023-01-01T00:00:00Z")),
        end_time: Some(timestamp("2027-01-01T00:00:00Z")),
        ..Default::default()
    }
}

fn review() -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "u", "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
            "operation": "CREATE", "namespace": "n", "name": "k",
            "object": {
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "k", "annotations": {"embargo.dev/facts": FACTS, "embargo.dev/action": "presence"}},
            },
        }
    })
}

fn evaluation(id: &str) -> Value {
    json!({
        "subject": {"type": "device", "id": id, "properties": {}},
        "action": {"name": "install"},
        "resource": {"type": "software", "id": "Acme Shield", "properties": {"bundle_id": "com.acme.shield"}},
    })
}

fn check() -> envoy::CheckRequest {
    let facts = json!({"host_id": "v", "software": []}).to_string();
    let EnvoySettings { facts: places, .. } = EnvoySettings::default();
    let name = places.iter().find_map(|place| match place {
        EnvoyPlace::Header(name) => Some(name.clone()),
        _ => None,
    });
    envoy::CheckRequest {
        attributes: Some(envoy::AttributeContext {
            request: Some(Sent {
                http: Some(HttpRequest {
                    headers: [(name.expect("a header"), facts)].into(),
                    ..HttpRequest::default()
                }),
            }),
            ..envoy::AttributeContext::default()
        }),
    }
}

fn input(id: &str) -> String {
    json!({"input": {"host_id": id, "software": [{"name": "Editor"}]}}).to_string()
}

/// Asks in every way, and returns what was decided.
pub(super) async fn everything(bench: &Bench) -> Vec<Asked> {
    let mut asked = by_grpc(bench).await;
    asked.extend(by_http(bench).await);
    asked.extend(by_other_doors(bench).await);
    asked
}

fn those(door: &str, method: &str, ids: impl IntoIterator<Item = String>) -> Vec<Asked> {
    let of = |decision_id| Asked {
        door: door.to_owned(),
        method: method.to_owned(),
        decision_id,
    };
    ids.into_iter().map(of).collect()
}

fn id_of(result: Option<pb::decide_result::Result>) -> Option<String> {
    match result {
        Some(pb::decide_result::Result::Decision(decision)) => Some(decision.decision_id),
        _ => None,
    }
}

async fn by_grpc(bench: &Bench) -> Vec<Asked> {
    let mut client = bench.decisions();
    let mut asked = Vec::new();
    let mut add = |method, ids: Vec<String>| {
        assert!(!ids.is_empty(), "{method}");
        asked.extend(those("grpc", method, ids));
    };
    let decided = bench.decide(ask(host("g"))).await.unwrap();
    add("DecideHost", vec![decided.decision_id]);
    let results = client
        .batch_decide_hosts(batch())
        .await
        .unwrap()
        .into_inner()
        .results;
    let ids: Vec<String> = results
        .into_iter()
        .filter_map(|one| id_of(one.result))
        .collect();
    assert_eq!(ids.len(), 2);
    add("BatchDecideHosts", ids);
    let items = tokio_stream::iter(stream());
    let mut answers = client
        .stream_decide_hosts(items)
        .await
        .unwrap()
        .into_inner();
    let mut ids = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        ids.extend(id_of(answer.result.unwrap().result));
    }
    assert_eq!(ids.len(), 2);
    add("StreamDecideHosts", ids);
    let results = client
        .decide_inventory(inventory())
        .await
        .unwrap()
        .into_inner()
        .results;
    let ids = results.into_iter().filter_map(|host| match host.result {
        Some(pb::inventory_result::Result::Decision(decision)) => Some(decision.decision_id),
        _ => None,
    });
    add("DecideInventory", ids.collect());
    let explained = client
        .explain_decision(explain())
        .await
        .unwrap()
        .into_inner();
    add(
        "ExplainDecision",
        vec![explained.decision.unwrap().decision_id],
    );
    let segments = client
        .compute_decision_timeline(timeline())
        .await
        .unwrap()
        .into_inner()
        .segments;
    assert!(segments.len() > 3);
    let ids = segments
        .into_iter()
        .map(|segment| segment.decision.unwrap().decision_id);
    add("ComputeDecisionTimeline", ids.collect());
    asked
}

/// Every value of `decisionId` in a JSON.
fn ids_in(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("decisionId", Value::String(id)) => vec![id.clone()],
                _ => ids_in(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(ids_in).collect(),
        _ => Vec::new(),
    }
}

fn native() -> Vec<(&'static str, &'static str, String)> {
    let lines: Vec<String> = stream()
        .iter()
        .map(|item| as_json("embargo.v1.StreamDecideHostsRequest", item) + "\n")
        .collect();
    vec![
        (
            "DecideHost",
            "/v1/hosts:decide",
            as_json("embargo.v1.DecideHostRequest", &ask(host("j"))),
        ),
        (
            "BatchDecideHosts",
            "/v1/hosts:batchDecide",
            as_json("embargo.v1.BatchDecideHostsRequest", &batch()),
        ),
        (
            "StreamDecideHosts",
            "/v1/hosts:streamDecide",
            lines.concat(),
        ),
        (
            "DecideInventory",
            "/v1/inventories:decide",
            as_json("embargo.v1.DecideInventoryRequest", &inventory()),
        ),
        (
            "ExplainDecision",
            "/v1/hosts:explain",
            as_json("embargo.v1.ExplainDecisionRequest", &explain()),
        ),
        (
            "ComputeDecisionTimeline",
            "/v1/hosts:computeTimeline",
            as_json("embargo.v1.ComputeDecisionTimelineRequest", &timeline()),
        ),
    ]
}

async fn by_http(bench: &Bench) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (method, path, body) in native() {
        let answer = post(bench.address, path, body).await;
        assert_eq!(answer.status, 200, "{method}: {answer:?}");
        let ids: Vec<String> = answer.lines().iter().flat_map(ids_in).collect();
        assert!(!ids.is_empty(), "{method}");
        asked.extend(those("http", method, ids));
    }
    asked
}

async fn by_other_doors(bench: &Bench) -> Vec<Asked> {
    let text = |value: &Value| {
        value
            .as_str()
            .unwrap_or_else(|| panic!("{value}"))
            .to_owned()
    };
    let opa = post(bench.address, "/v1/data/embargo/allow", input("o"))
        .await
        .json();
    let mut asked = those("opa", "data", [text(&opa["decision_id"])]);
    let one = post(
        bench.address,
        "/access/v1/evaluation",
        evaluation("a").to_string(),
    )
    .await
    .json();
    asked.extend(those(
        "authzen",
        "evaluation",
        [text(&one["context"]["decision_id"])],
    ));
    let many = json!({"evaluations": [evaluation("a1"), evaluation("a2")]}).to_string();
    let many = post(bench.address, "/access/v1/evaluations", many)
        .await
        .json();
    let many = many["evaluations"].as_array().unwrap();
    assert_eq!(many.len(), 2);
    let ids = many.iter().map(|one| text(&one["context"]["decision_id"]));
    asked.extend(those("authzen", "evaluations", ids));
    let reviewed = post(bench.address, "/webhook/k8s/v1", review().to_string())
        .await
        .json();
    let audit = &reviewed["response"]["auditAnnotations"];
    asked.extend(those("kubernetes", "review", [text(&audit["decision-id"])]));
    let mut client = AuthorizationClient::new(bench.channel.clone());
    let checked = client.check(check()).await.unwrap().into_inner();
    let Some(HttpResponse::OkResponse(ok)) = checked.http_response else {
        panic!("{checked:?}");
    };
    let headers = ok.headers.into_iter().filter_map(|option| option.header);
    let id = headers
        .into_iter()
        .find(|header| header.key == "x-embargo-decision-id");
    asked.extend(those("envoy", "Check", [id.unwrap().value]));
    asked
}

/// Asks in every way while entries cannot be kept: none of the answers is a decision.
pub(super) async fn is_refused_at_every_door(bench: &Bench) {
    let is_it = |status: tonic::Status| {
        let (code, word, details) = reason(&status);
        assert_eq!(
            (code, word.as_str()),
            (Code::Unavailable, "DECISION_LOG_UNAVAILABLE")
        );
        assert!(details.retry_info().is_some());
    };
    let mut client = bench.decisions();
    is_it(client.decide_host(ask(host("x"))).await.unwrap_err());
    is_it(client.batch_decide_hosts(batch()).await.unwrap_err());
    is_it(client.decide_inventory(inventory()).await.unwrap_err());
    is_it(client.explain_decision(explain()).await.unwrap_err());
    is_it(
        client
            .compute_decision_timeline(timeline())
            .await
            .unwrap_err(),
    );
    let items = Request::new(tokio_stream::iter(stream()));
    let mut answers = client
        .stream_decide_hosts(items)
        .await
        .unwrap()
        .into_inner();
    let mut refused = 0;
    while let Some(answer) = answers.message().await.unwrap() {
        let status = crate::bench::item_status(&answer.result.unwrap());
        if status.code() != Code::InvalidArgument {
            is_it(status);
            refused += 1;
        }
    }
    assert_eq!(refused, 2);
    let is_503 = |answer: Answer| {
        assert_eq!(
            (answer.status, answer.headers["retry-after"].as_str()),
            (503, "1")
        );
        // The words of one door are a plain text.
        serde_json::from_slice::<Value>(&answer.body).unwrap_or_default()
    };
    for (method, path, body) in native()
        .into_iter()
        .filter(|(method, ..)| *method != "StreamDecideHosts")
    {
        let body = is_503(post(bench.address, path, body).await);
        assert_eq!(body["code"], 14, "{method}: {body}");
        assert!(ids_in(&body).is_empty());
    }
    let opa = is_503(post(bench.address, "/v1/data/embargo/allow", input("x")).await);
    assert_eq!(
        (opa.get("result"), opa.get("decision_id")),
        (None, None),
        "{opa}"
    );
    let one = evaluation("x").to_string();
    let one = is_503(post(bench.address, "/access/v1/evaluation", one).await);
    assert_eq!(one.get("decision"), None, "{one}");
    let many = json!({"evaluations": [evaluation("x"), evaluation("y")]}).to_string();
    let many = is_503(post(bench.address, "/access/v1/evaluations", many).await);
    assert_eq!(many.get("evaluations"), None, "{many}");
    let reviewed = is_503(post(bench.address, "/webhook/k8s/v1", review().to_string()).await);
    assert_eq!(reviewed.get("response"), None, "{reviewed}");
    let mut envoy = AuthorizationClient::new(bench.channel.clone());
    is_it(envoy.check(check()).await.unwrap_err());
}

/// A set whose rule repeats facts in all its texts, and one that fails over them.
pub(super) fn telling() -> TempDir {
    let root = ban();
    let rule = r#"package restrictions.telling

_told := sprintf("%v %v %v %v", [lower(input.host.id), input.host.groups, input.host.attributes, [s.path | s := input.software[_]]])

warn contains {"message": _told, "detail": _told, "remediation": _told} if input.host.id
"#;
    write(root.path(), "telling/rule.rego", rule);
    let failing = r#"package restrictions.failing

deny contains "x" if to_number(input.host.attributes.owner) == 1
"#;
    write(root.path(), "failing/rule.rego", failing);
    root
}

/// Facts that name people wherever they can.
pub(super) fn canaries() -> pb::HostFacts {
    let mut facts = host("CANARY-host");
    facts.groups = vec!["canary-group".to_owned()];
    facts.software[1].path = Some("/Users/canary-whose/Applications/Canary Shield.app".to_owned());
    let value = |text: &str| prost_types::Value {
        kind: Some(prost_types::value::Kind::StringValue(text.to_owned())),
    };
    facts.attributes = Some(prost_types::Struct {
        fields: [("owner".to_owned(), value("canary-attribute"))].into(),
    });
    facts
}
