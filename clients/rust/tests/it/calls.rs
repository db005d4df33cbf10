//! The calls with one answer, besides DecideHost.

use embargo_client::{CallError, Client, Code, Malformed, NoDecision, ServerPart, v1};
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _, pb};
use v1::{Effect, batch_decide_hosts_request::BatchItem, decide_result};

use crate::fake::{Fake, Step, at, decision, facts};

fn item(correlation_id: &str) -> BatchItem {
    BatchItem {
        correlation_id: correlation_id.into(),
        facts: facts(),
        action: v1::Action::Install.into(),
    }
}

fn result(correlation_id: &str, result: decide_result::Result) -> v1::DecideResult {
    v1::DecideResult {
        correlation_id: correlation_id.into(),
        result: Some(result),
    }
}

fn decided(correlation_id: &str, effect: impl Into<i32>) -> v1::DecideResult {
    result(
        correlation_id,
        decide_result::Result::Decision(decision(effect)),
    )
}

async fn batch(
    items: Vec<BatchItem>,
    results: Vec<v1::DecideResult>,
) -> Result<embargo_client::BatchDecisions, CallError> {
    let fake = Fake::start().await;
    fake.scripts
        .batch
        .set([Step::Answer(v1::BatchDecideHostsResponse {
            results,
            snapshot: Some(v1::SnapshotRef::default()),
            evaluate_time: at(1),
        })]);
    let request = v1::BatchDecideHostsRequest {
        items,
        ..Default::default()
    };
    fake.client().await.batch_decide_hosts(request).await
}

#[tokio::test]
async fn the_items_of_a_batch_succeed_or_fail_one_by_one() {
    let failed = pb::Status {
        code: Code::InvalidArgument.into(),
        message: "no".into(),
        details: Vec::new(),
    };
    let answers = batch(
        vec![item("a"), item("b"), item("c"), item("d")],
        vec![
            decided("a", Effect::Deny),
            result("b", decide_result::Result::Error(failed)),
            decided("c", 99),
            v1::DecideResult {
                correlation_id: "d".into(),
                result: None,
            },
        ],
    )
    .await
    .unwrap();

    let [a, b, c, d] = &answers.items[..] else {
        panic!("{answers:?}")
    };
    assert_eq!(a.result.as_ref().unwrap().effect(), Effect::Deny);
    assert_eq!(b.result.as_ref().unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(
        b.result.as_ref().unwrap_err().place().correlation_id(),
        Some("b")
    );
    for (item, why) in [
        (c, NoDecision::UnknownEffect { number: 99 }),
        (d, NoDecision::Missing),
    ] {
        let Err(CallError::NoDecision { cause, .. }) = &item.result else {
            panic!("{item:?}")
        };
        assert_eq!(*cause, why);
    }
}

#[tokio::test]
async fn a_batch_whose_answers_do_not_pair_with_its_items_fails() {
    let too_few = batch(
        vec![item("a"), item("b")],
        vec![decided("a", Effect::Allow)],
    )
    .await;
    let Err(CallError::Malformed { cause, .. }) = too_few else {
        panic!("{too_few:?}")
    };
    assert_eq!(
        cause,
        Malformed::Count {
            asked: 2,
            answered: 1
        }
    );

    let swapped = vec![decided("b", Effect::Allow), decided("a", Effect::Allow)];
    let swapped = batch(vec![item("a"), item("b")], swapped).await;
    let Err(CallError::Malformed { cause, .. }) = swapped else {
        panic!("{swapped:?}")
    };
    assert_eq!(
        cause,
        Malformed::NotAsked {
            correlation_id: "b".into()
        }
    );
}

fn segment(start: i64, end: i64, effect: impl Into<i32>) -> v1::TimelineSegment {
    let decision = v1::Decision {
        evaluate_time: at(start),
        ..decision(effect)
    };
    v1::TimelineSegment {
        start_time: at(start),
        end_time: at(end),
        decision: Some(decision),
    }
}

async fn timeline(
    segments: Vec<v1::TimelineSegment>,
) -> Result<v1::ComputeDecisionTimelineResponse, CallError> {
    let fake = Fake::start().await;
    let answer = v1::ComputeDecisionTimelineResponse {
        segments,
        truncate_time: None,
    };
    fake.scripts.timeline.set([Step::Answer(answer)]);
    let request = v1::ComputeDecisionTimelineRequest {
        facts: facts(),
        action: v1::Action::Install.into(),
        start_time: at(1),
        end_time: at(9),
        ..Default::default()
    };
    fake.client().await.compute_decision_timeline(request).await
}

#[tokio::test]
async fn a_timeline_is_given_only_with_a_decision_for_every_segment() {
    let whole = vec![segment(1, 5, Effect::Allow), segment(5, 9, Effect::Deny)];
    assert_eq!(timeline(whole.clone()).await.unwrap().segments, whole);

    assert!(matches!(
        timeline(Vec::new()).await,
        Err(CallError::Malformed { .. })
    ));
    let unknown = vec![segment(1, 5, Effect::Allow), segment(5, 9, 99)];
    assert!(matches!(
        timeline(unknown).await,
        Err(CallError::NoDecision { .. })
    ));
    let elsewhen = v1::TimelineSegment {
        start_time: at(2),
        ..segment(1, 9, Effect::Allow)
    };
    assert!(matches!(
        timeline(vec![elsewhen]).await,
        Err(CallError::NoDecision { .. })
    ));
}

#[tokio::test]
async fn an_explanation_is_given_only_with_a_decision() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    let request = v1::ExplainDecisionRequest {
        facts: facts(),
        action: v1::Action::Install.into(),
        ..Default::default()
    };
    for (given, accepted) in [(Some(decision(Effect::Deny)), true), (None, false)] {
        let answer = v1::ExplainDecisionResponse {
            decision: given,
            ..Default::default()
        };
        fake.scripts.explain.set([Step::Answer(answer)]);
        assert_eq!(
            client.explain_decision(request.clone()).await.is_ok(),
            accepted
        );
    }
}

