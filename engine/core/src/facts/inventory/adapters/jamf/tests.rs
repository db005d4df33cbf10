use std::collections::BTreeMap;

use crate::facts::CoverageState::{Complete, NotCollected, Partial, Unreadable};
use crate::facts::inventory::adapters::testing::{coverage, host, hosts, item, places, told};
use crate::facts::inventory::{Format, InventoriedHost, RemarkKind};
use crate::facts::{Attribute, OwnerKind, Software};

fn jamf(text: &str) -> InventoriedHost {
    host(Format::Jamf, text)
}

/// The system of a host, with its attributes.
fn system(host: &InventoriedHost) -> (&str, &str, &BTreeMap<String, Attribute>) {
    let os = host.record.os.as_ref().unwrap();
    (
        os.family.as_deref().unwrap(),
        os.version.as_deref().unwrap(),
        host.record.attributes.as_ref().unwrap(),
    )
}

fn attributes<const N: usize>(pairs: [(&str, Attribute); N]) -> BTreeMap<String, Attribute> {
    pairs.map(|(key, value)| (key.to_owned(), value)).into()
}

fn text(text: &str) -> Attribute {
    Attribute::Text(text.to_owned())
}

#[test]
fn a_classic_computer_is_told_with_its_applications() {
    let host = jamf(
        r#"{"computer": {
            "general": {"udid": "U-1", "serial_number": "S", "platform": "Mac", "supervised": false,
                "report_date": "2024-05-06 07:08:09", "report_date_utc": "2024-05-06T07:08:09.571+0000",
                "remote_management": {"managed": true}, "site": {"id": -1, "name": "None"}},
            "hardware": {"os_name": "Mac OS X", "os_version": "12.0.1", "os_build": "21A559",
                "processor_architecture": "x86_64"},
            "groups_accounts": {"computer_group_memberships": ["Example Group"]},
            "software": {"licensed_software": ["Other"], "plugins": [{"name": "Plug"}], "applications": [
                {"name": "Example Tool.app", "version": "1.2", "bundle_id": "org.example.tool", "path": "/Applications/Example Tool.app"},
                {"name": "Bare.app", "version": "", "bundle_id": ""}]}}}"#,
    );
    assert_eq!(host.record.host_id, "U-1");
    let stated = attributes([
        ("managed", Attribute::Bool(true)),
        ("os_build", text("21A559")),
        ("supervised", Attribute::Bool(false)),
    ]);
    assert_eq!(system(&host), ("macos", "12.0.1", &stated));
    assert_eq!(
        host.record.os.as_ref().unwrap().architecture.as_deref(),
        Some("x86_64")
    );
    assert_eq!(host.record.groups, ["Example Group"]);
    assert_eq!(
        host.record.collect_time,
        Some("2024-05-06T07:08:09.571Z".parse().unwrap())
    );
    let tool = Software {
        path: Some("/Applications/Example Tool.app".to_owned()),
        ..item(["Example Tool.app", "1.2", "", "apps", "org.example.tool"])
    };
    assert_eq!(
        host.record.software,
        [tool, item(["Bare.app", "", "", "apps", ""])]
    );
    assert_eq!(coverage(&host), [("apps", Complete)]);
    assert!(host.remarks.is_empty() && host.record.owner.is_none());
}

