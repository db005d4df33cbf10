//! Products that are recognised by little, and products that nothing is about.

use std::collections::BTreeSet;

use crate::bundle::Role;
use crate::catalogue::survey;
use crate::diagnostic::Diagnostic;
use crate::snapshot::Snapshot;
use crate::yaml;

pub(super) fn check(snapshot: &Snapshot, remarks: &mut Vec<Diagnostic>) {
    let idle = idle(snapshot);
    for (path, text) in super::files(snapshot.bundle(), Role::Catalogue) {
        for product in survey(path, text) {
            let mut remark = |code: &'static str, message: String, hint: &str| {
                let remark = Diagnostic::warning(code, message).hint(hint);
                remarks.push(yaml::remark(path, text, &product.id, remark));
            };
            if product.by_names_alone {
                remark(
                    "lint-name-only",
                    format!("`{}` is identified by names alone", product.id),
                    "add a package id, a bundle id or a product code, or the publisher to the vendor",
                );
            }
            if product.by_nothing {
                remark(
                    "lint-no-identifier",
                    format!("nothing identifies `{}`", product.id),
                    "add the identifiers by which inventories name it",
                );
            }
            if idle.contains(product.id.as_str()) {
                remark(
                    "lint-unused-product",
                    format!("no policy concerns `{}`", product.id),
                    "name it, its vendor or its class under `concerns` of an instrument, or remove it",
                );
            }
        }
    }
}

/// The products that no policy concerns.
fn idle(snapshot: &Snapshot) -> BTreeSet<&str> {
    let products = snapshot.catalogue().products().iter().enumerate();
    products
        .filter(|(at, _)| !snapshot.concerns(*at))
        .map(|(_, product)| product.id.as_str())
        .collect()
}
