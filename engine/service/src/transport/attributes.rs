//! Attributes: `google.protobuf.Struct` as trees of the core, strings moved.

use std::collections::BTreeMap;

use embargo_core::facts::{Attribute, Violation};
use prost_types::value::Kind;
use prost_types::{Struct, Value};

/// Takes an object apart. How deep it may be is checked with all other limits; the decoder
/// has bounded it already.
pub(super) fn object(object: Struct, known: &mut Vec<Violation>) -> BTreeMap<String, Attribute> {
    object
        .fields
        .into_iter()
        .map(|(key, field)| (key, value(field, known)))
        .collect()
}

fn value(given: Value, known: &mut Vec<Violation>) -> Attribute {
    match given.kind {
        Some(Kind::NullValue(_)) => Attribute::Null,
        Some(Kind::BoolValue(truth)) => Attribute::Bool(truth),
        Some(Kind::NumberValue(number)) => Attribute::Number(number),
        Some(Kind::StringValue(text)) => Attribute::Text(text),
        Some(Kind::ListValue(list)) => Attribute::List(
            list.values
                .into_iter()
                .map(|entry| value(entry, known))
                .collect(),
        ),
        Some(Kind::StructValue(below)) => Attribute::Object(object(below, known)),
        None => {
            // Said once, however many there are.
            if known.last().is_none_or(|last| last.field != "attributes") {
                known.push(Violation::new(
                    "attributes",
                    "holds a value of no kind: send null, or leave the key out",
                ));
            }
            Attribute::Null
        }
    }
}