#[test]
fn a_classic_mobile_device_is_told_with_its_applications() {
    let device = |level: &str| {
        format!(
            r#"{{"mobile_device": {{
            "general": {{"udid": "", "serial_number": "S", "os_type": "iOS", "os_version": "15.5", "os_build": "19F77",
                "device_ownership_level": "{level}", "managed": true, "supervised": false, "shared": "No",
                "last_inventory_update_utc": "2024-05-06T07:08:09+0000", "site": {{"id": 3, "name": "Example Site"}}}},
            "mobile_device_groups": [{{"id": 1, "name": "Example Group"}}],
            "applications": [
                {{"application_name": "Example", "application_version": "1004.1", "application_short_version": "10.0",
                    "application_status": "Managed", "identifier": "org.example.app"}},
                {{"application_name": "Same", "application_version": "2", "application_short_version": "2"}},
                {{"application_name": "Long", "application_version": "3", "application_status": "Unmanaged"}},
                {{"identifier": "org.example.nameless"}}]}}}}"#
        )
    };
    let host = jamf(&device("Institutional"));
    assert_eq!(host.record.host_id, "S");
    let stated = attributes([
        ("managed", Attribute::Bool(true)),
        ("os_build", text("19F77")),
        ("ownership_level", text("Institutional")),
        ("shared", text("No")),
        ("supervised", Attribute::Bool(false)),
    ]);
    assert_eq!(system(&host), ("ios", "15.5", &stated));
    assert_eq!(host.record.groups, ["Example Site", "Example Group"]);
    assert!(host.record.owner.is_none());
    assert!(host.record.collect_time.is_some());
    assert_eq!(
        host.record.software,
        [
            item(["Example", "10.0", "", "ios_apps", "org.example.app"]),
            item(["Same", "2", "", "ios_apps", ""]),
            item(["Long", "3", "", "ios_apps", ""]),
            item([
                "org.example.nameless",
                "",
                "",
                "ios_apps",
                "org.example.nameless"
            ]),
        ]
    );
    assert_eq!(
        places(&host, RemarkKind::Changed),
        [
            "mobile_device.applications[0]",
            "mobile_device.applications[3]"
        ]
    );
    assert_eq!(coverage(&host), [("ios_apps", Complete)]);

    let own = jamf(&device("Personal"));
    assert_eq!(
        own.record.owner.as_ref().unwrap().kind,
        Some(OwnerKind::Personal)
    );
    assert_eq!(coverage(&own), [("ios_apps", Partial)]);
}

/// A computer of the Pro API with these fields beside its sections.
fn pro(rest: &str) -> String {
    format!(
        r#"{{"id": "7", "udid": "U-2",
        "general": {{"name": "Ada's Mac", "platform": "Mac", "reportDate": "2024-05-06T07:08:09Z",
            "managementId": "M", "supervised": true, "userApprovedMdm": true,
            "enrolledViaAutomatedDeviceEnrollment": false, "remoteManagement": {{"managed": true}},
            "site": {{"id": "5", "name": "Example Site"}}}},
        "hardware": {{"serialNumber": "S"}},
        "operatingSystem": {{"name": "macOS", "version": "14.5", "build": "23F79"}},
        "groupMemberships": [{{"groupId": 1, "groupName": "Example Group"}}]{rest}}}"#
    )
}

const APPLICATIONS: &str = r#", "applications": [{"name": "Example Tool.app", "version": "1.2",
    "bundleId": "org.example.tool", "path": "/Applications/Example Tool.app", "externalVersionId": "9"}]"#;

