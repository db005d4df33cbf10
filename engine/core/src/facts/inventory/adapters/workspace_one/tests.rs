use crate::facts::CoverageState::{Complete, NotCollected, Partial, Unreadable};
use crate::facts::inventory::adapters::testing::{coverage, host, hosts, item, places, told};
use crate::facts::inventory::{Format, InventoriedHost, RemarkKind};
use crate::facts::{Attribute, OwnerKind};

fn workspace_one(text: &str) -> InventoriedHost {
    host(Format::WorkspaceOne, text)
}

fn device(platform: &str, ownership: &str, rest: &str) -> String {
    format!(
        r#"{{"Uuid": "uu-1", "Id": {{"Value": 12}}, "SerialNumber": "S", "Udid": "U", "Platform": "{platform}",
        "OperatingSystem": "11.6.1", "OSBuildVersion": "20G224", "Ownership": "{ownership}",
        "LocationGroupId": {{"Id": {{"Value": 570}}, "Name": "Example Location"}},
        "OrganizationGroupName": "Example Group", "LastSeen": "2024-05-06T07:08:09.000Z"{rest}}}"#
    )
}

#[test]
fn a_device_is_told_alone_in_a_page_and_in_a_list() {
    let device = device("AppleOsX", "CorporateDedicated", "");
    for text in [
        device.clone(),
        format!(r#"{{"Devices": [{device}], "Page": 0, "PageSize": 500, "Total": 1}}"#),
        format!("[{device}]"),
    ] {
        let host = workspace_one(&text);
        let record = &host.record;
        assert_eq!(record.host_id, "uu-1");
        let os = record.os.as_ref().unwrap();
        assert_eq!(os.family.as_deref(), Some("macos"));
        assert_eq!(os.version.as_deref(), Some("11.6.1"));
        assert_eq!(
            record.owner.as_ref().unwrap().kind,
            Some(OwnerKind::Business)
        );
        assert_eq!(record.groups, ["Example Location", "Example Group"]);
        assert_eq!(
            record.collect_time,
            Some("2024-05-06T07:08:09Z".parse().unwrap())
        );
        let stated = [
            ("os_build", "20G224"),
            ("ownership_level", "CorporateDedicated"),
        ];
        assert_eq!(
            record.attributes,
            Some(
                stated
                    .map(|(key, text)| (key.to_owned(), Attribute::Text(text.to_owned())))
                    .into()
            )
        );
        assert_eq!(coverage(&host), [("apps", NotCollected)]);
        assert_eq!((host.records, host.remarks.len()), (0, 0));
    }
}

#[test]
fn the_next_id_stands_in() {
    for (fields, id) in [
        (r#""Uuid": null, "Udid": "U", "SerialNumber": "S""#, "U"),
        (r#""Udid": "", "SerialNumber": "S""#, "S"),
        (r#""SerialNumber": "", "Id": {"Value": 12}"#, "12"),
    ] {
        let host = workspace_one(&format!(r#"{{"Platform": "Apple", {fields}}}"#));
        assert_eq!(host.record.host_id, id);
    }
}

#[test]
fn the_words_for_platforms_and_owners_are_known() {
    for (platform, family, source) in [
        ("Apple", "ios", "ios_apps"),
        ("AppleOsX", "macos", "apps"),
        ("Android", "android", "android_apps"),
        ("WinRT", "windows", "programs"),
        ("ChromeOS", "chromeos", "software"),
    ] {
        let host = workspace_one(&device(platform, "", ""));
        assert_eq!(
            host.record.os.as_ref().unwrap().family.as_deref(),
            Some(family)
        );
        assert_eq!(coverage(&host), [(source, NotCollected)]);
        assert!(host.record.owner.is_none());
    }
    for (word, kind) in [
        ("CorporateShared", Some(OwnerKind::Business)),
        ("EmployeeOwned", Some(OwnerKind::Personal)),
        ("Unassigned", None),
    ] {
        let host = workspace_one(&device("Apple", word, ""));
        assert_eq!(
            host.record.owner.and_then(|owner| owner.kind),
            kind,
            "{word}"
        );
    }
}

const APPS: &str = r#""app_items": [
    {"name": "Example Tool", "installed_version": "1.2", "installed_status": "Installed", "bundle_id": "org.example.tool"},
    {"name": "Nul\u0000l", "installed_version": "", "installed_status": "Installed"},
    {"name": "Gone", "installed_version": "1", "installed_status": "NotInstalled"}]"#;

#[test]
fn installed_apps_are_items_and_others_are_remarks() {
    let host = workspace_one(&format!(r#"{{{APPS}, "TotalResults": 3}}"#));
    assert_eq!((host.records, host.record.software.len()), (3, 2));
    assert_eq!(
        host.record.software,
        [
            item(["Example Tool", "1.2", "", "", "org.example.tool"]),
            item(["Null", "", "", "", ""]),
        ]
    );
    assert_eq!(places(&host, RemarkKind::Changed), ["app_items[1]"]);
    assert_eq!(places(&host, RemarkKind::Skipped), ["app_items[2]"]);
    assert_eq!(coverage(&host), [("software", Complete)]);
    assert!(host.record.host_id.is_empty() && host.record.os.is_none());
}

#[test]
fn a_page_or_a_list_of_a_persons_own_device_is_a_part() {
    let page = workspace_one(&format!(r#"{{{APPS}, "TotalResults": 4}}"#));
    assert_eq!(coverage(&page), [("software", Partial)]);
    for (ownership, state) in [("EmployeeOwned", Partial), ("CorporateDedicated", Complete)] {
        let text = device("Android", ownership, &format!(", {APPS}"));
        let host = workspace_one(&text);
        assert_eq!(coverage(&host), [("android_apps", state)]);
        assert_eq!(
            host.record.software[0].source.as_deref(),
            Some("android_apps")
        );
    }
    let none = workspace_one(r#"{"app_items": [], "TotalResults": 0}"#);
    assert_eq!(
        (coverage(&none), none.records),
        (vec![("software", Complete)], 0)
    );
}

#[test]
fn a_notification_names_a_host_and_no_software() {
    let host = workspace_one(
        r#"{"EventId": 178, "EventType": "Compliance Status Changed", "DeviceId": 10, "EventTime": "2024-05-06T07:08:09Z",
        "Udid": "U", "SerialNumber": "S", "Platform": "WinRT", "OperatingSystem": "10.0", "Ownership": "CorporateDedicated",
        "OrganizationGroupName": "Example Group", "ComplianceStatus": "Compliant", "DeviceUUID": "uu-2"}"#,
    );
    assert_eq!(host.record.host_id, "uu-2");
    assert_eq!(host.record.groups, ["Example Group"]);
    assert_eq!(
        host.record.owner.as_ref().unwrap().kind,
        Some(OwnerKind::Business)
    );
    assert!(host.record.collect_time.is_none());
    assert_eq!(coverage(&host), [("programs", NotCollected)]);
    assert_eq!((host.records, host.remarks.len()), (0, 1));
    assert_eq!(host.remarks[0].kind, RemarkKind::Skipped);
    assert!(host.remarks[0].message.contains("notification"));
}

#[test]
fn what_cannot_be_read_is_not_silence() {
    for (apps, place) in [
        (r#"["x"]"#, "app_items[0]"),
        (r#"[{"name": "x"}]"#, "app_items[0]"),
        (r#"[{"installed_status": "Installed"}]"#, "app_items[0]"),
        (
            r#"[{"name": "a", "installed_status": "InstalledByUser"}]"#,
            "app_items[0]",
        ),
        (
            r#"[{"name": [], "installed_status": "Installed", "bundle_id": "org.example.a"}]"#,
            "app_items[0].name",
        ),
        (r#"{"name": "x"}"#, "app_items"),
    ] {
        let host = workspace_one(&format!(r#"{{"app_items": {apps}, "TotalResults": 1}}"#));
        assert_eq!(places(&host, RemarkKind::Unread), [place], "{apps}");
        assert_eq!(coverage(&host), [("software", Unreadable)], "{apps}");
    }
    let text = format!(r#"{{"Devices": [{}, 4]}}"#, device("Apple", "", ""));
    let hosts = hosts(Format::WorkspaceOne, &text);
    assert_eq!(places(&hosts[1], RemarkKind::Unread), ["Devices[1]"]);
}

#[test]
fn what_only_looks_alike_is_not_taken() {
    for text in [
        r#"{"app_items": [{"name": "x"}]}"#,
        r#"{"Devices": []}"#,
        r#"{"EventType": "x"}"#,
        r#"{"SerialNumber": "S", "Platform": "Apple"}"#,
    ] {
        assert_eq!(told(text), "inventory-unknown", "{text}");
    }
}
