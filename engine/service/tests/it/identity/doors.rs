//! Every door refuses in its own words, and no refusal looks like leave.

use embargo_proto::envoy::service::auth::v3 as envoy;
use embargo_service::{Door, Reflection, Settings};
use envoy::authorization_client::AuthorizationClient;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::asker::{Answer, ask};
use crate::bench::{Bench, reason};
use crate::policies::ban;

use super::issuer::claims;
use super::tokens::{Site, bearing};

/// Every path that needs a credential, with the scope that it needs.
const PATHS: [(&str, &str, Door, &str); 26] = [
    ("POST", "/v1/hosts:decide", Door::Http, "decide"),
    ("POST", "/v1/hosts:batchDecide", Door::Http, "decide"),
    ("POST", "/v1/hosts:streamDecide", Door::Http, "decide"),
    ("POST", "/v1/hosts:explain", Door::Http, "explain"),
    ("POST", "/v1/hosts:computeTimeline", Door::Http, "explain"),
    ("POST", "/v1/inventories:decide", Door::Http, "decide"),
    ("POST", "/v1/software:identify", Door::Http, "policy-read"),
    ("GET", "/v1/policies", Door::Http, "policy-read"),
    ("GET", "/v1/policies/x", Door::Http, "policy-read"),
    ("POST", "/v1/policies:test", Door::Http, "policy-test"),
    ("GET", "/v1/snapshot", Door::Http, "policy-read"),
    ("GET", "/v1/snapshot:watch", Door::Http, "policy-read"),
    ("POST", "/v1/bundles:validate", Door::Http, "policy-test"),
    ("POST", "/v1/data", Door::Opa, "decide"),
    ("POST", "/v1/data/", Door::Opa, "decide"),
    ("GET", "/v1/data/embargo/allow", Door::Opa, "decide"),
    ("POST", "/v1/data/embargo/allow", Door::Opa, "decide"),
    ("POST", "/v0/data", Door::Opa, "decide"),
    ("POST", "/v0/data/", Door::Opa, "decide"),
    ("POST", "/v0/data/embargo/allow", Door::Opa, "decide"),
    ("POST", "/", Door::Opa, "decide"),
    ("GET", "/v1/policies/", Door::Opa, "policy-read"),
    ("POST", "/access/v1/evaluation", Door::Authzen, "decide"),
    ("POST", "/access/v1/evaluations", Door::Authzen, "decide"),
    ("POST", "/webhook/k8s/v1", Door::Kubernetes, "decide"),
    ("PUT", "/v1/data/embargo/allow", Door::Opa, "decide"),
];

/// In the words of the door, and nothing in it that could be taken for a decision.
fn refuses(answer: &Answer, door: Door, place: &str) {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    match door {
        Door::Authzen => assert!(
            answer.headers["content-type"].starts_with("text/plain"),
            "{place}"
        ),
        Door::Opa => {
            let body = answer.json();
            assert_eq!(body["code"], "unauthorized", "{place}");
            assert!(body.get("result").is_none(), "{place}");
        }
        _ => assert!(answer.json()["code"].is_number(), "{place}"),
    }
    for word in [
        "\"result\"",
        "\"decision\"",
        "\"allowed\"",
        "\"response\"",
        "\"effect\"",
    ] {
        assert!(!text.contains(word), "{place}: {text}");
    }
}

#[tokio::test]
async fn every_path_refuses_who_is_not_known_and_who_may_not() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    let nothing = format!("Bearer {}", site.issuer.token(&claims("log-read")));
    for (verb, path, door, scope) in PATHS {
        let place = format!("{verb} {path}");
        let headers = [("content-type", "application/json"), ("x-request-id", "r1")];
        let unknown = ask(bench.address, verb, path, &headers, b"{}").await;
        assert_eq!(unknown.status, 401, "{place}");
        assert_eq!(
            unknown.headers["www-authenticate"], "Bearer realm=\"embargo\"",
            "{place}"
        );
        refuses(&unknown, door, &place);
        let headers = [headers[0], headers[1], ("authorization", nothing.as_str())];
        let powerless = ask(bench.address, verb, path, &headers, b"{}").await;
        assert_eq!(powerless.status, 403, "{place}");
        let challenge = &powerless.headers["www-authenticate"];
        assert!(
            challenge.ends_with(&format!("scope=\"{scope}\"")),
            "{place}: {challenge}"
        );
        refuses(&powerless, door, &place);
        if door == Door::Authzen {
            assert_eq!(powerless.headers["x-request-id"], "r1");
        }
    }
}

