//! The known traps: what looks like a restricted product and is none, real code of a vendor
//! that is no running product, and products under other names.

use embargo_core::catalogue::Catalogue;
use embargo_core::facts::Software;
use serde::Deserialize;

use crate::support::shipped;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Traps {
    innocent: Vec<Innocent>,
    of_another_class: Vec<OfAnotherClass>,
    residue: Vec<Software>,
    under_another_name: Vec<UnderAnotherName>,
    nearly: Vec<Nearly>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Innocent {
    trap: String,
    items: Vec<Software>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfAnotherClass {
    item: Software,
    product: String,
    class: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnderAnotherName {
    item: Software,
    product: String,
    verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nearly {
    item: Software,
    product: String,
}

fn traps() -> Traps {
    serde_yaml::from_str(include_str!("../data/traps.yaml")).unwrap()
}

/// What an item is identified as, and whether that is verified.
fn products(catalogue: &Catalogue, item: &Software) -> Vec<(String, bool)> {
    catalogue
        .identify(std::slice::from_ref(item))
        .into_iter()
        .map(|found| (id(catalogue, found.product), found.verified))
        .collect()
}

fn id(catalogue: &Catalogue, product: usize) -> String {
    catalogue.product(product).unwrap().id.clone()
}

#[test]
fn what_only_contains_a_word_is_nothing() {
    let snapshot = shipped();
    for Innocent { trap, items } in traps().innocent {
        assert!(!items.is_empty(), "{trap}");
        for item in items {
            assert_eq!(
                products(snapshot.catalogue(), &item),
                [],
                "{trap}: {item:?}"
            );
        }
    }
}

#[test]
fn real_code_that_is_no_running_product_has_a_class_of_its_own() {
    let snapshot = shipped();
    let catalogue = snapshot.catalogue();
    for row in traps().of_another_class {
        let found = catalogue.identify(std::slice::from_ref(&row.item));
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|found| catalogue.product(found.product).unwrap())
            .map(|product| (&*product.id, &*product.class))
            .collect();
        assert_eq!(found, [(&*row.product, &*row.class)], "{:?}", row.item);
    }
}

#[test]
fn what_is_left_after_an_uninstallation_is_nothing_that_is_installed() {
    let snapshot = shipped();
    for item in traps().residue {
        assert_eq!(products(snapshot.catalogue(), &item), [], "{item:?}");
    }
}

#[test]
fn a_product_under_another_name_is_found() {
    let snapshot = shipped();
    for row in traps().under_another_name {
        let found = products(snapshot.catalogue(), &row.item);
        assert_eq!(found, [(row.product, row.verified)], "{:?}", row.item);
    }
}

#[test]
fn what_one_sign_speaks_for_is_told_as_nearly_found() {
    let snapshot = shipped();
    let catalogue = snapshot.catalogue();
    for row in traps().nearly {
        assert_eq!(products(catalogue, &row.item), [], "{:?}", row.item);
        let near: Vec<String> = catalogue
            .examine(&[row.item])
            .near
            .iter()
            .map(|near| id(catalogue, near.product))
            .collect();
        assert!(
            near.contains(&row.product),
            "{} is not in {near:?}",
            row.product
        );
    }
}
