//! Callers with tokens: each wrong one is refused with its reason, over gRPC and over HTTP.

use std::fs;

use embargo_proto::v1 as pb;
use embargo_service::{NewToken, Settings};
use pb::decision_service_client::DecisionServiceClient;
use pb::policy_service_client::PolicyServiceClient;
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::{Value, json};
use tonic::{Code, Request, Status};

use crate::asker::{Answer, ask as http};
use crate::bench::{Bench, reason};
use crate::policies::{ask, ban, host};

use super::configured;
use super::issuer::{Issuer, claims, signed, unsigned};

pub(super) struct Site {
    _folder: tempfile::TempDir,
    pub(super) issuer: Issuer,
    pub(super) token: NewToken,
    pub(super) settings: Settings,
}

impl Site {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let issuer = Issuer::new();
        let token = NewToken::random().unwrap();
        fs::write(folder.path().join("jwks.json"), issuer.keys()).unwrap();
        let entry = format!(
            "- name: small\n  sha256: {}\n  scopes: [decide]\n",
            token.sha256
        );
        fs::write(folder.path().join("tokens.yaml"), entry).unwrap();
        let at = folder.path().display();
        let settings = configured(&format!(
            "identity:
  jwt:
  - issuer: https://issuer
    audiences: [embargo]
    jwks_file: {at}/jwks.json
  tokens_file: {at}/tokens.yaml
"
        ));
        Self {
            _folder: folder,
            issuer,
            token,
            settings,
        }
    }
}

pub(super) fn bearing<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", value);
    request
}

async fn decide(bench: &Bench, token: &str) -> Result<(), Status> {
    let mut client = DecisionServiceClient::new(bench.channel.clone());
    let answer = client.decide_host(bearing(token, ask(host("h")))).await?;
    assert!(answer.into_inner().decision.is_some());
    Ok(())
}

async fn decide_http(bench: &Bench, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    let body = br#"{"facts":{"hostId":"h"}}"#;
    http(bench.address, "POST", "/v1/hosts:decide", &headers, body).await
}

#[tokio::test]
async fn sound_tokens_of_every_kind_are_let_in() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    let ec = signed(
        &site.issuer.ec,
        &json!({"alg": "ES256", "kid": "ec"}),
        &claims("decide"),
    );
    for token in [
        site.token.token.clone(),
        site.issuer.token(&claims("decide")),
        ec,
    ] {
        decide(&bench, &token).await.unwrap();
        assert_eq!(decide_http(&bench, &token).await.status, 200);
    }
}

#[tokio::test]
async fn a_stream_ends_when_the_token_does_by_which_it_was_let_in() {
    let policies = ban();
    let site = Site::new();
    let mut settings = site.settings.clone();
    settings.identity.jwt[0].leeway = std::time::Duration::from_secs(1);
    let bench = Bench::start_with(policies.path(), settings).await;
    let mut short = claims("decide policy-read");
    short["exp"] = json!(jsonwebtoken::get_current_timestamp() + 2);
    let token = site.issuer.token(&short);
    let start = std::time::Instant::now();

    let mut watcher = PolicyServiceClient::new(bench.channel.clone());
    let watch = bearing(&token, pb::WatchSnapshotRequest::default());
    let mut states = watcher.watch_snapshot(watch).await.unwrap().into_inner();
    assert!(states.message().await.unwrap().unwrap().active.is_some());
    let mut client = DecisionServiceClient::new(bench.channel.clone());
    let (items, receiver) = tokio::sync::mpsc::channel(1);
    let stream = bearing(
        &token,
        tokio_stream::wrappers::ReceiverStream::new(receiver),
    );
    let answers = client.stream_decide_hosts(stream).await;
    let mut answers = answers.unwrap().into_inner();
    let item = pb::StreamDecideHostsRequest {
        correlation_id: "1".to_owned(),
        facts: Some(host("h")),
        ..Default::default()
    };
    items.send(item).await.unwrap();
    assert!(answers.message().await.unwrap().is_some());

    for ended in [
        states.message().await.map(drop).unwrap_err(),
        answers.message().await.map(drop).unwrap_err(),
    ] {
        let (code, reason, _) = reason(&ended);
        assert_eq!(
            (code, reason.as_str()),
            (Code::Unauthenticated, "CREDENTIALS_INVALID")
        );
    }
    // Not before the end of the token and its leeway, whose seconds may have been part over.
    assert!(start.elapsed().as_secs_f64() > 1.9);
    drop(items);
}

