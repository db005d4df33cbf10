//! The shape of a catalogue file, as its author writes it.

use std::borrow::Cow;

use serde::Deserialize;

use crate::facts::Software;

use super::read::keyed;

/// A catalogue file: one vendor and its products.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CatalogueFile<'a> {
    #[serde(borrow, deserialize_with = "keyed")]
    pub(super) vendor: VendorEntry<'a>,
    #[serde(borrow, default)]
    pub(super) products: Vec<ProductEntry<'a>>,
    /// Items that must not be identified as any product of this file.
    #[serde(default, rename = "not")]
    pub(super) negatives: Vec<Software>,
}

/// A vendor, and the signs that hold for all of its products.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VendorEntry<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) publishers: Vec<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) signers: Vec<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) team_ids: Vec<Value<'a>>,
}

/// A product and the identifiers by which inventories name it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductEntry<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) class: Cow<'a, str>,
    /// Taken only where no other product of the vendor is identified.
    #[serde(default)]
    pub(super) catch_all: bool,
    #[serde(borrow, default)]
    pub(super) display_names: Vec<DisplayName<'a>>,
    #[serde(borrow, default)]
    pub(super) package_ids: Vec<Sourced<'a>>,
    #[serde(borrow, default)]
    pub(super) bundle_ids: Vec<BundleId<'a>>,
    #[serde(borrow, default)]
    pub(super) extension_ids: Vec<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) product_codes: Vec<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) purls: Vec<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) cpes: Vec<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) process_names: Vec<ProcessName<'a>>,
    #[serde(borrow, default)]
    pub(super) paths: Vec<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) signers: Vec<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) team_ids: Vec<Value<'a>>,
    #[serde(borrow, default)]
    pub(super) sha256: Vec<Value<'a>>,
    /// Items that must be identified as this product.
    #[serde(default)]
    pub(super) examples: Vec<Software>,
    #[expect(dead_code, reason = "a remark for the reader of the file")]
    #[serde(borrow, default)]
    pub(super) note: Cow<'a, str>,
}

/// Where the value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Mark {
    /// In one public file or page.
    V1,
    /// In two or more independent public files.
    V2,
    /// In a packaging or store record.
    VP,
    /// Recalled, without a source read for it.
    R,
    /// An interpretation of how a text applies.
    I,
    /// The organisation's own knowledge.
    #[serde(rename = "own")]
    Own,
}

impl Mark {
    /// Whether somebody has verified the value.
    pub(super) const fn is_verified(self) -> bool {
        !matches!(self, Self::R | Self::I)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Value<'a> {
    #[serde(borrow)]
    pub(super) value: Cow<'a, str>,
    pub(super) mark: Mark,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DisplayName<'a> {
    #[serde(borrow)]
    pub(super) value: Cow<'a, str>,
    pub(super) mark: Mark,
    /// Nothing but a version may follow.
    #[serde(default)]
    pub(super) exact: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sourced<'a> {
    #[serde(borrow)]
    pub(super) value: Cow<'a, str>,
    pub(super) mark: Mark,
    /// The sources in whose names the value counts.
    pub(super) sources: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BundleId<'a> {
    #[serde(borrow)]
    pub(super) value: Cow<'a, str>,
    pub(super) mark: Mark,
    /// The sources in which the value counts; all, if none is named.
    #[serde(default)]
    pub(super) sources: Vec<String>,
    /// The value is the beginning of ids and ends with a dot.
    #[serde(default)]
    pub(super) prefix: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProcessName<'a> {
    #[serde(borrow)]
    pub(super) value: Cow<'a, str>,
    pub(super) mark: Mark,
    /// The value is a regular expression for the whole name.
    #[serde(default)]
    pub(super) pattern: bool,
}
