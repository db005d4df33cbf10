//! Catalogues: any text in YAML and in JSON.
//!
//! No panic; every fault has its place. A document that the reader of plain YAML may take is
//! the same catalogue, or the same fault, in the words of the YAML reader.

use embargo_core::catalogue::Catalogue;
use embargo_core::diagnostic::{Diagnostic, has_errors};
use embargo_core::facts::Software;

use crate::remarks;
use crate::target::Target;

use super::YAML_WORDS;

pub(crate) const CATALOGUE: Target = Target::new(
    "catalogue",
    &["engine/fuzzing/corpus/catalogue"],
    &YAML_WORDS,
    feed,
);

/// A line that leaves the meaning of YAML as it is, and that the plain manner does not have.
const UNUSUAL: &str = "---\n";

fn feed(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for path in ["catalogue/c.yaml", "catalogue/c.json"] {
        let (catalogue, found) = compile(path, text);
        remarks::check(&found, &[(path, bytes)]);
        if has_errors(&found) {
            continue;
        }
        let items: Vec<Software> = names(&catalogue).map(item).collect();
        drop(catalogue.identify(&items));
    }
    // Directives and documents before it would end at the line, or begin.
    let begins = text.trim_start_matches([' ', '\n']);
    let is_one = begins.starts_with(|first: char| first.is_ascii_lowercase() || first == '#')
        && !["---", "...", "%"].iter().any(|mark| text.contains(mark));
    if !is_one {
        return;
    }
    let (fast, found) = compile("catalogue/c.yaml", text);
    let (slow, told) = compile("catalogue/c.yaml", &format!("{UNUSUAL}{text}"));
    let words = |remarks: &[Diagnostic]| -> Vec<(&str, String)> {
        let words = remarks.iter();
        words
            .map(|remark| (remark.code, remark.message.clone()))
            .collect()
    };
    assert_eq!(words(&found), words(&told));
    if !has_errors(&found) {
        assert_eq!(products(&fast), products(&slow));
    }
}

fn compile(path: &str, text: &str) -> (Catalogue, Vec<Diagnostic>) {
    let mut remarks = Vec::new();
    let catalogue = Catalogue::compile([(path, text)].into_iter(), &mut remarks);
    (catalogue, remarks)
}

fn products(catalogue: &Catalogue) -> Vec<String> {
    let products = catalogue.products().iter();
    products
        .map(|product| format!("{product:?} {:?}", catalogue.vendor(product)))
        .collect()
}

fn names(catalogue: &Catalogue) -> impl Iterator<Item = &str> {
    let products = catalogue.products().iter().take(50);
    products.map(|product| &*product.name)
}

fn item(name: &str) -> Software {
    Software {
        name: name.to_owned(),
        ..Software::default()
    }
}
