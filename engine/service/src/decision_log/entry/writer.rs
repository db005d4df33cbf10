//! Writing JSON under masks.
//!
//! Each value is written at a place of the tree of masks. Where one holds, what stands in its place
//! is written instead; an object or a list is first written aside, to learn its texts.

use embargo_core::instant::Instant;
use serde::Serialize;

use super::super::masks::{MaskOp, Masks, Node, cut_home};
use super::scrub::Scrub;

/// What is cut ends so.
const CUT: char = '…';

/// Writes one entry.
pub(super) struct Writer<'m> {
    masks: &'m Masks,
    out: Vec<u8>,
    /// The masks that took something away, and those that changed something.
    erased: Vec<usize>,
    masked: Vec<usize>,
    scrub: Scrub,
    /// Whether what is written is thrown away, and its texts are not to be told.
    is_aside: bool,
    used_key: bool,
}

/// The members of an object that is being written.
pub(super) struct Members<'w, 'm> {
    writer: &'w mut Writer<'m>,
    node: Node,
    is_first: bool,
}

impl<'m> Writer<'m> {
    pub(super) fn new(masks: &'m Masks, bytes: usize) -> Self {
        Self {
            masks,
            out: Vec::with_capacity(bytes),
            erased: Vec::new(),
            masked: Vec::new(),
            scrub: Scrub::default(),
            is_aside: false,
            used_key: false,
        }
    }

    /// Writes the whole entry, and at its end what masks did.
    pub(super) fn entry(&mut self, write: impl FnOnce(&mut Members<'_, 'm>)) {
        let node = self.masks.tree().root();
        self.object(node, |members| {
            write(members);
            members.account();
        });
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.out
    }

    /// The bytes of a value. Writing to memory does not fail, and all that is written are texts,
    /// finite numbers and truth values.
    fn json(&mut self, value: &(impl Serialize + ?Sized)) {
        let _ = serde_json::to_writer(&mut self.out, value);
    }

    fn op(&self, node: Node) -> Option<(MaskOp, usize)> {
        if self.is_aside {
            return None;
        }
        let op = self.masks.tree().op(node);
        op.filter(|(op, _)| *op != MaskOp::Keep)
    }

    /// A text, under what holds there. Returns whether anything was written.
    pub(super) fn text(&mut self, node: Node, text: &str) -> bool {
        if self.is_aside {
            self.scrub.note(text);
        }
        let Some((op, mask)) = self.op(node) else {
            self.json(text);
            return true;
        };
        let instead = match op {
            MaskOp::Keep => return false,
            MaskOp::Remove => None,
            MaskOp::Hmac => {
                self.used_key = true;
                Some(self.masks.key().of(text.as_bytes()))
            }
            MaskOp::Truncate(most) => {
                let Some((end, _)) = text.char_indices().nth(most) else {
                    self.json(text);
                    return true;
                };
                let mut kept = text.get(..end).unwrap_or_default().to_owned();
                kept.push(CUT);
                Some(kept)
            }
            MaskOp::Home => {
                let Some(cut) = cut_home(text) else {
                    self.json(text);
                    return true;
                };
                self.scrub.note_path(text, &cut);
                Some(cut)
            }
        };
        self.scrub.note(text);
        self.put(instead, mask)
    }

    /// A truth value or a number, under what holds there.
    fn plain(&mut self, node: Node, value: impl Serialize) -> bool {
        self.whole(node, |writer| writer.json(&value))
    }

    /// An object or a list, under what holds there.
    fn whole(&mut self, node: Node, write: impl FnOnce(&mut Self)) -> bool {
        let Some((op, mask)) = self.op(node) else {
            write(self);
            return true;
        };
        let start = self.out.len();
        self.is_aside = true;
        write(self);
        self.is_aside = false;
        let written = self.out.split_off(start);
        let instead = (op == MaskOp::Hmac).then(|| {
            self.used_key = true;
            self.masks.key().of(&written)
        });
        self.put(instead, mask)
    }

    fn put(&mut self, instead: Option<String>, mask: usize) -> bool {
        let known = match &instead {
            Some(text) => {
                self.json(text.as_str());
                &mut self.masked
            }
            None => &mut self.erased,
        };
        if !known.contains(&mask) {
            known.push(mask);
        }
        instead.is_some()
    }

