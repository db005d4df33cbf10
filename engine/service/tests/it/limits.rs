//! The limits that concern messages as a whole; those of single fields are the core's.

use embargo_proto::v1 as pb;
use prost::Message as _;
use tonic::Code;

use crate::bench::{Bench, fields, reason};
use crate::policies::{ask, ban, host, item};

#[tokio::test]
async fn twenty_thousand_items_are_judged_and_one_more_is_refused() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut facts = host("h");
    facts.software.resize(20_000, item("filler"));
    let decision = bench.decide(ask(facts.clone())).await.unwrap();
    assert_eq!(decision.effect(), pb::Effect::Deny);
    facts.software.push(item("filler"));
    let status = bench.decide(ask(facts)).await.unwrap_err();
    assert_eq!(reason(&status).1, "FACTS_INVALID");
    assert_eq!(fields(&status), ["facts.software"]);
    assert!(status.message().contains("20001 items"), "{status:?}");
}

#[tokio::test]
async fn sixteen_mebibytes_are_read_and_one_more_byte_is_not() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut request = ask(host("h"));
    let form_factor = |request: &mut pb::DecideHostRequest, change: &dyn Fn(&mut String)| {
        let facts = request.facts.as_mut().unwrap();
        change(facts.form_factor.get_or_insert_default());
    };
    // Longer than any text may be, so that facts of this size are refused, but read.
    form_factor(&mut request, &|text| *text = "x".repeat(16 * 1024 * 1024));
    let excess = request.encoded_len() - 16 * 1024 * 1024;
    form_factor(&mut request, &|text| {
        text.truncate(16 * 1024 * 1024 - excess);
    });
    while request.encoded_len() < 16 * 1024 * 1024 {
        form_factor(&mut request, &|text| text.push('x'));
    }
    assert_eq!(request.encoded_len(), 16 * 1024 * 1024);
    let status = bench.decide(request.clone()).await.unwrap_err();
    assert_eq!(reason(&status).1, "FACTS_INVALID");
    form_factor(&mut request, &|text| text.push('x'));
    let status = bench.decide(request).await.unwrap_err();
    assert!(
        matches!(status.code(), Code::OutOfRange | Code::ResourceExhausted),
        "{status:?}"
    );
}

#[tokio::test]
async fn every_timestamp_of_a_request_keeps_to_the_years_one_to_9999() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let too_late = prost_types::Timestamp {
        seconds: 253_402_300_800,
        nanos: 0,
    };
    let bad_nanos = prost_types::Timestamp {
        seconds: 0,
        nanos: -1,
    };
    for bad in [too_late, bad_nanos] {
        let request = pb::DecideHostRequest {
            evaluate_time: Some(bad),
            ..ask(host("h"))
        };
        let status = bench.decide(request).await.unwrap_err();
        assert_eq!(fields(&status), ["evaluate_time"]);
        let request = pb::BatchDecideHostsRequest {
            items: vec![pb::batch_decide_hosts_request::BatchItem {
                correlation_id: "a".to_owned(),
                facts: Some(host("h")),
                action: 0,
            }],
            evaluate_time: Some(bad),
            ..Default::default()
        };
        let status = bench
            .decisions()
            .batch_decide_hosts(request)
            .await
            .unwrap_err();
        assert_eq!(fields(&status), ["evaluate_time"]);
        let request = pb::ComputeDecisionTimelineRequest {
            facts: Some(host("h")),
            start_time: Some(bad),
            end_time: Some(bad),
            ..Default::default()
        };
        let status = bench
            .decisions()
            .compute_decision_timeline(request)
            .await
            .unwrap_err();
        assert_eq!(fields(&status), ["start_time", "end_time"]);
        let mut facts = host("h");
        facts.collect_time = Some(bad);
        let status = bench.decide(ask(facts)).await.unwrap_err();
        assert_eq!(fields(&status), ["facts.collect_time"]);
    }
}

#[tokio::test]
async fn the_depth_of_attributes_is_refused_and_not_undecodable() {
    use prost_types::{Struct, Value, value::Kind};
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let nested = |levels: usize| {
        let mut object = Struct::default();
        for _ in 1..levels {
            let below = Value {
                kind: Some(Kind::StructValue(object)),
            };
            object = Struct {
                fields: [("k".to_owned(), below)].into(),
            };
        }
        let mut facts = host("h");
        facts.attributes = Some(object);
        ask(facts)
    };
    assert!(bench.decide(nested(24)).await.is_ok());
    let status = bench.decide(nested(25)).await.unwrap_err();
    assert_eq!(fields(&status), ["facts.attributes"]);
}
