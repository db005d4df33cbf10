//! Identification: any items against the shipped catalogue.
//!
//! No panic; an item is taken for the same products alone and among others; and case of
//! ASCII letters in a name makes no difference.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use embargo_core::catalogue::{Catalogue, Identification};
use embargo_core::diagnostic::has_errors;
use embargo_core::facts::Software;

use crate::target::Target;

pub(crate) const IDENTIFY: Target = Target::new(
    "identify",
    &["engine/fuzzing/corpus/identify"],
    &[
        "\n",
        "\n\n",
        "Kaspersky",
        "com.tencent.",
        "pkg:npm/",
        "cpe:2.3:a:",
        "C:\\Program Files\\",
        "/Applications/",
        ".app",
        ".exe",
        "Zoom",
        "®",
        "\u{301}",
        "ﬁ",
    ],
    feed,
);

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/catalogue");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the shipped catalogue is there") {
        let path = entry.expect("the folder is read").path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            let content = fs::read_to_string(&path).expect("the file is read");
            files.push((path.to_string_lossy().into_owned(), content));
        }
    }
    files.sort_unstable();
    let mut remarks = Vec::new();
    let files = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let catalogue = Catalogue::compile(files, &mut remarks);
    assert!(!has_errors(&remarks), "{remarks:?}");
    catalogue
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

fn feed(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let items: Vec<Software> = text.split("\n\n").map(item).collect();
    let catalogue = &*CATALOGUE;
    let together = catalogue.examine(&items);
    let mut alone = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let one = std::slice::from_ref(item);
        let loud = Software {
            name: item.name.to_ascii_uppercase(),
            ..item.clone()
        };
        let found = catalogue.identify(one);
        let products = |found: &[Identification]| -> Vec<usize> {
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
    assert_eq!(together.identified, alone);
    assert_eq!(catalogue.identify(&items), alone);
    for near in together.near {
        assert!(near.index < items.len());
        assert!(catalogue.product(near.product).is_some());
    }
}
