use embargo_proto::envoy::service::auth::v3::{AttributeContext, CheckRequest};
use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;
use prost::Message;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

use super::super::schema::of_method;
use super::*;

const DECIDE: &str = "/embargo.v1.DecisionService/DecideHost";
const BATCH: &str = "/embargo.v1.DecisionService/BatchDecideHosts";
const MOST: usize = 16 * 1_024 * 1_024;

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    let mut bytes = vec![0];
    bytes.extend(length.to_be_bytes());
    bytes.extend(message);
    bytes
}

fn scan(method: &str, bytes: &[u8]) -> Result<(), Fault> {
    Scan::new(of_method(method)).feed(bytes)
}

/// A field with its content.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    prost::encoding::encode_varint(u64::try_from(content.len()).unwrap(), &mut bytes);
    bytes.extend(content);
    bytes
}

fn facts() -> pb::HostFacts {
    let value = |kind| Value { kind: Some(kind) };
    let list = ListValue {
        values: vec![value(Kind::NumberValue(1.0)), value(Kind::BoolValue(true))],
    };
    pb::HostFacts {
        host_id: "h".to_owned(),
        owner: Some(pb::Owner {
            jurisdictions: vec!["US".to_owned()],
            us_person: Some(true),
            ..Default::default()
        }),
        software: (0..300)
            .map(|at| pb::Software {
                name: format!("item {at}"),
                sha256: Some(vec![7; 32]),
                install_time: Some(prost_types::Timestamp {
                    seconds: -5,
                    nanos: 6,
                }),
                ..Default::default()
            })
            .collect(),
        attributes: Some(Struct {
            fields: [("k".to_owned(), value(Kind::ListValue(list)))].into(),
        }),
        ..Default::default()
    }
}

fn asked() -> Vec<u8> {
    let request = pb::DecideHostRequest {
        facts: Some(facts()),
        action: 3,
        ..Default::default()
    };
    framed(&request.encode_to_vec())
}

#[test]
fn a_sound_message_passes_in_pieces_of_any_size() {
    let mut bytes = asked();
    bytes.extend(framed(&[]));
    bytes.extend(asked());
    for size in [1, 2, 3, 5, 7, 64, 1_000, bytes.len()] {
        let mut scan = Scan::new(of_method(DECIDE));
        for piece in bytes.chunks(size) {
            scan.feed(piece).unwrap();
        }
        assert!(
            matches!(scan.expect, Expect::Header { bytes: 0, .. }),
            "{size}"
        );
    }
}

#[test]
fn what_would_burst_memory_is_refused_with_its_field() {
    let many = |entry: &[u8]| entry.repeat(MOST / entry.len() - 16);
    let facts = |entry: &[u8]| framed(&field(1, &many(entry)));
    let attributes = field(10, &field(1, &field(2, &field(6, &many(&field(1, &[]))))));
    for (method, bytes, wanted) in [
        (DECIDE, facts(&field(7, &[])), "facts.software"),
        (DECIDE, facts(&field(8, &[])), "facts.coverage"),
        (DECIDE, facts(&field(6, &[])), "facts.groups"),
        (
            DECIDE,
            framed(&field(1, &attributes)),
            "facts.attributes.fields.value.list_value.values",
        ),
        (BATCH, framed(&many(&field(1, &[]))), "items"),
        (
            BATCH,
            framed(&many(&field(1, &field(2, &many_items())))),
            "items.facts.software",
        ),
        ("/p/ValidateBundle", framed(&many(&field(1, &[]))), "files"),
        (
            "/p/IdentifySoftware",
            framed(&many(&field(1, &[]))),
            "software",
        ),
    ] {
        let field = wanted.to_owned();
        assert_eq!(
            scan(method, &bytes),
            Err(Fault::TooMuch { field }),
            "{wanted}"
        );
    }
}

