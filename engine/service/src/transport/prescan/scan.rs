//! The scan itself: a walk over the wire format that keeps its place between two pieces.

use super::schema::{Field, Node};

/// What the repeated fields of one message may take in memory. A growing list takes up to
/// three times as much for a moment.
const BUDGET: usize = 128 * 1_024 * 1_024;
/// Messages within messages, at most; the decoder allows no more.
const DEPTH: usize = 100;

/// The one field whose messages hold messages of their own kind.
const BOTTOMLESS: &str = "attributes";

/// Why a message is not read on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not one that can be decoded.
    Unreadable,
    /// This field has too many entries.
    TooMuch {
        /// The path of the field.
        field: String,
    },
    /// This field holds more messages within messages than the decoder follows.
    TooDeep {
        /// The path of the field that may hold any depth.
        field: String,
    },
}

pub(super) struct Scan {
    root: &'static Node,
    /// What is left of the budget.
    left: usize,
    /// How far the message was read.
    at: u64,
    /// The messages that are open, the innermost last.
    open: Vec<Open>,
    expect: Expect,
    unread: u64,
}

struct Open {
    end: u64,
    name: &'static str,
    node: &'static Node,
}

enum Expect {
    /// The header of a gRPC message: a flag and four bytes of length.
    Header {
        bytes: usize,
        length: u64,
        is_compressed: bool,
    },
    Tag(Varint),
    Number(Varint),
    Length(Option<&'static Field>, Varint),
    Skip(u64),
}

/// A number of variable length that is being read.
#[derive(Clone, Copy, Default)]
struct Varint {
    value: u64,
    shift: u32,
}

impl Varint {
    /// Takes a byte; gives the number when that was the last one.
    fn take(&mut self, byte: u8) -> Result<Option<u64>, Fault> {
        if self.shift > 63 {
            return Err(Fault::Unreadable);
        }
        self.value |= u64::from(byte & 0x7f) << self.shift;
        self.shift += 7;
        Ok((byte < 0x80).then_some(self.value))
    }
}

const HEADER: Expect = Expect::Header {
    bytes: 0,
    length: 0,
    is_compressed: false,
};

impl Scan {
    pub(super) const fn new(root: &'static Node) -> Self {
        Self {
            root,
            left: BUDGET,
            at: 0,
            open: Vec::new(),
            expect: HEADER,
            unread: 0,
        }
    }

    /// Reads the next piece.
    pub(super) fn feed(&mut self, mut piece: &[u8]) -> Result<(), Fault> {
        while let Some((byte, rest)) = piece.split_first() {
            if let Expect::Skip(left) = self.expect {
                let here = u64::try_from(piece.len()).map_or(left, |length| left.min(length));
                let (_, rest) = piece.split_at(usize::try_from(here).unwrap_or(piece.len()));
                piece = rest;
                self.at += here;
                self.expect = Expect::Skip(left - here);
                if left == here {
                    self.next();
                }
                continue;
            }
            piece = rest;
            if let Err(fault) = self.take(*byte) {
                let end = self.open.first().map_or(0, |message| message.end);
                let here = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                self.unread = end.saturating_sub(self.at).saturating_sub(here);
                return Err(fault);
            }
        }
        Ok(())
    }

    /// The bytes of a message at fault that have not arrived with the piece at fault.
    pub(super) const fn unread(&self) -> u64 {
        self.unread
    }

    fn take(&mut self, byte: u8) -> Result<(), Fault> {
        if !matches!(self.expect, Expect::Header { .. }) {
            self.at += 1;
            if self.open.last().is_none_or(|open| self.at > open.end) {
                return Err(Fault::Unreadable);
            }
        }
        match &mut self.expect {
            Expect::Header {
                bytes,
                length,
                is_compressed,
            } => {
                if *bytes == 0 {
                    *is_compressed = byte != 0;
                } else {
                    *length = *length << 8 | u64::from(byte);
                }
                *bytes += 1;
                if *bytes == 5 {
                    let (length, is_compressed) = (*length, *is_compressed);
                    self.begin(length, is_compressed);
                }
            }
            Expect::Tag(varint) => {
                if let Some(tag) = varint.take(byte)? {
                    self.tag(tag)?;
                }
            }
            Expect::Number(varint) => {
                if varint.take(byte)?.is_some() {
                    self.next();
                }
            }
            Expect::Length(field, varint) => {
                let field = *field;
                if let Some(length) = varint.take(byte)? {
                    self.length(field, length)?;
                }
            }
            // Never here: pieces are skipped as a whole.
            Expect::Skip(_) => {}
        }
        Ok(())
    }

    /// A message begins.
    fn begin(&mut self, length: u64, is_compressed: bool) {
        self.at = 0;
        self.left = BUDGET;
        self.open.clear();
        self.open.push(Open {
            end: length,
            name: "",
            node: self.root,
        });
        if is_compressed && length > 0 {
            // Compression is not offered, and refused behind this.
            self.expect = Expect::Skip(length);
        } else {
            self.next();
        }
    }

    /// A field has ended, and all messages that end with it.
    fn next(&mut self) {
        while self.open.last().is_some_and(|open| open.end == self.at) {
            self.open.pop();
        }
        self.expect = if self.open.is_empty() {
            HEADER
        } else {
            Expect::Tag(Varint::default())
        };
    }

    fn tag(&mut self, tag: u64) -> Result<(), Fault> {
        self.expect = match tag & 7 {
            0 => Expect::Number(Varint::default()),
            1 => return self.skip(8),
            2 => {
                let fields = self.open.last().map_or(&[][..], |open| open.node.0);
                let field = fields.iter().find(|field| field.number == tag >> 3);
                Expect::Length(field, Varint::default())
            }
            5 => return self.skip(4),
            // Groups are no part of this schema.
            _ => return Err(Fault::Unreadable),
        };
        Ok(())
    }

    fn length(&mut self, field: Option<&'static Field>, length: u64) -> Result<(), Fault> {
        let Some(field) = field else {
            return self.skip(length);
        };
        match self.left.checked_sub(field.cost) {
            Some(left) => self.left = left,
            None => {
                return Err(Fault::TooMuch {
                    field: self.path(field),
                });
            }
        }
        let Some(node) = field.below else {
            return self.skip(length);
        };
        let end = self.end_of(length)?;
        if self.open.len() > DEPTH {
            return Err(Fault::TooDeep {
                field: self.bottomless(),
            });
        }
        self.open.push(Open {
            end,
            name: field.name,
            node,
        });
        self.next();
        Ok(())
    }

    fn skip(&mut self, length: u64) -> Result<(), Fault> {
        self.end_of(length)?;
        if length == 0 {
            self.next();
        } else {
            self.expect = Expect::Skip(length);
        }
        Ok(())
    }

    /// Where something of this length ends, which is not behind what it stands in.
    fn end_of(&self, length: u64) -> Result<u64, Fault> {
        let end = self.at.checked_add(length).ok_or(Fault::Unreadable)?;
        match self.open.last() {
            Some(open) if end <= open.end => Ok(end),
            _ => Err(Fault::Unreadable),
        }
    }

    fn path(&self, field: &Field) -> String {
        let mut names: Vec<&str> = self.names().collect();
        names.push(field.name);
        names.join(".")
    }

    /// The path of the open field below which messages hold themselves.
    fn bottomless(&self) -> String {
        let before = self.names().take_while(|name| *name != BOTTOMLESS);
        before.chain([BOTTOMLESS]).collect::<Vec<_>>().join(".")
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.open.iter().skip(1).map(|open| open.name)
    }
}

#[cfg(test)]
mod tests;
