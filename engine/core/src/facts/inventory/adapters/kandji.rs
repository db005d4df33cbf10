//! Kandji (Iru): devices, and the apps of a device. It states no publisher and no signer.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};

use super::devices::{attributes, family, holds, is_object, main_source, read_each};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Kandji,
    recognises: |node| {
        is_host(node)
            || node
                .as_list()
                .is_some_and(|devices| devices.iter().any(is_host))
    },
    tells_a_host: is_host,
    read,
};

/// A device, or the apps of one.
fn is_host(node: &Node) -> bool {
    node.names_all(&["device_id", "device_name", "serial_number", "platform"])
        || node.names_all(&["device_id", "serial_number", "blueprint_id"])
        || holds(node, "apps", |app| app.names("app_name"))
        || node.names("device_id") && node.get("apps").and_then(Node::as_list) == Some(&[])
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let devices = match top.node() {
        Node::List(_) => top.elements(),
        _ => vec![top.clone()],
    };
    read_each(devices, hosts, read_device);
}

fn read_device(device: &At<'_>, draft: &mut Draft<'_>) {
    // A serial number may occur with two tenants.
    draft.host_id(device.first_text(&["device_id", "serial_number"]));
    let family = device.text("platform").as_deref().map(family);
    draft.system(family.as_deref(), device.text("os_version"), None);
    if let Some(blueprint) = device.text("blueprint_name") {
        draft.group(blueprint);
    }
    let keys = [
        ("is_supervised", "supervised"),
        ("mdm_enabled", "mdm_enabled"),
        ("agent_installed", "agent_installed"),
    ];
    attributes(device, draft, &keys);
    draft.collected(device.instant("last_check_in"));
    let main = main_source(draft.family());
    if device.get("apps").is_none() {
        draft.cover(main, CoverageState::NotCollected);
        return;
    }
    // The list of apps does not say whether they are those of a Mac or of a phone.
    let source = draft.family().map(|_| main.to_owned());
    for app in device.list("apps") {
        if is_object(&app, draft) {
            let item = Software {
                name: app.text("app_name").unwrap_or_default(),
                version: app.text("version"),
                source: source.clone(),
                bundle_id: app.text("bundle_id"),
                path: app.text("path"),
                ..Software::default()
            };
            draft.item(&app, item);
        }
    }
    draft.cover(main, CoverageState::Complete);
}

#[cfg(test)]
mod tests {
    use crate::facts::Attribute;
    use crate::facts::CoverageState::{Complete, NotCollected, Unreadable};
    use crate::facts::inventory::adapters::testing::{coverage, host, hosts, item, places, told};
    use crate::facts::inventory::{Format, RemarkKind};

