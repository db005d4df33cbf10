//! Android Management API: devices with application reports.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, OwnerKind, Software};

use super::devices::{attributes, holds, is_object, page, read_each};

/// The source of its items.
const SOURCE: &str = "android_apps";

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Android,
    recognises: |node| is_device(node) || holds(node, "devices", is_device),
    tells_a_host: is_device,
    read,
};

/// A device is called `enterprises/` and its enterprise, `devices/` and its id.
fn is_device(node: &Node) -> bool {
    let name = node.get("name").and_then(Node::as_text).unwrap_or_default();
    let parts: Vec<&str> = name.splitn(5, '/').collect();
    matches!(parts.as_slice(), ["enterprises", enterprise, "devices", id] if !enterprise.is_empty() && !id.is_empty())
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let devices = if is_device(top.node()) {
        vec![top.clone()]
    } else {
        let devices = top.list("devices");
        page(top, devices.len(), &[], &["nextPageToken"]);
        devices
    };
    read_each(devices, hosts, read_device);
}

fn read_device(device: &At<'_>, draft: &mut Draft<'_>) {
    draft.host_id(device.text("name"));
    let version = device
        .object("softwareInfo")
        .and_then(|software| software.text("androidVersion"));
    draft.system(Some("android"), version, None);
    let ownership = device.text("ownership");
    match ownership.as_deref() {
        Some("COMPANY_OWNED") => draft.owner_kind(OwnerKind::Business),
        Some("PERSONALLY_OWNED") => draft.owner_kind(OwnerKind::Personal),
        _ => {}
    }
    attributes(device, draft, &[("managementMode", "management_mode")]);
    draft.collected(device.instant("lastStatusReportTime"));
    if device.get("applicationReports").is_none() {
        draft.cover(SOURCE, CoverageState::NotCollected);
        return;
    }
    for report in device.list("applicationReports") {
        if is_object(&report, draft) {
            read_report(&report, draft);
        }
    }
    // Whoever manages a profile may not see what is beside it.
    let state = match device.text("managementMode").as_deref() {
        Some("DEVICE_OWNER") => CoverageState::Complete,
        Some("PROFILE_OWNER") => CoverageState::NotPermitted,
        _ => CoverageState::Partial,
    };
    draft.cover(SOURCE, state);
}

fn read_report(report: &At<'_>, draft: &mut Draft<'_>) {
    match report.text("state").as_deref() {
        // A report is of an installed application where it does not say otherwise.
        None | Some("INSTALLED") => {}
        Some("REMOVED") => {
            draft.skip(
                report,
                "the application is not installed: its state is `REMOVED`",
            );
            return;
        }
        Some(state) => {
            let why = format!(
                "whether the application is installed cannot be told: its state is `{state}`"
            );
            draft.lose(report, why);
            return;
        }
    }
    let item = Software {
        name: report.text("displayName").unwrap_or_default(),
        version: report.text("versionName"),
        source: Some(SOURCE.to_owned()),
        bundle_id: report.text("packageName"),
        ..Software::default()
    };
    if item.bundle_id.is_none() && !item.name.is_empty() {
        // Anything may be displayed under any name.
        report.unread("the report has no package name, so that it cannot be told what it is");
    }
    draft.item(report, item);
}

#[cfg(test)]
mod tests {
    use crate::facts::CoverageState::{Complete, NotCollected, NotPermitted, Partial, Unreadable};
    use crate::facts::inventory::adapters::testing::{coverage, host, hosts, item, places, told};
    use crate::facts::inventory::{Format, RemarkKind};
    use crate::facts::{Attribute, OwnerKind};

    fn device(rest: &str) -> String {
        format!(r#"{{"name": "enterprises/e1/devices/d1"{rest}}}"#)
    }

    const REPORT: &str = r#"{"packageName": "org.example.app", "displayName": "Example", "versionName": "1.2", "versionCode": 12,
        "state": "INSTALLED", "signingKeyCertFingerprints": ["00"], "packageSha256Hash": "00", "installerPackageName": "org.example.store"}"#;

