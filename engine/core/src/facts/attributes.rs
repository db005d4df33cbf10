//! Attributes: facts that the schema has no field for.
//!
//! They are trees of JSON values with finite numbers, as `google.protobuf.Struct` holds
//! them, and their size counts as that message encodes them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// One value of the attributes.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number; finite once checked.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Attribute>),
    /// An object.
    Object(BTreeMap<String, Attribute>),
}

impl Attribute {
    /// How many levels of objects and lists there are, counting stops at `most` + 1.
    pub(super) fn levels(&self, most: usize) -> usize {
        fn deepest<'a>(values: impl Iterator<Item = &'a Attribute>, most: usize) -> usize {
            if most == 0 {
                return 1;
            }
            1 + values
                .map(|value| value.levels(most - 1))
                .max()
                .unwrap_or(0)
        }
        match self {
            Self::List(values) => deepest(values.iter(), most),
            Self::Object(fields) => deepest(fields.values(), most),
            _ => 0,
        }
    }

    /// The bytes of this value as a `google.protobuf.Value`.
    fn value_bytes(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 2,
            Self::Number(_) => 9,
            Self::Text(text) => field_bytes(text.len()),
            Self::List(values) => field_bytes(
                values
                    .iter()
                    .map(|value| field_bytes(value.value_bytes()))
                    .sum(),
            ),
            Self::Object(fields) => field_bytes(object_bytes(fields)),
        }
    }
}

/// The bytes of an object as a `google.protobuf.Struct`.
pub(super) fn object_bytes(fields: &BTreeMap<String, Attribute>) -> usize {
    fields
        .iter()
        .map(|(key, value)| {
            let key = if key.is_empty() {
                0
            } else {
                field_bytes(key.len())
            };
            field_bytes(key + field_bytes(value.value_bytes()))
        })
        .sum()
}

/// A length-delimited field with a one-byte tag.
const fn field_bytes(content: usize) -> usize {
    let mut length_bytes = 1;
    let mut rest = content >> 7;
    while rest > 0 {
        length_bytes += 1;
        rest >>= 7;
    }
    1 + length_bytes + content
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AttributeVisitor)
    }
}

/// Reads all attributes of a host: an object, or nothing.
///
/// # Errors
/// If it is something else, or a key appears twice.
pub(super) fn fields<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeMap<String, Attribute>>, D::Error> {
    match Attribute::deserialize(deserializer)? {
        Attribute::Null => Ok(None),
        Attribute::Object(fields) => Ok(Some(fields)),
        _ => Err(de::Error::custom("`attributes` is an object")),
    }
}

struct AttributeVisitor;

impl<'de> Visitor<'de> for AttributeVisitor {
    type Value = Attribute;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a truth value, a number, a text, a list or an object")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Attribute, E> {
        Ok(Attribute::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Attribute, E> {
        Ok(Attribute::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Attribute, D::Error> {
        Attribute::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Attribute, E> {
        Ok(Attribute::Bool(value))
    }

    #[expect(
        clippy::as_conversions,
        reason = "attributes are doubles, as the API says"
    )]
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Attribute, E> {
        Ok(Attribute::Number(value as f64))
    }

    #[expect(
        clippy::as_conversions,
        reason = "attributes are doubles, as the API says"
    )]
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Attribute, E> {
        Ok(Attribute::Number(value as f64))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Attribute, E> {
        Ok(Attribute::Number(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Attribute, E> {
        Ok(Attribute::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Attribute, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Attribute::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attribute, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, Attribute>()? {
            if fields.contains_key(&key) {
                return Err(de::Error::custom(format_args!("`{key}` appears twice")));
            }
            fields.insert(key, value);
        }
        Ok(Attribute::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::HostRecord;

    #[test]
    fn a_key_that_appears_twice_is_refused_at_every_level() {
        for attributes in [
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": {"b": 1, "b": 2}}"#,
            r#"{"a": [{"b": 1, "b": 2}]}"#,
        ] {
            let text = format!(r#"{{"host_id": "h", "attributes": {attributes}}}"#);
            let refused = serde_json::from_str::<HostRecord>(&text).unwrap_err();
            assert!(refused.to_string().contains("appears twice"), "{refused}");
        }
        for (attributes, is_there) in [("null", false), ("{}", true), (r#"{"a": 1}"#, true)] {
            let text = format!(r#"{{"host_id": "h", "attributes": {attributes}}}"#);
            let record: HostRecord = serde_json::from_str(&text).unwrap();
            assert_eq!(record.attributes.is_some(), is_there);
        }
        let text = r#"{"host_id": "h", "attributes": [1]}"#;
        assert!(serde_json::from_str::<HostRecord>(text).is_err());
    }
}
