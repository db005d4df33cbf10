//! The table of limits: a row for each that the API states, and that there is one for each.
//! Here are also those that concern messages as a whole.

mod answers;
mod attributes;
mod facts;
mod hostile;
mod kept;
mod requests;
mod row;
mod stated;
mod times;

use embargo_proto::v1 as pb;
use prost::Message as _;
use tonic::Code;

use self::hostile::Neighbour;
use self::row::Row;
use crate::bench::{Bench, reason};
use crate::policies::{ask, ban, host};

/// The test of the table.
const TABLE: &str = "each_limit_holds_at_its_edge_and_names_its_field_beyond_it";

/// The whole table.
fn rows() -> Vec<Row> {
    let mut rows = facts::rows();
    rows.extend(requests::rows());
    rows.extend(answers::rows());
    rows
}

#[tokio::test]
async fn each_limit_holds_at_its_edge_and_names_its_field_beyond_it() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut neighbour = Neighbour::of(&bench).await;
    let mut faults = Vec::new();
    for row in rows() {
        faults.extend(row.prove(&bench).await);
        neighbour.asks_again().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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
