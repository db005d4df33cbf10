//! The catalogue: what software is, and the identifiers by which inventories name it.
//!
//! Data in YAML, compiled to an index. It states facts about products and no law. Each
//! file carries its own examples and counter-examples, and a catalogue that its examples
//! break is refused.

mod entry;
mod evidence;
mod folded;
mod identify;
mod index;
mod normalise;
mod sign;

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::facts::Software;
use crate::yaml;

use self::entry::CatalogueFile;
pub use self::evidence::{Evidence, EvidenceKind, Strength};
pub use self::identify::{Identification, NearMiss};
use self::index::Index;
pub(crate) use self::normalise::is_invisible;

/// Who makes products.
#[derive(Debug)]
pub struct Vendor {
    /// The id, in kebab-case.
    pub id: String,
    /// The name.
    pub name: String,
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
    /// Compiles catalogue files, given by path and text in the order of their paths. The
    /// remarks include every fault; with an error among them the catalogue is not usable.
    pub(crate) fn compile<'a>(
        files: impl Iterator<Item = (&'a str, &'a str)>,
        remarks: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut catalogue = Self::default();
        let mut read = Vec::new();
        let mut places = BTreeMap::new();
        for (path, text) in files {
            match yaml::read::<CatalogueFile>(path, text, "catalogue-parse-error") {
                Ok(file) => {
                    catalogue.add(path, text, &file, &mut places, remarks);
                    read.push((path, text, file));
                }
                Err(remark) => remarks.push(remark),
            }
        }
        for (path, text, file) in &read {
            catalogue.try_examples(path, text, file, remarks);
        }
        catalogue
    }

    fn add<'a>(
        &mut self,
        path: &'a str,
        text: &str,
        file: &CatalogueFile,
        places: &mut BTreeMap<String, &'a str>,
        remarks: &mut Vec<Diagnostic>,
    ) {
        let mut claim = |id: &str| {
            if let Some(first) = places.insert(id.to_owned(), path) {
                let message = format!("`{id}` is already in `{first}`");
                remarks.push(
                    yaml::remark(
                        path,
                        text,
                        id,
                        Diagnostic::error("catalogue-duplicate-id", message),
                    )
                    .hint("give each vendor one file and each product one entry"),
                );
            }
        };
        claim(&file.vendor.id);
        file.products.iter().for_each(|product| claim(&product.id));

        let vendor = self.vendors.len();
        self.vendors.push(Vendor {
            id: file.vendor.id.clone(),
            name: file.vendor.name.clone(),
        });
        let mut unusable = self.index.add_vendor(vendor, &file.vendor);
        for product in &file.products {
            let belongs = product
                .id
                .strip_prefix(&file.vendor.id)
                .is_some_and(|rest| rest.starts_with('.'));
            if !belongs {
                let message = format!("`{}` does not begin with the vendor's id", product.id);
                remarks.push(
                    yaml::remark(
                        path,
                        text,
                        &product.id,
                        Diagnostic::error("catalogue-product-id", message),
                    )
                    .hint(format!("call it `{}.…`", file.vendor.id)),
                );
            }
            unusable.extend(self.index.add_product(self.products.len(), product));
            self.products.push(Product {
                id: product.id.clone(),
                name: product.name.clone(),
                class: product.class.clone(),
                vendor,
                catch_all: product.catch_all,
            });
        }
        for fault in unusable {
            let message = format!("`{}` cannot be used: {}", fault.value, fault.reason);
            let remark = Diagnostic::error("catalogue-identifier", message);
            remarks.push(yaml::remark(path, text, &fault.value, remark));
        }
    }

    /// Tries each file's own examples: what must be identified, and what must not.
    fn try_examples(
        &self,
        path: &str,
        text: &str,
        file: &CatalogueFile,
        remarks: &mut Vec<Diagnostic>,
    ) {
        for product in &file.products {
            for example in &product.examples {
                let found = self.identify_item(0, example);
                if !found.iter().any(|found| {
                    self.product(found.product)
                        .is_some_and(|known| known.id == product.id)
                }) {
                    let message = format!(
                        "the example `{}` is not identified as `{}`",
                        example.name, product.id
                    );
                    remarks.push(
                        yaml::remark(path, text, &example.name, Diagnostic::error("catalogue-example-missed", message))
                            .hint("one strong sign is needed, or a medium one and a second of another kind"),
                    );
                }
            }
        }
        for negative in &file.negatives {
            let own = self
                .identify_item(0, negative)
                .into_iter()
                .find_map(|found| {
                    let product = self.product(found.product)?;
                    (self.vendor(product).id == file.vendor.id).then_some((product, found))
                });
            if let Some((product, found)) = own {
                let by = found.evidence.first().map_or("", |sign| sign.kind.word());
                let message = format!(
                    "`{}` must not be identified, and is as `{}` by its {by}",
                    negative.name, product.id
                );
                remarks.push(
                    yaml::remark(
                        path,
                        text,
                        &negative.name,
                        Diagnostic::error("catalogue-example-hit", message),
                    )
                    .hint("narrow the identifier that matches it"),
                );
            }
        }
    }

    /// The products that items are, by position of the item and then by product id.
    #[must_use]
    pub fn identify(&self, items: &[Software]) -> Vec<Identification> {
        let mut found = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if self.index.may_know(item) {
                found.extend(self.identify_item(index, item));
            }
        }
        found
    }

    /// The products that items nearly are: signs that do not suffice.
    #[must_use]
    pub fn near_misses(&self, items: &[Software]) -> Vec<NearMiss> {
        let mut near = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if self.index.may_know(item) {
                near.extend(identify::identify(self, index, item).near);
            }
        }
        near
    }

    fn identify_item(&self, index: usize, item: &Software) -> Vec<Identification> {
        let mut found = identify::identify(self, index, item).identified;
        found.sort_by(|a, b| self.product_id(a.product).cmp(self.product_id(b.product)));
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
        };
        self.vendors.get(product.vendor).unwrap_or(&NOBODY)
    }

    /// Whether there is a vendor of this id.
    pub(crate) fn has_vendor(&self, id: &str) -> bool {
        self.vendors.iter().any(|vendor| vendor.id == id)
    }

    /// Whether there is a product of this id.
    pub(crate) fn has_product(&self, id: &str) -> bool {
        self.products.iter().any(|product| product.id == id)
    }

    /// Whether any product is of this class.
    pub(crate) fn has_class(&self, class: &str) -> bool {
        self.products.iter().any(|product| product.class == class)
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

    fn catch_all_of(&self, vendor: usize) -> Vec<usize> {
        let matches = |product: &Product| product.vendor == vendor && product.catch_all;
        self.products
            .iter()
            .enumerate()
            .filter(|(_, product)| matches(product))
            .map(|(at, _)| at)
            .collect()
    }
}

#[cfg(test)]
mod tests;
