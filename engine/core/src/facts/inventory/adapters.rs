//! The adapters, one for each format.

mod android;
mod apple_mdm;
mod chrome;
mod cyclonedx;
mod devices;
mod dpkg;
mod fleet;
mod homebrew;
mod intune;
mod jamf;
mod kandji;
mod mac_app;
mod osquery;
mod packages;
mod rpm;
mod sbom;
mod spdx;
#[cfg(test)]
mod testing;
mod trivy;
mod vscode;
mod winget;
mod workspace_one;

use super::Hosts;
use super::format::{Adapter, Format};
use super::node::Node;
use super::xml;

/// The adapters of documents that are trees, in the order in which they are tried.
pub(super) static TREES: [Adapter; 17] = [
    cyclonedx::ADAPTER,
    spdx::ADAPTER,
    winget::ADAPTER,
    android::ADAPTER,
    fleet::ADAPTER,
    osquery::ADAPTER,
    jamf::ADAPTER,
    intune::ADAPTER,
    kandji::ADAPTER,
    workspace_one::ADAPTER,
    apple_mdm::ADAPTER,
    rpm::ADAPTER,
    trivy::ADAPTER,
    homebrew::ADAPTER,
    vscode::ADAPTER,
    chrome::ADAPTER,
    mac_app::ADAPTER,
];

/// Tells whether text is of a format.
type Recognises = fn(&str) -> bool;

/// The formats of documents that are lines of text, in the order in which they are tried, and
/// what they are recognised by.
const LINES: [(Format, Recognises); 3] = [
    (Format::Dpkg, dpkg::recognises),
    (Format::Intune, intune::recognises_csv),
    (Format::Rpm, rpm::recognises_lines),
];

/// Whether documents of a format are lines of text. Of a format that is named, each line that
/// it does not have is remarked.
pub(super) fn has_lines(format: Format) -> bool {
    LINES.iter().any(|(known, _)| *known == format)
}

/// The format of lines of text, if it is one of these.
pub(super) fn recognise_lines(text: &str) -> Option<Format> {
    let (format, _) = LINES.iter().find(|(_, recognises)| recognises(text))?;
    Some(*format)
}

/// A document in XML, in the form of JSON where its system answers in either.
pub(super) fn of_xml(node: Node) -> Node {
    let name = node.get(xml::NAME).and_then(Node::as_text);
    match name {
        Some("computer" | "mobile_device") => xml::plain(node),
        _ => node,
    }
}

/// Reads lines of text.
pub(super) fn read_lines(format: Format, text: &str, hosts: &mut Hosts<'_>) {
    match format {
        Format::Intune => intune::read_csv(text, hosts),
        Format::Rpm => rpm::read_lines(text, hosts),
        _ => dpkg::read(text, hosts),
    }
}
