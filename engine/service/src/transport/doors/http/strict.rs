//! What JSON must keep before it is read as a message: no key twice, no key that the message does
//! not have, and no more values than any sound request needs.
//!
//! The reader of messages takes the last of two equal keys, and one that is written once in each
//! of its two forms. An item that says two things about itself is refused instead. What is said
//! about a value that does not fit names the field and never the value, which may be personal.

use std::collections::HashSet;
use std::fmt;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Values in one text. What is read takes some hundred bytes for each.
pub(super) const VALUES: usize = 500_000;

/// Checks a text against a message.
///
/// # Errors
/// The first fault, with line and column.
pub(super) fn check(message: &MessageDescriptor, text: &[u8]) -> Result<(), serde_json::Error> {
    check_shape(&Shape::Message(message.clone()), text)
}

/// Checks a text that may be any JSON.
///
/// # Errors
/// The first fault, with line and column.
pub(in super::super) fn check_free(text: &[u8]) -> Result<(), serde_json::Error> {
    check_shape(&Shape::Free, text)
}

fn check_shape(shape: &Shape, text: &[u8]) -> Result<(), serde_json::Error> {
    let mut left = VALUES;
    let mut reader = serde_json::Deserializer::from_slice(text);
    Check {
        shape,
        left: &mut left,
        list: None,
    }
    .deserialize(&mut reader)?;
    reader.end()
}

/// What is expected at a place.
enum Shape {
    Message(MessageDescriptor),
    /// Anything, as in an object of the caller's own.
    Free,
    /// A value that is read by itself: the field, and what it takes.
    Value(FieldDescriptor, Takes),
}

/// What a value that is read by itself may be.
#[derive(Clone, Copy)]
enum Takes {
    Text,
    Truth,
    Number,
    Word,
}

impl Shape {
    fn of(field: &FieldDescriptor) -> Self {
        let takes = match field.kind() {
            Kind::Message(message) => match message.full_name() {
                "google.protobuf.Struct"
                | "google.protobuf.Value"
                | "google.protobuf.ListValue" => return Self::Free,
                name if name.starts_with("google.protobuf.") => Takes::Text,
                _ => return Self::Message(message),
            },
            Kind::String | Kind::Bytes => Takes::Text,
            Kind::Bool => Takes::Truth,
            Kind::Enum(_) => Takes::Word,
            _ => Takes::Number,
        };
        Self::Value(field.clone(), takes)
    }

    /// What is said about a value that does not fit. The value is not part of it.
    fn misfit<E: Error>(&self) -> E {
        let (field, takes) = match self {
            Self::Message(message) => {
                return E::custom(format!("{} is an object", message.name()));
            }
            Self::Free => return E::custom("the value does not fit"),
            Self::Value(field, takes) => (field, takes),
        };
        let name = field.json_name();
        E::custom(match (takes, field.kind()) {
            (_, Kind::Enum(words)) => {
                let words: Vec<String> = words
                    .values()
                    .map(|word| format!("`{}`", word.name()))
                    .collect();
                format!("`{name}` is one of {}", words.join(", "))
            }
            (_, Kind::Bytes) => format!("`{name}` is base64 in quotes"),
            (_, Kind::Message(message)) => match message.name() {
                "Timestamp" => format!("`{name}` is an instant as RFC 3339 has it, in quotes"),
                "Duration" => format!("`{name}` is a number of seconds with `s` in quotes"),
                _ => format!("`{name}` is a text in quotes"),
            },
            (Takes::Text | Takes::Word, _) => format!("`{name}` is a text in quotes"),
            (Takes::Truth, _) => format!("`{name}` is true or false"),
            (Takes::Number, _) => format!("`{name}` is a number"),
        })
    }

    fn takes(&self, given: Takes) -> bool {
        match (self, given) {
            (Self::Free, _)
            // A number may be written as a text, and an enum as a number.
            | (Self::Value(_, Takes::Number), Takes::Number | Takes::Text)
            | (Self::Value(_, Takes::Text), Takes::Text)
            | (Self::Value(_, Takes::Truth), Takes::Truth)
            | (Self::Value(_, Takes::Word), Takes::Number) => true,
            _ => false,
        }
    }

