//! What callers learn from failures that crossed a connection.

use std::time::Duration;

use embargo_client::{CallError, Client, Code, ConnectError, Malformed, v1};
use tokio::net::TcpListener;
use tonic::Status;
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use crate::fake::{Fake, Step, question, quick};

#[tokio::test]
async fn the_details_of_a_status_arrive() {
    let fake = Fake::start().await;
    let mut details = ErrorDetails::with_error_info("FACTS_INVALID", "embargo.v1", []);
    details.set_bad_request(vec![
        FieldViolation::new("facts.host_id", "is empty"),
        FieldViolation::new("facts.software[17].sha256", "has 20 bytes"),
    ]);
    let status = Status::with_error_details(Code::InvalidArgument, "facts are invalid", details);
    fake.scripts.decide.set([Step::Fail(status)]);

    let error = fake
        .client()
        .await
        .decide_host(question())
        .await
        .unwrap_err();
    assert!(error.is_reason(v1::ErrorReason::FactsInvalid));
    assert_eq!(error.place().method(), "DecideHost");
    assert_eq!(
        error.to_string(),
        format!(
            "facts are invalid: `facts.host_id` is empty, `facts.software[17].sha256` has 20 bytes \
             (INVALID_ARGUMENT, FACTS_INVALID): DecideHost at {}; hint: correct the named fields",
            fake.endpoint
        )
    );
}

#[tokio::test]
async fn the_metadata_and_the_delay_of_a_status_arrive() {
    let fake = Fake::start().await;
    let mut details = ErrorDetails::with_error_info(
        "OVERLOADED",
        "embargo.v1",
        [("limit".into(), "queue".into())],
    );
    details.set_retry_info(Some(Duration::from_secs(3_600)));
    let status = Status::with_error_details(Code::ResourceExhausted, "busy", details);
    fake.scripts.decide.set([Step::Fail(status)]);

    let error = fake
        .client()
        .await
        .decide_host(question())
        .await
        .unwrap_err();
    assert_eq!(error.retry_delay(), Some(Duration::from_secs(3_600)));
    assert_eq!(error.status().unwrap().metadata["limit"], "queue");
    assert_eq!(
        fake.scripts.decide.calls(),
        1,
        "an hour is past the deadline"
    );
}

/// An endpoint that nothing listens on.
async fn vacant() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failure_of_the_transport() {
    let client = quick(Client::builder(vacant().await))
        .connect_lazy()
        .unwrap();
    let error = client.decide_host(question()).await.unwrap_err();
    assert!(matches!(error, CallError::Transport { .. }), "{error:?}");
    assert_eq!(error.code(), Code::Unavailable);
    assert!(
        error.to_string().starts_with("Connection refused"),
        "{error}"
    );
}

#[tokio::test]
async fn connecting_says_that_nobody_listens() {
    let endpoint = vacant().await;
    let error = Client::connect(&endpoint).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().starts_with("Connection refused"),
        "{error}"
    );
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_failure_of_the_transport() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let client = quick(Client::builder(endpoint)).connect_lazy().unwrap();
    let error = client.decide_host(question()).await.unwrap_err();
    assert!(matches!(error, CallError::Transport { .. }), "{error:?}");
}

#[tokio::test]
async fn a_request_that_no_server_would_take_is_not_sent() {
    let fake = Fake::start().await;
    let file = v1::SourceFile {
        path: "a".into(),
        content: vec![0; embargo_client::MAX_MESSAGE_BYTES],
    };
    let error = fake
        .client()
        .await
        .validate_bundle(vec![file])
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::TooLarge { .. }), "{error:?}");
    assert!(error.is_request_fault());
    assert_eq!(fake.scripts.validate.calls(), 0);
}

#[tokio::test]
async fn an_answer_above_the_default_of_the_transport_arrives() {
    let fake = Fake::start().await;
    let snapshot_id = "a".repeat(12 * 1024 * 1024);
    let answer = v1::ValidateBundleResponse {
        snapshot_id,
        ..Default::default()
    };
    fake.scripts.validate.set([Step::Answer(answer.clone())]);
    let file = v1::SourceFile {
        path: "a".into(),
        content: vec![0; 12 * 1024 * 1024],
    };
    assert_eq!(
        fake.client()
            .await
            .validate_bundle(vec![file])
            .await
            .unwrap(),
        answer
    );
}

#[tokio::test]
async fn a_policy_that_is_missing_from_its_answer_is_an_error() {
    let fake = Fake::start().await;
    fake.scripts
        .policy
        .set([Step::Answer(v1::GetPolicyResponse::default())]);
    let error = fake.client().await.get_policy("p").await.unwrap_err();
    let CallError::Malformed { cause, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(cause, Malformed::Lacks { part: "policy" });
}
