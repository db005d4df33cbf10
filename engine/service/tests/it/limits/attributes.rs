//! The limits on attributes, each at its edge.

use embargo_proto::v1 as pb;
use prost::Message as _;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

use super::row::{Held, Row, facts};

const BYTES: usize = 256 * 1_024;

pub(super) fn value(kind: Kind) -> Value {
    Value { kind: Some(kind) }
}

pub(super) fn object(key: &str, value: Value) -> Struct {
    Struct {
        fields: [(key.to_owned(), value)].into(),
    }
}

/// Objects within objects.
pub(super) fn objects(levels: usize) -> Struct {
    (1..levels).fold(Struct::default(), |below, _| {
        object("k", value(Kind::StructValue(below)))
    })
}

/// Lists within an object.
pub(super) fn lists(levels: usize) -> Struct {
    let inner = (2..levels).fold(ListValue::default(), |below, _| ListValue {
        values: vec![value(Kind::ListValue(below))],
    });
    object("k", value(Kind::ListValue(inner)))
}

/// Attributes that take so many bytes.
fn sized(bytes: usize) -> Struct {
    let text = |length| object("k", value(Kind::StringValue("x".repeat(length))));
    let excess = text(bytes).encoded_len() - bytes;
    let object = text(bytes - excess);
    assert_eq!(object.encoded_len(), bytes);
    object
}

fn having(attributes: Struct) -> pb::HostFacts {
    facts(|facts| facts.attributes = Some(attributes))
}

fn number(number: f64) -> pb::HostFacts {
    having(object("k", value(Kind::NumberValue(number))))
}

pub(super) fn rows() -> Vec<Row> {
    let row = |stated, passes, refused: Vec<pb::HostFacts>| Row {
        place: "HostFacts.attributes",
        stated,
        held: Held::Facts(
            passes,
            refused
                .into_iter()
                .map(|facts| (facts, "facts.attributes".to_owned()))
                .collect(),
        ),
    };
    let text = |text: &str| value(Kind::StringValue(text.to_owned()));
    // As deep as the decoder goes in every method; `hostile` goes on from there.
    let mut too_deep: Vec<pb::HostFacts> =
        [25, 26, 30].map(|levels| having(objects(levels))).into();
    too_deep.extend([25, 26, 40].map(|levels| having(lists(levels))));
    vec![
        row(
            "At most 256 KiB encoded",
            vec![having(sized(BYTES)), having(Struct::default())],
            vec![having(sized(BYTES + 1))],
        ),
        row(
            "24 levels of objects and lists, this object being the first",
            vec![having(objects(24)), having(lists(24))],
            too_deep,
        ),
        row(
            "Numbers are doubles and finite",
            vec![number(f64::MAX), number(f64::MIN_POSITIVE), number(-0.0)],
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY]
                .map(number)
                .into(),
        ),
        row(
            // They are strings of facts as well.
            "",
            vec![having(object("", text("")))],
            vec![
                having(object("a\0b", text("x"))),
                having(object("k", text("a\0b"))),
                having(object("k", Value { kind: None })),
            ],
        ),
    ]
}
