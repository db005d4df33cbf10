//! The data API of OPA: what its clients ask, and what they must never take for leave.

mod refusals;

use embargo_service::{Door, Settings};
use serde_json::{Value, json};

use crate::asker::{Answer, ask, get, post};
use crate::bench::{Bench, NOW, settings};
use crate::policies::{ask as question, ban, doubts, host};

fn shield() -> Value {
    json!({
        "host_id": "h",
        "software": [
            {"name": "Editor"},
            {"name": "Acme Shield", "version": "3.1", "publisher": "Acme Labs", "bundle_id": "com.acme.shield"},
            {"name": "Browser"},
        ],
    })
}

fn clean() -> Value {
    json!({"host_id": "h", "software": [{"name": "Editor"}]})
}

async fn data(bench: &Bench, path: &str, input: &Value) -> Answer {
    let body = json!({ "input": input }).to_string();
    post(bench.address, &format!("/v1/data/{path}"), body).await
}

async fn result(bench: &Bench, path: &str, input: &Value) -> Value {
    let answer = data(bench, path, input).await;
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.json());
    answer.json().get("result").cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_decision_over_the_data_api_is_the_one_over_grpc() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let wanted = bench.decide(question(host("h"))).await.unwrap();
    let answer = data(&bench, "embargo/decision", &shield()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let answer = answer.json();
    assert_eq!(answer["decision_id"], wanted.decision_id.as_str());
    let decision = &answer["result"];
    assert_eq!(decision["decision_id"], wanted.decision_id.as_str());
    assert_eq!(decision["effect"], "deny");
    assert_eq!(decision["evaluate_time"], NOW);
    assert_eq!(decision["findings"][0]["instrument_id"], "ban");
    assert_eq!(*decision, embargo_service::codec::json::decision(&wanted));
}

/// The one table of this door, row by row.
#[tokio::test]
async fn each_effect_has_its_words() {
    let policies = doubts();
    let bench = Bench::start(policies.path()).await;
    let with = |facts: Value, action: &str, at: &str| json!({"facts": facts, "action": action, "evaluate_time": at});
    let banned = json!(["Acme Shield is banned"]);
    let asks = json!(["who is it for?"]);
    let none = json!([]);
    let now = "2025-06-01T00:00:00Z";
    for (input, effect, allow, deny, review, warn) in [
        (
            with(clean(), "use", now),
            "allow",
            json!(true),
            &none,
            &none,
            &none,
        ),
        (
            with(shield(), "use", "2024-06-01T00:00:00Z"),
            "warn",
            json!(true),
            &none,
            &none,
            &banned,
        ),
        (
            with(clean(), "acquire", now),
            "review",
            json!(false),
            &none,
            &asks,
            &none,
        ),
        (
            with(shield(), "use", now),
            "deny",
            json!(false),
            &banned,
            &none,
            &none,
        ),
    ] {
        assert_eq!(result(&bench, "embargo/effect", &input).await, effect);
        assert_eq!(
            result(&bench, "embargo/allow", &input).await,
            allow,
            "{effect}"
        );
        assert_eq!(
            &result(&bench, "embargo/deny", &input).await,
            deny,
            "{effect}"
        );
        assert_eq!(
            &result(&bench, "embargo/review", &input).await,
            review,
            "{effect}"
        );
        assert_eq!(
            &result(&bench, "embargo/warn", &input).await,
            warn,
            "{effect}"
        );
        let violations = result(&bench, "embargo/violations", &input).await;
        assert_eq!(violations == none, allow == json!(true), "{effect}");
        let all = result(&bench, "embargo", &input).await;
        assert_eq!(all["effect"], effect);
        assert_eq!(all["allow"], allow);
        assert_eq!(
            all["aap"],
            json!({"allowed": allow, "violations": violations})
        );
        assert_eq!(result(&bench, "", &input).await, json!({ "embargo": all }));
        let job = json!({"id": 7, "name": "job", "extra_vars": {"other": 1, "embargo": input}});
        let aap = json!({"allowed": allow, "violations": violations});
        assert_eq!(result(&bench, "embargo/aap", &job).await, aap, "{effect}");
    }
}

#[tokio::test]
async fn what_cannot_be_told_is_undefined_and_stands_among_the_denials() {
    let policies = doubts();
    let bench = Bench::start(policies.path()).await;
    let unread =
        json!({"host_id": "h", "coverage": [{"source": "programs", "state": "unreadable"}]});
    let failing = json!({"facts": clean(), "action": "connect"});
    for input in [unread, failing] {
        let answer = data(&bench, "embargo/allow", &input).await;
        assert_eq!(answer.status, 200);
        let answer = answer.json();
        assert_eq!(answer.get("result"), None);
        assert_ne!(answer["decision_id"], "");
        assert_eq!(
            result(&bench, "embargo/effect", &input).await,
            "indeterminate"
        );
        let deny = result(&bench, "embargo/deny", &input).await;
        assert_eq!(deny.as_array().map(Vec::len), Some(1), "{deny}");
        let all = result(&bench, "embargo", &input).await;
        assert_eq!(all.get("allow"), None);
        assert_eq!(all["aap"], json!({"allowed": false, "violations": deny}));
        let one = result(&bench, "restrictions/doubts", &input).await;
        assert_eq!(one["deny"], deny);
        let bare = post(bench.address, "/v0/data/embargo/allow", input.to_string()).await;
        assert_eq!(bare.status, 404);
        assert_eq!(bare.json()["code"], "undefined_document");
    }
}

