//! XML as a tree: an element is an object with its name, its attributes, its text and its
//! children. No entity but the five of XML is resolved, and nothing outside of the document
//! is read.

mod plain;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use crate::diagnostic::{Diagnostic, Span};

use super::node::{Fields, LEVELS, Node, VALUES};

pub(super) use self::plain::plain;

/// The name of an element, without its prefix.
pub(super) const NAME: &str = "#name";
/// The text of an element, where it has one.
pub(super) const TEXT: &str = "#text";
/// The elements below an element.
pub(super) const CHILDREN: &str = "#children";
/// The namespace that an element declares. Attributes stand under `@` and their name.
pub(super) const NAMESPACE: &str = "@xmlns";

/// An element whose end has not come.
struct Open {
    fields: Fields,
    text: String,
    children: Vec<Node>,
}

/// Whether it is a page of HTML, which is what a server answers to whoever is not signed in.
pub(super) fn is_web_page(text: &str) -> bool {
    let text = text.trim_start();
    ["<!doctype html", "<html"].into_iter().any(|start| {
        let head = text.get(..start.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(start))
    })
}

/// Reads a document.
///
/// # Errors
/// The first fault with its line.
pub(super) fn read(path: &str, text: &str) -> Result<Node, Diagnostic> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    let mut left = VALUES;
    loop {
        let event = reader.read_event();
        let fault = |message: String| {
            let at = usize::try_from(reader.error_position().max(reader.buffer_position()));
            unsound(path, text, at.unwrap_or(usize::MAX), &message)
        };
        match event.map_err(|cause| fault(cause.to_string()))? {
            Event::Start(start) => {
                if open.len() == LEVELS {
                    return Err(fault(format!("it is nested deeper than {LEVELS} levels")));
                }
                // An element has its name beside it.
                let values = start.attributes().count() + 2;
                left = left
                    .checked_sub(values)
                    .ok_or_else(|| fault(format!("it has more than {VALUES} values")))?;
                if root.is_some() {
                    return Err(fault(
                        "there is more than one element at the top".to_owned(),
                    ));
                }
                open.push(begin(&start).map_err(fault)?);
            }
            Event::End(_) => {
                let Some(done) = open.pop() else { continue };
                let node = done.close().map_err(fault)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None => root = Some(node),
                }
            }
            Event::Text(part) => add(&mut open, &part.xml10_content()),
            Event::CData(part) => add(&mut open, &part.xml10_content()),
            Event::GeneralRef(name) => {
                let character = match &*name {
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "amp" => Some('&'),
                    "apos" => Some('\''),
                    "quot" => Some('"'),
                    _ => name.resolve_char_ref().ok().flatten(),
                };
                let Some(character) = character else {
                    return Err(fault(format!("the entity `{}` is not known", &*name)));
                };
                add(&mut open, character.encode_utf8(&mut [0; 4]));
            }
            Event::Eof if !open.is_empty() => {
                return Err(fault("it ends before its elements do".to_owned()));
            }
            Event::Eof => break,
            Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::Empty(_) => {}
        }
    }
    root.ok_or_else(|| unsound(path, text, 0, "there is no element"))
}

fn begin(start: &BytesStart<'_>) -> Result<Open, String> {
    let mut fields = Fields::default();
    let name = start.local_name();
    fields.add(NAME.to_owned(), Node::Text(name.as_ref().to_owned()))?;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|cause| cause.to_string())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|cause| cause.to_string())?;
        let key = format!("@{}", attribute.key.as_ref());
        fields.add(key, Node::Text(value.into_owned()))?;
    }
    Ok(Open {
        fields,
        text: String::new(),
        children: Vec::new(),
    })
}

fn add(open: &mut [Open], part: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(part);
    }
}

impl Open {
    fn close(mut self) -> Result<Node, String> {
        let text = self.text.trim();
        if !text.is_empty() {
            self.fields
                .add(TEXT.to_owned(), Node::Text(text.to_owned()))?;
        }
        if !self.children.is_empty() {
            self.fields
                .add(CHILDREN.to_owned(), Node::List(self.children))?;
        }
        Ok(self.fields.into_node())
    }
}

fn unsound(path: &str, text: &str, at: usize, message: &str) -> Diagnostic {
    let before = text
        .as_bytes()
        .get(..at.min(text.len()))
        .unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before
        .iter()
        .rev()
        .take_while(|byte| **byte != b'\n')
        .count()
        + 1;
    let number = |value| u32::try_from(value).unwrap_or(u32::MAX);
    Diagnostic::error(
        "inventory-unreadable",
        format!("the document is not sound XML: {message}"),
    )
    .at(Span::at(path, number(line), number(column)))
    .hint("nothing of it was judged: export the inventory again, or mend it at this place")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_an_object() {
        let node = read("a.xml", "<?xml version=\"1.0\"?><x:bom xmlns:x=\"u\"><x:name type='a&amp;b'>A &lt; &#66;<![CDATA[<C>]]></x:name></x:bom>").unwrap();
        assert_eq!(node.get(NAME).unwrap().as_text(), Some("bom"));
        let child = &node.get(CHILDREN).unwrap().as_list().unwrap()[0];
        assert_eq!(child.get("@type").unwrap().as_text(), Some("a&b"));
        assert_eq!(child.get(TEXT).unwrap().as_text(), Some("A < B<C>"));
    }

    #[test]
    fn what_is_not_sound_is_an_error_with_its_line() {
        for (text, line) in [
            ("<a>\n<b>\n</a>", 3),
            ("<a>\n&unknown;</a>", 2),
            ("<a>\n<b>", 2),
            ("<a/>\n<b/>", 2),
            ("<a>\n<b c='1' c='2'/></a>", 2),
            ("", 1),
        ] {
            let refused = read("a.xml", text).unwrap_err();
            assert_eq!(refused.span.unwrap().start_line, line, "{text}");
        }
        let deep = "<a>".repeat(10_000);
        assert!(read("a.xml", &deep).unwrap_err().message.contains("nested"));
        let bomb = "<!DOCTYPE a [<!ENTITY b \"x\">]><a>&b;</a>";
        assert!(read("a.xml", bomb).is_err());
    }
}
