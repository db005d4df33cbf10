//! The `manifest.json` of a Chrome extension: one extension, and so a part of what a host
//! has.
//!
//! The id is not in the document: it is the name of the folder, 32 letters from a to p.
//! A name may be a key into the extension's translations, and is none then.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Chrome,
    recognises: |node| node.names_all(&["manifest_version", "name", "version"]),
    tells_a_host: |_| false,
    read,
};

/// The source of its items.
const SOURCE: &str = "chrome_extensions";

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    draft.cover(SOURCE, CoverageState::Partial);
    let name = top.text("name").filter(|name| {
        let is_key = is_translated(name);
        if is_key {
            top.changed("its name is a key into its translations, and was left out");
        }
        !is_key
    });
    let short_name = || top.text("short_name").filter(|name| !is_translated(name));
    let publisher = top.get("author").and_then(|author| {
        if let Node::Object(_) = author.node() {
            author.text("email")
        } else {
            author.as_text()
        }
    });
    let name = name.or_else(short_name);
    let extension_id = id(hosts.path());
    if name.is_none() && extension_id.is_none() {
        draft.lose(
            top,
            "the extension cannot be named: its id is the name of its folder, 32 letters, which \
             the path of this manifest does not show",
        );
        hosts.add(draft);
        return;
    }
    let item = Software {
        name: name.unwrap_or_default(),
        version: top.text("version"),
        publisher,
        source: Some(SOURCE.to_owned()),
        extension_id,
        ..Software::default()
    };
    draft.item(top, item);
    hosts.add(draft);
}

/// Whether a name is looked up in translations, as `__MSG_extName__`.
fn is_translated(name: &str) -> bool {
    let key = name
        .strip_prefix("__MSG_")
        .and_then(|rest| rest.strip_suffix("__"));
    key.is_some()
}

/// The id that the path of a manifest shows.
fn id(path: &str) -> Option<String> {
    let is_id =
        |part: &&str| part.len() == 32 && part.bytes().all(|byte| (b'a'..=b'p').contains(&byte));
    path.split('/').rev().find(is_id).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::facts::CoverageState;
    use crate::facts::inventory::{Format, InventoriedHost, RemarkKind, read};

    const ID: &str = "abcdefghijklmnopabcdefghijklmnop";

    fn host(path: &str, text: &str) -> InventoriedHost {
        let inventory = read(path, text.as_bytes(), None).unwrap();
        assert_eq!(inventory.format, Format::Chrome);
        inventory.hosts[0].clone()
    }

    #[test]
    fn an_extension_has_its_id_from_its_folder() {
        let path = format!("Default/Extensions/{ID}/1.2_0/manifest.json");
        let text = r#"{"manifest_version": 3, "name": "Example Tool", "version": "1.2", "author": "Example Inc.", "update_url": "https://example.org/crx"}"#;
        let whole = host(&path, text);
        let item = &whole.record.software[0];
        assert_eq!(item.name, "Example Tool");
        assert_eq!(item.version.as_deref(), Some("1.2"));
        assert_eq!(item.publisher.as_deref(), Some("Example Inc."));
        assert_eq!(item.extension_id.as_deref(), Some(ID));
        assert_eq!(item.source.as_deref(), Some("chrome_extensions"));
        assert_eq!((whole.records, whole.remarks.len()), (1, 0));
        assert_eq!(whole.record.coverage[0].state, CoverageState::Partial);
        for path in [
            "manifest.json".to_owned(),
            format!("x{ID}/manifest.json"),
            format!("{}/manifest.json", ID.to_uppercase()),
        ] {
            assert_eq!(host(&path, text).record.software[0].extension_id, None);
        }
    }

    #[test]
    fn a_key_into_translations_is_no_name() {
        let path = format!("{ID}/manifest.json");
        let text = r#"{"manifest_version": 3, "name": "__MSG_extName__", "version": "1", "author": {"email": "dev@example.org"}}"#;
        let by_id = host(&path, text);
        assert_eq!(by_id.record.software[0].name, ID);
        assert_eq!(
            by_id.record.software[0].publisher.as_deref(),
            Some("dev@example.org")
        );
        assert!(
            by_id
                .remarks
                .iter()
                .all(|remark| remark.kind == RemarkKind::Changed)
        );
        let nameless = host("manifest.json", text);
        assert!(nameless.record.software.is_empty());
        assert_eq!(nameless.records, 1);
        assert_eq!(nameless.record.coverage[0].state, CoverageState::Unreadable);
        let short = text.replace("\"version\"", "\"short_name\": \"Tool\", \"version\"");
        assert_eq!(
            host("manifest.json", &short).record.software[0].name,
            "Tool"
        );
    }

    #[test]
    fn what_is_in_other_forms_is_unread() {
        let text = r#"{"manifest_version": 3, "name": ["a"], "version": "1", "author": [1]}"#;
        let nameless = host("manifest.json", text);
        let places: Vec<_> = nameless
            .remarks
            .iter()
            .map(|remark| (remark.kind, remark.place.as_str()))
            .collect();
        let unread = |place| (RemarkKind::Unread, place);
        assert_eq!(places, [unread("name"), unread("author"), unread("")]);
        let odd = text.replace("[\"a\"]", "\"a\"").replace("\"1\"", "{}");
        assert_eq!(host("manifest.json", &odd).record.software[0].version, None);
        for other in [
            r#"{"name": "a", "version": "1"}"#,
            r#"{"name": "a", "version": "1", "engines": {"vscode": "1"}}"#,
        ] {
            assert!(read("package.json", other.as_bytes(), None).is_err());
        }
    }
}
