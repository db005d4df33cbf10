//! Evaluation of `AuthZEN`: what its callers ask, and what they must never take for leave, nor for a
//! no.

use std::time::Duration;

use embargo_service::{Door, LimitsSettings, Settings};
use serde_json::{Value, json};

use crate::asker::{Answer, ask, get, post};
use crate::bench::{Bench, NOW, reason, settings, within};
use crate::policies::{ask as question, ban, doubts, host, slow};

const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";

fn shield(action: &str) -> Value {
    json!({
        "subject": {"type": "device", "id": "h", "properties": {"purposes": ["office"]}},
        "action": {"name": action},
        "resource": {
            "type": "software",
            "id": "Acme Shield",
            "properties": {"version": "3.1", "bundle_id": "com.acme.shield"},
        },
    })
}

fn clean(action: &str) -> Value {
    let mut asked = shield(action);
    asked["resource"] = json!({"type": "software", "id": "Editor"});
    asked
}

async fn evaluate(bench: &Bench, asked: &Value) -> Answer {
    post(bench.address, EVALUATION, asked.to_string()).await
}

#[tokio::test]
async fn a_device_is_judged_as_over_grpc() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let wanted = bench.decide(question(host("h"))).await.unwrap();
    let software = json!([
        {"name": "Editor"},
        {"name": "Acme Shield", "version": "3.1", "publisher": "Acme Labs", "bundle_id": "com.acme.shield"},
        {"name": "Browser"},
    ]);
    let asked = json!({
        "subject": {"type": "device", "id": "h", "properties": {"software": software}},
        "action": {"name": "presence"},
        "resource": {"type": "device", "id": "h"},
    });
    let answer = evaluate(&bench, &asked).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let answer = answer.json();
    assert_eq!(answer["decision"], false);
    let context = &answer["context"];
    assert_eq!(context["effect"], "deny");
    assert_eq!(context["decision_id"], wanted.decision_id.as_str());
    assert_eq!(context["snapshot_id"], wanted.snapshot_id.as_str());
    assert_eq!(context["evaluate_time"], NOW);
    assert_eq!(context["next_change_time"], "2026-01-01T00:00:00Z");
    assert_eq!(context["reason_user"]["en"], "Acme Shield is banned");
    let admin = context["reason_admin"]["en"].as_str().unwrap();
    assert_eq!(admin, "deny by instrument ban, policy restrictions.ban");
}

/// The one table of this door, row by row.
#[tokio::test]
async fn each_effect_has_its_words() {
    let policies = doubts();
    let bench = Bench::start(policies.path()).await;
    let mut warned = shield("use");
    warned["context"] = json!({"evaluate_time": "2024-06-01T00:00:00Z", "ip": "10.0.0.1"});
    for (asked, effect, decision, said) in [
        (clean("use"), "allow", true, None),
        (warned, "warn", true, Some("Acme Shield is banned")),
        (clean("acquire"), "review", false, Some("who is it for?")),
        (shield("use"), "deny", false, Some("Acme Shield is banned")),
        (
            clean("connect"),
            "indeterminate",
            false,
            Some("it could not be told whether this is allowed; this is not a no, and no leave"),
        ),
    ] {
        let answer = evaluate(&bench, &asked).await;
        assert_eq!(
            answer.status,
            200,
            "{effect}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        let answer = answer.json();
        assert_eq!(answer["decision"], decision, "{effect}");
        assert_eq!(answer["context"]["effect"], effect);
        assert_eq!(
            answer["context"]["reason_user"]["en"].as_str(),
            said,
            "{effect}"
        );
        let has_reason = answer["context"].get("reason_admin").is_some();
        assert_eq!(has_reason, effect != "allow", "{effect}");
    }
}

#[tokio::test]
async fn many_are_evaluated_until_the_answer_that_ends_it() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let resource =
        |name: &str| json!({"resource": {"type": "software", "id": name, "properties": {}}});
    let banned = json!({"resource": shield("use")["resource"]});
    let asked = |semantic: Option<&str>| {
        let mut asked = json!({
            "subject": {"type": "device", "id": "h"},
            "action": {"name": "use"},
            "evaluations": [resource("Editor"), banned, resource("Browser")],
        });
        if let Some(semantic) = semantic {
            asked["options"] = json!({"evaluations_semantic": semantic, "other": 1});
        }
        asked.to_string()
    };
    for (semantic, wanted) in [
        (None, &[true, false, true][..]),
        (Some("execute_all"), &[true, false, true]),
        (Some("deny_on_first_deny"), &[true, false]),
        (Some("permit_on_first_permit"), &[true]),
    ] {
        let answer = post(bench.address, EVALUATIONS, asked(semantic)).await;
        assert_eq!(answer.status, 200);
        let answer = answer.json();
        assert_eq!(answer.get("decision"), None);
        let found = answer["evaluations"].as_array().unwrap();
        let found: Vec<bool> = found
            .iter()
            .map(|one| one["decision"].as_bool().unwrap())
            .collect();
        assert_eq!(found, wanted, "{semantic:?}");
    }
    for evaluations in [json!(null), json!([])] {
        let mut one = shield("use");
        one["evaluations"] = evaluations;
        let answer = post(bench.address, EVALUATIONS, one.to_string())
            .await
            .json();
        assert_eq!(answer["decision"], false);
    }
}

