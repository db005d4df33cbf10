//! Property lists, in XML and in binary, as trees.

use std::io::Cursor;

use plist::stream::{BinaryReader, Event, OwnedEvent, XmlReader};

use crate::diagnostic::{Diagnostic, Span};

use super::node::{Fields, LEVELS, Node, VALUES};

/// Bytes of all texts and keys, at most. A binary list may name one text over and over.
const TEXTS: usize = 64 * 1_024 * 1_024;

/// Whether these bytes are a binary property list.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(b"bplist")
}

/// Reads a property list.
///
/// # Errors
/// What is unsound, with its place as far as there is one.
pub(super) fn read(path: &str, bytes: &[u8]) -> Result<Node, Diagnostic> {
    let read = if is_binary(bytes) {
        tree(BinaryReader::new(Cursor::new(bytes)))
    } else {
        tree(XmlReader::new(bytes))
    };
    read.map_err(|message| {
        Diagnostic::error(
            "inventory-unreadable",
            format!("the document is not a sound property list: {message}"),
        )
        .at(Span::start_of(path))
        .hint("nothing of it was judged: export the inventory again")
    })
}

/// A collection whose end has not come.
enum Open {
    List(Vec<Node>),
    Object { fields: Fields, key: Option<String> },
}

fn tree(events: impl Iterator<Item = Result<OwnedEvent, plist::Error>>) -> Result<Node, String> {
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    let mut texts = 0_usize;
    for (count, event) in events.enumerate() {
        if count == VALUES {
            return Err(format!("it has more than {VALUES} values"));
        }
        let value = match event.map_err(|cause| cause.to_string())? {
            start @ (Event::StartArray(_) | Event::StartDictionary(_)) => {
                if open.len() == LEVELS {
                    return Err(format!("it is nested deeper than {LEVELS} levels"));
                }
                open.push(if matches!(start, Event::StartArray(_)) {
                    Open::List(Vec::new())
                } else {
                    Open::Object {
                        fields: Fields::default(),
                        key: None,
                    }
                });
                continue;
            }
            Event::EndCollection => match open.pop() {
                Some(Open::List(values)) => Node::List(values),
                Some(Open::Object { fields, key: None }) => fields.into_node(),
                Some(Open::Object { key: Some(key), .. }) => {
                    return Err(format!("the key `{key}` has no value"));
                }
                None => return Err("a collection ends that has not begun".to_owned()),
            },
            Event::Boolean(flag) => Node::Flag(flag),
            Event::Integer(number) => Node::Number(number.to_string()),
            Event::Real(number) => Node::Number(number.to_string()),
            Event::String(text) => {
                texts = texts.saturating_add(text.len());
                if texts > TEXTS {
                    return Err(format!("its texts are longer than {TEXTS} bytes in all"));
                }
                Node::Text(text.into_owned())
            }
            Event::Date(date) => Node::Text(date.to_xml_format()),
            _ => Node::Bytes,
        };
        match open.last_mut() {
            None if root.is_none() => root = Some(value),
            None => return Err("there is more than one value at the top".to_owned()),
            Some(Open::List(values)) => values.push(value),
            Some(Open::Object { fields, key }) => match (key.take(), value) {
                (Some(key), value) => fields.add(key, value)?,
                (None, Node::Text(name)) => *key = Some(name),
                (None, _) => return Err("a key is not a text".to_owned()),
            },
        }
    }
    root.filter(|_| open.is_empty())
        .ok_or_else(|| "it ends before its collections do".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(inner: &str) -> Result<Node, Diagnostic> {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">{inner}</plist>"
        );
        read("a.plist", text.as_bytes())
    }

    #[test]
    fn both_encodings_give_the_same_tree() {
        let value = "<dict><key>Name</key><string>A&amp;B</string><key>Size</key><integer>7</integer><key>On</key><true/><key>At</key><date>2024-01-02T03:04:05Z</date></dict>";
        let node = xml(value).unwrap();
        assert_eq!(node.get("Name").unwrap().as_text(), Some("A&B"));
        assert_eq!(
            node.get("At").unwrap().as_text(),
            Some("2024-01-02T03:04:05Z")
        );
        let parsed = plist::Value::from_reader_xml(
            format!("<plist version=\"1.0\">{value}</plist>").as_bytes(),
        )
        .unwrap();
        let mut binary = Vec::new();
        parsed.to_writer_binary(&mut binary).unwrap();
        assert!(is_binary(&binary));
        assert_eq!(read("a.plist", &binary).unwrap(), node);
    }

    #[test]
    fn what_is_not_sound_is_an_error() {
        for inner in [
            "<dict><key>a</key><string>1</string><key>a</key><string>2</string></dict>",
            "<dict><key>a</key></dict>",
            "<dict><integer>1</integer><string>2</string></dict>",
            "<array><string>",
            "",
        ] {
            assert!(xml(inner).is_err(), "{inner}");
        }
        assert!(xml(&"<array>".repeat(10_000)).is_err());
        assert!(read("a.plist", b"bplist00\0\0\0").is_err());
    }

    #[test]
    fn a_binary_list_that_names_a_long_text_over_and_over_is_refused() {
        let text = vec![b'x'; 1 << 20];
        let count = 200_u8;
        let mut bytes = b"bplist00".to_vec();
        let list = bytes.len();
        bytes.extend([0xAF, 0x10, count]);
        bytes.extend(vec![1; usize::from(count)]);
        let long = bytes.len();
        bytes.extend([0x5F, 0x12]);
        bytes.extend((1_u32 << 20).to_be_bytes());
        bytes.extend(text);
        let table = u64::try_from(bytes.len()).unwrap();
        for place in [list, long] {
            bytes.extend(u32::try_from(place).unwrap().to_be_bytes());
        }
        bytes.extend([0, 0, 0, 0, 0, 0, 4, 1]);
        for number in [2, 0, table] {
            bytes.extend(number.to_be_bytes());
        }
        let refused = read("a.plist", &bytes).unwrap_err();
        assert!(refused.message.contains("texts are longer"), "{refused}");
    }

    #[test]
    fn a_binary_list_that_names_values_over_and_over_is_refused() {
        // Forty lists, each of which names the next one ten times.
        let mut bytes = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for index in 0..40_u8 {
            offsets.push(u8::try_from(bytes.len() % 256).unwrap());
            offsets.push(u8::try_from(bytes.len() / 256).unwrap());
            bytes.push(0xAA);
            bytes.extend([index + 1; 10]);
        }
        offsets.push(u8::try_from(bytes.len() % 256).unwrap());
        offsets.push(u8::try_from(bytes.len() / 256).unwrap());
        bytes.push(0x09);
        let table = u64::try_from(bytes.len()).unwrap();
        for pair in offsets.chunks(2) {
            bytes.extend([pair[1], pair[0]]);
        }
        bytes.extend([0, 0, 0, 0, 0, 0, 2, 1]);
        bytes.extend(41_u64.to_be_bytes());
        bytes.extend(0_u64.to_be_bytes());
        bytes.extend(table.to_be_bytes());
        let refused = read("a.plist", &bytes).unwrap_err();
        assert!(refused.message.contains("more than"), "{refused}");
    }
}
