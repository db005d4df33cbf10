//! Shorthands for the tests of adapters.

use crate::facts::inventory::{Format, InventoriedHost, RemarkKind, read};
use crate::facts::{CoverageState, Software};

/// The hosts of a document that is told to be of a format by its content.
pub(super) fn hosts(format: Format, text: &str) -> Vec<InventoriedHost> {
    let inventory = read("document", text.as_bytes(), None).unwrap();
    assert_eq!(inventory.format, format, "{text}");
    inventory.hosts
}

/// The only host of it.
pub(super) fn host(format: Format, text: &str) -> InventoriedHost {
    let mut hosts = hosts(format, text);
    assert_eq!(hosts.len(), 1, "{text}");
    hosts.remove(0)
}

/// The places of the remarks of a kind.
pub(super) fn places(host: &InventoriedHost, kind: RemarkKind) -> Vec<&str> {
    host.remarks
        .iter()
        .filter(|remark| remark.kind == kind)
        .map(|remark| remark.place.as_str())
        .collect()
}

/// The kinds and places of all remarks.
pub(super) fn kinds(host: &InventoriedHost) -> Vec<(RemarkKind, &str)> {
    host.remarks
        .iter()
        .map(|remark| (remark.kind, remark.place.as_str()))
        .collect()
}

/// What is said about the sources.
pub(super) fn coverage(host: &InventoriedHost) -> Vec<(&str, CoverageState)> {
    host.record
        .coverage
        .iter()
        .map(|entry| (entry.source.as_str(), entry.state))
        .collect()
}

/// An item of these fields: name, version, publisher, source and bundle id.
pub(super) fn item(fields: [&str; 5]) -> Software {
    let [name, version, publisher, source, bundle_id] = fields;
    let text = |field: &str| (!field.is_empty()).then(|| field.to_owned());
    Software {
        name: name.to_owned(),
        version: text(version),
        publisher: text(publisher),
        source: text(source),
        bundle_id: text(bundle_id),
        ..Software::default()
    }
}

/// The word of a document's format, or the code of its error.
pub(super) fn told(text: &str) -> &'static str {
    match read("document", text.as_bytes(), None) {
        Ok(inventory) => inventory.format.word(),
        Err(fault) => fault.code,
    }
}
