//! The gate fails closed: of everything that a server or a network can do, an explicit ALLOW or
//! WARN on exactly what was asked alone opens it.

use std::time::{Duration, Instant};

use embargo_client::{CallError, Client, ClosedReason, Code, Gate, GateOutcome, NoDecision, v1};
use tokio::net::TcpListener;
use tonic::Status;
use v1::Effect;

use crate::fake::{Fake, Step, answer, at, decision, question, quick};

const SHORT: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(5);

#[tokio::test]
async fn of_all_effects_only_allow_and_warn_open_it() {
    let fake = Fake::start().await;
    let gate = Gate::new(&fake.client().await, LONG);
    let mut open = Vec::new();
    for effect in (-1..=16).chain([99, i32::MIN, i32::MAX]) {
        fake.scripts.decide.set([answer(decision(effect))]);
        match gate.check(question()).await {
            GateOutcome::Open(passed) => {
                assert_eq!(*passed.decision(), decision(effect));
                open.push(effect);
            }
            GateOutcome::Closed(reason) => match Effect::try_from(effect) {
                Ok(Effect::Deny) => assert!(matches!(reason, ClosedReason::Denied(_))),
                Ok(Effect::Review) => assert!(matches!(reason, ClosedReason::Review(_))),
                Ok(Effect::Indeterminate) => {
                    assert!(matches!(reason, ClosedReason::Indeterminate(_)));
                }
                _ => assert!(matches!(reason, ClosedReason::NoDecision(_)), "{reason:?}"),
            },
        }
    }
    assert_eq!(open, [i32::from(Effect::Allow), i32::from(Effect::Warn)]);
}

#[tokio::test]
async fn every_status_closes_it() {
    let fake = Fake::start().await;
    let gate = Gate::new(&fake.client().await, LONG);
    // 17 is no code: it reads as UNKNOWN.
    for number in 1..=17 {
        let code = Code::from_i32(number);
        fake.scripts
            .decide
            .set([Step::Fail(Status::new(code, "no"))]);
        let reason = gate.check(question()).await.into_result().unwrap_err();
        let ClosedReason::NoDecision(error) = reason else {
            panic!("{reason:?}")
        };
        assert_eq!(error.code(), code);
    }
}

#[tokio::test]
async fn a_status_that_is_ok_and_brings_nothing_closes_it() {
    let fake = Fake::start().await;
    let gate = Gate::new(&fake.client().await, LONG);
    fake.scripts
        .decide
        .set([Step::Fail(Status::new(Code::Ok, ""))]);
    assert!(!gate.check(question()).await.is_open());
}

#[tokio::test]
async fn a_decision_on_anything_else_than_was_asked_closes_it() {
    let fake = Fake::start().await;
    let gate = Gate::new(&fake.client().await, LONG);
    let allow = || decision(Effect::Allow);
    let asked = || v1::DecideHostRequest {
        evaluate_time: at(1),
        require_snapshot_id: "aa".into(),
        ..question()
    };
    fake.scripts.decide.set([answer(allow())]);
    assert!(
        gate.check(asked()).await.is_open(),
        "otherwise the rest proves nothing"
    );

    let other_host = v1::Decision {
        host_id: "host-2".into(),
        ..allow()
    };
    let no_host = v1::Decision {
        host_id: String::new(),
        ..allow()
    };
    let other_action = v1::Decision {
        action: v1::Action::Presence.into(),
        ..allow()
    };
    let no_action = v1::Decision {
        action: 0,
        ..allow()
    };
    let other_snapshot = v1::Decision {
        snapshot_id: "bb".into(),
        ..allow()
    };
    let no_snapshot = v1::Decision {
        snapshot_id: String::new(),
        ..allow()
    };
    let other_instant = v1::Decision {
        evaluate_time: at(2),
        ..allow()
    };
    let no_instant = v1::Decision {
        evaluate_time: None,
        ..allow()
    };
    let answers = [
        other_host,
        no_host,
        other_action,
        no_action,
        other_snapshot,
        no_snapshot,
        other_instant,
        no_instant,
    ];
    for given in answers {
        fake.scripts.decide.set([answer(given.clone())]);
        let outcome = gate.check(asked()).await;
        assert!(
            matches!(
                outcome,
                GateOutcome::Closed(ClosedReason::NoDecision(CallError::NoDecision { .. }))
            ),
            "{given:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_without_a_decision_closes_it() {
    let fake = Fake::start().await;
    let gate = Gate::new(&fake.client().await, LONG);
    fake.scripts
        .decide
        .set([Step::Answer(v1::DecideHostResponse { decision: None })]);
    let reason = gate.check(question()).await.into_result().unwrap_err();
    assert!(
        matches!(
            reason,
            ClosedReason::NoDecision(CallError::NoDecision {
                cause: NoDecision::Missing,
                ..
            })
        ),
        "{reason:?}"
    );
}

#[tokio::test]
async fn a_question_about_no_host_closes_it() {
    let fake = Fake::start().await;
    let gate = Gate::new(&fake.client().await, LONG);
    let nobody = v1::Decision {
        host_id: String::new(),
        ..decision(Effect::Allow)
    };
    fake.scripts.decide.set([answer(nobody)]);
    let unasked = v1::DecideHostRequest {
        facts: None,
        ..question()
    };
    assert!(!gate.check(unasked).await.is_open());
}

#[tokio::test]
async fn a_server_that_hangs_closes_it_at_its_own_deadline() {
    let fake = Fake::start().await;
    fake.scripts.decide.set([Step::Hang]);
    let gate = Gate::new(&fake.client().await, SHORT);
    let start = Instant::now();
    let reason = gate.check(question()).await.into_result().unwrap_err();
    assert!(
        matches!(
            reason,
            ClosedReason::NoDecision(CallError::Deadline { limit: SHORT, .. })
        ),
        "{reason:?}"
    );
    assert!(start.elapsed() < LONG);
}

#[tokio::test]
async fn a_peer_that_accepts_and_says_nothing_closes_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let client = quick(Client::builder(endpoint)).connect_lazy().unwrap();
    let gate = Gate::new(&client, SHORT);
    let reason = gate.check(question()).await.into_result().unwrap_err();
    assert!(
        matches!(reason, ClosedReason::NoDecision(CallError::Deadline { .. })),
        "{reason:?}"
    );
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_closes_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = quick(Client::builder(endpoint)).connect_lazy().unwrap();
    let reason = Gate::new(&client, LONG)
        .check(question())
        .await
        .into_result()
        .unwrap_err();
    assert!(
        matches!(
            reason,
            ClosedReason::NoDecision(CallError::Transport { .. })
        ),
        "{reason:?}"
    );
}

#[tokio::test]
async fn no_time_at_all_closes_it() {
    let fake = Fake::start().await;
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    let gate = Gate::new(&fake.client().await, Duration::ZERO);
    assert!(!gate.check(question()).await.is_open());
}

#[tokio::test]
async fn an_allow_after_a_retry_opens_it() {
    let fake = Fake::start().await;
    let unavailable = Step::Fail(Status::unavailable("starting"));
    fake.scripts
        .decide
        .set([unavailable, answer(decision(Effect::Warn))]);
    let gate = Gate::new(&fake.client().await, LONG);
    let passed = gate.check(question()).await.into_result().unwrap();
    assert!(passed.has_warnings());
}