    #[test]
    fn a_device_is_told_with_its_system_owner_and_reports() {
        let device = device(&format!(
            r#", "managementMode": "DEVICE_OWNER", "ownership": "COMPANY_OWNED", "softwareInfo": {{"androidVersion": "14"}},
            "lastStatusReportTime": "2024-05-06T07:08:09.123Z", "userName": "u", "applicationReports": [{REPORT}]"#
        ));
        for text in [
            device.clone(),
            format!(r#"{{"devices": [{device}], "nextPageToken": "t"}}"#),
            format!("[{device}]"),
        ] {
            let host = host(Format::Android, &text);
            let record = &host.record;
            assert_eq!(record.host_id, "enterprises/e1/devices/d1");
            let os = record.os.as_ref().unwrap();
            assert_eq!(os.family.as_deref(), Some("android"));
            assert_eq!(os.version.as_deref(), Some("14"));
            assert_eq!(
                record.owner.as_ref().unwrap().kind,
                Some(OwnerKind::Business)
            );
            assert_eq!(
                record.collect_time,
                Some("2024-05-06T07:08:09.123Z".parse().unwrap())
            );
            let mode = Attribute::Text("DEVICE_OWNER".to_owned());
            assert_eq!(
                record.attributes,
                Some([("management_mode".to_owned(), mode)].into())
            );
            assert_eq!(
                record.software,
                [item([
                    "Example",
                    "1.2",
                    "",
                    "android_apps",
                    "org.example.app"
                ])]
            );
            assert_eq!(coverage(&host), [("android_apps", Complete)]);
            let pages = usize::from(text.contains("nextPageToken"));
            assert_eq!((host.records, host.remarks.len()), (1, pages));
        }
    }

    #[test]
    fn what_is_beside_a_profile_may_not_be_read() {
        for (fields, kind, state) in [
            (
                r#", "managementMode": "PROFILE_OWNER", "ownership": "PERSONALLY_OWNED""#,
                Some(OwnerKind::Personal),
                NotPermitted,
            ),
            (
                r#", "managementMode": "PROFILE_OWNER", "ownership": "COMPANY_OWNED""#,
                Some(OwnerKind::Business),
                NotPermitted,
            ),
            (r#", "ownership": "OWNERSHIP_UNSPECIFIED""#, None, Partial),
        ] {
            let text = device(&format!(r#"{fields}, "applicationReports": [{REPORT}]"#));
            let host = host(Format::Android, &text);
            assert_eq!(coverage(&host), [("android_apps", state)]);
            assert_eq!(host.record.owner.and_then(|owner| owner.kind), kind);
            assert_eq!(host.record.software.len(), 1);
        }
    }

    #[test]
    fn without_reports_nothing_was_collected() {
        for rest in ["", r#", "applicationReports": null"#] {
            let host = host(Format::Android, &device(rest));
            assert_eq!(coverage(&host), [("android_apps", NotCollected)]);
        }
    }

    #[test]
    fn each_report_is_an_item_or_a_remark() {
        let text = device(
            r#", "managementMode": "DEVICE_OWNER", "applicationReports": [
            {"packageName": "org.example.gone", "state": "REMOVED"},
            {"packageName": "org.example.nameless", "state": "INSTALLED"},
            {"packageName": "org.example.stateless", "displayName": "Stateless"}]"#,
        );
        let host = host(Format::Android, &text);
        assert_eq!(host.records, 3);
        let nameless = "org.example.nameless";
        assert_eq!(
            host.record.software,
            [
                item([nameless, "", "", "android_apps", nameless]),
                item(["Stateless", "", "", "android_apps", "org.example.stateless"]),
            ]
        );
        assert_eq!(
            places(&host, RemarkKind::Skipped),
            ["applicationReports[0]"]
        );
        assert_eq!(
            places(&host, RemarkKind::Changed),
            ["applicationReports[1]"]
        );
        assert_eq!(coverage(&host), [("android_apps", Complete)]);
    }

    #[test]
    fn what_cannot_be_read_is_not_silence() {
        for (reports, items) in [
            (r#"[3]"#, 0),
            (r#"[{"state": "INSTALLED"}]"#, 0),
            (
                r#"[{"packageName": "org.example.a", "state": "APPLICATION_STATE_UNSPECIFIED"}]"#,
                0,
            ),
            (r#"[{"displayName": "Example"}]"#, 1),
            (r#"[{"packageName": {}, "displayName": "Example"}]"#, 1),
            (r#"{"packageName": "org.example.a"}"#, 0),
        ] {
            let text = device(&format!(
                r#", "managementMode": "DEVICE_OWNER", "applicationReports": {reports}"#
            ));
            let host = host(Format::Android, &text);
            assert!(!places(&host, RemarkKind::Unread).is_empty(), "{reports}");
            assert_eq!(host.record.software.len(), items, "{reports}");
            assert_eq!(coverage(&host), [("android_apps", Unreadable)], "{reports}");
        }
        let hosts = hosts(
            Format::Android,
            &format!(r#"{{"devices": [{}, []]}}"#, device("")),
        );
        assert_eq!(places(&hosts[1], RemarkKind::Unread), ["devices[1]"]);
    }

    #[test]
    fn what_only_looks_alike_is_not_taken() {
        for text in [
            r#"{"name": "enterprises/e1"}"#,
            r#"{"name": "enterprises//devices/d"}"#,
            r#"{"name": "enterprises/e/devices/d/operations/o"}"#,
            r#"{"name": "x", "applicationReports": []}"#,
            r#"{"devices": [{"name": "d"}]}"#,
        ] {
            assert_eq!(told(text), "inventory-unknown", "{text}");
        }
    }
}
