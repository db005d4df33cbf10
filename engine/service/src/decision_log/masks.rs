//! Masks: what of an entry is left out or changed before anything else sees it.
//!
//! A mask is a JSON pointer into the entry, in which `*` stands for every element of a list or
//! member of an object, and what is done there. The masks that hold by themselves keep personal
//! facts out; those of the settings come after them, and where two meet, the later one holds.

mod home;
mod key;
mod tree;

use thiserror::Error;

pub(super) use self::home::cut_home;
pub(super) use self::key::HmacKey;
pub use self::key::KeyUnusable;
pub(super) use self::tree::{Node, Tree};

/// Masks at most.
const MASKS: usize = 256;

/// What is done where a mask points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskOp {
    /// It stays as it is. Takes back a mask that holds by itself.
    Keep,
    /// It is left out.
    Remove,
    /// Its HMAC-SHA-256 stands in its place: the same for the same content.
    Hmac,
    /// A text is cut to so many characters. What is no text is left out.
    Truncate(usize),
    /// Of a path below a home folder only the place of home folders stays. What is no text is left
    /// out.
    Home,
}

/// One mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What is done there.
    pub op: MaskOp,
}

impl Mask {
    /// Whether it points at something that may be masked.
    ///
    /// # Errors
    /// If it does not.
    pub fn check(&self) -> Result<(), MaskInvalid> {
        tokens(&self.pointer).map(|_| ())
    }
}

/// Why masks cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MaskInvalid {
    /// It is no JSON pointer.
    #[error("`{0}` is no JSON pointer: begin with `/`, and write `~1` for `/` and `~0` for `~`")]
    Pointer(String),
    /// It points at what every entry needs.
    #[error("`{0}` cannot be masked: without it an entry cannot be read")]
    Needed(String),
    /// There are too many.
    #[error("there are more than {MASKS} masks, or too many ways in which they meet")]
    TooMany,
}

/// What no mask may take away or change: it says what the entry is.
const NEEDED: [&str; 4] = ["eventId", "timestamp", "erased", "masked"];

/// The masks that hold by themselves. What policies go by stays, so that an entry can be judged
/// again: software and its identifiers, the system, what binds the owner, and where software is
/// installed outside of home folders.
pub(super) const PERSONAL: [(&str, MaskOp); 7] = [
    ("/facts/hostId", MaskOp::Hmac),
    ("/decision/hostId", MaskOp::Hmac),
    ("/laterDecisions/*/hostId", MaskOp::Hmac),
    ("/facts/groups/*", MaskOp::Hmac),
    ("/facts/attributes", MaskOp::Remove),
    ("/facts/software/*/path", MaskOp::Home),
    ("/decision/findings/*/evidence/*/value", MaskOp::Home),
];

/// All masks of a log.
#[derive(Debug)]
pub(super) struct Masks {
    list: Vec<Mask>,
    tree: Tree,
    key: HmacKey,
}

impl Masks {
    /// The masks that hold by themselves, if they are wanted, and then others.
    ///
    /// # Errors
    /// If a pointer is malformed, or there are too many.
    pub(super) fn new(personal: bool, more: &[Mask], key: HmacKey) -> Result<Self, MaskInvalid> {
        let own = PERSONAL.iter().filter(|_| personal);
        let mut list: Vec<Mask> = own
            .map(|(pointer, op)| Mask {
                pointer: (*pointer).to_owned(),
                op: *op,
            })
            .collect();
        if personal {
            // The evidence of later decisions is that of the first one.
            list.push(Mask {
                pointer: "/laterDecisions/*/findings/*/evidence/*/value".to_owned(),
                op: MaskOp::Home,
            });
        }
        list.extend_from_slice(more);
        if list.len() > MASKS {
            return Err(MaskInvalid::TooMany);
        }
        let mut paths = Vec::with_capacity(list.len());
        for mask in &list {
            paths.push(tokens(&mask.pointer)?);
        }
        let tree = Tree::build(&list, &paths).ok_or(MaskInvalid::TooMany)?;
        Ok(Self { list, tree, key })
    }

    pub(super) const fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(super) const fn key(&self) -> &HmacKey {
        &self.key
    }

    /// The pointer of a mask.
    pub(super) fn pointer(&self, mask: usize) -> &str {
        self.list.get(mask).map_or("", |mask| &mask.pointer)
    }
}

/// The parts of a pointer.
fn tokens(pointer: &str) -> Result<Vec<String>, MaskInvalid> {
    let malformed = || MaskInvalid::Pointer(pointer.to_owned());
    let rest = pointer.strip_prefix('/').ok_or_else(malformed)?;
    let mut tokens = Vec::new();
    for part in rest.split('/') {
        let mut left = part;
        while let Some(at) = left.find('~') {
            left = left.get(at + 1..).unwrap_or_default();
            if !left.starts_with(['0', '1']) {
                return Err(malformed());
            }
        }
        tokens.push(part.replace("~1", "/").replace("~0", "~"));
    }
    match tokens.first() {
        Some(first) if first.is_empty() => Err(malformed()),
        Some(first) if first == "*" || NEEDED.contains(&first.as_str()) => {
            Err(MaskInvalid::Needed(pointer.to_owned()))
        }
        _ => Ok(tokens),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_read_as_the_standard_says() {
        assert_eq!(
            tokens("/a/b~1c/~0d/*"),
            Ok(["a", "b/c", "~d", "*"].map(str::to_owned).to_vec())
        );
        for malformed in ["", "a", "/", "//a", "/a~", "/a/~2"] {
            assert_eq!(
                tokens(malformed),
                Err(MaskInvalid::Pointer(malformed.to_owned()))
            );
        }
        for needed in ["/eventId", "/timestamp", "/*/x", "/masked/0"] {
            assert_eq!(tokens(needed), Err(MaskInvalid::Needed(needed.to_owned())));
        }
    }

    #[test]
    fn too_many_masks_are_refused() {
        let mask = |at: usize| Mask {
            pointer: format!("/facts/{at}"),
            op: MaskOp::Remove,
        };
        let many: Vec<Mask> = (0..=MASKS).map(mask).collect();
        assert_eq!(
            Masks::new(true, &many, HmacKey::by_chance()).err(),
            Some(MaskInvalid::TooMany)
        );
    }
}
