//! The adapters, one for each format.

mod apple_mdm;
mod cyclonedx;
mod dpkg;
mod fleet;
mod osquery;
mod sbom;
mod spdx;

use super::Hosts;
use super::format::{Adapter, Format};

/// The adapters of documents that are trees, in the order in which they are tried.
pub(super) static TREES: [Adapter; 5] = [
    cyclonedx::ADAPTER,
    spdx::ADAPTER,
    fleet::ADAPTER,
    osquery::ADAPTER,
    apple_mdm::ADAPTER,
];

/// Whether documents of a format are lines of text.
pub(super) const fn has_lines(format: Format) -> bool {
    matches!(format, Format::Dpkg | Format::Rpm)
}

/// The format of lines of text, if it is one of these.
pub(super) fn recognise_lines(text: &str) -> Option<Format> {
    dpkg::recognises(text).then_some(Format::Dpkg)
}

/// Reads lines of text.
pub(super) fn read_lines(format: Format, text: &str, hosts: &mut Hosts<'_>) {
    match format {
        _ => dpkg::read(text, hosts),
    }
}