#[test]
fn what_would_burst_memory_is_refused_of_envoy_too() {
    const CHECK: &str = "/envoy.service.auth.v3.Authorization/Check";
    let many = |entry: &[u8]| entry.repeat(MOST / entry.len() - 16);
    let headers = |number| field(4, &field(2, &many(&field(number, &[]))));
    let raw = field(4, &field(2, &field(13, &many(&field(1, &[])))));
    let metadata = |entry: &[u8]| field(11, &many(&field(1, entry)));
    let values = field(11, &field(1, &field(2, &many(&field(1, &[])))));
    for (attributes, wanted) in [
        (headers(3), "attributes.request.http.headers"),
        (raw, "attributes.request.http.header_map.headers"),
        (many(&field(10, &[])), "attributes.context_extensions"),
        (metadata(&[]), "attributes.metadata_context.filter_metadata"),
        (
            values,
            "attributes.metadata_context.filter_metadata.value.fields",
        ),
    ] {
        let field_at_fault = wanted.to_owned();
        let scanned = scan(CHECK, &framed(&field(1, &attributes)));
        let wanted = Err(Fault::TooMuch {
            field: field_at_fault,
        });
        assert_eq!(scanned, wanted);
    }
    let sound = CheckRequest {
        attributes: Some(AttributeContext {
            context_extensions: (0..1_000)
                .map(|n| (n.to_string(), "v".repeat(100)))
                .collect(),
            ..AttributeContext::default()
        }),
    };
    assert_eq!(scan(CHECK, &framed(&sound.encode_to_vec())), Ok(()));
}

fn many_items() -> Vec<u8> {
    field(7, &[]).repeat(20_000)
}

#[test]
fn the_largest_sound_requests_pass() {
    let mut large = facts();
    large.software = vec![large.software[0].clone(); 20_000];
    let request = pb::DecideHostRequest {
        facts: Some(large),
        ..Default::default()
    };
    assert_eq!(scan(DECIDE, &framed(&request.encode_to_vec())), Ok(()));
    let item = BatchItem {
        correlation_id: "c".to_owned(),
        facts: Some(facts()),
        action: 0,
    };
    let batch = pb::BatchDecideHostsRequest {
        items: vec![item; 700],
        ..Default::default()
    };
    let bytes = batch.encode_to_vec();
    assert!(
        bytes.len() < MOST && bytes.len() > MOST / 2,
        "{}",
        bytes.len()
    );
    assert_eq!(scan(BATCH, &framed(&bytes)), Ok(()));
}

#[test]
fn depth_is_refused_with_its_field_where_the_decoder_would_give_up() {
    let mut value = Vec::new();
    let mut seen = (0, 0);
    for levels in 1..60 {
        // A list with the value before it in a value of its own.
        value = field(6, &field(1, &value));
        let attributes = field(1, &[field(1, b"k"), field(2, &value)].concat());
        let message = framed(&field(1, &field(10, &attributes)));
        let scanned = scan(DECIDE, &message);
        let decoded = pb::DecideHostRequest::decode(&message[5..]);
        assert_eq!(
            scanned.is_ok(),
            decoded.is_ok(),
            "{levels}: {scanned:?}, {decoded:?}"
        );
        match scanned {
            Ok(()) => seen.0 += 1,
            Err(fault) => {
                seen.1 += 1;
                let field = "facts.attributes".to_owned();
                assert_eq!(fault, Fault::TooDeep { field });
            }
        }
    }
    assert!(seen.0 > 24 && seen.1 > 0, "{seen:?}");
}

#[test]
fn what_the_decoder_cannot_read_is_not_read_on() {
    let longer_than_its_parent = framed(&[0x0a, 0x02, 0x3a, 0x7f, 0, 0, 0, 0]);
    let group = framed(&[0x0b, 0x0c]);
    let endless_number = framed(&[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
    let cut = framed(&[0x0a]);
    for bytes in [longer_than_its_parent, group, endless_number] {
        assert_eq!(scan(DECIDE, &bytes), Err(Fault::Unreadable), "{bytes:?}");
        assert!(pb::DecideHostRequest::decode(&bytes[5..]).is_err());
    }
    // What ends too early shows when the next message begins.
    let with_next = [cut, framed(&[])].concat();
    assert!(scan(DECIDE, &with_next).is_err());
}
