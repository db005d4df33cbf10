//! Trees: what JSON, property lists and XML have in common, so that an adapter reads all
//! of them alike.
//!
//! Nothing of a document is lost on the way: a key that appears twice is an error, numbers
//! keep their digits, and depth is bounded.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use crate::diagnostic::{Diagnostic, Span};

/// Levels of objects and lists that a document may have; the reader of JSON follows no more.
pub(super) const LEVELS: usize = 127;
/// Values that a document may have. Two bytes can stand for a value that takes sixty, so that
/// the length of a document does not bound its tree.
pub(crate) const VALUES: usize = 1_000_000;

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Nothing.
    Null,
    /// A truth value.
    Flag(bool),
    /// A number, in its digits.
    Number(String),
    /// A text.
    Text(String),
    /// Bytes, which no inventory says anything with.
    Bytes,
    /// A list.
    List(Vec<Node>),
    /// An object, in the order of the document.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Reads a JSON document.
    ///
    /// # Errors
    /// The first fault with its line and column: what is not JSON, is nested too deeply, or
    /// names a key twice.
    pub(super) fn from_json(path: &str, text: &str) -> Result<Self, Diagnostic> {
        let left = Cell::new(VALUES);
        let numbers = Cell::new(text.as_bytes());
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = Values {
            left: &left,
            numbers: &numbers,
        }
        .deserialize(&mut reader);
        read.and_then(|node| reader.end().map(|()| node))
            .map_err(|fault| {
                let full = fault.to_string();
                let message = full
                    .rfind(" at line ")
                    .and_then(|end| full.get(..end))
                    .unwrap_or(&full);
                let (message, hint) = match message {
                    "trailing characters" => (
                        "something stands behind its end",
                        "if it holds several documents, put them in a list, or each on a line of its own in UTF-8",
                    ),
                    cut if cut.starts_with("EOF while parsing") => (
                        "it ends before it is complete",
                        "export the inventory again, and see that it is written to the end",
                    ),
                    message => (message, "export the inventory again, or mend it at this place"),
                };
                let line = u32::try_from(fault.line()).unwrap_or(u32::MAX);
                let column = u32::try_from(fault.column()).unwrap_or(u32::MAX);
                Diagnostic::error(
                    "inventory-unreadable",
                    format!("the document is not sound JSON: {message}"),
                )
                .at(Span::at(path, line, column))
                .hint(format!("nothing of it was judged: {hint}"))
            })
    }

    /// The value of a key, if this is an object that has it; what is null is not there.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(fields) = self else {
            return None;
        };
        let (_, value) = fields.iter().find(|(known, _)| known == key)?;
        (*value != Self::Null).then_some(value)
    }

    /// Whether this is an object that names the key, were it with nothing.
    pub(super) fn names(&self, key: &str) -> bool {
        matches!(self, Self::Object(fields) if fields.iter().any(|(known, _)| known == key))
    }

    /// Whether this is an object that names all of these keys.
    pub(super) fn names_all(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.names(key))
    }

    /// The text, if this is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The values, if this is a list; else nothing.
    pub(super) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(values) => Some(values),
            _ => None,
        }
    }
}

/// Reads values as long as there may be more.
#[derive(Clone, Copy)]
struct Values<'l> {
    left: &'l Cell<usize>,
    /// The document from behind the last number on. The reader tells what a number is worth,
    /// and a version such as `1.10` is not worth what it says.
    numbers: &'l Cell<&'l [u8]>,
}

impl Values<'_> {
    /// The next number as it stands in the document.
    fn digits(&self) -> String {
        let mut rest = self.numbers.get().iter();
        let mut in_text = false;
        let mut digits = String::new();
        while let Some(byte) = rest.next() {
            match byte {
                b'\\' if in_text => _ = rest.next(),
                b'"' => in_text = !in_text,
                b'-' | b'0'..=b'9' if !in_text => {
                    digits.push(char::from(*byte));
                    break;
                }
                _ => {}
            }
        }
        while let [
            byte @ (b'+' | b'-' | b'.' | b'e' | b'E' | b'0'..=b'9'),
            behind @ ..,
        ] = rest.as_slice()
        {
            digits.push(char::from(*byte));
            rest = behind.iter();
        }
        self.numbers.set(rest.as_slice());
        digits
    }
}

