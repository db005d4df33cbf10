//! `winget export`, of schema 2.0 and 1.0: the packages of each source that winget knows.
//!
//! It names no host. A program that none of the sources knows is not exported, so that the
//! list is a part of what is installed. Versions are there only if they were asked for.

use crate::facts::CoverageState;
use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;

use super::packages;

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Winget,
    recognises: is_export,
    tells_a_host: is_export,
    read,
};

/// The source of its items.
const SOURCE: &str = "winget";

/// Whether it has the schema of exports, or sources with packages and their details.
fn is_export(node: &Node) -> bool {
    let schema = node.get("$schema").and_then(Node::as_text);
    let is_of_schema = schema.is_some_and(|schema| schema.contains("winget-packages.schema."));
    let sources = node.get("Sources").and_then(Node::as_list);
    is_of_schema
        || sources
            .unwrap_or_default()
            .iter()
            .any(|source| source.names_all(&["Packages", "SourceDetails"]))
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    draft.collected(top.instant("CreationDate"));
    let state = if top.get("Sources").is_some() {
        CoverageState::Partial
    } else {
        CoverageState::NotCollected
    };
    draft.cover(SOURCE, state);
    for source in top.expected_list("Sources") {
        if let Node::Object(_) = source.node() {
            for package in source.expected_list("Packages") {
                read_package(&package, &mut draft);
            }
        } else {
            source.unread("the source is not an object, and its packages are not known");
        }
    }
    hosts.add(draft);
}

fn read_package(at: &At<'_>, draft: &mut Draft<'_>) {
    let Node::Object(_) = at.node() else {
        draft.lose(at, "the package is not an object");
        return;
    };
    // `Id` is the word of schema 1.0.
    let id = at.first_text(&["PackageIdentifier", "Id"]);
    draft.item(at, packages::item(SOURCE, id, at.text("Version")));
}

#[cfg(test)]
mod tests {
    use crate::facts::CoverageState;
    use crate::facts::inventory::{Format, InventoriedHost, RemarkKind, read};

    fn host(text: &str) -> InventoriedHost {
        let inventory = read("export.json", text.as_bytes(), None).unwrap();
        assert_eq!(inventory.format, Format::Winget);
        inventory.hosts[0].clone()
    }

    #[test]
    fn both_schemas_are_read() {
        let text = r#"{"$schema": "https://aka.ms/winget-packages.schema.2.0.json", "CreationDate": "2024-01-02T03:04:05.678-00:00", "Sources": [
            {"Packages": [{"PackageIdentifier": "Example.Tool", "Version": "1.2"}, {"PackageIdentifier": "Example.Other"}], "SourceDetails": {"Name": "winget"}},
            {"Packages": [{"PackageIdentifier": "9XEXAMPLE"}], "SourceDetails": {"Name": "msstore"}}], "WinGetVersion": "1.0.0"}"#;
        let second = host(text);
        let items: Vec<_> = second
            .record
            .software
            .iter()
            .map(|item| (item.name.as_str(), item.version.as_deref()))
            .collect();
        assert_eq!(
            items,
            [
                ("Example.Tool", Some("1.2")),
                ("Example.Other", None),
                ("9XEXAMPLE", None)
            ]
        );
        assert!(second.record.software.iter().all(|item| {
            item.package_id.as_deref() == Some(&item.name)
                && item.source.as_deref() == Some("winget")
        }));
        assert_eq!(
            second.record.collect_time,
            Some("2024-01-02T03:04:05.678Z".parse().unwrap())
        );
        assert_eq!(second.record.coverage[0].state, CoverageState::Partial);
        assert_eq!((second.records, second.remarks.len()), (3, 0));

        let first = host(
            r#"{"WinGetVersion": "0.3", "CreationDate": "2021-01-01T12:00:00.000", "Sources": [{"Packages": [{"Id": "Example.Tool", "Version": "1"}], "SourceDetails": {}}]}"#,
        );
        assert_eq!(
            first.record.software[0].package_id.as_deref(),
            Some("Example.Tool")
        );
        assert_eq!(first.record.collect_time, None);
        assert_eq!(first.remarks[0].kind, RemarkKind::Changed);
    }

    #[test]
    fn what_is_in_other_forms_is_unread() {
        let of = |sources: &str| {
            host(&format!(
                r#"{{"$schema": "https://aka.ms/winget-packages.schema.2.0.json", "Sources": {sources}}}"#
            ))
        };
        for (sources, place, records) in [
            ("{}", "Sources", 0),
            ("[7]", "Sources[0]", 0),
            (r#"[{"Packages": {}}]"#, "Sources[0].Packages", 0),
            (r#"[{"Packages": [7]}]"#, "Sources[0].Packages[0]", 1),
            (r#"[{"Packages": [{}]}]"#, "Sources[0].Packages[0]", 1),
            (
                r#"[{"Packages": [{"Id": "a", "Version": {}}]}]"#,
                "Sources[0].Packages[0].Version",
                1,
            ),
        ] {
            let host = of(sources);
            assert_eq!(host.records, records, "{sources}");
            assert_eq!(host.remarks[0].kind, RemarkKind::Unread, "{sources}");
            assert_eq!(host.remarks[0].place, place);
            assert_eq!(host.record.coverage[0].state, CoverageState::Unreadable);
        }
        assert_eq!(
            of("null").record.coverage[0].state,
            CoverageState::NotCollected
        );
    }

    #[test]
    fn other_sources_are_not_taken_for_an_export() {
        for text in [
            r#"{"Sources": [{"Packages": []}]}"#,
            r#"{"$schema": "https://example.org/packages.schema.json", "Sources": []}"#,
        ] {
            assert!(read("other.json", text.as_bytes(), None).is_err(), "{text}");
        }
    }
}
