//! The webhook of Kubernetes: reviews are answered, what the server fails at is left to the failure
//! policy, and nothing but ALLOW and WARN lets an object in.

use std::time::Duration;

use embargo_service::{LimitsSettings, Settings};
use serde_json::{Value, json};

use crate::asker::{Answer, post};
use crate::bench::{Bench, reason, settings, within};
use crate::policies::{ask, ban, host, slow, verdicts};

const PATH: &str = "/webhook/k8s/v1";
const FACTS: &str = "software: [{name: Acme Shield, bundle_id: com.acme.shield}]";

fn review(operation: &str, object: Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
            "operation": operation, "namespace": "default", "name": "h", "object": object,
            "userInfo": {"username": "admin"}, "dryRun": true, "options": null,
        }
    })
}

fn annotated(annotations: Value) -> Value {
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "h", "annotations": annotations}});
    review("CREATE", object)
}

fn with_action(action: &str) -> Value {
    annotated(json!({"embargo.dev/facts": FACTS, "embargo.dev/action": action}))
}

/// The response of an answered review.
fn response(answer: &Answer) -> Value {
    let review = answer.json();
    assert_eq!(answer.status, 200, "{review}");
    assert_eq!(review["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(review["kind"], "AdmissionReview");
    let uid = "705ab4f5-6393-11e8-b7cc-42010a800002";
    assert_eq!(review["response"]["uid"], uid);
    review["response"].clone()
}

async fn reviewed(bench: &Bench, review: &Value) -> Value {
    response(&post(bench.address, PATH, review.to_string()).await)
}

/// An answer that leaves all to the failure policy: an error without a review.
fn failed(answer: &Answer, status: u16, code: i32) {
    let body = answer.json();
    assert_eq!(
        (answer.status, &body["code"]),
        (status, &json!(code)),
        "{body}"
    );
    assert_eq!(body.get("response"), None);
    assert_eq!(body.get("kind"), None);
}

/// A review of a host with this id, by which `verdicts` goes.
fn about(host: &str) -> Value {
    annotated(json!({"embargo.dev/facts": format!("host_id: {host}")}))
}

/// The one table of this door.
#[tokio::test]
async fn every_effect_is_told_in_its_own_words() {
    let policies = verdicts();
    let bench = Bench::start(policies.path()).await;
    for (effect, allowed, reason) in [
        ("allow", true, None),
        ("warn", true, None),
        ("review", false, Some("ReviewRequired")),
        ("indeterminate", false, Some("Indeterminate")),
        ("deny", false, Some("Denied")),
    ] {
        let response = reviewed(&bench, &about(effect)).await;
        assert_eq!(response["allowed"], allowed, "{effect}: {response}");
        assert_eq!(response["auditAnnotations"]["effect"], effect);
        let snapshot = &response["auditAnnotations"]["snapshot-id"];
        assert_eq!(*snapshot, bench.snapshot_id());
        match reason {
            None => assert_eq!(response.get("status"), None),
            Some(reason) => {
                assert_eq!(response["status"]["reason"], reason);
                assert_eq!(response["status"]["code"], 403);
            }
        }
        let warnings = response.get("warnings").cloned();
        let wanted = (effect == "warn").then(|| json!(["by its id"]));
        assert_eq!(warnings, wanted, "{effect}");
    }
}

#[tokio::test]
async fn software_that_was_not_read_is_not_let_in_and_not_called_denied() {
    let policies = verdicts();
    let bench = Bench::start(policies.path()).await;
    let facts = "{software: [{name: a}], coverage: [{source: apps, state: unreadable}]}";
    let response = reviewed(&bench, &annotated(json!({"embargo.dev/facts": facts}))).await;
    assert_eq!(response["allowed"], false);
    assert_eq!(response["status"]["reason"], "Indeterminate");
    let message = response["status"]["message"].as_str().unwrap();
    assert!(message.contains("no denial"), "{message}");
    assert!(message.contains("software"), "{message}");
}

#[tokio::test]
async fn creating_installs_and_updating_updates() {
    let root = tempfile::tempdir().unwrap();
    let rule =
        "package restrictions.word\n\nwarn contains {\"message\": input.action} if input.host.id\n";
    crate::policies::write(root.path(), "word.rego", rule);
    let bench = Bench::start(root.path()).await;
    for (operation, wanted) in [("CREATE", "install"), ("UPDATE", "update")] {
        let object = json!({"data": {"embargo-facts": FACTS}});
        let response = reviewed(&bench, &review(operation, object)).await;
        assert_eq!(response["warnings"], json!([wanted]));
    }
}

#[tokio::test]
async fn all_hosts_of_an_inventory_are_judged_and_the_gravest_decides() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let host = |id: &str, bundle: &str| {
        json!({"host": {"uuid": id, "platform": "darwin", "software": [
        {"name": "One.app", "source": "apps", "bundle_identifier": bundle}]}})
    };
    let hosts = json!([
        host("H1", "org.example"),
        host("H2", "com.acme.shield"),
        host("H3", "org.example"),
    ]);
    let object = json!({
        "metadata": {"annotations": {"embargo.dev/action": "presence", "embargo.dev/inventory-key": "fleet.json"}},
        "data": {"fleet.json": hosts.to_string()},
    });
    let response = reviewed(&bench, &review("UPDATE", object)).await;
    assert_eq!(response["allowed"], false);
    let message = response["status"]["message"].as_str().unwrap();
    assert!(
        message.contains("on 1 of 3 hosts, first on host 2"),
        "{message}"
    );
    assert!(message.contains("https://example.org/ban"), "{message}");
    assert_eq!(response["auditAnnotations"]["host-count"], "3");
    assert_eq!(
        response["auditAnnotations"]["next-change-time"],
        "2026-01-01T00:00:00Z"
    );
}

#[tokio::test]
async fn the_decision_is_the_one_over_grpc() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let facts = r#"{"host_id": "h", "software": [{"name": "Editor"}, {"name": "Acme Shield", "version": "3.1", "publisher": "Acme Labs", "bundle_id": "com.acme.shield"}, {"name": "Browser"}]}"#;
    let wanted = bench.decide(ask(host("h"))).await.unwrap();
    let review = annotated(json!({"embargo.dev/facts": facts, "embargo.dev/action": "presence"}));
    let response = reviewed(&bench, &review).await;
    let audit = &response["auditAnnotations"];
    assert_eq!(audit["decision-id"], wanted.decision_id.as_str());
}

