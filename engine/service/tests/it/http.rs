//! The native API over HTTP: the same answers as over gRPC, and errors that are none.

use prost::Message as _;
use serde_json::{Value, json};

use crate::asker::{ask, get, post};
use crate::bench::{Bench, NOW, settings};
use crate::policies::{ask as question, ban, clean_host, host, verdicts};

const DECIDE: &str = "/v1/hosts:decide";

/// A message as clients write it in JSON.
pub(crate) fn as_json(name: &str, message: &impl prost::Message) -> String {
    let pool = prost_reflect::DescriptorPool::decode(embargo_proto::FILE_DESCRIPTOR_SET).unwrap();
    let descriptor = pool.get_message_by_name(name).unwrap();
    let wire = message.encode_to_vec();
    let message = prost_reflect::DynamicMessage::decode(descriptor, wire.as_slice()).unwrap();
    serde_json::to_string(&message).unwrap()
}

fn shield(id: &str) -> Value {
    json!({
        "hostId": id,
        "software": [
            {"name": "Something"},
            {"name": "Acme Shield", "version": "3.1", "bundleId": "com.acme.shield"},
        ],
    })
}

#[tokio::test]
async fn a_decision_over_http_is_the_one_over_grpc() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for asked in [host("h"), clean_host("h")] {
        let body = as_json("embargo.v1.DecideHostRequest", &question(asked.clone()));
        let wanted = bench.decide(question(asked)).await.unwrap();
        let answer = post(bench.address, DECIDE, body).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let decision = &answer.json()["decision"];
        assert_eq!(decision["effect"], wanted.effect().as_str_name());
        assert_eq!(decision["decisionId"], wanted.decision_id.as_str());
        assert_eq!(decision["snapshotId"], wanted.snapshot_id.as_str());
        assert_eq!(decision["evaluateTime"], NOW);
        let findings = decision["findings"].as_array().map_or(0, Vec::len);
        assert_eq!(findings, wanted.findings.len());
    }
}

