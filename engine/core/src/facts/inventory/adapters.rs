//! The adapters, one for each format.

mod android;
mod devices;
mod dpkg;
mod fleet;
mod intune;
mod jamf;
mod kandji;
#[cfg(test)]
mod testing;
mod workspace_one;

use super::Hosts;
use super::format::{Adapter, Format};

/// The adapters of documents that are trees, in the order in which they are tried.
pub(super) static TREES: [Adapter; 6] = [
    android::ADAPTER,
    fleet::ADAPTER,
    jamf::ADAPTER,
    intune::ADAPTER,
    kandji::ADAPTER,
    workspace_one::ADAPTER,
];

/// Whether documents of a format are lines of text.
pub(super) const fn has_lines(format: Format) -> bool {
    matches!(format, Format::Dpkg | Format::Rpm | Format::Intune)
}

/// The format of lines of text, if it is one of these.
pub(super) fn recognise_lines(text: &str) -> Option<Format> {
    if dpkg::recognises(text) {
        return Some(Format::Dpkg);
    }
    intune::recognises_csv(text).then_some(Format::Intune)
}

/// Reads lines of text.
pub(super) fn read_lines(format: Format, text: &str, hosts: &mut Hosts<'_>) {
    match format {
        Format::Intune => intune::read_csv(text, hosts),
        _ => dpkg::read(text, hosts),
    }
}
