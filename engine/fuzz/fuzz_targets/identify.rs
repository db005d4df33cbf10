//! Identification: any items against the shipped catalogue.
//!
//! No panic; an item is taken for the same products alone and among others; and case of
//! ASCII letters in a name makes no difference.

#![no_main]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use embargo_core::bundle::Bundle;
use embargo_core::facts::Software;
use embargo_core::snapshot::Snapshot;
use libfuzzer_sys::fuzz_target;

static SNAPSHOT: LazyLock<Snapshot> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/catalogue");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the shipped catalogue is there") {
        let path = entry.expect("the folder is read").path();
        let name = path
            .file_name()
            .expect("a file has a name")
            .to_string_lossy();
        let content = fs::read(&path).expect("the file is read");
        files.push((format!("catalogue/{name}"), content));
    }
    // A bundle must have a rule; this one asks for nothing.
    let rule = "package restrictions.own\n\nwarn contains \"it is there\" if true\n";
    files.push(("own.rego".to_owned(), rule.into()));
    let bundle = Bundle::new(files).expect("the catalogue is a bundle");
    Snapshot::compile(bundle).expect("the catalogue compiles")
});

/// Sources, each of which the catalogue reads in its own way.
const SOURCES: [&str; 8] = [
    "programs",
    "apps",
    "deb_packages",
    "winget",
    "android_apps",
    "chrome_extensions",
    "process",
    "file",
];

/// An item of the lines of a text; a blank line is absent.
fn item(text: &str) -> Software {
    let mut lines = text.split('\n');
    let mut next = || {
        let line = lines.next()?;
        (!line.is_empty()).then(|| line.to_owned())
    };
    let name = next().unwrap_or_default();
    let source = name.len() % (SOURCES.len() + 1);
    Software {
        name,
        publisher: next(),
        version: next(),
        bundle_id: next(),
        package_id: next(),
        extension_id: next(),
        product_code: next(),
        team_id: next(),
        signer: next(),
        purl: next(),
        cpe: next(),
        path: next(),
        source: SOURCES.get(source).map(|&source| source.to_owned()),
        ..Software::default()
    }
}

fuzz_target!(|text: &str| {
    let items: Vec<Software> = text.split("\n\n").map(item).collect();
    let catalogue = SNAPSHOT.catalogue();
    let together = catalogue.identify(&items);
    let mut alone = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let one = std::slice::from_ref(item);
        let loud = Software {
            name: item.name.to_ascii_uppercase(),
            ..item.clone()
        };
        let found = catalogue.identify(one);
        let products = |found: &[embargo_core::catalogue::Identification]| -> Vec<usize> {
            found.iter().map(|found| found.product).collect()
        };
        assert_eq!(
            products(&found),
            products(&catalogue.identify(&[loud])),
            "{item:?}"
        );
        alone.extend(found.into_iter().map(|mut found| {
            found.index = index;
            found
        }));
    }
    assert_eq!(together, alone);
    for near in catalogue.near_misses(&items) {
        assert!(near.index < items.len());
        assert!(catalogue.product(near.product).is_some());
    }
});
