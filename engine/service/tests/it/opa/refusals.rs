//! What is no decision, over the data API: an error of OPA's form, and never a result.

use std::time::Duration;

use embargo_service::{LimitsSettings, Settings};
use serde_json::json;

use super::{clean, data, shield};
use crate::asker::{ask, get, post};
use crate::bench::{Bench, reason, settings, within};
use crate::policies::{ask as question, ban, host, slow};

#[tokio::test]
async fn what_is_unsound_is_an_error_of_opa_and_repeats_no_value() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let path = "/v1/data/embargo/allow";
    for (unsound, named) in [
        ("nonsense", "malformed"),
        ("[\"secret\"]", "malformed"),
        (r#"[{"host_id": "h"}]"#, "malformed"),
        (r#"{"input": {"host_id": "h"}"#, "malformed"),
        (
            r#"{"input": {"host_id": "h", "host_id": "i"}}"#,
            "`host_id` is given twice",
        ),
        (
            r#"{"input": {"host_id": "h"}, "input": {}}"#,
            "`input` is given twice",
        ),
        (r#"{"input": "secret"}"#, "`input`"),
        (r#"{"input": {}}"#, "host_id"),
        (r#"{"input": {"host_id": "h", "sofware": []}}"#, "sofware"),
        (
            r#"{"input": {"host_id": "h", "software": [{"name": ["secret"]}]}}"#,
            "`input`",
        ),
        (
            r#"{"input": {"facts": {"host_id": "h"}, "when": "secret"}}"#,
            "`input.when`",
        ),
        (
            r#"{"input": {"facts": {"host_id": "h"}, "action": "secret"}}"#,
            "`install`",
        ),
        (
            r#"{"input": {"facts": {"host_id": "h"}, "require_snapshot_id": "another"}}"#,
            "another",
        ),
    ] {
        let answer = post(bench.address, path, unsound).await;
        assert_eq!(answer.status, 400, "{unsound}");
        let error = answer.json();
        assert_eq!(error["code"], "invalid_parameter", "{unsound}");
        assert_eq!(error.get("result"), None);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(named), "{unsound}: {message}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let answer = post(bench.address, path, r#"{"input": {"host_id": ""}}"#)
        .await
        .json();
    assert_eq!(answer["errors"][0]["code"], "FACTS_INVALID");

    for job in [
        json!({}),
        json!({"extra_vars": {}}),
        json!({"extra_vars": "{}"}),
    ] {
        let answer = data(&bench, "embargo/aap", &job).await;
        assert_eq!(answer.status, 400, "{job}");
        assert!(
            answer.json()["message"]
                .as_str()
                .unwrap()
                .contains("extra_vars")
        );
    }
    // What a caller made up is not sent back at length.
    let key = "k".repeat(100_000);
    for long in [
        format!(r#"{{"input": {{"{key}": 1}}}}"#),
        format!(r#"{{"input": {{"facts": {{}}, "{key}": 1}}}}"#),
        format!(r#"{{"{key}": 1, "{key}": 1}}"#),
    ] {
        let answer = post(bench.address, path, long).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.len() < 10_000, "{}", answer.body.len());
    }
    let gzip = [("content-encoding", "gzip")];
    let answer = ask(bench.address, "POST", path, &gzip, b"\x1f\x8b").await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (415, &json!("invalid_parameter"))
    );
    let answer = ask(bench.address, "PUT", path, &[], b"{}").await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (405, &json!("invalid_operation"))
    );
    let large = vec![b' '; 16 * 1_024 * 1_024 + 1];
    let answer = post(bench.address, path, large).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (413, &json!("invalid_parameter"))
    );
}

#[tokio::test]
async fn without_policies_there_is_no_result_and_health_says_so() {
    let policies = tempfile::tempdir().unwrap();
    let bench = Bench::start(policies.path()).await;
    for path in [
        "embargo/allow",
        "embargo",
        "restrictions/ban",
        "embargo/aap",
    ] {
        let input = json!({"host_id": "h", "extra_vars": {"embargo": clean()}});
        let input = if path == "embargo/aap" {
            input
        } else {
            clean()
        };
        let answer = data(&bench, path, &input).await;
        assert_eq!(answer.status, 503, "{path}");
        let error = answer.json();
        assert_eq!(error["code"], "internal_error");
        assert_eq!(error["errors"][0]["code"], "NO_SNAPSHOT");
        assert_eq!(error.get("result"), None);
    }
    assert_eq!(get(bench.address, "/v1/policies/").await.status, 503);
    assert_eq!(get(bench.address, "/health").await.json(), json!({}));
    for ready in ["bundles", "bundle=true", "plugins", "bundles&plugins"] {
        let answer = get(bench.address, &format!("/health?{ready}")).await;
        let wanted = json!({"error": "one or more bundles are not activated"});
        assert_eq!((answer.status, answer.json()), (500, wanted), "{ready}");
    }
}

#[tokio::test]
async fn a_deadline_that_passes_is_no_result() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let body = json!({"input": shield()}).to_string();
    let due = [("connect-timeout-ms", "0")];
    let answer = ask(
        bench.address,
        "POST",
        "/v1/data/embargo/allow",
        &due,
        body.as_bytes(),
    )
    .await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (504, &json!("internal_error"))
    );
    assert_eq!(answer.json()["errors"][0]["code"], "DEADLINE_PASSED");
}

#[tokio::test]
async fn a_full_queue_is_no_result() {
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
            let body = json!({"input": {"host_id": format!("h{at}")}}).to_string();
            tokio::spawn(async move { post(address, "/v1/data/embargo/allow", body).await })
        })
        .collect();
    let mut refused = 0;
    for call in calls {
        let answer = within(call).await.unwrap();
        if answer.status == 200 {
            // The policy ran out of time.
            assert_eq!(answer.json().get("result"), None);
            continue;
        }
        assert_eq!(answer.status, 429);
        assert_eq!(answer.json()["code"], "internal_error");
        assert_eq!(answer.headers["retry-after"], "1");
        refused += 1;
    }
    assert!(refused >= 1);
}

#[tokio::test]
async fn while_the_server_drains_there_is_no_result_and_health_says_so() {
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
    let answer = data(&bench, "embargo/allow", &clean()).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (503, &json!("internal_error"))
    );
    assert_eq!(answer.json()["errors"][0]["code"], "DRAINING");
    let answer = get(bench.address, "/health").await;
    let wanted = json!({"error": "the server is shutting down"});
    assert_eq!((answer.status, answer.json()), (500, wanted));
    within(running).await.unwrap().unwrap();
    bench.stopped().await;
}