#[tokio::test]
async fn who_shows_nothing_may_decide_at_the_doors_that_are_named_and_do_nothing_else() {
    let policies = ban();
    let site = Site::new();
    let mut settings = site.settings.clone();
    let open = [Door::Http, Door::Kubernetes];
    settings.identity.anonymous = open.to_vec();
    let bench = Bench::start_with(policies.path(), settings).await;
    for (verb, path, door, scope) in PATHS {
        let place = format!("{verb} {path}");
        let json = ("content-type", "application/json");
        let answer = ask(bench.address, verb, path, &[json], b"{}").await;
        match (open.contains(&door), scope) {
            (true, "decide") => assert!(![401, 403].contains(&answer.status), "{place}"),
            (true, _) => assert_eq!(answer.status, 403, "{place}"),
            (false, _) => assert_eq!(answer.status, 401, "{place}"),
        }
        if answer.status == 401 || answer.status == 403 {
            refuses(&answer, door, &place);
        }
        // Showing something that is not accepted is not showing nothing.
        let wrong = [json, ("authorization", "Bearer embargo_wrong")];
        let answer = ask(bench.address, verb, path, &wrong, b"{}").await;
        assert_eq!(answer.status, 401, "{place}");
        refuses(&answer, door, &place);
    }
    let mut envoy = AuthorizationClient::new(bench.channel.clone());
    let refused = envoy.check(envoy::CheckRequest::default()).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_caller_who_may_is_answered_at_every_door() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    let bearer = format!("Bearer {}", site.token.token);
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    let facts = r#"{"input":{"host_id":"h","software":[{"name":"Editor"}]}}"#;
    let evaluation = r#"{"subject":{"type":"device","id":"h"},"action":{"name":"use"},"resource":{"type":"software","id":"Editor"}}"#;
    let review = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","kind":{"group":"","version":"v1","kind":"ConfigMap"},"name":"h","object":{"metadata":{"annotations":{"embargo.dev/facts":"software: [{name: Editor}]"}}}}}"#;
    for (path, body, part) in [
        (
            "/v1/hosts:decide",
            r#"{"facts":{"hostId":"h"}}"#,
            "\"decision\"",
        ),
        ("/v1/data/embargo/allow", facts, "\"result\":true"),
        ("/access/v1/evaluation", evaluation, "\"decision\":true"),
        ("/webhook/k8s/v1", review, "\"allowed\":true"),
    ] {
        let answer = ask(bench.address, "POST", path, &headers, body.as_bytes()).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 200, "{path}: {text}");
        assert!(text.replace(' ', "").contains(part), "{path}: {text}");
    }
}

#[tokio::test]
async fn health_and_descriptions_need_no_credential() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    for path in [
        "/health",
        "/openapi.json",
        "/.well-known/authzen-configuration",
    ] {
        let answer = ask(bench.address, "GET", path, &[], b"").await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let mut health = HealthClient::new(bench.channel.clone());
    let asked = HealthCheckRequest {
        service: String::new(),
    };
    health.check(asked).await.unwrap();
}

#[tokio::test]
async fn what_has_no_rule_is_not_there_for_anybody() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    let bearer = format!("Bearer {}", site.token.token);
    for path in [
        "/v1/nothing",
        "/embargo.v1.DecisionService/NoSuchMethod",
        "/metrics",
    ] {
        let unknown = ask(bench.address, "POST", path, &[], b"").await;
        assert_eq!(unknown.status, 401, "{path}");
        let headers = [("authorization", bearer.as_str())];
        let known = ask(bench.address, "POST", path, &headers, b"").await;
        assert_eq!(known.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_method_over_http_1_is_no_way_past_a_credential() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    let path = "/embargo.v1.DecisionService/DecideHost";
    let headers = [("content-type", "application/grpc")];
    let answer = ask(bench.address, "POST", path, &headers, b"").await;
    // Not 200 with a status in a header that nobody over HTTP/1.1 looks for.
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn envoy_is_told_by_an_error_that_it_may_not_ask() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    let mut client = AuthorizationClient::new(bench.channel.clone());
    let asked = envoy::CheckRequest::default();
    let status = client.check(asked.clone()).await.unwrap_err();
    assert_eq!(reason(&status).1, "CREDENTIALS_MISSING");
    let powerless = site.issuer.token(&claims("explain"));
    let status = client
        .check(bearing(&powerless, asked.clone()))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let answer = client
        .check(bearing(&site.token.token, asked))
        .await
        .unwrap();
    // Without facts nothing is let through.
    assert_ne!(answer.into_inner().status.unwrap().code, 0);
}

#[tokio::test]
async fn services_are_listed_to_whom_runs_the_server_or_to_nobody() {
    use tonic_reflection::pb::v1 as pb;
    let policies = ban();
    let site = Site::new();
    let asked = || {
        let ask = pb::ServerReflectionRequest {
            message_request: Some(pb::server_reflection_request::MessageRequest::ListServices(
                String::new(),
            )),
            ..Default::default()
        };
        tokio_stream::once(ask)
    };
    let admin = site.issuer.token(&claims("admin"));
    let other = site.token.token.clone();
    for (reflection, wanted) in [
        (Reflection::Auto, [None, Some(Code::PermissionDenied)]),
        (
            Reflection::Off,
            [Some(Code::Unimplemented), Some(Code::PermissionDenied)],
        ),
    ] {
        let settings = Settings {
            reflection,
            ..site.settings.clone()
        };
        let bench = Bench::start_with(policies.path(), settings).await;
        let channel = bench.channel.clone();
        let mut client = pb::server_reflection_client::ServerReflectionClient::new(channel);
        for (token, code) in [&admin, &other].into_iter().zip(wanted) {
            let request: Request<_> = bearing(token, asked());
            let answer = client.server_reflection_info(request).await;
            assert_eq!(
                answer.err().map(|status| status.code()),
                code,
                "{reflection:?}"
            );
        }
    }
}
