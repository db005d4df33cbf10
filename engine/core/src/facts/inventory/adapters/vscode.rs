//! The `extensions.json` of Visual Studio Code and its kin: an array of what one user has
//! installed in one editor, and so a part of what a host has.
//!
//! An extension has an id and no other name: `publisher.name`.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::VsCode,
    recognises: is_list,
    tells_a_host: is_list,
    read,
};

/// The source of its items.
const SOURCE: &str = "vscode_extensions";

/// Whether any of the elements has an identifier, and a place where it is installed.
fn is_list(node: &Node) -> bool {
    let elements = node.as_list().unwrap_or_default();
    elements.iter().any(|element| {
        let identifier = element.get("identifier");
        identifier.is_some_and(|identifier| identifier.names("id"))
            && (element.names("location") || element.names("relativeLocation"))
    })
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    draft.cover(SOURCE, CoverageState::Partial);
    for entry in top.elements() {
        read_entry(&entry, &mut draft);
    }
    hosts.add(draft);
}

fn read_entry(at: &At<'_>, draft: &mut Draft<'_>) {
    let Node::Object(_) = at.node() else {
        draft.lose(at, "the extension is not an object");
        return;
    };
    let id = at
        .object("identifier")
        .and_then(|identifier| identifier.text("id"));
    let metadata = at.object("metadata");
    let stated = metadata
        .as_ref()
        .and_then(|metadata| metadata.text("publisherDisplayName"));
    let prefix = || {
        let (publisher, _) = id.as_deref()?.split_once('.')?;
        (!publisher.is_empty()).then(|| publisher.to_owned())
    };
    let item = Software {
        name: id.clone().unwrap_or_default(),
        version: at.text("version"),
        publisher: stated.or_else(prefix),
        source: Some(SOURCE.to_owned()),
        path: at
            .object("location")
            .and_then(|location| location.first_text(&["path", "fsPath"])),
        install_time: metadata.and_then(|metadata| metadata.unix_millis("installedTimestamp")),
        extension_id: id,
        ..Software::default()
    };
    draft.item(at, item);
}

#[cfg(test)]
mod tests {
    use crate::facts::CoverageState;
    use crate::facts::inventory::{Format, RemarkKind, read};

    #[test]
    fn extensions_are_items_named_by_their_ids() {
        let text = r#"[
            {"identifier": {"id": "example.tool", "uuid": "u"}, "version": "1.2", "location": {"$mid": 1, "path": "/opt/ext/example.tool-1.2", "scheme": "file"}, "metadata": {"publisherDisplayName": "Example Inc.", "installedTimestamp": 1700000000123}},
            {"identifier": {"id": "other.thing"}, "version": "2", "relativeLocation": "other.thing-2"},
            {"identifier": {"id": "bare"}, "location": {"fsPath": "/opt/ext/bare"}}]"#;
        let inventory = read("extensions.json", text.as_bytes(), None).unwrap();
        assert_eq!(inventory.format, Format::VsCode);
        let host = &inventory.hosts[0];
        assert_eq!((host.records, host.remarks.len()), (3, 0));
        let [first, second, third] = host.record.software.as_slice() else {
            panic!("{host:?}");
        };
        assert_eq!(first.name, "example.tool");
        assert_eq!(first.extension_id.as_deref(), Some("example.tool"));
        assert_eq!(first.version.as_deref(), Some("1.2"));
        assert_eq!(first.publisher.as_deref(), Some("Example Inc."));
        assert_eq!(first.path.as_deref(), Some("/opt/ext/example.tool-1.2"));
        assert_eq!(first.source.as_deref(), Some("vscode_extensions"));
        assert_eq!(
            first.install_time,
            Some("2023-11-14T22:13:20.123Z".parse().unwrap())
        );
        assert_eq!(second.publisher.as_deref(), Some("other"));
        assert_eq!((&second.path, &second.install_time), (&None, &None));
        assert_eq!((&third.publisher, &third.version), (&None, &None));
        assert_eq!(third.path.as_deref(), Some("/opt/ext/bare"));
        assert_eq!(host.record.coverage[0].state, CoverageState::Partial);
    }

    #[test]
    fn extensions_in_other_forms_are_unread() {
        let text = r#"[{"identifier": {"id": "a.b"}, "location": "file:///a", "metadata": {"installedTimestamp": "yesterday"}}, 7, {"identifier": "a.b", "version": "1"}, {"version": "1"}, {"identifier": {"id": "a.c"}, "metadata": []}]"#;
        let host = &read("extensions.json", text.as_bytes(), None)
            .unwrap()
            .hosts[0];
        let places = |kind| -> Vec<_> {
            host.remarks
                .iter()
                .filter(|remark| remark.kind == kind)
                .map(|remark| remark.place.as_str())
                .collect()
        };
        assert_eq!(
            places(RemarkKind::Unread),
            [
                "[0].location",
                "[1]",
                "[2].identifier",
                "[2]",
                "[3]",
                "[4].metadata"
            ]
        );
        assert_eq!(
            places(RemarkKind::Changed),
            ["[0].metadata.installedTimestamp"]
        );
        assert_eq!((host.records, host.record.software.len()), (5, 2));
        assert_eq!(host.record.coverage[0].state, CoverageState::Unreadable);
    }

    #[test]
    fn other_lists_are_not_taken_for_extensions() {
        for text in [
            r#"[{"identifier": "org.example.tool", "location": {"path": "/a"}}]"#,
            r#"[{"identifier": {"id": "a.b"}, "version": "1"}]"#,
        ] {
            assert!(read("other.json", text.as_bytes(), None).is_err(), "{text}");
        }
    }
}
