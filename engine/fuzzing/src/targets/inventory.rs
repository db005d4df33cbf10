//! Inventories: any bytes, read as what they look like and as every format.
//!
//! No panic; and each answer is an error, or hosts that account for every record and whose
//! facts keep the limits.

use embargo_core::facts::inventory::{Format, read};

use crate::target::Target;

#[path = "../../../core/tests/it/inventories/accounting.rs"]
mod accounting;

pub(crate) const INVENTORY: Target = Target::new(
    "inventory",
    &["engine/core/tests/it/inventories"],
    &super::YAML_WORDS,
    feed,
);

/// Paths of documents, some of which name what is in them.
const PATHS: [&str; 3] = [
    "inventory",
    "opt/Cellar/tool/1.2_1/INSTALL_RECEIPT.json",
    "Extensions/abcdefghijklmnopabcdefghijklmnop/1.2_0/manifest.json",
];

fn feed(bytes: &[u8]) {
    // Adapters that recognise it are few; a format that is named reaches the others too.
    let own = Format::ALL.into_iter().map(Some);
    for (at, from) in own.chain([None]).enumerate() {
        if let Ok(inventory) = read(PATHS[at % PATHS.len()], bytes, from) {
            accounting::check(&inventory);
        }
    }
}