#[tokio::test]
async fn an_evaluation_that_is_unsound_fails_the_call_and_is_no_false() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let asked = json!({
        "subject": {"type": "device", "id": "h"},
        "action": {"name": "use"},
        "evaluations": [{"resource": {"type": "software", "id": "Editor"}}, {}],
    });
    let answer = post(bench.address, EVALUATIONS, asked.to_string()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    let said = String::from_utf8(answer.body).unwrap();
    assert!(
        said.contains("`evaluations[1].resource` is required"),
        "{said}"
    );
}

#[tokio::test]
async fn what_is_no_request_is_a_status_that_is_not_200() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let sound = shield("use").to_string();
    let json_kind = ("content-type", "application/json; charset=utf-8");
    let text_kind = ("content-type", "text/plain");
    for (verb, path, kind, body, wanted) in [
        ("POST", EVALUATION, json_kind, sound.as_str(), 200),
        ("POST", EVALUATION, text_kind, sound.as_str(), 400),
        ("POST", EVALUATION, json_kind, "", 400),
        ("POST", EVALUATION, json_kind, "nonsense", 400),
        ("POST", EVALUATION, json_kind, "[]", 400),
        ("GET", EVALUATION, json_kind, "", 405),
        (
            "POST",
            "/.well-known/authzen-configuration",
            json_kind,
            "",
            405,
        ),
        (
            "POST",
            "/access/v1/search/subject",
            json_kind,
            sound.as_str(),
            404,
        ),
    ] {
        let id = ("x-request-id", "bfe9eb29");
        let answer = ask(bench.address, verb, path, &[kind, id], body.as_bytes()).await;
        assert_eq!(answer.status, wanted, "{verb} {path} {body}");
        if wanted != 404 {
            assert_eq!(answer.headers["x-request-id"], "bfe9eb29", "{verb} {path}");
        }
    }
    let answer = evaluate(&bench, &shield("use")).await;
    assert_eq!(answer.headers.get("x-request-id"), None);
    let mut other = shield("use");
    other["context"] = json!({"require_snapshot_id": "another"});
    assert_eq!(evaluate(&bench, &other).await.status, 400);
    let mut facts = shield("use");
    facts["resource"]["properties"]["version"] = json!("x".repeat(2_000));
    let answer = evaluate(&bench, &facts).await;
    assert_eq!(answer.status, 400);
    let said = String::from_utf8(answer.body).unwrap();
    assert!(said.starts_with("`resource.properties.version`"), "{said}");
}

#[tokio::test]
async fn the_configuration_names_the_server_as_it_was_asked() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let path = "/.well-known/authzen-configuration";
    let answer = get(bench.address, path).await;
    assert_eq!(
        answer.json(),
        json!({
            "policy_decision_point": "http://embargo",
            "access_evaluation_endpoint": "http://embargo/access/v1/evaluation",
            "access_evaluations_endpoint": "http://embargo/access/v1/evaluations",
        })
    );
    let behind = [("x-forwarded-proto", "https")];
    let answer = ask(bench.address, "GET", path, &behind, b"").await.json();
    assert_eq!(answer["policy_decision_point"], "https://embargo");
}

#[tokio::test]
async fn without_policies_and_after_the_deadline_there_is_no_decision() {
    let policies = tempfile::tempdir().unwrap();
    let bench = Bench::start(policies.path()).await;
    assert_eq!(evaluate(&bench, &clean("use")).await.status, 503);
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let headers = [
        ("content-type", "application/json"),
        ("connect-timeout-ms", "0"),
    ];
    let body = clean("use").to_string();
    let answer = ask(bench.address, "POST", EVALUATION, &headers, body.as_bytes()).await;
    assert_eq!(answer.status, 504);
}

#[tokio::test]
async fn a_full_queue_is_no_decision() {
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
            let address = bench.address;
            let mut asked = clean("use");
            asked["subject"]["id"] = json!(format!("h{at}"));
            tokio::spawn(async move { post(address, EVALUATION, asked.to_string()).await })
        })
        .collect();
    let mut refused = 0;
    for call in calls {
        let answer = within(call).await.unwrap();
        if answer.status == 200 {
            assert_eq!(answer.json()["context"]["effect"], "indeterminate");
            continue;
        }
        assert_eq!(answer.status, 429);
        assert_eq!(answer.headers["retry-after"], "1");
        refused += 1;
    }
    assert!(refused >= 1);
}

#[tokio::test]
async fn while_the_server_drains_there_is_no_decision() {
    let policies = slow();
    let patient = Settings {
        policy_budget: Duration::from_secs(2),
        ..settings()
    };
    let mut bench = Bench::start_with(policies.path(), patient).await;
    let mut client = bench.decisions();
    let running = tokio::spawn(async move { client.decide_host(question(host("h"))).await });
    let mut states = bench.watch().await;
    bench.stop();
    let ended = within(states.message()).await.unwrap_err();
    assert_eq!(reason(&ended).1, "DRAINING");
    let id = [("content-type", "application/json"), ("x-request-id", "a")];
    let body = clean("use").to_string();
    let answer = ask(bench.address, "POST", EVALUATION, &id, body.as_bytes()).await;
    assert_eq!(
        (answer.status, answer.headers["x-request-id"].as_str()),
        (503, "a")
    );
    within(running).await.unwrap().unwrap();
    bench.stopped().await;
}

#[tokio::test]
async fn the_door_can_be_closed() {
    let policies = ban();
    let closed = Settings {
        doors: [Door::Grpc, Door::Http].into(),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), closed).await;
    assert_eq!(evaluate(&bench, &clean("use")).await.status, 404);
}