#[tokio::test]
async fn both_forms_of_a_key_are_read_and_a_key_is_read_once() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for sound in [
        r#"{"facts": {"hostId": "h"}, "evaluateTime": "2024-06-01T00:00:00Z"}"#,
        r#"{"facts": {"host_id": "h", "os": null}, "evaluate_time": "2024-06-01T00:00:00Z", "action": 1}"#,
        r#"{"facts": {"hostId": "h", "attributes": {"hostId": 1, "host_id": [{"a": 1}, {"a": 1}]}}}"#,
    ] {
        let answer = post(bench.address, DECIDE, sound).await;
        assert_eq!(answer.status, 200, "{sound}: {:?}", answer.json());
    }
    for (unsound, named) in [
        (r#"{"facts": {"hostId": "h"}, "facts": {}}"#, "`facts`"),
        (
            r#"{"facts": {"hostId": "h", "host_id": "i"}}"#,
            "`hostId` is given twice",
        ),
        (
            r#"{"facts": {"hostId": "h", "software": [{"name": "a", "name": "b"}]}}"#,
            "`name`",
        ),
        (
            r#"{"facts": {"hostId": "h", "attributes": {"a": {"b": 1, "b": 2}}}}"#,
            "`b`",
        ),
        (
            r#"{"facts": {"hostId": "h", "sofware": []}}"#,
            "HostFacts has no key `sofware`",
        ),
        (
            r#"{"facts": {"hostId": "h", "owner": {"kind": "secret"}}}"#,
            "KIND_GOVERNMENT",
        ),
        (
            r#"{"facts": {"hostId": 5}}"#,
            "`hostId` is a text in quotes",
        ),
        (
            r#"{"facts": {"hostId": "h", "software": {}}}"#,
            "`software` is a list",
        ),
        (r#"{"facts": {"hostId": ["secret"]}}"#, "`hostId` is a text"),
        (r#"{"facts": ["secret"]}"#, "HostFacts is an object"),
        (r#"{"facts": "secret"}"#, "HostFacts is an object"),
        (
            r#"{"facts": {"hostId": "h"}, "evaluateTime": "secret"}"#,
            "does not fit its field",
        ),
        (
            r#"{"facts": {"hostId": "h"}, "evaluateTime": 5}"#,
            "an instant as RFC 3339",
        ),
        (
            r#"{"facts": {"hostId": "h"}} trailing"#,
            "trailing characters",
        ),
        (r#"{"facts": {"hostId": "h\ud800"}}"#, "line 1"),
        (r#"{"facts": {"hostId": "h"#, "EOF"),
        ("[]", "DecideHostRequest is an object"),
        ("nonsense", "line 1"),
    ] {
        let answer = post(bench.address, DECIDE, unsound).await;
        assert_eq!(answer.status, 400, "{unsound}");
        let status = answer.json();
        assert_eq!(status["code"], 3, "{unsound}");
        let message = status["message"].as_str().unwrap();
        assert!(message.contains(named), "{unsound}: {message}");
        assert!(!message.contains("secret"), "{message}");
    }
}

#[tokio::test]
async fn a_refusal_is_a_status_with_its_reason() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let answer = post(bench.address, DECIDE, "").await;
    assert_eq!(answer.status, 400);
    let status = answer.json();
    assert_eq!(status["code"], 3);
    let details = status["details"].as_array().unwrap();
    let info = &details[0];
    assert_eq!(info["@type"], "type.googleapis.com/google.rpc.ErrorInfo");
    assert_eq!(
        (&info["reason"], &info["domain"]),
        (&json!("FACTS_INVALID"), &json!("embargo.v1"))
    );
    let bad = &details[1];
    assert_eq!(bad["@type"], "type.googleapis.com/google.rpc.BadRequest");
    assert_eq!(bad["fieldViolations"][0]["field"], "facts");

    let other = json!({"facts": {"hostId": "h"}, "requireSnapshotId": "another"});
    let answer = post(bench.address, DECIDE, other.to_string()).await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(9)));

    let answer = get(bench.address, "/v1/policies/restrictions.gone").await;
    assert_eq!((answer.status, &answer.json()["code"]), (404, &json!(5)));
    assert_eq!(
        answer.json()["details"][0]["metadata"]["policyId"],
        "restrictions.gone"
    );
}

#[tokio::test]
async fn what_is_no_call_is_answered_in_the_words_of_http() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let json_kind = ("content-type", "application/json");
    let form = ("content-type", "application/x-www-form-urlencoded");
    for (verb, path, header, wanted) in [
        ("GET", "/v2", json_kind, 404),
        ("GET", "/v1/hosts", json_kind, 404),
        ("GET", DECIDE, json_kind, 405),
        ("POST", "/v1/snapshot", json_kind, 405),
        ("POST", DECIDE, form, 415),
        (
            "POST",
            "/embargo.v1.DecisionService/DecideHost",
            json_kind,
            426,
        ),
    ] {
        let answer = ask(bench.address, verb, path, &[header], b"{}").await;
        assert_eq!(answer.status, wanted, "{verb} {path}");
        if wanted != 426 {
            assert_ne!(answer.json()["message"], "", "{verb} {path}");
        }
    }
    let length = ("content-length", "16777217");
    let answer = ask(bench.address, "GET", DECIDE, &[length], b"").await;
    assert_eq!(answer.status, 405);
    let large = vec![b' '; 16 * 1_024 * 1_024 + 1];
    let answer = post(bench.address, DECIDE, large).await;
    assert_eq!((answer.status, &answer.json()["code"]), (413, &json!(8)));
}

#[tokio::test]
async fn every_method_has_its_path() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let facts = shield("h");
    let batch = json!({"items": [
        {"correlationId": "a", "facts": facts},
        {"correlationId": "b", "facts": {}},
    ]});
    let answer = post(bench.address, "/v1/hosts:batchDecide", batch.to_string()).await;
    let results = &answer.json()["results"];
    assert_eq!(results[0]["decision"]["effect"], "EFFECT_DENY");
    assert_eq!(results[1]["error"]["details"][0]["reason"], "FACTS_INVALID");

    let one = json!({"facts": facts}).to_string();
    let answer = post(bench.address, "/v1/hosts:explain", &one).await;
    assert_eq!(answer.json()["decision"]["effect"], "EFFECT_DENY");
    assert!(!answer.json()["rules"].as_array().unwrap().is_empty());

    let span = json!({"facts": facts, "startTime": "2023-01-01T00:00:00Z", "endTime": "2027-01-01T00:00:00Z"});
    let answer = post(bench.address, "/v1/hosts:computeTimeline", span.to_string()).await;
    let segments = answer.json()["segments"].as_array().unwrap().len();
    assert_eq!(segments, 4);

    // {"host_id":"h"}
    let document = "eyJob3N0X2lkIjoiaCJ9";
    let inventory = json!({"document": document, "format": "facts"});
    let answer = post(
        bench.address,
        "/v1/inventories:decide",
        inventory.to_string(),
    )
    .await;
    assert_eq!(answer.json()["results"][0]["hostId"], "h");

    let software = json!({"software": facts["software"]});
    let answer = post(bench.address, "/v1/software:identify", software.to_string()).await;
    assert_eq!(
        answer.json()["identifications"][0]["productId"],
        "acme.shield"
    );

    let answer = get(bench.address, "/v1/policies?pageSize=1").await;
    assert_eq!(answer.json()["policies"][0]["policyId"], "restrictions.ban");
    let answer = get(bench.address, "/v1/policies/restrictions.ban").await;
    assert!(answer.json()["sources"].as_array().unwrap().len() >= 2);
    let answer = get(bench.address, "/v1/policies?pageSize=1&pageSize=2").await;
    assert_eq!(answer.status, 400);

    let answer = get(bench.address, "/v1/snapshot").await;
    assert_eq!(
        answer.json()["active"]["ref"]["snapshotId"],
        bench.snapshot_id()
    );

    let bundle = json!({"files": [{"path": "instruments/a/rule.rego", "content": "cGFja2FnZSA="}]});
    let answer = post(bench.address, "/v1/bundles:validate", bundle.to_string()).await;
    assert!(!answer.json()["diagnostics"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_stream_is_lines_both_ways_and_says_why_it_ends() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let line = |id: &str, facts: Value| json!({"correlationId": id, "facts": facts}).to_string();
    let lines = [line("a", shield("h")), String::new(), line("b", json!({}))].join("\n");
    let path = "/v1/hosts:streamDecide";
    let kind = [("content-type", "application/x-ndjson")];
    let answer = ask(bench.address, "POST", path, &kind, lines.as_bytes()).await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let mut found = answer.lines();
    found.sort_by_key(|line| line["result"]["correlationId"].to_string());
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["result"]["decision"]["effect"], "EFFECT_DENY");
    assert_eq!(
        found[1]["result"]["error"]["details"][0]["reason"],
        "FACTS_INVALID"
    );
    assert!(answer.is_whole);

    let broken = [
        line("a", shield("h")),
        "{\"correlationId\": \"b\", \"facts\": 5}".into(),
    ];
    let answer = ask(
        bench.address,
        "POST",
        path,
        &kind,
        broken.join("\n").as_bytes(),
    )
    .await;
    let found = answer.lines();
    let error = &found.last().unwrap()["error"];
    assert_eq!(error["code"], 3);
    assert!(error["message"].as_str().unwrap().starts_with("line 2: "));
}

#[tokio::test]
async fn a_watch_tells_what_is_active_and_ends_when_the_server_drains() {
    let policies = ban();
    let mut bench = Bench::start(policies.path()).await;
    let address = bench.address;
    let watching = tokio::spawn(async move { get(address, "/v1/snapshot:watch").await });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    bench.stop();
    let answer = watching.await.unwrap();
    let found = answer.lines();
    assert_eq!(found[0]["active"]["ref"]["snapshotId"], bench.snapshot_id());
    assert_eq!(
        found.last().unwrap()["error"]["details"][0]["reason"],
        "DRAINING"
    );
    bench.stopped().await;
}

#[tokio::test]
async fn a_caller_says_how_long_it_waits() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let body = json!({"facts": shield("h")}).to_string();
    for header in [("connect-timeout-ms", "0"), ("grpc-timeout", "0m")] {
        for _ in 0..20 {
            let headers = [("content-type", "application/json"), header];
            let answer = ask(bench.address, "POST", DECIDE, &headers, body.as_bytes()).await;
            assert_eq!(answer.status, 504, "{header:?}");
            assert_eq!(answer.json()["code"], 4, "{header:?}");
        }
    }
}

