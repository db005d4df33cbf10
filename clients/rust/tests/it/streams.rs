//! The stream of hosts.

use embargo_client::{CallError, Code, ItemDecision, Malformed, NoDecision, v1};
use tokio_stream::StreamExt as _;
use tonic::Status;
use v1::{Effect, decide_result};

use crate::fake::{Fake, Step, decision, facts};

fn item(correlation_id: &str) -> v1::StreamDecideHostsRequest {
    v1::StreamDecideHostsRequest {
        correlation_id: correlation_id.into(),
        facts: facts(),
        action: v1::Action::Install.into(),
        ..Default::default()
    }
}

fn decided(correlation_id: &str, decision: v1::Decision) -> v1::StreamDecideHostsResponse {
    let result = Some(decide_result::Result::Decision(decision));
    v1::StreamDecideHostsResponse {
        result: Some(v1::DecideResult {
            correlation_id: correlation_id.into(),
            result,
        }),
    }
}

/// Sends items `a` and `b` and collects what comes for them.
async fn stream(
    answers: Vec<Result<v1::StreamDecideHostsResponse, Status>>,
) -> Vec<Result<ItemDecision, CallError>> {
    let fake = Fake::start().await;
    fake.scripts.stream.set([Step::Answer(answers)]);
    let items = tokio_stream::iter([item("a"), item("b")]);
    let answers = fake
        .client()
        .await
        .stream_decide_hosts(items)
        .await
        .unwrap();
    assert_eq!(
        fake.scripts.stream.timeouts(),
        [None],
        "a deadline would end the stream"
    );
    answers.collect().await
}

#[tokio::test]
async fn answers_are_paired_with_their_items_in_any_order() {
    let other = v1::Decision {
        host_id: "host-2".into(),
        ..decision(Effect::Allow)
    };
    let answers = stream(vec![
        Ok(decided("b", decision(Effect::Deny))),
        Ok(decided("a", other)),
    ])
    .await;
    let [Ok(b), Ok(a)] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!(
        (b.correlation_id.as_str(), a.correlation_id.as_str()),
        ("b", "a")
    );
    assert_eq!(b.result.as_ref().unwrap().effect(), Effect::Deny);
    assert!(
        matches!(
            a.result,
            Err(CallError::NoDecision {
                cause: NoDecision::OtherHost,
                ..
            })
        ),
        "{a:?}"
    );
}

#[tokio::test]
async fn an_answer_that_comes_twice_ends_the_stream() {
    let allow = || Ok(decided("a", decision(Effect::Allow)));
    let answers = stream(vec![
        allow(),
        allow(),
        Ok(decided("b", decision(Effect::Allow))),
    ])
    .await;
    let [Ok(_), Err(CallError::Malformed { cause, .. })] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!(
        *cause,
        Malformed::NotAsked {
            correlation_id: "a".into()
        }
    );
}

#[tokio::test]
async fn an_end_that_leaves_items_unanswered_is_an_error() {
    let answers = stream(vec![Ok(decided("a", decision(Effect::Allow)))]).await;
    let [Ok(_), Err(CallError::Malformed { cause, .. })] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!(*cause, Malformed::Unanswered { count: 1 });
}

#[tokio::test]
async fn a_status_ends_the_stream_after_the_answers_before_it() {
    let draining = Status::unavailable("draining");
    let answers = stream(vec![
        Ok(decided("a", decision(Effect::Allow))),
        Err(draining),
    ])
    .await;
    let [Ok(_), Err(error)] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!(error.code(), Code::Unavailable);
}
