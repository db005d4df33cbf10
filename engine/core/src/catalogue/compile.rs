//! Compiling: from the files of a catalogue to its index, or to all that is wrong with them.

use std::collections::HashMap;
use std::slice;

use crate::diagnostic::{Diagnostic, is_enough};
use crate::yaml;

use super::entry::CatalogueFile;
use super::read::Source;
use super::{Catalogue, Product, Vendor};

impl Catalogue {
    /// Compiles catalogue files, given by path and text in the order of their paths. The
    /// remarks include every fault, unless they are very many; with an error among them the
    /// catalogue is not usable.
    pub fn compile<'a>(
        files: impl Iterator<Item = (&'a str, &'a str)>,
        remarks: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut catalogue = Self::default();
        let sources: Vec<Source<'a>> = files.map(|(path, text)| Source::new(path, text)).collect();
        let mut read = Vec::new();
        for source in &sources {
            match source.read() {
                Ok(file) => read.push((source.path, source.text, file)),
                Err(remark) => remarks.push(remark),
            }
        }
        let mut places = HashMap::new();
        for (path, text, file) in &read {
            catalogue.add(path, text, file, &mut places, remarks);
        }
        catalogue.vendors.shrink_to_fit();
        catalogue.products.shrink_to_fit();
        if catalogue.index.finish().is_err() {
            remarks.push(
                Diagnostic::error(
                    "catalogue-patterns",
                    "the patterns of process names that begin with no letters are too large together",
                )
                .hint("begin patterns with the letters that every name begins with"),
            );
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
        file: &'a CatalogueFile<'_>,
        places: &mut HashMap<&'a str, &'a str>,
        remarks: &mut Vec<Diagnostic>,
    ) {
        let mut claim = |id: &'a str| {
            if let Some(first) = places.insert(id, path)
                && !is_enough(remarks)
            {
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
            id: file.vendor.id.clone().into_owned(),
            name: file.vendor.name.clone().into_owned(),
            catch_all: Vec::new(),
        });
        let mut unusable = self.index.add_vendor(vendor, &file.vendor);
        for product in &file.products {
            let belongs = product
                .id
                .strip_prefix(&*file.vendor.id)
                .is_some_and(|rest| rest.starts_with('.'));
            if !belongs && !is_enough(remarks) {
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
            let at = self.products.len();
            unusable.extend(self.index.add_product(at, product));
            if product.catch_all
                && let Some(vendor) = self.vendors.last_mut()
            {
                vendor.catch_all.push(at);
            }
            self.products.push(Product {
                id: product.id.clone().into_owned(),
                name: product.name.clone().into_owned(),
                class: product.class.clone().into_owned(),
                vendor,
                catch_all: product.catch_all,
            });
        }
        for fault in unusable {
            if is_enough(remarks) {
                break;
            }
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
        file: &CatalogueFile<'_>,
        remarks: &mut Vec<Diagnostic>,
    ) {
        // An identifier that cannot be used may be the very one that an example needs.
        let is_short = |remark: &Diagnostic| {
            remark.code == "catalogue-identifier"
                && remark.span.as_ref().is_some_and(|span| span.path == path)
        };
        let products = match remarks.iter().any(is_short) {
            true => &[][..],
            false => file.products.as_slice(),
        };
        for product in products {
            for example in &product.examples {
                if is_enough(remarks) {
                    return;
                }
                let found = self.identify(slice::from_ref(example));
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
            if is_enough(remarks) {
                return;
            }
            let own = self
                .identify(slice::from_ref(negative))
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
}