/// The table of this door: an effect is an answer of status 200 under its name.
#[tokio::test]
async fn each_effect_has_its_word() {
    let policies = verdicts();
    let bench = Bench::start(policies.path()).await;
    for (host, word) in [
        ("allow", "EFFECT_ALLOW"),
        ("warn", "EFFECT_WARN"),
        ("review", "EFFECT_REVIEW"),
        ("deny", "EFFECT_DENY"),
        ("indeterminate", "EFFECT_INDETERMINATE"),
    ] {
        let body = json!({"facts": {"hostId": host}}).to_string();
        let answer = post(bench.address, DECIDE, body).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["decision"]["effect"], word);
    }
}

/// The rest of the table: what is no decision is an error, and has none in it.
#[tokio::test]
async fn no_error_is_an_answer() {
    let policies = tempfile::tempdir().unwrap();
    let bench = Bench::start(policies.path()).await;
    let body = json!({"facts": shield("h")}).to_string();
    let answer = post(bench.address, DECIDE, &body).await;
    assert_eq!((answer.status, &answer.json()["code"]), (503, &json!(14)));
    assert_eq!(answer.json()["details"][0]["reason"], "NO_SNAPSHOT");
    assert_eq!(answer.json().get("decision"), None);
}

#[tokio::test]
async fn a_door_that_is_closed_is_not_there() {
    let policies = ban();
    let closed = embargo_service::Settings {
        doors: [embargo_service::Door::Grpc].into(),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), closed).await;
    let mut raw = tokio::net::TcpStream::connect(bench.address).await.unwrap();
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    raw.write_all(b"GET /v1/snapshot HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = crate::bench::within(raw.read_to_end(&mut answer)).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    assert!(bench.decide(question(host("h"))).await.is_ok());

    let only_http = embargo_service::Settings {
        doors: [embargo_service::Door::Http].into(),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), only_http).await;
    let refused = bench.decide(question(host("h"))).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unimplemented);
    assert_eq!(get(bench.address, "/v1/snapshot").await.status, 200);
}

#[tokio::test]
async fn the_description_names_every_method_and_all_it_refers_to_is_there() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let document = get(bench.address, "/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut named: Vec<String> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|verbs| verbs.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    named.sort();
    let set = prost_types::FileDescriptorSet::decode(embargo_proto::FILE_DESCRIPTOR_SET).unwrap();
    let mut wanted: Vec<String> = set
        .file
        .iter()
        .filter(|file| file.package() == "embargo.v1")
        .flat_map(|file| &file.service)
        .flat_map(|service| &service.method)
        .map(|method| method.name().to_owned())
        .collect();
    wanted.sort();
    assert_eq!(named, wanted);
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut references = 0;
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
        references += 1;
    }
    assert!(references > 50, "{references}");
    let effect = &schemas["embargo.v1.Decision"]["properties"]["effect"];
    assert!(
        effect["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
}