#[test]
fn a_pro_computer_is_told_alone_in_a_page_and_in_a_list() {
    let computer = pro(APPLICATIONS);
    for document in [
        computer.clone(),
        format!(r#"{{"results": [{computer}], "totalCount": 1}}"#),
        format!("[{computer}]"),
        format!(r#"{{"PAGE": {{"results": [{computer}]}}, "OTHER": 1}}"#),
    ] {
        let host = jamf(&document);
        assert_eq!(host.record.host_id, "U-2");
        let stated = attributes([
            ("automated_enrollment", Attribute::Bool(false)),
            ("managed", Attribute::Bool(true)),
            ("os_build", text("23F79")),
            ("supervised", Attribute::Bool(true)),
            ("user_approved_mdm", Attribute::Bool(true)),
        ]);
        assert_eq!(system(&host), ("macos", "14.5", &stated));
        assert_eq!(host.record.groups, ["Example Site", "Example Group"]);
        assert!(host.record.collect_time.is_some());
        assert_eq!(
            host.record.software,
            [Software {
                path: Some("/Applications/Example Tool.app".to_owned()),
                ..item(["Example Tool.app", "1.2", "", "apps", "org.example.tool"])
            }]
        );
        assert_eq!(coverage(&host), [("apps", Complete)]);
        assert!(host.remarks.is_empty());
    }
}

#[test]
fn a_section_that_was_not_asked_for_is_not_empty() {
    for document in [
        pro(""),
        pro(r#", "applications": null"#),
        r#"{"computer": {"general": {"udid": "U"}}}"#.to_owned(),
        r#"{"computer": {"general": {"udid": "U"}, "software": {"plugins": []}}}"#.to_owned(),
        r#"{"udid": "U", "general": null, "hardware": null, "applications": null}"#.to_owned(),
    ] {
        let host = jamf(&document);
        assert_eq!(coverage(&host), [("apps", NotCollected)], "{document}");
        assert_eq!(host.records, 0);
    }
    assert_eq!(
        coverage(&jamf(&pro(r#", "applications": []"#))),
        [("apps", Complete)]
    );
}

#[test]
fn the_next_id_of_a_pro_computer_stands_in() {
    for (fields, id) in [
        (
            r#""id": 7, "general": {"managementId": "M"}, "hardware": {"serialNumber": "S"}"#,
            "S",
        ),
        (
            r#""id": 7, "general": {"managementId": "M"}, "hardware": {}"#,
            "M",
        ),
        (r#""id": 7, "general": {}, "hardware": {}"#, "7"),
    ] {
        let host = jamf(&format!(r#"{{"udid": null, {fields}}}"#));
        assert_eq!(host.record.host_id, id);
    }
}

#[test]
fn a_pro_mobile_device_is_told_with_its_applications() {
    let device = |general: &str, rest: &str| {
        format!(
            r#"{{"results": [{{"mobileDeviceId": 9001, "deviceType": "iPad",
            "general": {{"displayName": "Ada's iPad", "managed": true, "supervised": true, "osVersion": "17.3",
                "osBuild": "21D50", "lastInventoryUpdateDate": "2024-05-06T07:08:09Z"{general}}},
            "hardware": {{"serialNumber": "S"}}, "userAndLocation": {{"emailAddress": "ada@example.org"}},
            "groups": [{{"groupName": "Example Group"}}]{rest}}}], "totalCount": 1}}"#
        )
    };
    let bare = jamf(&device("", ""));
    assert_eq!(bare.record.host_id, "S");
    let stated = attributes([
        ("managed", Attribute::Bool(true)),
        ("os_build", text("21D50")),
        ("supervised", Attribute::Bool(true)),
    ]);
    assert_eq!(system(&bare), ("ipados", "17.3", &stated));
    assert_eq!(bare.record.groups, ["Example Group"]);
    assert!(bare.record.collect_time.is_some());
    assert_eq!(coverage(&bare), [("ios_apps", NotCollected)]);

    let applications = r#", "applications": [{"name": "Example", "identifier": "org.example.app", "version": "100", "shortVersion": "1.0"}]"#;
    let own = jamf(&device(
        r#", "deviceOwnershipType": "Personal", "udid": "U-3""#,
        applications,
    ));
    assert_eq!(own.record.host_id, "U-3");
    assert_eq!(
        own.record.software,
        [item(["Example", "1.0", "", "ios_apps", "org.example.app"])]
    );
    assert_eq!(coverage(&own), [("ios_apps", Partial)]);
    assert_eq!(
        coverage(&jamf(&device("", applications))),
        [("ios_apps", Complete)]
    );
}

#[test]
fn a_webhook_names_a_host_and_no_software() {
    for (event, fields, id, source) in [
        (
            "ComputerInventoryCompleted",
            r#"{"udid": "U", "serialNumber": "S", "osVersion": "14.5", "osBuild": "23F79"}"#,
            "U",
            "apps",
        ),
        (
            "ComputerPolicyFinished",
            r#"{"computer": {"serialNumber": "S"}, "successful": true}"#,
            "S",
            "apps",
        ),
        ("MobileDeviceCheckIn", r#"{"udid": "U"}"#, "U", "ios_apps"),
        (
            "JSSShutdown",
            r#"{"hostAddress": "192.0.2.1"}"#,
            "",
            "software",
        ),
    ] {
        let host = jamf(&format!(
            r#"{{"webhook": {{"webhookEvent": "{event}", "eventTimestamp": 1700000000000}}, "event": {fields}}}"#
        ));
        assert_eq!(host.record.host_id, id);
        assert_eq!(coverage(&host), [(source, NotCollected)]);
        assert_eq!(places(&host, RemarkKind::Skipped), [""]);
        assert!(host.remarks[0].message.contains("notification"));
        assert!(host.record.collect_time.is_none());
        let version = host.record.os.and_then(|os| os.version);
        assert_eq!(version.is_some(), event == "ComputerInventoryCompleted");
    }
}

#[test]
fn what_cannot_be_read_is_not_silence() {
    for (document, place) in [
        (pro(r#", "applications": ["x"]"#), "applications[0]"),
        (pro(r#", "applications": {"size": 1}"#), "applications"),
        (
            pro(r#", "applications": [{"version": "1"}]"#),
            "applications[0]",
        ),
        (
            pro(r#", "applications": [{"name": "x", "bundleId": []}]"#),
            "applications[0].bundleId",
        ),
        (
            r#"{"computer": {"general": {}, "software": {"applications": [null]}}}"#.to_owned(),
            "computer.software.applications[0]",
        ),
        (
            r#"{"mobile_device": {"general": {}, "applications": [[]]}}"#.to_owned(),
            "mobile_device.applications[0]",
        ),
    ] {
        let host = jamf(&document);
        assert_eq!(places(&host, RemarkKind::Unread), [place], "{document}");
        assert_eq!(coverage(&host)[0].1, Unreadable, "{document}");
        assert_eq!(host.records, usize::from(place != "applications"));
    }
    let odd = jamf(r#"{"computer": {"general": {}, "software": 3}}"#);
    assert_eq!(
        coverage(&odd),
        [("apps", NotCollected), ("document", Unreadable)]
    );
    let page = format!(r#"{{"results": [{}, "x"]}}"#, pro(""));
    let hosts = hosts(Format::Jamf, &page);
    assert_eq!(places(&hosts[1], RemarkKind::Unread), ["results[1]"]);
}

#[test]
fn what_only_looks_alike_is_not_taken() {
    for document in [
        r#"{"computer": "c"}"#,
        r#"{"computer": {"name": "c"}}"#,
        r#"{"results": [{"general": {}}]}"#,
        r#"{"general": {}, "hardware": {}}"#,
        r#"{"event": {"udid": "U"}, "webhook": {}}"#,
        r#"{"results": []}"#,
    ] {
        assert_eq!(told(document), "inventory-unknown", "{document}");
    }
}

#[test]
fn xml_tells_what_json_tells() {
    for (json, xml) in [
        (
            include_str!("../../../../../tests/it/inventories/jamf.computer.json"),
            include_str!("../../../../../tests/it/inventories/jamf.computer.xml"),
        ),
        (
            include_str!("../../../../../tests/it/inventories/jamf.mobile.json"),
            include_str!("../../../../../tests/it/inventories/jamf.mobile.xml"),
        ),
    ] {
        let (json, xml) = (jamf(json), jamf(xml));
        assert_eq!(json.record, xml.record);
        assert_eq!((xml.records, json.remarks), (1, xml.remarks));
    }
    let computer = |software: &str| {
        jamf(&format!(
            "<computer><general><udid>U</udid></general>{software}</computer>"
        ))
    };
    for (software, state) in [
        ("", NotCollected),
        ("<software/>", NotCollected),
        ("<software><applications/></software>", NotCollected),
        (
            "<software><applications><size>0</size></applications></software>",
            Complete,
        ),
        (
            "<software><applications><size>2</size><application><name>A</name></application></applications></software>",
            Unreadable,
        ),
        (
            "<software><applications>A</applications></software>",
            Unreadable,
        ),
    ] {
        assert_eq!(
            coverage(&computer(software)),
            [("apps", state)],
            "{software}"
        );
    }
}
