//! Texts that are no UTF-8, in every text of every request; and texts that are, however odd.

use embargo_proto::v1 as pb;
use prost::Message as _;
use tonic::Code;

use super::Neighbour;
use crate::bench::{Bench, fields, reason};
use crate::policies::{ask, ban, clean_host, host, item};
use crate::raw::{BATCH, DECIDE, field, send};

/// Bytes that stand for no text, each for a reason of its own.
const BAD: [&[u8]; 10] = [
    &[0xff],
    // The rest of a character without its beginning, and the other way round.
    &[0x80],
    b"a\xc3",
    b"\xe2\x82",
    // U+0000, `/` and `.`, longer than they need be.
    &[0xc0, 0x80],
    &[0xc0, 0xaf],
    &[0xe0, 0x80, 0xae],
    // Half of a pair of UTF-16, and a pair.
    &[0xed, 0xa0, 0x80],
    &[0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
    // Behind the last character.
    &[0xf4, 0x90, 0x80, 0x80],
];

/// The ways to each text of a host's facts, by the numbers of fields.
fn ways_of_facts() -> Vec<Vec<u8>> {
    let mut ways: Vec<Vec<u8>> = [1, 3, 5, 6].map(|text| vec![text]).into();
    ways.extend([1, 2, 3].map(|text| vec![2, text]));
    ways.extend([2, 3, 5].map(|text| vec![4, text]));
    ways.extend([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15].map(|text| vec![7, text]));
    ways.push(vec![8, 1]);
    // A key, a value, a value in a list, and a key and a value in an object.
    ways.push(vec![10, 1, 1]);
    ways.push(vec![10, 1, 2, 3]);
    ways.push(vec![10, 1, 2, 6, 1, 3]);
    ways.push(vec![10, 1, 2, 5, 1, 1]);
    ways.push(vec![10, 1, 2, 5, 1, 2, 3]);
    ways
}

fn at(way: &[u8], bytes: &[u8]) -> Vec<u8> {
    way.iter()
        .rev()
        .fold(bytes.to_vec(), |below, number| field(*number, &below))
}

/// Every text of every method: its path, what is sound before it, and the way to it.
fn texts() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    const STREAM: &str = "/embargo.v1.DecisionService/StreamDecideHosts";
    const INVENTORY: &str = "/embargo.v1.DecisionService/DecideInventory";
    const TIMELINE: &str = "/embargo.v1.DecisionService/ComputeDecisionTimeline";
    const EXPLAIN: &str = "/embargo.v1.DecisionService/ExplainDecision";
    const LIST: &str = "/embargo.v1.PolicyService/ListPolicies";
    const GET: &str = "/embargo.v1.PolicyService/GetPolicy";
    const VALIDATE: &str = "/embargo.v1.PolicyService/ValidateBundle";
    const IDENTIFY: &str = "/embargo.v1.PolicyService/IdentifySoftware";
    let sound = host("sound").encode_to_vec();
    let in_batch = field(1, &[field(1, b"a"), field(2, &sound)].concat());
    let in_stream = [field(1, b"a"), field(2, &sound)].concat();
    let mut texts: Vec<(&'static str, Vec<u8>, Vec<u8>)> = vec![
        (DECIDE, field(1, &sound), vec![4]),
        (BATCH, in_batch.clone(), vec![3]),
        (BATCH, in_batch.clone(), vec![1, 1]),
        (STREAM, in_stream.clone(), vec![1]),
        (STREAM, in_stream.clone(), vec![5]),
        (TIMELINE, field(1, &sound), vec![5]),
        (EXPLAIN, field(1, &sound), vec![4]),
        (EXPLAIN, field(1, &sound), vec![5]),
        (LIST, Vec::new(), vec![2]),
        (GET, Vec::new(), vec![1]),
        (VALIDATE, Vec::new(), vec![1, 1]),
        (IDENTIFY, field(1, &item("x").encode_to_vec()), vec![2]),
    ];
    texts.extend([2, 3, 7].map(|text| (INVENTORY, field(1, b"Package: x\n"), vec![text])));
    for way in ways_of_facts() {
        let below = |number: u8| [&[number], &*way].concat();
        texts.push((DECIDE, Vec::new(), below(1)));
        texts.push((DECIDE, field(1, &sound), below(1)));
        texts.push((BATCH, in_batch.clone(), [&[1], &*below(2)].concat()));
        texts.push((STREAM, in_stream.clone(), below(2)));
        texts.push((TIMELINE, field(1, &sound), below(1)));
        texts.push((INVENTORY, field(1, b"Package: x\n"), below(4)));
        if let [7, text] = *way {
            texts.push((IDENTIFY, Vec::new(), vec![1, text]));
        }
    }
    texts
}

#[tokio::test]
async fn a_text_that_is_no_utf8_is_refused_wherever_it_stands_and_nothing_is_judged() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut neighbour = Neighbour::of(&bench).await;
    let mut refused = 0;
    for (method, before, way) in texts() {
        for bytes in BAD {
            let message = [before.clone(), at(&way, bytes)].concat();
            let status = send(&bench, method, message).await.expect_err(method);
            assert_eq!(
                status.code(),
                Code::Internal,
                "{method} {way:?} {bytes:?}: {status:?}"
            );
            refused += 1;
        }
        neighbour.asks_again().await;
    }
    println!("limits: {refused} texts that are no UTF-8 refused");
}

#[tokio::test]
async fn odd_characters_are_told_as_they_came_and_hide_no_denial() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let odd = [
        // Read from the right, from nowhere, and not at all.
        "\u{202e}dleihS emcA\u{202c}",
        "\u{2066}Acme\u{2069}\u{200b}\u{feff}",
        "a\u{7}\u{1b}[2J\r\n\t",
        // The last character, one that never is, and marks upon marks.
        "\u{10ffff}\u{fffe}\u{fffd}",
        &format!("a{}", "\u{301}".repeat(500)),
        "\"}],\"deny\":[]//{{`${}'",
    ];
    for name in odd {
        let mut facts = host("h");
        for item in &mut facts.software {
            item.name = name.to_owned();
        }
        let decision = bench.decide(ask(facts)).await.unwrap();
        assert_eq!(decision.effect(), pb::Effect::Deny, "{name:?}");
        let found = decision.findings[0].software.as_ref().unwrap();
        assert_eq!(found.name, name);
        // In what a status repeats, too.
        let request = pb::DecideHostRequest {
            require_snapshot_id: name.chars().take(12).collect(),
            ..ask(clean_host(name))
        };
        let status = match name.len() {
            257.. => bench.decide(ask(clean_host(name))).await.unwrap_err(),
            _ => bench.decide(request).await.unwrap_err(),
        };
        let (_, reason, details) = reason(&status);
        match &*reason {
            "SNAPSHOT_MISMATCH" => {
                let metadata = &details.error_info().unwrap().metadata;
                let required: String = name.chars().take(12).collect();
                assert_eq!(metadata["requiredSnapshotId"], required);
            }
            _ => assert_eq!(fields(&status), ["facts.host_id"]),
        }
    }
}