#[tokio::test]
async fn each_wrong_token_is_refused_with_its_reason_over_grpc_and_http() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    let now = jsonwebtoken::get_current_timestamp();
    let issuer = &site.issuer;
    let with = |key: &str, value: Value| {
        let mut claims = claims("decide");
        claims[key] = value;
        issuer.token(&claims)
    };
    let head = |header: Value| signed(&issuer.ed, &header, &claims("decide"));
    let mut endless = claims("decide");
    endless.as_object_mut().unwrap().remove("exp");
    let sound = issuer.token(&claims("decide"));
    let (_, signature) = sound.rsplit_once('.').unwrap();
    let eddsa = json!({"alg": "EdDSA", "kid": "ed"});
    let mut more = claims("decide");
    more["scope"] = json!("admin");
    let tampered = format!("{}.{signature}", unsigned(&eddsa, &more));
    let none = format!("{}.", unsigned(&json!({"alg": "none"}), &claims("decide")));
    let stranger = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    for (what, token, cause) in [
        ("expired", with("exp", json!(now - 600)), "expired"),
        (
            "not yet valid",
            with("nbf", json!(now + 600)),
            "not-yet-valid",
        ),
        (
            "other audience",
            with("aud", json!("other")),
            "wrong-audience",
        ),
        (
            "other issuer",
            with("iss", json!("https://other")),
            "wrong-issuer",
        ),
        ("alg none", none, "algorithm-refused"),
        (
            "keyed by the public key",
            issuer.keyed(&claims("decide")),
            "algorithm-refused",
        ),
        (
            "other key",
            signed(&stranger, &eddsa, &claims("decide")),
            "bad-signature",
        ),
        (
            "unknown key",
            head(json!({"alg": "EdDSA", "kid": "old"})),
            "unknown-key",
        ),
        ("without end", issuer.token(&endless), "claim-missing"),
        ("tampered", tampered, "bad-signature"),
        (
            "RS256 not chosen",
            head(json!({"alg": "RS256", "kid": "ed"})),
            "algorithm-refused",
        ),
        (
            "critical header",
            head(json!({"alg": "EdDSA", "kid": "ed", "crit": ["x"]})),
            "critical-header",
        ),
        ("no token", "abc".to_owned(), "malformed"),
        (
            "unknown static token",
            NewToken::random().unwrap().token,
            "unknown-token",
        ),
        ("digest of a token", site.token.sha256.clone(), "malformed"),
    ] {
        let status = decide(&bench, &token).await.unwrap_err();
        let (code, found, details) = reason(&status);
        assert_eq!(
            (code, found.as_str()),
            (Code::Unauthenticated, "CREDENTIALS_INVALID"),
            "{what}"
        );
        assert_eq!(
            details.error_info().unwrap().metadata["cause"],
            cause,
            "{what}"
        );
        let answer = decide_http(&bench, &token).await;
        assert_eq!(answer.status, 401, "{what}");
        let body = answer.json();
        assert_eq!(body["details"][0]["metadata"]["cause"], cause, "{what}");
        let challenge = &answer.headers["www-authenticate"];
        assert_eq!(
            challenge,
            &format!(
                r#"Bearer realm="embargo", error="invalid_token", error_description="{cause}""#
            )
        );
        // Nothing of a token is repeated.
        assert!(
            token.len() < 8 || !body.to_string().contains(&token),
            "{what}"
        );
        assert!(
            !status.message().contains(&token) || token.len() < 8,
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_token_may_do_what_its_scopes_say_and_no_more() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    let token = site.issuer.token(&claims("decide policy-read"));
    decide(&bench, &token).await.unwrap();
    let mut policy_service = bench.policies();
    let list = pb::ListPoliciesRequest::default();
    policy_service
        .list_policies(bearing(&token, list))
        .await
        .unwrap();
    let explain = pb::ExplainDecisionRequest {
        facts: Some(host("h")),
        ..Default::default()
    };
    let refused = bench
        .decisions()
        .explain_decision(bearing(&token, explain))
        .await;
    let refused = vec![
        (refused.unwrap_err(), "explain"),
        (
            policy_service
                .run_policy_tests(bearing(&token, pb::RunPolicyTestsRequest::default()))
                .await
                .unwrap_err(),
            "policy-test",
        ),
    ];
    for (status, scope) in refused {
        let (code, found, details) = reason(&status);
        assert_eq!(
            (code, found.as_str()),
            (Code::PermissionDenied, "SCOPE_MISSING")
        );
        assert_eq!(details.error_info().unwrap().metadata["scope"], scope);
    }
    // Over HTTP the path needs what its method needs.
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let read = http(bench.address, "GET", "/v1/policies", &headers, b"").await;
    assert_eq!(read.status, 200);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = br#"{"facts":{"hostId":"h"}}"#;
    let refused = http(bench.address, "POST", "/v1/hosts:explain", &headers, body).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["details"][0]["metadata"]["scope"], "explain");
    assert_eq!(
        refused.headers["www-authenticate"],
        r#"Bearer realm="embargo", error="insufficient_scope", scope="explain""#
    );
}

#[tokio::test]
async fn who_says_nothing_is_refused_before_the_message_is_read() {
    let policies = ban();
    let site = Site::new();
    let bench = Bench::start_with(policies.path(), site.settings.clone()).await;
    let status = bench.decide(ask(host("h"))).await.unwrap_err();
    let (code, found, _) = reason(&status);
    assert_eq!(
        (code, found.as_str()),
        (Code::Unauthenticated, "CREDENTIALS_MISSING")
    );
    let body = vec![b'x'; 200_000];
    let headers = [("content-type", "application/json")];
    let answer = http(bench.address, "POST", "/v1/hosts:decide", &headers, &body).await;
    assert_eq!(answer.status, 401);
}