    pub(super) fn object(&mut self, node: Node, write: impl FnOnce(&mut Members<'_, 'm>)) -> bool {
        self.whole(node, |writer| {
            writer.out.push(b'{');
            write(&mut Members {
                writer,
                node,
                is_first: true,
            });
            writer.out.push(b'}');
        })
    }

    /// A list, each element under its own masks.
    pub(super) fn list<T>(
        &mut self,
        node: Node,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, Node, T) -> bool,
    ) -> bool {
        self.whole(node, |writer| {
            writer.out.push(b'[');
            let mut is_first = true;
            for (place, item) in items.into_iter().enumerate() {
                let start = writer.out.len();
                if !is_first {
                    writer.out.push(b',');
                }
                let below = writer.masks.tree().element(node, place);
                if write(writer, below, item) {
                    is_first = false;
                } else {
                    writer.out.truncate(start);
                }
            }
            writer.out.push(b']');
        })
    }

    pub(super) fn null(&mut self, node: Node) -> bool {
        self.plain(node, ())
    }

    pub(super) fn flag(&mut self, node: Node, flag: bool) -> bool {
        self.plain(node, flag)
    }

    pub(super) fn real(&mut self, node: Node, number: f64) -> bool {
        self.plain(node, number)
    }
}

impl<'m> Members<'_, 'm> {
    /// Writes a member, unless a mask takes it away.
    pub(super) fn member(&mut self, name: &str, write: impl FnOnce(&mut Writer<'m>, Node) -> bool) {
        let below = self.writer.masks.tree().member(self.node, name);
        let start = self.writer.out.len();
        if !self.is_first {
            self.writer.out.push(b',');
        }
        self.writer.json(name);
        self.writer.out.push(b':');
        if write(self.writer, below) {
            self.is_first = false;
        } else {
            self.writer.out.truncate(start);
        }
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.member(name, |writer, node| writer.text(node, text));
    }

    pub(super) fn text_unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.text(name, text);
        }
    }

    pub(super) fn optional_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A text that may repeat what masks took away elsewhere. Written after the facts.
    pub(super) fn scrubbed_unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.member(name, |writer, node| {
                let clean = writer.scrub.clean(text);
                writer.text(node, &clean)
            });
        }
    }

    pub(super) fn texts<'t>(&mut self, name: &str, texts: impl IntoIterator<Item = &'t String>) {
        let mut texts = texts.into_iter().peekable();
        if texts.peek().is_some() {
            self.member(name, |writer, node| {
                writer.list(node, texts, |writer, node, text| writer.text(node, text))
            });
        }
    }

    /// A number of 64 bits, as protobuf maps it.
    pub(super) fn long_number(&mut self, name: &str, number: u64) {
        self.text(name, &number.to_string());
    }

    pub(super) fn number(&mut self, name: &str, number: u32) {
        self.member(name, |writer, node| writer.plain(node, number));
    }

    pub(super) fn flag(&mut self, name: &str, flag: bool) {
        self.member(name, |writer, node| writer.plain(node, flag));
    }

    pub(super) fn instant(&mut self, name: &str, instant: Instant) {
        self.text(name, &instant.to_string());
    }

    pub(super) fn optional_instant(&mut self, name: &str, instant: Option<Instant>) {
        if let Some(instant) = instant {
            self.instant(name, instant);
        }
    }

    pub(super) fn object(&mut self, name: &str, write: impl FnOnce(&mut Members<'_, 'm>)) {
        self.member(name, |writer, node| writer.object(node, write));
    }

    /// Objects, unless there are none.
    pub(super) fn objects<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Members<'_, 'm>, T),
    ) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.member(name, |writer, node| {
                writer.list(node, items, |writer, node, item| {
                    writer.object(node, |members| write(members, item))
                })
            });
        }
    }

    /// What masks did.
    fn account(&mut self) {
        let masks = self.writer.masks;
        if self.writer.used_key {
            self.text("hmacKeyId", masks.key().id());
        }
        for (name, mut known) in [
            ("erased", std::mem::take(&mut self.writer.erased)),
            ("masked", std::mem::take(&mut self.writer.masked)),
        ] {
            if known.is_empty() {
                continue;
            }
            known.sort_unstable();
            self.member(name, |writer, _| {
                writer.list(Node::NONE, known, |writer, node, mask| {
                    writer.text(node, masks.pointer(mask))
                })
            });
        }
    }
}