fn page(policy_id: &str, next_page_token: &str) -> Step<v1::ListPoliciesResponse> {
    Step::Answer(v1::ListPoliciesResponse {
        policies: vec![v1::Policy {
            policy_id: policy_id.into(),
            ..Default::default()
        }],
        next_page_token: next_page_token.into(),
        snapshot: Some(v1::SnapshotRef::default()),
    })
}

async fn list(fake: &Fake, client: &Client) -> Result<Vec<String>, CallError> {
    fake.scripts.page_tokens.lock().unwrap().clear();
    let listed = client.list_all_policies().await?;
    Ok(listed
        .policies
        .into_iter()
        .map(|policy| policy.policy_id)
        .collect())
}

#[tokio::test]
async fn pages_are_joined_and_begun_anew_after_a_reload() {
    let fake = Fake::start().await;
    let client = fake.client().await;

    fake.scripts
        .pages
        .set([page("a", "1"), page("b", "2"), page("c", "")]);
    assert_eq!(list(&fake, &client).await.unwrap(), ["a", "b", "c"]);
    assert_eq!(*fake.scripts.page_tokens.lock().unwrap(), ["", "1", "2"]);

    let reloaded = || {
        let details = ErrorDetails::with_error_info("PAGE_TOKEN_INVALID", "embargo.v1", []);
        Step::Fail(Status::with_error_details(
            Code::InvalidArgument,
            "reloaded",
            details,
        ))
    };
    fake.scripts
        .pages
        .set([page("a", "1"), reloaded(), page("b", "3"), page("c", "")]);
    assert_eq!(list(&fake, &client).await.unwrap(), ["b", "c"]);
    assert_eq!(
        *fake.scripts.page_tokens.lock().unwrap(),
        ["", "1", "", "3"]
    );

    fake.scripts.pages.set([reloaded()]);
    assert!(
        list(&fake, &client).await.is_err(),
        "a server that always reloads is given up"
    );
    assert_eq!(fake.scripts.page_tokens.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_page_that_repeats_is_an_error_and_no_loop() {
    let fake = Fake::start().await;
    fake.scripts.pages.set([page("a", "1")]);
    let error = list(&fake, &fake.client().await).await.unwrap_err();
    assert!(
        matches!(
            error,
            CallError::Malformed {
                cause: Malformed::PageRepeats,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn snapshots_and_identifications_arrive_as_sent() {
    let fake = Fake::start().await;
    let client = fake.client().await;

    let snapshot = v1::GetSnapshotResponse {
        active: Some(v1::Snapshot {
            policy_count: 3,
            ..Default::default()
        }),
        last_reload: None,
    };
    fake.scripts.snapshot.set([Step::Answer(snapshot.clone())]);
    assert_eq!(client.get_snapshot().await.unwrap(), snapshot);

    let identified = v1::IdentifySoftwareResponse {
        identifications: vec![v1::Identification {
            product_id: "p".into(),
            ..Default::default()
        }],
        snapshot: None,
    };
    fake.scripts
        .identify
        .set([Step::Answer(identified.clone())]);
    let request = v1::IdentifySoftwareRequest::default();
    assert_eq!(client.identify_software(request).await.unwrap(), identified);
}

#[tokio::test]
async fn each_part_of_a_server_serves_by_itself() {
    let fake = Fake::start().await;
    let client = fake.client().await;
    assert!(client.is_serving(ServerPart::Whole).await.unwrap());
    assert!(!client.is_serving(ServerPart::Decisions).await.unwrap());
}

#[tokio::test]
async fn an_inventory_is_answered_host_by_host() {
    use v1::inventory_result::Result as Answer;
    let fake = Fake::start().await;
    let client = fake.client().await;
    let told = |host_id: &str, result| v1::InventoryResult {
        host_id: host_id.into(),
        record_count: 3,
        software_count: 2,
        result,
        ..Default::default()
    };
    let good = v1::Decision {
        action: v1::Action::Presence.into(),
        ..decision(Effect::Deny)
    };
    let host = good.host_id.clone();
    let answer = v1::DecideInventoryResponse {
        format: "fleet".into(),
        results: vec![
            told(&host, Some(Answer::Decision(good.clone()))),
            told("another", Some(Answer::Decision(good))),
            told(&host, None),
        ],
        snapshot: Some(v1::SnapshotRef::default()),
        evaluate_time: at(1),
    };
    let empty = v1::DecideInventoryResponse {
        results: Vec::new(),
        ..answer.clone()
    };
    fake.scripts
        .inventory
        .set([Step::Answer(answer), Step::Answer(empty)]);
    let request = v1::DecideInventoryRequest::default;
    let decided = client.decide_inventory(request()).await.unwrap();
    let kept: Vec<bool> = decided
        .hosts
        .iter()
        .map(|host| host.result.is_ok())
        .collect();
    assert_eq!(
        (decided.format.as_str(), kept),
        ("fleet", vec![true, false, false])
    );
    assert!(matches!(
        client.decide_inventory(request()).await,
        Err(CallError::Malformed { .. })
    ));
}