#[tokio::test]
async fn what_an_object_lacks_or_has_wrong_is_answered_and_never_allowed() {
    let policies = verdicts();
    let bench = Bench::start(policies.path()).await;
    let of = |object: Value| review("CREATE", object);
    for (review, reason) in [
        (of(json!({})), "FactsMissing"),
        (
            of(json!({"metadata": {"annotations": {"a": "b"}}})),
            "FactsMissing",
        ),
        (
            annotated(json!({"embargo.dev/facts": "software: 5"})),
            "FactsInvalid",
        ),
        (
            annotated(json!({"embargo.dev/facts": "{software: [{name: ''}]}"})),
            "FactsInvalid",
        ),
        (with_action("steal"), "AnnotationInvalid"),
        (
            of(json!({"data": {"inventory": "nothing known"}})),
            "InventoryInvalid",
        ),
        (of(json!([])), "FactsInvalid"),
        (of(json!("x")), "FactsInvalid"),
    ] {
        let response = reviewed(&bench, &review).await;
        assert_eq!(response["allowed"], false, "{review}");
        assert_eq!(response["status"]["code"], 422, "{review}");
        assert_eq!(response["status"]["reason"], reason, "{review}: {response}");
        assert_eq!(response["auditAnnotations"], json!({"effect": "none"}));
    }
}