#[tokio::test]
async fn a_policy_answers_for_itself_and_nothing_else_is_found() {
    let policies = doubts();
    let bench = Bench::start(policies.path()).await;
    let wanted = json!({"deny": ["Acme Shield is banned"], "review": [], "warn": [], "exempt": []});
    assert_eq!(result(&bench, "restrictions/ban", &shield()).await, wanted);
    let empty = json!({"deny": [], "review": [], "warn": [], "exempt": []});
    assert_eq!(
        result(&bench, "restrictions/doubts", &shield()).await,
        empty
    );
    for path in [
        "restrictions",
        "restrictions/gone",
        "restrictions/ban/deny",
        "restrictions%2Eban",
        "embargo/decision/effect",
        "instruments/ban",
        "system/main",
        "lib/verdict",
        "embargo/allow;true",
    ] {
        let answer = data(&bench, path, &shield()).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json().get("result"), None, "{path}");
    }
}

#[tokio::test]
async fn input_comes_in_each_of_the_ways_of_opa() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let bare = post(
        bench.address,
        "/v0/data/embargo/effect",
        shield().to_string(),
    )
    .await;
    assert_eq!((bare.status, bare.json()), (200, json!("deny")));
    let default = post(bench.address, "/", shield().to_string()).await;
    assert_eq!(
        (default.status, &default.json()["effect"]),
        (200, &json!("deny"))
    );
    let query = "%7B%22host_id%22%3A%22h%22%7D";
    let answer = get(
        bench.address,
        &format!("/v1/data/embargo/effect?input={query}"),
    )
    .await;
    assert_eq!(answer.json()["result"], "allow");
    let answer = ask(
        bench.address,
        "POST",
        "/v1/data/embargo/effect",
        &[],
        br#"{"input": {"host_id": "h"}}"#,
    )
    .await;
    assert_eq!(answer.json()["result"], "allow");

    let warning =
        json!({"code": "api_usage_warning", "message": "'input' key missing from the request"});
    for body in [
        "",
        "{}",
        r#"{"input": null}"#,
        r#"{"inputs": {"host_id": "h"}}"#,
    ] {
        let answer = post(bench.address, "/v1/data/embargo/allow", body).await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, json!({ "warning": warning })),
            "{body}"
        );
    }
    let answer = get(bench.address, "/v1/data/embargo/allow").await;
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    let bare = post(bench.address, "/v0/data/embargo/allow", "").await;
    assert_eq!(
        (bare.status, &bare.json()["code"]),
        (404, &json!("undefined_document"))
    );
}

#[tokio::test]
async fn parameters_are_read_as_opa_reads_them() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let plain = data(&bench, "embargo/effect", &shield()).await.json();
    let keys: Vec<&String> = plain.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["decision_id", "result"]);

    let asked =
        "embargo/effect?pretty&metrics=true&provenance=TRUE&explain=full&strict-builtin-errors";
    let answer = data(&bench, asked, &shield()).await;
    assert!(answer.body.starts_with(b"{\n  \""));
    let answer = answer.json();
    assert!(
        answer["metrics"]["timer_server_handler_ns"]
            .as_u64()
            .unwrap()
            > 0
    );
    let revision = &answer["provenance"]["bundles"]["embargo"]["revision"];
    assert_eq!(*revision, bench.snapshot_id());
    let lines = answer["explanation"].as_array().unwrap();
    assert!(
        lines[0]
            .as_str()
            .unwrap()
            .starts_with("deny data.restrictions.ban at instruments/ban/rule.rego:")
    );
    for off in [
        "pretty=false",
        "metrics=0",
        "provenance=no",
        "explain=off",
        "explain=loud",
    ] {
        let answer = data(&bench, &format!("embargo/effect?{off}"), &shield()).await;
        assert_eq!(answer.json(), plain, "{off}");
        assert!(answer.body.starts_with(b"{\""));
    }
}

#[tokio::test]
async fn with_policies_health_is_good_and_their_ids_are_listed() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for path in ["/health", "/health?bundles&plugins", "/health?bundles=true"] {
        let answer = get(bench.address, path).await;
        assert_eq!((answer.status, answer.json()), (200, json!({})), "{path}");
    }
    let listed = get(bench.address, "/v1/policies/").await.json();
    assert_eq!(listed, json!({"result": [{"id": "restrictions.ban"}]}));
    // The list of the native API is another path.
    let native = get(bench.address, "/v1/policies").await.json();
    assert_eq!(native["policies"][0]["policyId"], "restrictions.ban");
}

#[tokio::test]
async fn the_door_can_be_closed_and_be_the_only_one() {
    let policies = ban();
    let with = |doors: &[Door]| Settings {
        doors: doors.iter().copied().collect(),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), with(&[Door::Grpc, Door::Http])).await;
    let answer = data(&bench, "embargo/allow", &clean()).await;
    assert_eq!((answer.status, &answer.json()["code"]), (404, &json!(5)));
    let bench = Bench::start_with(policies.path(), with(&[Door::Opa])).await;
    assert_eq!(result(&bench, "embargo/allow", &clean()).await, true);
    assert_eq!(get(bench.address, "/v1/snapshot").await.status, 404);
}