    fn device(id: &str, platform: &str, rest: &str) -> String {
        format!(
            r#"{{"device_id": "{id}", "device_name": "Ada's", "serial_number": "S", "platform": "{platform}",
            "os_version": "14.4.1", "model": "Example", "user": "", "asset_tag": null{rest}}}"#
        )
    }

    #[test]
    fn a_device_is_told_with_its_system_and_blueprint() {
        let rest = r#", "blueprint_id": "b", "blueprint_name": "Example Blueprint", "is_supervised": true,
            "mdm_enabled": "true", "agent_installed": false, "last_check_in": "2024-04-01T17:46:31.864498Z""#;
        let host = host(Format::Kandji, &device("D", "Mac", rest));
        let record = &host.record;
        assert_eq!(record.host_id, "D");
        let os = record.os.as_ref().unwrap();
        assert_eq!(os.family.as_deref(), Some("macos"));
        assert_eq!(os.version.as_deref(), Some("14.4.1"));
        assert_eq!(record.groups, ["Example Blueprint"]);
        assert!(record.owner.is_none());
        assert_eq!(
            record.collect_time,
            Some("2024-04-01T17:46:31.864498Z".parse().unwrap())
        );
        let stated = [
            ("agent_installed", false),
            ("mdm_enabled", true),
            ("supervised", true),
        ];
        assert_eq!(
            record.attributes,
            Some(
                stated
                    .map(|(key, flag)| (key.to_owned(), Attribute::Bool(flag)))
                    .into()
            )
        );
        assert_eq!(coverage(&host), [("apps", NotCollected)]);
        assert!(host.remarks.is_empty());
    }

    #[test]
    fn one_serial_number_with_two_tenants_is_two_hosts() {
        let (first, second) = (device("a", "Mac", ""), device("b", "iPad", ""));
        for text in [
            format!("[{first}, {second}]"),
            format!(r#"{{"one": [{first}], "other": [{second}]}}"#),
        ] {
            let hosts = hosts(Format::Kandji, &text);
            let ids: Vec<_> = hosts
                .iter()
                .map(|host| host.record.host_id.as_str())
                .collect();
            assert_eq!(ids, ["a", "b"]);
            assert_eq!(coverage(&hosts[1]), [("ios_apps", NotCollected)]);
        }
    }

    #[test]
    fn the_platform_tells_the_family() {
        for (platform, family) in [
            ("Mac", "macos"),
            ("iPhone", "ios"),
            ("iPad", "ipados"),
            ("AppleTV", "tvos"),
        ] {
            let host = host(Format::Kandji, &device("D", platform, ""));
            assert_eq!(host.record.os.unwrap().family.as_deref(), Some(family));
        }
    }

    #[test]
    fn apps_are_items_of_the_platforms_source() {
        let apps = r#""apps": [{"app_id": 1, "app_name": "Example Tool", "bundle_id": "org.example.tool", "version": "1.2",
            "path": "/Applications/Example Tool.app"}, {"app_name": "Bare", "bundle_id": ""}]"#;
        for (text, id, source) in [
            (device("D", "Mac", &format!(", {apps}")), "D", "apps"),
            (device("D", "iPhone", &format!(", {apps}")), "D", "ios_apps"),
            (format!(r#"{{"device_id": "D", {apps}}}"#), "D", ""),
            (format!("{{{apps}}}"), "", ""),
        ] {
            let host = host(Format::Kandji, &text);
            assert_eq!(host.record.host_id, id);
            let mut tool = item(["Example Tool", "1.2", "", source, "org.example.tool"]);
            tool.path = Some("/Applications/Example Tool.app".to_owned());
            assert_eq!(
                host.record.software,
                [tool, item(["Bare", "", "", source, ""])]
            );
            let covered = if source.is_empty() {
                "software"
            } else {
                source
            };
            assert_eq!(coverage(&host), [(covered, Complete)]);
        }
    }

    #[test]
    fn a_list_without_apps_is_a_list() {
        let host = host(Format::Kandji, r#"{"device_id": "D", "apps": []}"#);
        assert_eq!(
            (host.records, coverage(&host)),
            (0, vec![("software", Complete)])
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_silence() {
        for (apps, place) in [
            (r#"[7]"#, "apps[0]"),
            (r#"[{"version": "1"}]"#, "apps[0]"),
            (r#"[{"app_name": "x", "version": {}}]"#, "apps[0].version"),
            (r#""none""#, "apps"),
        ] {
            let text = device("D", "Mac", &format!(r#", "apps": {apps}"#));
            let host = host(Format::Kandji, &text);
            assert_eq!(places(&host, RemarkKind::Unread), [place], "{apps}");
            assert_eq!(coverage(&host), [("apps", Unreadable)], "{apps}");
        }
        let hosts = hosts(Format::Kandji, &format!("[{}, 1]", device("a", "Mac", "")));
        assert_eq!(places(&hosts[1], RemarkKind::Unread), ["[1]"]);
    }

    #[test]
    fn what_only_looks_alike_is_not_taken() {
        for text in [
            r#"{"device_id": "D", "serial_number": "S"}"#,
            r#"{"apps": [{"name": "x"}]}"#,
            r#"{"DeviceId": 1, "SerialNumber": "S"}"#,
        ] {
            assert_eq!(told(text), "inventory-unknown", "{text}");
        }
    }
}
