//! Parts of a document in either form: what is a key in JSON is an element or an attribute
//! of the same name in XML.

use crate::facts::inventory::at::At;
use crate::facts::inventory::node::Node;
use crate::facts::inventory::xml;
use crate::instant::Instant;

pub(super) struct Part<'a> {
    at: At<'a>,
    is_xml: bool,
}

impl<'a> Part<'a> {
    pub(super) const fn of(at: At<'a>, is_xml: bool) -> Self {
        Self { at, is_xml }
    }

    pub(super) const fn at(&self) -> &At<'a> {
        &self.at
    }

    pub(super) fn names(&self, key: &str) -> bool {
        if self.is_xml {
            return !self.at.children(key).is_empty();
        }
        self.at.get(key).is_some()
    }

    pub(super) fn object(&self, key: &str) -> Option<Self> {
        let found = if self.is_xml {
            self.at.child(key)
        } else {
            self.at.object(key)
        };
        Some(Self::of(found?, self.is_xml))
    }

    /// The values of a list; in XML its elements have a name of their own.
    pub(super) fn list(&self, key: &str, element: &str) -> Vec<Self> {
        let found = if self.is_xml {
            self.elements(key, element)
        } else {
            self.at.list(key)
        };
        let part = |at| Self::of(at, self.is_xml);
        found.into_iter().map(part).collect()
    }

    fn elements(&self, key: &str, element: &str) -> Vec<At<'a>> {
        let Some(list) = self.at.child(key) else {
            return Vec::new();
        };
        let found = list.children(element);
        let all = list.node().get(xml::CHILDREN).and_then(Node::as_list);
        if all.is_some_and(|all| all.len() > found.len()) {
            list.unread(format!("holds elements that are no `{element}`"));
        }
        if list.names(xml::TEXT) {
            list.unread("holds a text where there are only elements");
        }
        found
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        if !self.is_xml {
            return self.at.text(key);
        }
        if let Some(attribute) = self.at.text(&format!("@{key}")) {
            return Some(attribute);
        }
        let found = self.at.child(key)?;
        if found.names(xml::CHILDREN) {
            found.unread("is not a text, and was left out");
            return None;
        }
        found.text(xml::TEXT)
    }

    pub(super) fn instant(&self, key: &str) -> Option<Instant> {
        if self.is_xml {
            return self.at.child(key)?.instant(xml::TEXT);
        }
        self.at.instant(key)
    }
}
