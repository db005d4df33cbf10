//! Running the tests of policies.

use embargo_client::{CallError, Malformed, PolicyTests, v1};
use tonic::Status;
use v1::run_policy_tests_response::{Event, TestResult, TestSummary};

use crate::fake::{Fake, Step};

fn event(event: Event) -> Result<v1::RunPolicyTestsResponse, Status> {
    Ok(v1::RunPolicyTestsResponse { event: Some(event) })
}

fn result(name: &str) -> TestResult {
    TestResult {
        name: name.into(),
        passed: true,
        ..Default::default()
    }
}

fn summary() -> TestSummary {
    TestSummary {
        passed_count: 2,
        ..Default::default()
    }
}

async fn run(
    events: Vec<Result<v1::RunPolicyTestsResponse, Status>>,
) -> Result<PolicyTests, CallError> {
    let fake = Fake::start().await;
    fake.scripts.tests.set([Step::Answer(events)]);
    let request = v1::RunPolicyTestsRequest::default();
    fake.client().await.run_policy_tests(request).await
}

#[tokio::test]
async fn a_run_gives_its_results_and_their_sum() {
    let events = vec![
        event(Event::Result(result("a"))),
        event(Event::Result(result("b"))),
        event(Event::Summary(summary())),
    ];
    let ran = run(events).await.unwrap();
    assert_eq!(ran.results, [result("a"), result("b")]);
    assert_eq!(ran.summary, summary());
}

#[tokio::test]
async fn a_run_without_its_summary_at_the_end_did_not_finish() {
    let a = || event(Event::Result(result("a")));
    let nothing = || Ok(v1::RunPolicyTestsResponse { event: None });
    for events in [
        vec![],
        vec![a()],
        vec![event(Event::Summary(summary())), a()],
        vec![nothing(), event(Event::Summary(summary()))],
    ] {
        let error = run(events).await.unwrap_err();
        let CallError::Malformed { cause, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(*cause, Malformed::Lacks { part: "summary" });
    }
}

#[tokio::test]
async fn a_status_in_the_middle_of_a_run_is_its_end() {
    let events = vec![
        event(Event::Result(result("a"))),
        Err(Status::internal("gone")),
    ];
    assert!(matches!(run(events).await, Err(CallError::Status { .. })));
}
