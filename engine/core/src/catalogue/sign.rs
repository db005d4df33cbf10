//! Signs: what an identifier in the catalogue says about an item that carries it.

use std::borrow::Cow;
use std::sync::Arc;

use super::evidence::{Evidence, EvidenceKind, Strength, Weight};

/// What a value says: which product, by what kind of sign, in which sources.
#[derive(Clone, Debug)]
pub(super) struct Sign {
    pub(super) product: usize,
    pub(super) kind: EvidenceKind,
    pub(super) verified: bool,
    /// Where the value counts; everywhere, if there is no list.
    pub(super) sources: Option<Arc<[String]>>,
}

impl Sign {
    /// How far the sign carries in the source that the item was found in.
    pub(super) fn strength_in(&self, source: Option<&str>) -> Option<Strength> {
        let strength = self.kind.strength(self.verified);
        let Some(sources) = &self.sources else {
            return Some(strength);
        };
        match source {
            Some(source) => sources
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

/// What a name says that begins with certain words.
#[derive(Debug)]
pub(super) struct NameSign {
    pub(super) product: usize,
    pub(super) verified: bool,
    /// Nothing but a version may follow.
    pub(super) exact: bool,
}

/// What a path says that begins with certain components, or holds them.
#[derive(Debug)]
pub(super) struct PathSign {
    pub(super) product: usize,
    pub(super) verified: bool,
}

/// A sign that was found on an item.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// The product that it points to, or the vendor.
    pub(super) of: usize,
    pub(super) kind: EvidenceKind,
    pub(super) strength: Strength,
    pub(super) verified: bool,
    pub(super) value: Cow<'a, str>,
}

impl Found<'_> {
    pub(super) const fn weight(&self) -> Weight {
        Weight {
            kind: self.kind,
            strength: self.strength,
            verified: self.verified,
        }
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence {
            kind: self.kind,
            value: self.value.clone().into_owned(),
            strength: self.strength,
            verified: self.verified,
        }
    }
}
