//! The catalogue: what software is, and the identifiers by which inventories name it.
//!
//! Data in YAML or JSON, compiled to an index. It states facts about products and no law. Each
//! file carries its own examples and counter-examples, and a catalogue that its examples
//! break is refused.

mod compile;
mod entry;
mod evidence;
mod identify;
mod index;
mod item;
mod lookup;
mod normalise;
mod plain;
mod process;
mod purl;
mod read;
mod sign;
mod trie;
mod weak;

use crate::facts::Software;

pub use self::evidence::{Evidence, EvidenceKind, Strength};
pub use self::identify::{Examination, Identification, NearMiss};
use self::index::Index;
pub(crate) use self::normalise::is_invisible;
pub(crate) use self::weak::survey;

/// Who makes products.
#[derive(Debug)]
pub struct Vendor {
    /// The id, in kebab-case.
    pub id: String,
    /// The name.
    pub name: String,
    /// The products that are taken where no other is.
    catch_all: Vec<usize>,
}

/// A product.
#[derive(Debug)]
pub struct Product {
    /// The id: the vendor's, a dot, and a name in kebab-case.
    pub id: String,
    /// The name.
    pub name: String,
    /// What it is for, in kebab-case; empty if the catalogue does not say.
    pub class: String,
    /// The position of its vendor in the catalogue.
    vendor: usize,
    catch_all: bool,
}

/// All products, and the index by which items are recognised as them.
#[derive(Debug, Default)]
pub struct Catalogue {
    vendors: Vec<Vendor>,
    products: Vec<Product>,
    index: Index,
}

impl Catalogue {
    /// The products that items are, by position of the item and then by product id.
    #[must_use]
    pub fn identify(&self, items: &[Software]) -> Vec<Identification> {
        let mut identified = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if self.may_know(item) {
                self.identify_item(index, item, &mut identified);
            }
        }
        identified
    }

    /// Whether an item carries signs that could make it a product. Cheap, and never no for
    /// an item that is one.
    pub(crate) fn may_know(&self, item: &Software) -> bool {
        self.index.may_know(item)
    }

    /// Adds the products that an item is, in the order of their ids.
    pub(crate) fn identify_item(
        &self,
        index: usize,
        item: &Software,
        into: &mut Vec<Identification>,
    ) {
        let mut found = Examination::default();
        identify::examine(self, index, item, &mut found);
        into.append(&mut found.identified);
    }

    /// The products that items are, and those that they nearly are: signs that do not
    /// suffice, however weak. It looks up everything, so that it is for a person who asks
    /// about a host and not for a fleet.
    #[must_use]
    pub fn examine(&self, items: &[Software]) -> Examination {
        let mut found = Examination::default();
        for (index, item) in items.iter().enumerate() {
            identify::examine(self, index, item, &mut found);
        }
        found
    }

    /// All products, in the order of the files.
    #[must_use]
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The product at a position, as an [`Identification`] states it.
    #[must_use]
    pub fn product(&self, at: usize) -> Option<&Product> {
        self.products.get(at)
    }

    /// Who makes a product.
    #[must_use]
    pub fn vendor(&self, product: &Product) -> &Vendor {
        static NOBODY: Vendor = Vendor {
            id: String::new(),
            name: String::new(),
            catch_all: Vec::new(),
        };
        self.vendors.get(product.vendor).unwrap_or(&NOBODY)
    }

    /// The ids of all vendors.
    pub(crate) fn vendor_ids(&self) -> impl Iterator<Item = &str> {
        self.vendors.iter().map(|vendor| vendor.id.as_str())
    }

    /// The ids of all products.
    pub(crate) fn product_ids(&self) -> impl Iterator<Item = &str> {
        self.products.iter().map(|product| product.id.as_str())
    }

    /// The class of each product; empty where the catalogue does not say.
    pub(crate) fn classes(&self) -> impl Iterator<Item = &str> {
        self.products.iter().map(|product| product.class.as_str())
    }

    fn product_id(&self, at: usize) -> &str {
        self.product(at).map_or("", |product| &product.id)
    }

    fn vendor_of(&self, product: usize) -> Option<usize> {
        self.product(product).map(|product| product.vendor)
    }

    fn is_catch_all(&self, product: usize) -> bool {
        self.product(product)
            .is_some_and(|product| product.catch_all)
    }

    fn catch_all_of(&self, vendor: usize) -> &[usize] {
        self.vendors
            .get(vendor)
            .map_or(&[], |vendor| &vendor.catch_all)
    }
}

#[cfg(test)]
mod tests;
