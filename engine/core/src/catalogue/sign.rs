//! Signs: what an identifier in the catalogue says about an item that carries it.

use super::evidence::{EvidenceKind, Strength};

/// What a value says: which product, by what kind of sign, in which sources.
#[derive(Clone, Debug)]
pub(super) struct Sign {
    pub(super) product: usize,
    pub(super) kind: EvidenceKind,
    pub(super) verified: bool,
    /// Where the value counts; everywhere, if empty.
    pub(super) sources: Vec<String>,
}

impl Sign {
    /// How far the sign carries in the source that the item was found in.
    pub(super) fn strength_in(&self, source: Option<&str>) -> Option<Strength> {
        let strength = self.kind.strength(self.verified);
        if self.sources.is_empty() {
            return Some(strength);
        }
        match source {
            Some(source) => self
                .sources
                .iter()
                .any(|known| known == source)
                .then_some(strength),
            None => Some(strength.min(Strength::Medium)),
        }
    }
}

/// A sign that holds for all products of a vendor.
#[derive(Clone, Debug)]
pub(super) struct VendorSign {
    pub(super) vendor: usize,
    pub(super) kind: EvidenceKind,
    pub(super) verified: bool,
}

/// A name that begins with these tokens.
#[derive(Debug)]
pub(super) struct NamePattern {
    pub(super) tokens: Vec<String>,
    pub(super) exact: bool,
    pub(super) product: usize,
    pub(super) verified: bool,
}

/// A path that begins with these components, or holds them anywhere.
#[derive(Debug)]
pub(super) struct PathPattern {
    pub(super) components: Vec<String>,
    pub(super) anywhere: bool,
    pub(super) product: usize,
    pub(super) verified: bool,
}
