//! StreamDecideHosts: answers paired by id, and nothing but its end ends it.

use std::collections::BTreeSet;
use std::time::Duration;

use embargo_proto::v1 as pb;
use pb::decision_service_client::DecisionServiceClient;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;

use crate::bench::{Bench, fields, item_decision, item_status, reason, timestamp, within};
use crate::policies::{bad_host, ban, host};

fn item(id: &str, facts: pb::HostFacts) -> pb::StreamDecideHostsRequest {
    pb::StreamDecideHostsRequest {
        correlation_id: id.to_owned(),
        facts: Some(facts),
        ..Default::default()
    }
}

type Items = mpsc::Sender<pb::StreamDecideHostsRequest>;

async fn open(bench: &Bench) -> (Items, Streaming<pb::StreamDecideHostsResponse>) {
    let (sender, receiver) = mpsc::channel(1);
    let mut client = bench.decisions();
    let answers = within(client.stream_decide_hosts(ReceiverStream::new(receiver))).await;
    (sender, answers.unwrap().into_inner())
}

async fn next(answers: &mut Streaming<pb::StreamDecideHostsResponse>) -> pb::DecideResult {
    let answer = within(answers.message()).await.unwrap().expect("an answer");
    answer.result.expect("always set")
}

#[tokio::test]
async fn the_stream_answers_before_any_item_is_sent() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let (items, mut answers) = open(&bench).await;
    drop(items);
    assert!(within(answers.message()).await.unwrap().is_none());
}

#[tokio::test]
async fn answers_come_as_items_go_and_a_bad_item_does_not_end_the_stream() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let (items, mut answers) = open(&bench).await;

    items.send(item("a", host("h"))).await.unwrap();
    let first = next(&mut answers).await;
    assert_eq!(first.correlation_id, "a");
    assert_eq!(item_decision(&first).effect(), pb::Effect::Deny);

    items.send(item("b", bad_host("h"))).await.unwrap();
    let status = item_status(&next(&mut answers).await);
    assert_eq!(reason(&status).1, "FACTS_INVALID");

    let mut other = item("c", host("h"));
    other.require_snapshot_id = "other".to_owned();
    items.send(other).await.unwrap();
    let status = item_status(&next(&mut answers).await);
    assert_eq!(reason(&status).1, "SNAPSHOT_MISMATCH");

    items.send(item("", host("h"))).await.unwrap();
    let status = item_status(&next(&mut answers).await);
    assert_eq!(reason(&status).1, "REQUEST_INVALID");
    assert_eq!(fields(&status), ["correlation_id"]);

    let mut earlier = item("d", host("h"));
    let at = timestamp("2024-06-01T00:00:00.000000001Z");
    earlier.evaluate_time = Some(at);
    items.send(earlier).await.unwrap();
    let last = next(&mut answers).await;
    assert_eq!(item_decision(&last).effect(), pb::Effect::Warn);
    assert_eq!(item_decision(&last).evaluate_time, Some(at));

    drop(items);
    assert!(within(answers.message()).await.unwrap().is_none());
}

#[tokio::test]
async fn every_item_gets_one_answer_that_belongs_to_it() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let (items, mut answers) = open(&bench).await;
    let sent = 2_000;
    let sending = tokio::spawn(async move {
        for at in 0..sent {
            items
                .send(item(&at.to_string(), host(&format!("h{at}"))))
                .await
                .unwrap();
        }
    });
    let mut seen = BTreeSet::new();
    while let Some(answer) = within(answers.message()).await.unwrap() {
        let result = answer.result.unwrap();
        let decision = item_decision(&result);
        assert_eq!(decision.host_id, format!("h{}", result.correlation_id));
        assert!(seen.insert(result.correlation_id));
    }
    sending.await.unwrap();
    assert_eq!(seen.len(), sent);
}

#[tokio::test]
async fn a_caller_that_takes_no_answers_is_no_longer_read() {
    const MANY: usize = 4_000;
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    // Small windows, so that little is on its way that neither side has taken.
    let channel = Channel::from_shared(format!("http://{}", bench.address))
        .unwrap()
        .initial_stream_window_size(65_535)
        .initial_connection_window_size(65_535)
        .connect()
        .await
        .unwrap();
    let (items, receiver) = mpsc::channel(1);
    let mut client = DecisionServiceClient::new(channel);
    let answers = within(client.stream_decide_hosts(ReceiverStream::new(receiver))).await;
    let mut answers = answers.unwrap().into_inner();
    let mut large = host("h");
    large.groups = (0..120).map(|at| format!("{at:0>250}")).collect();
    let patience = Duration::from_secs(2);
    let mut sent = 0;
    while sent < MANY {
        let item = item(&sent.to_string(), large.clone());
        if items.send_timeout(item, patience).await.is_err() {
            break;
        }
        sent += 1;
    }
    assert!((256..MANY).contains(&sent), "{sent}");
    drop(items);
    let mut answered = 0;
    while within(answers.message()).await.unwrap().is_some() {
        answered += 1;
    }
    assert_eq!(answered, sent);
}