#[tokio::test]
async fn what_is_no_review_is_an_error_with_its_remedy() {
    let policies = verdicts();
    let bench = Bench::start(policies.path()).await;
    let sound = with_action("install").to_string();
    for (from, to, named) in [
        (
            "admission.k8s.io/v1",
            "admission.k8s.io/v1beta1",
            "admissionReviewVersions",
        ),
        ("CREATE", "DELETE", "operations"),
        ("CREATE", "CONNECT", "operations"),
        ("705ab4f5-6393-11e8-b7cc-42010a800002", "", "uid"),
    ] {
        let answer = post(bench.address, PATH, sound.replacen(from, to, 1)).await;
        failed(&answer, 400, 3);
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(named), "{message}");
    }
    for hostile in [
        Vec::new(),
        b"null".to_vec(),
        b"\xff\xfe".to_vec(),
        b"{\"apiVersion\": \"admission.k8s.io/v1\"".to_vec(),
        b"{\"apiVersion\": \"admission.k8s.io/v1\", \"kind\": \"AdmissionReview\"}".to_vec(),
        [b"{\"request\": ".to_vec(), vec![b'['; 500_000]].concat(),
        sound
            .replacen("\"uid\"", "\"uid\": \"a\", \"uid\"", 1)
            .into_bytes(),
    ] {
        let answer = post(bench.address, PATH, hostile).await;
        failed(&answer, 400, 3);
    }
    let large = vec![b' '; 16 * 1_024 * 1_024 + 1];
    failed(&post(bench.address, PATH, large).await, 413, 8);
}

#[tokio::test]
async fn without_policies_there_is_no_answer() {
    let policies = tempfile::tempdir().unwrap();
    let bench = Bench::start(policies.path()).await;
    let answer = post(bench.address, PATH, with_action("install").to_string()).await;
    failed(&answer, 503, 14);
    assert_eq!(answer.json()["details"][0]["reason"], "NO_SNAPSHOT");
}

#[tokio::test]
async fn the_time_of_the_query_is_the_deadline() {
    let policies = slow();
    let patient = Settings {
        policy_budget: Duration::from_secs(20),
        decision_budget: Duration::from_secs(20),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), patient).await;
    let path = format!("{PATH}?timeout=300ms");
    let start = std::time::Instant::now();
    let answer = post(bench.address, &path, with_action("install").to_string()).await;
    failed(&answer, 504, 4);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_policy_that_takes_too_long_is_indeterminate() {
    let policies = slow();
    let bench = Bench::start(policies.path()).await;
    let response = reviewed(&bench, &with_action("install")).await;
    assert_eq!(response["allowed"], false);
    assert_eq!(response["status"]["reason"], "Indeterminate");
}

#[tokio::test]
async fn overload_is_an_error_and_some_are_answered() {
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
    let address = bench.address;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(async move { post(address, PATH, with_action("use").to_string()).await })
        })
        .collect();
    let (mut answered, mut refused) = (0, 0);
    for call in calls {
        let answer = within(call).await.unwrap();
        if answer.status == 200 {
            assert_eq!(response(&answer)["allowed"], false);
            answered += 1;
        } else {
            failed(&answer, 429, 8);
            assert!(answer.headers.contains_key("retry-after"));
            refused += 1;
        }
    }
    assert!(answered >= 1 && refused >= 1, "{answered} {refused}");
}

#[tokio::test]
async fn a_server_that_drains_answers_no_new_review() {
    let policies = slow();
    let patient = Settings {
        policy_budget: Duration::from_secs(2),
        ..settings()
    };
    let mut bench = Bench::start_with(policies.path(), patient).await;
    let address = bench.address;
    let running =
        tokio::spawn(async move { post(address, PATH, with_action("use").to_string()).await });
    let mut states = bench.watch().await;
    bench.stop();
    let ended = within(states.message()).await.unwrap_err();
    assert_eq!(reason(&ended).1, "DRAINING");
    let answer = post(address, PATH, with_action("use").to_string()).await;
    failed(&answer, 503, 14);
    within(running).await.unwrap();
    bench.stopped().await;
}

#[tokio::test]
async fn a_webhook_whose_door_is_closed_is_not_there() {
    let policies = verdicts();
    let closed = Settings {
        doors: [embargo_service::Door::Http].into(),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), closed).await;
    let answer = post(bench.address, PATH, with_action("install").to_string()).await;
    failed(&answer, 404, 5);
}
