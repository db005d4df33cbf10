use crate::facts::CoverageState::{Complete, NotCollected, Partial, Unreadable};
use crate::facts::inventory::adapters::testing::{coverage, host, hosts, item, places, told};
use crate::facts::inventory::{Format, InventoriedHost, RemarkKind};
use crate::facts::{Attribute, OwnerKind};

fn intune(text: &str) -> InventoriedHost {
    host(Format::Intune, text)
}

const APP: &str = r#"{"id": "f00d", "displayName": "Example Tool", "version": "1.2", "publisher": "Example Ltd",
    "platform": "macOS", "sizeInByte": 10, "deviceCount": 3}"#;

fn device(fields: &str) -> String {
    format!(r#"{{"id": "intune-id", "managedDeviceOwnerType": "company", {fields}}}"#)
}

#[test]
fn a_device_is_told_with_its_system_owner_and_group() {
    let device = device(
        r#""azureADDeviceId": "directory-id", "serialNumber": "S", "deviceName": "Ada's Mac",
        "operatingSystem": "macOS", "osVersion": "14.5 (23F79)", "deviceEnrollmentType": "appleBulkWithUser",
        "isSupervised": true, "userPrincipalName": "ada@example.org", "jailBroken": "Unknown",
        "deviceCategoryDisplayName": "Example Category", "lastSyncDateTime": "2024-05-06T07:08:09.1234567-08:00""#,
    );
    for text in [
        device.clone(),
        format!(r#"{{"value": {device}}}"#),
        format!(r#"{{"value": [{device}]}}"#),
        format!("[{device}]"),
    ] {
        let host = intune(&text);
        let record = &host.record;
        assert_eq!(record.host_id, "directory-id");
        let os = record.os.as_ref().unwrap();
        assert_eq!(os.family.as_deref(), Some("macos"));
        assert_eq!(os.version.as_deref(), Some("14.5"));
        assert_eq!(
            record.owner.as_ref().unwrap().kind,
            Some(OwnerKind::Business)
        );
        assert_eq!(record.groups, ["Example Category"]);
        assert_eq!(
            record.collect_time,
            Some("2024-05-06T15:08:09.1234567Z".parse().unwrap())
        );
        let text = |text: &str| Attribute::Text(text.to_owned());
        let attributes = [
            ("enrollment_type", text("appleBulkWithUser")),
            ("os_build", text("23F79")),
            ("supervised", Attribute::Bool(true)),
            ("user_principal_name", text("ada@example.org")),
        ];
        assert_eq!(
            record.attributes,
            Some(
                attributes
                    .map(|(key, value)| (key.to_owned(), value))
                    .into()
            )
        );
        assert_eq!(coverage(&host), [("apps", NotCollected)]);
        assert_eq!((host.records, host.remarks.len()), (0, 0));
    }
}

#[test]
fn the_next_id_stands_in_for_one_that_no_directory_knows() {
    for (fields, id) in [
        (
            r#""azureADDeviceId": "00000000-0000-0000-0000-000000000000""#,
            "intune-id",
        ),
        (r#""azureADDeviceId": null"#, "intune-id"),
        (r#""serialNumber": "S""#, "intune-id"),
    ] {
        assert_eq!(intune(&device(fields)).record.host_id, id, "{fields}");
    }
    let host = intune(r#"{"managedDeviceOwnerType": "unknown", "id": "", "serialNumber": "S"}"#);
    assert_eq!(host.record.host_id, "S");
    assert!(host.record.owner.is_none());
}

#[test]
fn only_of_a_company_device_the_list_is_whole() {
    for (owner, kind, state) in [
        (r#""company""#, Some(OwnerKind::Business), Complete),
        (r#""personal""#, Some(OwnerKind::Personal), Partial),
        (r#""unknown""#, None, Partial),
        ("null", None, Partial),
    ] {
        let host = intune(&format!(
            r#"{{"id": "D", "managedDeviceOwnerType": {owner}, "operatingSystem": "macOS", "detectedApps": [{APP}]}}"#
        ));
        assert_eq!(
            host.record.owner.as_ref().and_then(|owner| owner.kind),
            kind
        );
        assert_eq!(
            host.record.software,
            [item(["Example Tool", "1.2", "Example Ltd", "apps", ""])]
        );
        assert_eq!(coverage(&host), [("apps", state)], "{owner}");
    }
    let goes_on = intune(&device(&format!(
        r#""detectedApps": [{APP}], "detectedApps@odata.nextLink": "https://graph.example.org/2""#
    )));
    assert_eq!(coverage(&goes_on)[0], ("apps", Partial));
}

#[test]
fn the_platform_tells_the_source() {
    for (platform, source) in [
        (r#""windows""#, Some("programs")),
        (r#""macOS""#, Some("apps")),
        (r#""ios""#, Some("ios_apps")),
        (r#""androidWorkProfile""#, Some("android_apps")),
        (r#""chromeOS""#, None),
        (r#""unknown""#, None),
        ("null", None),
    ] {
        let host = intune(&device(&format!(
            r#""detectedApps": [{{"displayName": "A", "publisher": "", "platform": {platform}, "sizeInByte": 0}}]"#
        )));
        assert_eq!(
            host.record.software,
            [item(["A", "", "", source.unwrap_or_default(), ""])],
            "{platform}"
        );
    }
    assert_eq!(
        intune(&device(r#""operatingSystem": "AndroidEnterprise""#))
            .record
            .os
            .unwrap()
            .family
            .as_deref(),
        Some("android")
    );
}

#[test]
fn apps_without_a_device_are_a_part() {
    for text in [
        format!(r#"{{"value": [{APP}, {APP}]}}"#),
        format!("[{APP}, {APP}]"),
        r##"{"value": [{"@odata.type": "#microsoft.graph.detectedApp", "displayName": "A"}, {"displayName": "B"}]}"##
            .to_owned(),
    ] {
        let host = intune(&text);
        assert_eq!((host.records, host.record.software.len()), (2, 2));
        assert!(host.record.host_id.is_empty());
        assert_eq!(host.record.coverage.last().unwrap().state, Partial);
        assert_eq!(places(&host, RemarkKind::Changed).len(), 1);
    }
}

#[test]
fn what_cannot_be_read_is_not_silence() {
    for (apps, records) in [
        (r#"["A"]"#, 1),
        (r#"[{"version": "1", "sizeInByte": 1}]"#, 1),
        (r#"[{"displayName": {"a": 1}}]"#, 1),
        (r#"{"displayName": "A"}"#, 0),
    ] {
        let host = intune(&device(&format!(
            r#""operatingSystem": "Windows", "detectedApps": {apps}"#
        )));
        assert!(!places(&host, RemarkKind::Unread).is_empty(), "{apps}");
        assert_eq!(host.records, records, "{apps}");
        assert_eq!(coverage(&host), [("programs", Unreadable)], "{apps}");
    }
    let hosts = hosts(
        Format::Intune,
        &format!(r#"{{"value": [{}, 7]}}"#, device(r#""serialNumber": "S""#)),
    );
    assert_eq!(places(&hosts[1], RemarkKind::Unread), ["value[1]"]);
    assert_eq!(coverage(&hosts[1]), [("document", Unreadable)]);
}

#[test]
fn rows_are_grouped_by_their_device() {
    let row = |device: &str, name: &str| {
        format!(
            r#"{{"ApplicationKey": "k", "ApplicationId": "i", "ApplicationName": "{name}", "ApplicationPublisher": "Example Ltd",
                "ApplicationVersion": "1", "Platform": "Windows", "DeviceId": {device}}}"#
        )
    };
    let rows = [
        row("\"a\"", "X"),
        row("\"b\"", "Y"),
        row("\"a\"", "Z"),
        row("null", "lost"),
        "4".to_owned(),
    ]
    .join(", ");
    for text in [
        format!("[{rows}]"),
        format!(r#"{{"value": [{rows}]}}"#),
        format!(r#"{{"values": [{rows}]}}"#),
    ] {
        let hosts = hosts(Format::Intune, &text);
        let ids: Vec<_> = hosts
            .iter()
            .map(|host| host.record.host_id.as_str())
            .collect();
        assert_eq!(ids, ["a", "b", ""]);
        assert_eq!(
            hosts[0].record.software,
            ["X", "Z"].map(|name| item([name, "1", "Example Ltd", "programs", ""]))
        );
        assert_eq!(coverage(&hosts[0])[0], ("programs", Partial));
        assert_eq!((hosts[2].records, hosts[2].record.software.len()), (2, 0));
        assert_eq!(places(&hosts[2], RemarkKind::Unread).len(), 2);
    }
}

#[test]
fn rows_come_as_comma_separated_values_too() {
    let hosts = hosts(
        Format::Intune,
        "\u{feff}\"ApplicationName\",\"DeviceId\",\"ApplicationPublisher\",\"ApplicationVersion\",\"Platform\"\r\n\
         \"Example, Tool\",a,,1,Windows\r\n\
         Other,b,Example Ltd,,AndroidWorkProfile\r\n\
         Broken,a\r\n",
    );
    assert_eq!(hosts[0].record.host_id, "a");
    assert_eq!(
        hosts[0].record.software,
        [item(["Example, Tool", "1", "", "programs", ""])]
    );
    assert_eq!(
        hosts[1].record.software,
        [item(["Other", "", "Example Ltd", "android_apps", ""])]
    );
    assert_eq!(places(&hosts[2], RemarkKind::Unread), ["line 4"]);
    assert_eq!(told("ApplicationName,DeviceId\n"), "inventory-empty");
}

#[test]
fn rows_that_count_devices_are_of_none() {
    let host = intune(r#"[{"ApplicationName": "A", "DeviceCount": 3, "Platform": "Windows"}]"#);
    assert_eq!((host.records, host.record.software.len()), (1, 0));
    assert_eq!(places(&host, RemarkKind::Skipped), ["[0]"]);
    assert_eq!(coverage(&host), [("software", NotCollected)]);
}

#[test]
fn what_only_looks_alike_is_not_taken() {
    for text in [
        r#"{"value": [{"displayName": "A"}]}"#,
        r#"{"value": "x"}"#,
        r#"{"detectedApps": []}"#,
        r#"[{"ApplicationName": "A"}]"#,
        r#"{"DeviceId": 1, "EventType": "x"}"#,
    ] {
        assert_eq!(told(text), "inventory-unknown", "{text}");
    }
}