    fn takes_text(&self, text: &str) -> bool {
        match self {
            Self::Value(field, Takes::Word) => match field.kind() {
                Kind::Enum(words) => words.get_value_by_name(text).is_some(),
                _ => false,
            },
            _ => self.takes(Takes::Text),
        }
    }
}

struct Check<'a> {
    shape: &'a Shape,
    left: &'a mut usize,
    /// The name of the list that has to begin here, if one has to.
    list: Option<&'a str>,
}

impl Check<'_> {
    fn given<E: Error>(self, takes: bool) -> Result<(), E> {
        if takes && self.list.is_none() {
            return Ok(());
        }
        Err(self.misfit())
    }

    fn misfit<E: Error>(&self) -> E {
        match self.list {
            Some(name) => E::custom(format!("`{name}` is a list in brackets")),
            None => self.shape.misfit(),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        *self.left = self.left.checked_sub(1).ok_or_else(|| {
            D::Error::custom(format!(
                "there are more than {VALUES} values: ask about fewer hosts at a time"
            ))
        })?;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    /// Null stands for a field that is left out.
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        let takes = self.shape.takes(Takes::Truth);
        self.given(takes)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        let takes = self.shape.takes(Takes::Number);
        self.given(takes)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        let takes = self.shape.takes(Takes::Number);
        self.given(takes)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        let takes = self.shape.takes(Takes::Number);
        self.given(takes)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let takes = self.shape.takes_text(text);
        self.given(takes)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let is_free = matches!(self.shape, Shape::Free);
        if self.list.is_none() && !is_free {
            return Err(self.misfit());
        }
        let Self { shape, left, .. } = self;
        let mut next = |left: &mut usize| {
            items.next_element_seed(Check {
                shape,
                left,
                list: None,
            })
        };
        while next(left)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        if self.list.is_some() {
            return Err(self.misfit());
        }
        match self.shape {
            Shape::Value(..) => Err(self.misfit()),
            Shape::Free => free(entries, &Shape::Free, self.left),
            Shape::Message(message) => fields(entries, message, self.left),
        }
    }
}

/// An object whose keys are the caller's own.
fn free<'de, A: MapAccess<'de>>(
    mut entries: A,
    shape: &Shape,
    left: &mut usize,
) -> Result<(), A::Error> {
    let mut seen = HashSet::new();
    while let Some(key) = entries.next_key::<String>()? {
        if seen.contains(&key) {
            return Err(twice(&key));
        }
        seen.insert(key);
        entries.next_value_seed(Check {
            shape,
            left,
            list: None,
        })?;
    }
    Ok(())
}

fn fields<'de, A: MapAccess<'de>>(
    mut entries: A,
    message: &MessageDescriptor,
    left: &mut usize,
) -> Result<(), A::Error> {
    let mut seen = HashSet::new();
    while let Some(key) = entries.next_key::<String>()? {
        let field = message
            .get_field_by_json_name(&key)
            .or_else(|| message.get_field_by_name(&key));
        let Some(field) = field else {
            return Err(unknown(&key, message));
        };
        if !seen.insert(field.number()) {
            return Err(twice(field.json_name()));
        }
        if field.is_map() {
            let value = match field.kind() {
                Kind::Message(entry) => Shape::of(&entry.map_entry_value_field()),
                _ => Shape::Free,
            };
            let shape = &value;
            entries.next_value_seed(MapCheck { shape, left })?;
            continue;
        }
        entries.next_value_seed(Check {
            shape: &Shape::of(&field),
            left,
            list: field.is_list().then(|| field.json_name()),
        })?;
    }
    Ok(())
}

/// A map of a message: its keys are the caller's own, its values are not.
struct MapCheck<'a> {
    shape: &'a Shape,
    left: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for MapCheck<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MapCheck<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        free(entries, self.shape, self.left)
    }
}

fn twice<E: Error>(key: &str) -> E {
    let shown: String = key.chars().take(64).collect();
    E::custom(format!(
        "the key `{shown}` is given twice: keep one of them"
    ))
}

/// Names the keys that there are, since there are few.
fn unknown<E: Error>(key: &str, message: &MessageDescriptor) -> E {
    let shown: String = key.chars().take(64).collect();
    let known: Vec<String> = message
        .fields()
        .map(|field| format!("`{}`", field.json_name()))
        .collect();
    E::custom(format!(
        "{} has no key `{shown}`: it has {}",
        message.name(),
        known.join(", ")
    ))
}
