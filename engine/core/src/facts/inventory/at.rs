//! Reading a tree with places: what is absent is absent, and what is there and cannot be
//! read is remarked where it stands.

use crate::diagnostic::cut;
use crate::facts::limits;
use crate::instant::Instant;

use super::node::Node;
use super::remark::{Log, RemarkKind};
use super::xml;

/// Bytes of a text that are looked at: enough to tell that it is longer than facts may have
/// it. One that is named by many records is not copied whole for each of them.
const TEXT_BYTES: usize = limits::LONG_TEXT_BYTES + 4;
/// Bytes of a place, and of a key in it. Every value below has a place of its own.
const PLACE_BYTES: usize = 512;
const KEY_BYTES: usize = 64;

/// A node of a document and its place.
#[derive(Clone)]
pub(super) struct At<'a> {
    node: &'a Node,
    place: String,
    log: &'a Log,
}

impl<'a> At<'a> {
    /// The document as a whole.
    pub(super) const fn top(node: &'a Node, log: &'a Log) -> Self {
        Self {
            node,
            place: String::new(),
            log,
        }
    }

    /// A part of a document of which the place is known.
    pub(super) const fn part(node: &'a Node, place: String, log: &'a Log) -> Self {
        Self { node, place, log }
    }

    pub(super) const fn node(&self) -> &'a Node {
        self.node
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Remarks that this could not be read.
    pub(super) fn unread(&self, message: impl Into<String>) {
        self.log.add(RemarkKind::Unread, &self.place, message);
    }

    /// Remarks that this names no installed software.
    pub(super) fn skipped(&self, message: impl Into<String>) {
        self.log.add(RemarkKind::Skipped, &self.place, message);
    }

    /// Remarks that this is in the facts otherwise than it stands.
    pub(super) fn changed(&self, message: impl Into<String>) {
        self.log.add(RemarkKind::Changed, &self.place, message);
    }

    /// Whether it is an object that names the key, were it with nothing.
    pub(super) fn names(&self, key: &str) -> bool {
        self.node.names(key)
    }

    /// The value of a key, of whatever form; nothing if it is absent or null.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| self.below(key, node))
    }

    /// The object under a key.
    pub(super) fn object(&self, key: &str) -> Option<Self> {
        let found = self.get(key)?;
        if matches!(found.node, Node::Object(_)) {
            return Some(found);
        }
        found.unread("is not an object, and was left out");
        None
    }

    /// The values of a list under a key; none if it is absent.
    pub(super) fn list(&self, key: &str) -> Vec<Self> {
        let Some(found) = self.get(key) else {
            return Vec::new();
        };
        if let Node::List(_) = found.node {
            return found.elements();
        }
        found.unread("is not a list, and was left out");
        Vec::new()
    }

    /// The values of a list under a key that the format always has.
    pub(super) fn expected_list(&self, key: &str) -> Vec<Self> {
        if self.get(key).is_none() {
            self.unread(format!("the list `{key}` is missing"));
        }
        self.list(key)
    }

    /// The values, if it is a list.
    pub(super) fn elements(&self) -> Vec<Self> {
        let values = self.node.as_list().unwrap_or_default();
        let at = |(index, node)| Self {
            node,
            place: format!("{}[{index}]", self.place),
            log: self.log,
        };
        values.iter().enumerate().map(at).collect()
    }

    /// The fields, if it is an object.
    pub(super) fn fields(&self) -> Vec<(&'a str, Self)> {
        let Node::Object(fields) = self.node else {
            return Vec::new();
        };
        fields
            .iter()
            .filter(|(_, node)| *node != Node::Null)
            .map(|(key, node)| (key.as_str(), self.below(key, node)))
            .collect()
    }

    /// The text under a key; numbers and truth values are taken for texts. Blank is absent.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.get(key)?.as_text()
    }

    /// The text under the first of these keys that has one.
    pub(super) fn first_text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.text(key))
    }

    /// The texts of a list under a key.
    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(Self::as_text).collect()
    }

    /// Its text, if it is one.
    pub(super) fn as_text(&self) -> Option<String> {
        let text = match self.node {
            Node::Text(text) => text.trim(),
            Node::Number(digits) => digits,
            Node::Flag(true) => "true",
            Node::Flag(false) => "false",
            Node::Null => return None,
            Node::Bytes | Node::List(_) | Node::Object(_) => {
                self.unread("is not a text, and was left out");
                return None;
            }
        };
        (!text.is_empty()).then(|| head(text, TEXT_BYTES).to_owned())
    }

    /// The truth value under a key, also as `"true"` and `"false"`.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        let found = self.get(key)?;
        match found.node {
            Node::Flag(flag) => Some(*flag),
            Node::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Node::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The instant under a key, in RFC 3339; a remark if it is in another form.
    pub(super) fn instant(&self, key: &str) -> Option<Instant> {
        let text = self.text(key)?;
        // Some systems leave the colon out of the zone.
        let zoned = match text.split_at_checked(text.len().saturating_sub(2)) {
            Some((head, tail))
                if text.len() > 5
                    && !tail.contains(':')
                    && head
                        .get(head.len().saturating_sub(3)..)
                        .is_some_and(|zone| zone.starts_with(['+', '-'])) =>
            {
                format!("{head}:{tail}")
            }
            _ => text.clone(),
        };
        let read = text.parse().or_else(|_| zoned.parse()).ok();
        if read.is_none() {
            self.below(key, self.node)
                .changed("is not an instant in RFC 3339, and was left out");
        }
        read
    }

    /// The instant under a key, in seconds since 1970, as a number or a text.
    pub(super) fn unix_seconds(&self, key: &str) -> Option<Instant> {
        self.unix(key, 1_000_000_000, "seconds")
    }

    /// The same in milliseconds.
    pub(super) fn unix_millis(&self, key: &str) -> Option<Instant> {
        self.unix(key, 1_000_000, "milliseconds")
    }

    fn unix(&self, key: &str, nanoseconds: i128, unit: &str) -> Option<Instant> {
        let digits = self.text(key)?;
        let whole = digits.split('.').next().unwrap_or_default();
        let count = whole.parse::<i64>().ok();
        let read = count
            .and_then(|count| Instant::from_unix_nanoseconds(i128::from(count) * nanoseconds).ok());
        if read.is_none() {
            self.below(key, self.node).changed(format!(
                "is not an instant in {unit} since 1970, and was left out"
            ));
        }
        read
    }

    /// The XML elements of a name below this one.
    pub(super) fn children(&self, name: &str) -> Vec<Self> {
        let below = self.node.get(xml::CHILDREN).and_then(Node::as_list);
        let is_named = |node: &&Node| node.get(xml::NAME).and_then(Node::as_text) == Some(name);
        let at = |(index, node)| self.below(&format!("{name}[{index}]"), node);
        let named = below.into_iter().flatten().filter(is_named);
        named.enumerate().map(at).collect()
    }

    /// The only XML element of a name below this one.
    pub(super) fn child(&self, name: &str) -> Option<Self> {
        let mut found = self.children(name).into_iter();
        let first = found.next()?;
        if let Some(second) = found.next() {
            second.unread("stands there more than once, and only the first was read");
        }
        Some(self.below(name, first.node))
    }

    fn below(&self, key: &str, node: &'a Node) -> Self {
        let key = head(key, KEY_BYTES);
        let place = if self.place.is_empty() {
            key.to_owned()
        } else {
            cut(format!("{}.{key}", self.place), PLACE_BYTES)
        };
        Self {
            node,
            place,
            log: self.log,
        }
    }
}

/// The beginning of a text, of so many bytes at most.
fn head(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}
