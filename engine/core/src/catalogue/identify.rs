//! Identification: which products an item of software is, and by which signs.
//!
//! Only for items that [`Index::may_know`](super::index::Index::may_know) says are worth it,
//! or of which someone wants to know what they nearly are.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::Software;

use super::Catalogue;
use super::evidence::{Evidence, EvidenceKind, Strength, arrange, combined};
use super::item::names_something;
use super::sign::Found;

/// States that an item is a product of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identification {
    /// The position of the item, from 0.
    pub index: usize,
    /// The product, as a position in the catalogue.
    pub product: usize,
    /// How far the evidence carries in all: strong or medium.
    pub strength: Strength,
    /// Whether the verified part of the evidence suffices by itself.
    pub verified: bool,
    /// What it rests on, strongest first.
    pub evidence: Arc<[Evidence]>,
}

/// Signs that an item might be a product, which do not suffice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The position of the item, from 0.
    pub index: usize,
    /// The product, as a position in the catalogue.
    pub product: usize,
    /// The signs there are.
    pub evidence: Vec<Evidence>,
}

/// What items were taken for, and for what they nearly were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// The products that they are, by position of the item and then by product id.
    pub identified: Vec<Identification>,
    /// The products that they nearly are, by position of the item.
    pub near: Vec<NearMiss>,
}

/// Adds what one item is, and what it nearly is.
pub(super) fn examine(
    catalogue: &Catalogue,
    index: usize,
    item: &Software,
    into: &mut Examination,
) {
    let vendor_of = |sign: &Found<'_>| catalogue.vendor_of(sign.of);
    let mut own = catalogue.index.own_signs(item);
    display_names(catalogue, item, &mut own);
    own.sort_unstable_by_key(|sign| (vendor_of(sign), sign.of));
    let mut shared = catalogue.index.vendor_signs(item);
    shared.sort_unstable_by_key(|sign| sign.of);

    let of_products = own.iter().filter_map(vendor_of);
    let mut vendors: Vec<usize> = of_products
        .chain(shared.iter().map(|sign| sign.of))
        .collect();
    vendors.sort_unstable();
    vendors.dedup();
    let first = into.identified.len();
    for vendor in vendors {
        let own = equal(&own, Some(vendor), vendor_of);
        let wide = equal(&shared, vendor, |sign| sign.of);
        examine_vendor(catalogue, vendor, own, wide, index, into);
    }
    if let Some(found) = into.identified.get_mut(first..) {
        found.sort_by(|a, b| {
            catalogue
                .product_id(a.product)
                .cmp(catalogue.product_id(b.product))
        });
    }
}

fn examine_vendor(
    catalogue: &Catalogue,
    vendor: usize,
    own: &[Found<'_>],
    wide: &[Found<'_>],
    index: usize,
    into: &mut Examination,
) {
    let mut weigh = |product, own: &[Found<'_>]| weigh(product, own, wide, index, into);
    let products = || {
        own.chunk_by(|a, b| a.of == b.of)
            .filter_map(|signs| Some((signs.first()?.of, signs)))
    };
    // A product that only recalled identifiers name does not hide what verified ones say of
    // its vendor.
    let mut certain = false;
    for (product, signs) in products().filter(|(product, _)| !catalogue.is_catch_all(*product)) {
        certain |= weigh(product, signs);
    }
    if certain {
        return;
    }
    let mut named = false;
    for (product, signs) in products().filter(|(product, _)| catalogue.is_catch_all(*product)) {
        named = true;
        weigh(product, signs);
    }
    if !named {
        for product in catalogue.catch_all_of(vendor) {
            weigh(*product, &[]);
        }
    }
}

/// Weighs the signs of a product; says whether it was identified by verified ones.
fn weigh(
    product: usize,
    own: &[Found<'_>],
    wide: &[Found<'_>],
    index: usize,
    into: &mut Examination,
) -> bool {
    let signs = own.iter().chain(wide);
    let evidence = || {
        let mut evidence: Vec<Evidence> = signs.clone().map(Found::evidence).collect();
        arrange(&mut evidence);
        evidence
    };
    let weights = signs.clone().map(Found::weight);
    if let Some(strength) = combined(weights.clone()) {
        let verified = combined(weights.filter(|weight| weight.verified)).is_some();
        into.identified.push(Identification {
            index,
            product,
            strength,
            verified,
            evidence: evidence().into(),
        });
        return verified;
    }
    if signs.clone().next().is_some() {
        into.near.push(NearMiss {
            index,
            product,
            evidence: evidence(),
        });
    }
    false
}

/// Names that begin like a known one; within a vendor the longest wins, but what nobody
/// verified does not win over what somebody did.
fn display_names<'a>(catalogue: &Catalogue, item: &'a Software, found: &mut Vec<Found<'a>>) {
    if !names_something(item) {
        return;
    }
    // The shortest come first, so that the longest of each vendor remain here.
    let matching = catalogue.index.names_of(&item.name);
    let longest: BTreeMap<_, usize> = matching
        .iter()
        .map(|(length, sign)| ((catalogue.vendor_of(sign.product), sign.verified), *length))
        .collect();
    for (length, sign) in matching {
        let vendor = catalogue.vendor_of(sign.product);
        let is_beaten_by = |verified| {
            longest
                .get(&(vendor, verified))
                .is_some_and(|other| *other > length)
        };
        if !is_beaten_by(true) && (sign.verified || !is_beaten_by(false)) {
            found.push(Found {
                of: sign.product,
                kind: EvidenceKind::DisplayName,
                strength: EvidenceKind::DisplayName.strength(sign.verified),
                verified: sign.verified,
                value: item.name.as_str().into(),
            });
        }
    }
}

/// Those of a sorted slice whose key is the one wanted.
fn equal<T, K: Ord>(all: &[T], wanted: K, key: impl Fn(&T) -> K) -> &[T] {
    let start = all.partition_point(|one| key(one) < wanted);
    let end = all.partition_point(|one| key(one) <= wanted);
    all.get(start..end).unwrap_or_default()
}
