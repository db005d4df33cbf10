//! Deadlines and retries over a connection. The loop itself is tested under a paused clock.

use std::time::{Duration, Instant};

use embargo_client::{CallError, Client, Code, v1::Effect};
use tonic::Status;

use crate::fake::{Fake, Step, answer, decision, question, quick};

const SHORT: Duration = Duration::from_millis(60);

#[tokio::test]
async fn a_call_that_hangs_ends_at_its_deadline() {
    let fake = Fake::start().await;
    fake.scripts.decide.set([Step::Hang]);
    let client = fake.client().await.with_deadline(SHORT);

    let start = Instant::now();
    let error = client.decide_host(question()).await.unwrap_err();
    assert!(
        matches!(error, CallError::Deadline { limit: SHORT, .. }),
        "{error}"
    );
    assert!(start.elapsed() >= SHORT);
    assert_eq!(
        fake.scripts.decide.calls(),
        1,
        "a deadline is not tried again"
    );
}

#[tokio::test]
async fn the_server_is_told_the_deadline_with_every_attempt() {
    let fake = Fake::start().await;
    fake.scripts.decide.set([
        Step::Fail(Status::unavailable("no")),
        answer(decision(Effect::Allow)),
    ]);
    fake.client().await.decide_host(question()).await.unwrap();

    let told: Vec<u64> = fake
        .scripts
        .decide
        .timeouts()
        .into_iter()
        .map(|timeout| timeout.unwrap().strip_suffix('u').unwrap().parse().unwrap())
        .collect();
    assert_eq!(told.len(), 2);
    assert!(
        told[0] <= 10_000_000 && told[1] < told[0],
        "{told:?} microseconds"
    );
}

#[tokio::test]
async fn an_unavailable_server_is_tried_again_until_it_answers() {
    let fake = Fake::start().await;
    let unavailable = Step::Fail(Status::unavailable("starting"));
    fake.scripts.decide.set([
        unavailable.clone(),
        unavailable.clone(),
        unavailable,
        answer(decision(Effect::Deny)),
    ]);
    let decided = fake.client().await.decide_host(question()).await.unwrap();
    assert_eq!(decided.effect(), Effect::Deny);
    assert_eq!(fake.scripts.decide.calls(), 4);
}

#[tokio::test]
async fn attempts_run_out() {
    let fake = Fake::start().await;
    fake.scripts
        .decide
        .set([Step::Fail(Status::unavailable("no"))]);
    let error = fake
        .client()
        .await
        .decide_host(question())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert_eq!(fake.scripts.decide.calls(), 4);
}

#[tokio::test]
async fn an_invalid_request_is_not_tried_again() {
    let fake = Fake::start().await;
    fake.scripts.decide.set([
        Step::Fail(Status::invalid_argument("no")),
        answer(decision(Effect::Allow)),
    ]);
    let error = fake
        .client()
        .await
        .decide_host(question())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(fake.scripts.decide.calls(), 1);
}

#[tokio::test]
async fn a_server_may_start_after_a_lazy_client() {
    let fake = Fake::start().await;
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    let client = quick(Client::builder(&fake.endpoint))
        .connect_lazy()
        .unwrap();
    assert_eq!(
        client.decide_host(question()).await.unwrap().effect(),
        Effect::Allow
    );
}
