//! Messages longer than they may be, or than they say.

use embargo_proto::v1 as pb;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic::body::Body;
use tonic::codegen::{Service as _, http};

use super::Neighbour;
use crate::bench::{Bench, item_decision, within};
use crate::policies::{ban, host};
use crate::raw::{DECIDE, field, send};

const MOST: usize = 16 * 1_024 * 1_024;

/// A message of so many bytes in a field that is not of this schema.
fn filler(bytes: usize) -> Vec<u8> {
    let message = field(15, &vec![0; bytes - 5]);
    assert_eq!(message.len(), bytes);
    message
}

#[tokio::test]
async fn no_method_reads_a_byte_more_than_sixteen_mebibytes() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut neighbour = Neighbour::of(&bench).await;
    for method in [
        DECIDE,
        "/embargo.v1.DecisionService/BatchDecideHosts",
        "/embargo.v1.DecisionService/StreamDecideHosts",
        "/embargo.v1.DecisionService/DecideInventory",
        "/embargo.v1.DecisionService/ComputeDecisionTimeline",
        "/embargo.v1.DecisionService/ExplainDecision",
        "/embargo.v1.PolicyService/ListPolicies",
        "/embargo.v1.PolicyService/GetPolicy",
        "/embargo.v1.PolicyService/GetSnapshot",
        "/embargo.v1.PolicyService/WatchSnapshot",
        "/embargo.v1.PolicyService/ValidateBundle",
        "/embargo.v1.PolicyService/RunPolicyTests",
        "/embargo.v1.PolicyService/IdentifySoftware",
    ] {
        let is_too_long = |status: &tonic::Status| {
            matches!(status.code(), Code::OutOfRange | Code::ResourceExhausted)
        };
        let status = send(&bench, method, filler(MOST + 1)).await.unwrap_err();
        assert!(is_too_long(&status), "{method}: {status:?}");
        neighbour.asks_again().await;
    }
    let status = send(&bench, DECIDE, filler(MOST)).await.unwrap_err();
    assert_eq!(crate::bench::reason(&status).1, "FACTS_INVALID");
}

#[tokio::test]
async fn a_stream_ends_with_an_item_that_is_too_long_and_what_came_before_is_answered() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut neighbour = Neighbour::of(&bench).await;
    let item = |id: String| pb::StreamDecideHostsRequest {
        correlation_id: id,
        facts: Some(host("h")),
        ..Default::default()
    };
    let items = [
        item("a".to_owned()),
        item("x".repeat(MOST)),
        item("b".to_owned()),
    ];
    let mut client = bench.decisions();
    let answers = client.stream_decide_hosts(tokio_stream::iter(items)).await;
    let mut answers = answers.unwrap().into_inner();
    let first = within(answers.next())
        .await
        .unwrap()
        .unwrap()
        .result
        .unwrap();
    assert_eq!(first.correlation_id, "a");
    assert_eq!(item_decision(&first).effect(), pb::Effect::Deny);
    let status = within(answers.next()).await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange);
    assert!(within(answers.next()).await.is_none());
    neighbour.asks_again().await;
}

#[tokio::test]
async fn a_message_that_lies_about_itself_is_refused() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut neighbour = Neighbour::of(&bench).await;
    for (lie, header) in [
        ("two gibibytes", "\0\x7f\x7f\x7f\x7f"),
        ("more than comes", "\0\0\0\0\x7f\n\x03"),
        ("less than comes", "\0\0\0\0\x02\n\x03"),
        (
            "compressed, though that was not agreed",
            "\x01\0\0\0\x02\n\0",
        ),
        ("a flag that is none", "\x02\0\0\0\x02\n\0"),
        ("a header that ends early", "\0\0\0"),
        ("nothing", ""),
    ] {
        let request = http::Request::post(DECIDE)
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Body::new(header.to_owned()))
            .unwrap();
        let mut channel = bench.channel.clone();
        std::future::poll_fn(|context| channel.poll_ready(context))
            .await
            .unwrap();
        let answer = within(channel.call(request)).await.unwrap();
        let status = answer.headers().get("grpc-status");
        let status = status
            .unwrap_or_else(|| panic!("{lie}: an answer"))
            .to_str()
            .unwrap();
        assert_ne!(status, "0", "{lie}");
        neighbour.asks_again().await;
    }
}