impl<'de> DeserializeSeed<'de> for Values<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => {
                return Err(de::Error::custom(format_args!(
                    "it has more than {VALUES} values"
                )));
            }
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Flag(value))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Number(self.digits()))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Number(self.digits()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        let digits = self.digits();
        let is_plain = !digits.contains(['e', 'E']);
        Ok(Node::Number(if is_plain {
            digits
        } else {
            value.to_string()
        }))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Node::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields = Fields::default();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(self)?;
            fields.add(key, value).map_err(de::Error::custom)?;
        }
        Ok(fields.into_node())
    }
}

/// Objects of up to so many fields are searched by going through them.
const FEW: usize = 16;

/// The fields of an object that is being read; none may appear twice.
#[derive(Default)]
pub(super) struct Fields {
    fields: Vec<(String, Node)>,
    seen: HashSet<String>,
}

impl Fields {
    /// Takes a field.
    ///
    /// # Errors
    /// If there is one of its name.
    pub(super) fn add(&mut self, key: String, value: Node) -> Result<(), String> {
        let known = if self.fields.len() < FEW {
            self.fields.iter().any(|(known, _)| *known == key)
        } else {
            if self.seen.is_empty() {
                self.seen = self.fields.iter().map(|(key, _)| key.clone()).collect();
            }
            !self.seen.insert(key.clone())
        };
        if known {
            return Err(format!("the key `{key}` appears twice in one object"));
        }
        self.fields.push((key, value));
        Ok(())
    }

    pub(super) fn into_node(self) -> Node {
        Node::Object(self.fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_appears_twice_is_an_error_with_its_place() {
        let many: String = (0..40).map(|n| format!("\"k{n}\": 0, ")).collect();
        for text in [
            "{\n\"name\": 1, \"name\": 2}".to_owned(),
            format!("{{\n{many}\"k7\": 1}}"),
        ] {
            let refused = Node::from_json("a.json", &text).unwrap_err();
            assert!(refused.message.contains("appears twice"), "{refused}");
            assert_eq!(refused.span.unwrap().start_line, 2);
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(10_000);
        let refused = Node::from_json("a.json", &deep).unwrap_err();
        assert!(refused.message.contains("recursion"), "{refused}");
        let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Node::from_json("a.json", &nested(LEVELS)).is_ok());
        assert!(Node::from_json("a.json", &nested(LEVELS + 1)).is_err());
    }

    #[test]
    fn a_tree_is_bounded() {
        let many = format!("[0{}]", ",0".repeat(VALUES));
        let refused = Node::from_json("a.json", &many).unwrap_err();
        assert!(refused.message.contains("more than"), "{refused}");
    }

    #[test]
    fn numbers_keep_their_digits_and_null_is_not_there() {
        let node = Node::from_json("a", r#"{"a": 12345678901234567890, "b": null}"#).unwrap();
        assert_eq!(
            node.get("a"),
            Some(&Node::Number("12345678901234567890".to_owned()))
        );
        assert!(node.get("b").is_none() && node.names("b") && !node.names("c"));
        let text = r#"{"7": ["\\\"8\"", 1.10, -2.50], "\\": 3e2, "x": [[0, -0, 99999999999999999999]], "y": 14}"#;
        let Node::Object(fields) = Node::from_json("a", text).unwrap() else {
            panic!("{text}");
        };
        let numbers = |node: &Node| match node {
            Node::Number(digits) => digits.clone(),
            _ => String::new(),
        };
        let Node::List(list) = &fields[0].1 else {
            panic!("{text}");
        };
        let list: Vec<String> = list.iter().map(numbers).collect();
        assert_eq!(list, ["", "1.10", "-2.50"]);
        assert_eq!(numbers(&fields[1].1), "300");
        assert_eq!(numbers(&fields[3].1), "14");
    }
}
