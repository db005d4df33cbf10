//! The `Info.plist` of a macOS application, in XML or in binary: one application, and so a
//! part of what a host has. It has neither a signer nor a place of installation.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::{CoverageState, Software};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::MacApp,
    recognises: |node| {
        node.names("CFBundleIdentifier")
            || (node.names("CFBundleExecutable") && node.names("CFBundleName"))
    },
    tells_a_host: |_| false,
    read,
};

/// The source of its items.
const SOURCE: &str = "apps";

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    draft.cover(SOURCE, CoverageState::Partial);
    let item = Software {
        name: top
            .first_text(&["CFBundleDisplayName", "CFBundleName"])
            .unwrap_or_default(),
        version: top.first_text(&["CFBundleShortVersionString", "CFBundleVersion"]),
        bundle_id: top.text("CFBundleIdentifier"),
        source: Some(SOURCE.to_owned()),
        ..Software::default()
    };
    draft.item(top, item);
    hosts.add(draft);
}

#[cfg(test)]
mod tests {
    use crate::facts::CoverageState;
    use crate::facts::inventory::{Format, InventoriedHost, RemarkKind, read};

    fn list(fields: &str) -> Vec<u8> {
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>{fields}</dict></plist>").into_bytes()
    }

    fn field(key: &str, value: &str) -> String {
        format!("<key>{key}</key><string>{value}</string>")
    }

    fn host(bytes: &[u8]) -> InventoriedHost {
        let inventory = read("Info.plist", bytes, None).unwrap();
        assert_eq!(inventory.format, Format::MacApp);
        inventory.hosts[0].clone()
    }

    #[test]
    fn an_application_is_an_item_in_both_encodings() {
        let xml = list(
            &[
                field("CFBundleIdentifier", "org.example.tool"),
                field("CFBundleName", "Tool"),
                field("CFBundleDisplayName", "Example Tool"),
                field("CFBundleVersion", "1234.5"),
                field("CFBundleShortVersionString", "1.2"),
            ]
            .concat(),
        );
        let mut binary = Vec::new();
        plist::Value::from_reader_xml(xml.as_slice())
            .unwrap()
            .to_writer_binary(&mut binary)
            .unwrap();
        for bytes in [xml, binary] {
            let host = host(&bytes);
            let item = &host.record.software[0];
            assert_eq!(item.name, "Example Tool");
            assert_eq!(item.version.as_deref(), Some("1.2"));
            assert_eq!(item.bundle_id.as_deref(), Some("org.example.tool"));
            assert_eq!(item.source.as_deref(), Some("apps"));
            assert_eq!((host.records, host.remarks.len()), (1, 0));
            assert_eq!(host.record.coverage[0].state, CoverageState::Partial);
        }
    }

    #[test]
    fn an_application_may_lack_all_but_its_id() {
        let id = field("CFBundleIdentifier", "org.example.tool");
        let bare = host(&list(&id));
        assert_eq!(bare.record.software[0].name, "org.example.tool");
        assert_eq!(bare.remarks[0].kind, RemarkKind::Changed);
        let build = host(&list(
            &(id + &field("CFBundleName", "Tool") + &field("CFBundleVersion", "7")),
        ));
        assert_eq!(build.record.software[0].name, "Tool");
        assert_eq!(build.record.software[0].version.as_deref(), Some("7"));
    }

    #[test]
    fn what_is_in_other_forms_is_unread() {
        let host = host(&list("<key>CFBundleIdentifier</key><array/>"));
        assert_eq!((host.records, host.record.software.len()), (1, 0));
        assert_eq!(host.remarks[0].place, "CFBundleIdentifier");
        assert_eq!(host.record.coverage[0].state, CoverageState::Unreadable);
        assert!(read("other.plist", &list(&field("Name", "Tool")), None).is_err());
    }
}
