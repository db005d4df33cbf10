//! Trivy's list of packages: an array in which each says by which analysis it was found.
//!
//! It names no host. Version, release and epoch stand apart; an epoch of zero is left out.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};

use super::rpm;

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Trivy,
    recognises: is_list,
    tells_a_host: is_list,
    read,
};

/// Whether any of the elements is a package with its analysis.
fn is_list(node: &Node) -> bool {
    let elements = node.as_list().unwrap_or_default();
    elements
        .iter()
        .any(|element| element.names_all(&["Name", "Version", "AnalyzedBy"]))
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    for entry in top.elements() {
        read_entry(&entry, &mut draft);
    }
    hosts.add(draft);
}

/// The source of what an analysis finds, if it reads a package database.
fn source(analysis: &str) -> Option<&'static str> {
    match analysis {
        "dpkg" => Some("deb_packages"),
        "rpm" => Some("rpm_packages"),
        _ => None,
    }
}

fn read_entry(at: &At<'_>, draft: &mut Draft<'_>) {
    let Node::Object(_) = at.node() else {
        draft.lose(at, "the package is not an object");
        return;
    };
    let source = at.text("AnalyzedBy").as_deref().and_then(source);
    if let Some(source) = source {
        draft.cover(source, CoverageState::Complete);
    }
    let name = at.text("Name");
    if source == Some("rpm_packages") && name.as_deref().is_some_and(rpm::names_key) {
        draft.skip(at, rpm::KEY_IS_NO_SOFTWARE);
        return;
    }
    let (epoch, release) = (at.text("Epoch"), at.text("Release"));
    let version = at
        .text("Version")
        .map(|version| rpm::joined(epoch.as_deref(), &version, release.as_deref()));
    let item = Software {
        package_id: source.and(name.clone()),
        name: name.unwrap_or_default(),
        version,
        publisher: at.text("Maintainer"),
        source: source.map(str::to_owned),
        ..Software::default()
    };
    draft.item(at, item);
}

#[cfg(test)]
mod tests {
    use crate::facts::CoverageState;
    use crate::facts::inventory::{Format, RemarkKind, read};

    #[test]
    fn packages_of_both_databases_are_items() {
        let text = r#"[
            {"ID": "tool@1:2.3-4", "Name": "tool", "Version": "2.3", "Release": "4", "Epoch": 1, "Arch": "amd64", "SrcName": "tool-src", "Maintainer": "Example Team <team@example.org>", "AnalyzedBy": "dpkg"},
            {"Name": "plain", "Version": "5", "Maintainer": "", "AnalyzedBy": "dpkg"},
            {"Name": "red", "Version": "6", "Release": "7.el9", "Epoch": 0, "Maintainer": "Example Inc.", "AnalyzedBy": "rpm"},
            {"Name": "gpg-pubkey", "Version": "0a", "Release": "0b", "AnalyzedBy": "rpm"},
            {"Name": "alp", "Version": "8-r0", "AnalyzedBy": "apk"}]"#;
        let inventory = read("packages.json", text.as_bytes(), None).unwrap();
        assert_eq!(inventory.format, Format::Trivy);
        let host = &inventory.hosts[0];
        let items: Vec<_> = host
            .record
            .software
            .iter()
            .map(|item| {
                (
                    item.name.as_str(),
                    item.version.as_deref().unwrap(),
                    item.package_id.as_deref(),
                    item.publisher.as_deref(),
                    item.source.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            items,
            [
                (
                    "tool",
                    "1:2.3-4",
                    Some("tool"),
                    Some("Example Team <team@example.org>"),
                    Some("deb_packages")
                ),
                ("plain", "5", Some("plain"), None, Some("deb_packages")),
                (
                    "red",
                    "6-7.el9",
                    Some("red"),
                    Some("Example Inc."),
                    Some("rpm_packages")
                ),
                ("alp", "8-r0", None, None, None),
            ]
        );
        assert_eq!(host.records, 5);
        assert_eq!(host.remarks.len(), 1);
        assert_eq!(
            (host.remarks[0].kind, host.remarks[0].place.as_str()),
            (RemarkKind::Skipped, "[3]")
        );
        let covered: Vec<_> = host
            .record
            .coverage
            .iter()
            .map(|entry| (entry.source.as_str(), entry.state))
            .collect();
        assert_eq!(
            covered,
            [
                ("deb_packages", CoverageState::Complete),
                ("rpm_packages", CoverageState::Complete)
            ]
        );
    }

    #[test]
    fn packages_in_other_forms_are_unread() {
        let text = r#"[7, {"Name": "a", "Version": ["1"], "AnalyzedBy": "rpm"}, {"Version": "1", "AnalyzedBy": "dpkg"}]"#;
        let host = &read("packages.json", text.as_bytes(), None).unwrap().hosts[0];
        let unread: Vec<_> = host
            .remarks
            .iter()
            .filter(|remark| remark.kind == RemarkKind::Unread)
            .map(|remark| remark.place.as_str())
            .collect();
        assert_eq!(unread, ["[0]", "[1].Version", "[2]"]);
        assert_eq!((host.records, host.record.software.len()), (3, 1));
        assert!(
            host.record
                .coverage
                .iter()
                .all(|entry| entry.state == CoverageState::Unreadable)
        );
    }

    #[test]
    fn a_list_of_other_things_is_not_taken_for_packages() {
        for text in [
            r#"[{"Name": "a", "Version": "1"}]"#,
            r#"[{"name": "a", "version": "1", "AnalyzedBy": "dpkg"}]"#,
            r#"{"Name": "a", "Version": "1", "AnalyzedBy": "dpkg"}"#,
        ] {
            assert!(read("other.json", text.as_bytes(), None).is_err(), "{text}");
        }
    }
}
