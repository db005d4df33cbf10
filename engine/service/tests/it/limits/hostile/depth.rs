//! Messages within messages, deeper than the decoder follows.

use tonic::Code;

use super::Neighbour;
use crate::bench::{Bench, fields, reason};
use crate::policies::ban;
use crate::raw::{BATCH, DECIDE, field, send};

/// Attributes of so many levels.
fn objects(levels: usize) -> Vec<u8> {
    let entry = |below: &[u8]| field(1, &[field(1, b"k"), field(2, &field(5, below))].concat());
    (1..levels).fold(Vec::new(), |below, _| entry(&below))
}

fn lists(levels: usize) -> Vec<u8> {
    let list = (2..levels).fold(Vec::new(), |below, _| field(1, &field(6, &below)));
    field(1, &[field(1, b"k"), field(2, &field(6, &list))].concat())
}

fn facts(attributes: &[u8]) -> Vec<u8> {
    [field(1, b"h"), field(10, attributes)].concat()
}

#[tokio::test]
async fn any_depth_of_attributes_is_refused_by_its_field() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut neighbour = Neighbour::of(&bench).await;
    let depths = (25..60).chain([100, 1_000, 10_000]);
    for attributes in depths.flat_map(|levels| [objects(levels), lists(levels)]) {
        let status = send(&bench, DECIDE, field(1, &facts(&attributes)))
            .await
            .unwrap_err();
        let (code, reason, _) = reason(&status);
        assert_eq!((code, &*reason), (Code::InvalidArgument, "FACTS_INVALID"));
        assert_eq!(fields(&status), ["facts.attributes"]);
        neighbour.asks_again().await;
    }
    for (method, way, named) in [
        (BATCH, [2, 1].as_slice(), "items.facts.attributes"),
        (
            "/embargo.v1.DecisionService/StreamDecideHosts",
            &[2],
            "facts.attributes",
        ),
        (
            "/embargo.v1.DecisionService/ComputeDecisionTimeline",
            &[1],
            "facts.attributes",
        ),
        (
            "/embargo.v1.DecisionService/ExplainDecision",
            &[1],
            "facts.attributes",
        ),
        (
            "/embargo.v1.DecisionService/DecideInventory",
            &[4],
            "about.attributes",
        ),
    ] {
        let message = way.iter().fold(facts(&objects(10_000)), |below, number| {
            field(*number, &below)
        });
        let status = send(&bench, method, message).await.unwrap_err();
        assert_eq!(reason(&status).1, "FACTS_INVALID", "{method}");
        assert_eq!(fields(&status), [named], "{method}");
        neighbour.asks_again().await;
    }
}

#[tokio::test]
async fn depth_in_fields_that_are_not_of_this_schema_is_no_harm() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut neighbour = Neighbour::of(&bench).await;
    let deep = (0..10_000).fold(Vec::new(), |below, _| field(15, &below));
    // A field of bytes, whatever is in it; and groups, which nest by themselves.
    let sound = field(1, &field(1, b"h"));
    assert!(
        send(&bench, DECIDE, [sound.clone(), deep].concat())
            .await
            .is_ok()
    );
    let groups = [sound, [0x7b].repeat(100_000), [0x7c].repeat(100_000)].concat();
    let status = send(&bench, DECIDE, groups).await.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    neighbour.asks_again().await;
}
