//! The adapters, one for each format.

mod chrome;
mod dpkg;
mod fleet;
mod homebrew;
mod mac_app;
mod rpm;
mod trivy;
mod vscode;
mod winget;

use super::Hosts;
use super::format::{Adapter, Format};

/// The adapters of documents that are trees, in the order in which they are tried.
pub(super) static TREES: [Adapter; 8] = [
    fleet::ADAPTER,
    rpm::ADAPTER,
    trivy::ADAPTER,
    winget::ADAPTER,
    homebrew::ADAPTER,
    vscode::ADAPTER,
    chrome::ADAPTER,
    mac_app::ADAPTER,
];

/// Whether documents of a format are lines of text.
pub(super) const fn has_lines(format: Format) -> bool {
    matches!(format, Format::Dpkg | Format::Rpm)
}

/// The format of lines of text, if it is one of these.
pub(super) fn recognise_lines(text: &str) -> Option<Format> {
    if dpkg::recognises(text) {
        return Some(Format::Dpkg);
    }
    rpm::recognises_lines(text).then_some(Format::Rpm)
}

/// Reads lines of text.
pub(super) fn read_lines(format: Format, text: &str, hosts: &mut Hosts<'_>) {
    match format {
        Format::Rpm => rpm::read_lines(text, hosts),
        _ => dpkg::read(text, hosts),
    }
}
