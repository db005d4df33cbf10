use super::*;
use crate::facts::inventory::adapters::testing::{coverage, kinds};
use crate::facts::inventory::{InventoriedHost, RemarkKind, read};

fn host(text: &str) -> InventoriedHost {
    let inventory = read("answer", text.as_bytes(), None).unwrap();
    assert_eq!(inventory.format, Format::AppleMdm, "{text}");
    assert_eq!(inventory.hosts.len(), 1, "{text}");
    inventory.hosts.into_iter().next().unwrap()
}

fn plist(inner: &str) -> InventoriedHost {
    host(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>{inner}</dict></plist>"
    ))
}

fn pair(key: &str, value: &str) -> String {
    format!("<key>{key}</key><string>{value}</string>")
}

fn answer(id: (&str, &str), inner: &str) -> InventoriedHost {
    let head = pair("Status", "Acknowledged") + &pair(id.0, id.1);
    plist(&format!("{head}{inner}"))
}

const PHONE: (&str, &str) = ("UDID", "00008030-0011223344556677");
const MAC: (&str, &str) = ("UDID", "01234567-89AB-CDEF-0123-456789ABCDEF");
const OF_USER: (&str, &str) = ("EnrollmentID", "01234567-89AB-CDEF-0123-456789ABCDEF");

fn apps(entries: &[&str]) -> String {
    let entries: String = entries
        .iter()
        .map(|entry| format!("<dict>{entry}</dict>"))
        .collect();
    format!("<key>InstalledApplicationList</key><array>{entries}</array>")
}

#[test]
fn installed_apps_are_items() {
    let whole = pair("Name", "Example Tool")
        + &pair("Identifier", "org.example.tool")
        + &pair("Version", "77")
        + &pair("ShortVersion", "1.2")
        + "<key>Installing</key><false/>";
    let clip = pair("Name", "Example Clip");
    let nameless = pair("Identifier", "org.example.nameless") + &pair("Version", "3");
    let coming = pair("Name", "Coming") + "<key>Installing</key><true/>";
    let host = answer(PHONE, &apps(&[&whole, &clip, &nameless, &coming, ""]));
    assert_eq!(host.record.host_id, PHONE.1);
    assert_eq!((host.records, host.record.software.len()), (5, 3));
    let item = |name: &str| Software {
        name: name.to_owned(),
        source: Some("ios_apps".to_owned()),
        ..Software::default()
    };
    assert_eq!(
        host.record.software,
        [
            Software {
                version: Some("1.2".to_owned()),
                bundle_id: Some("org.example.tool".to_owned()),
                ..item("Example Tool")
            },
            item("Example Clip"),
            Software {
                version: Some("3".to_owned()),
                bundle_id: Some("org.example.nameless".to_owned()),
                ..item("org.example.nameless")
            },
        ]
    );
    assert_eq!(
        kinds(&host),
        [
            (RemarkKind::Changed, "InstalledApplicationList[2]"),
            (RemarkKind::Skipped, "InstalledApplicationList[3]"),
            (RemarkKind::Unread, "InstalledApplicationList[4]"),
        ]
    );
    assert_eq!(coverage(&host), [("ios_apps", CoverageState::Unreadable)]);
}

#[test]
fn how_far_a_list_goes() {
    let app = apps(&[&pair("Name", "Example Tool")]);
    assert_eq!(
        coverage(&answer(PHONE, &app)),
        [("ios_apps", CoverageState::Complete)]
    );
    let mac = answer(MAC, &app);
    assert_eq!(coverage(&mac), [("apps", CoverageState::Complete)]);
    assert_eq!(mac.record.software[0].source.as_deref(), Some("apps"));
    let of_user = answer(OF_USER, &app);
    assert_eq!(of_user.record.host_id, OF_USER.1);
    assert_eq!(
        coverage(&of_user),
        [("ios_apps", CoverageState::NotPermitted)]
    );
    assert_eq!(of_user.record.owner, None);
    let managed = |apps: &str| format!("<key>ManagedApplicationList</key><dict>{apps}</dict>");
    let app = "<key>org.example.a</key><dict><key>Status</key><string>Managed</string></dict>";
    for (apps, state) in [
        (app, CoverageState::Partial),
        // A part that lists nothing tells of nothing.
        ("", CoverageState::NotCollected),
    ] {
        assert_eq!(
            coverage(&answer(PHONE, &managed(apps))),
            [("ios_apps", state)]
        );
    }
    assert_eq!(
        coverage(&answer(OF_USER, &managed(""))),
        [("ios_apps", CoverageState::NotPermitted)]
    );
}

#[test]
fn managed_apps_are_items_if_their_status_says_that_they_are_installed() {
    let app = |status: &str| {
        format!(
            "<key>org.example.{status}</key><dict>{}</dict>",
            pair("Status", status)
        )
    };
    let list = [
        "Managed",
        "UserInstalledApp",
        "ManagedButUninstalled",
        "Prompting",
        "Odd",
    ]
    .map(app)
    .concat()
        + "<key>org.example.none</key><dict/><key>org.example.text</key><string>x</string>";
    let host = answer(
        MAC,
        &format!("<key>ManagedApplicationList</key><dict>{list}</dict>"),
    );
    assert_eq!((host.records, host.record.software.len()), (7, 2));
    assert_eq!(
        host.record.software[0],
        Software {
            name: "org.example.Managed".to_owned(),
            bundle_id: Some("org.example.Managed".to_owned()),
            source: Some("apps".to_owned()),
            ..Software::default()
        }
    );
    let count = |kind| {
        host.remarks
            .iter()
            .filter(|remark| remark.kind == kind)
            .count()
    };
    assert_eq!(
        (count(RemarkKind::Skipped), count(RemarkKind::Unread)),
        (2, 3)
    );
    assert_eq!(coverage(&host), [("apps", CoverageState::Unreadable)]);
}

#[test]
fn who_a_device_is_comes_without_its_apps() {
    let device = |model: &str, marketed: &str| {
        let fields = pair("UDID", "U")
            + &pair("SerialNumber", "S")
            + &pair("OSVersion", "17.5")
            + &pair("BuildVersion", "21F90")
            + &pair("ProductName", model)
            + &pair("ModelName", marketed)
            + &pair("DeviceName", "D")
            + &pair("HostName", "h.example.org")
            + "<key>IsSupervised</key><true/>";
        answer(
            MAC,
            &format!("<key>QueryResponses</key><dict>{fields}</dict>"),
        )
    };
    for (model, marketed, family, factor, source) in [
        ("iPhone14,2", "iPhone", "ios", Some("mobile"), "ios_apps"),
        ("iPad13,1", "iPad", "ipados", Some("mobile"), "ios_apps"),
        ("Mac14,2", "MacBook Air", "macos", Some("laptop"), "apps"),
        ("Macmini9,1", "Mac mini", "macos", Some("desktop"), "apps"),
        (
            "VirtualMac2,1",
            "Virtual Machine",
            "macos",
            Some("virtual"),
            "apps",
        ),
        ("AppleTV11,1", "Apple TV", "tvos", None, "ios_apps"),
    ] {
        let host = device(model, marketed);
        assert_eq!(host.record.host_id, "U");
        let system = host.record.os.clone().unwrap();
        assert_eq!(system.family.as_deref(), Some(family), "{model}");
        assert_eq!(system.version.as_deref(), Some("17.5"));
        assert_eq!(host.record.form_factor.as_deref(), factor, "{model}");
        assert_eq!(coverage(&host), [(source, CoverageState::NotCollected)]);
        assert_eq!(host.remarks, []);
        let attributes = host.record.attributes.unwrap();
        let text = |text: &str| Some(Attribute::Text(text.to_owned()));
        assert_eq!(attributes.get("device_name").cloned(), text("D"));
        assert_eq!(attributes.get("host_name").cloned(), text("h.example.org"));
        assert_eq!(attributes.get("os_build").cloned(), text("21F90"));
        assert_eq!(attributes.get("model").cloned(), text(marketed));
        assert_eq!(attributes.get("supervised"), Some(&Attribute::Bool(true)));
    }
    let unknown = device("", "");
    assert_eq!(unknown.record.os.unwrap().family, None);
}

#[test]
fn messages_without_software_are_no_empty_inventories() {
    let id = pair(PHONE.0, PHONE.1);
    for message in [
        pair("Status", "Error") + &id,
        pair("Status", "NotNow") + &id + &apps(&[]),
        pair("Status", "Idle") + &id,
        pair("Status", "Acknowledged") + &id + "<key>ProfileList</key><array/>",
        pair("MessageType", "TokenUpdate") + &pair("Topic", "org.example") + &id,
    ] {
        let host = plist(&message);
        assert_eq!(host.record.host_id, PHONE.1, "{message}");
        assert_eq!(kinds(&host), [(RemarkKind::Skipped, "")], "{message}");
        assert_eq!(coverage(&host), [("ios_apps", CoverageState::NotCollected)]);
    }
}

fn report(family: &str, items: &str, errors: &str) -> InventoriedHost {
    host(&format!(
        r#"{{"StatusItems": {{"device": {{"identifier": {{"udid": "U", "serial-number": "S"}}, "operating-system": {{"family": "{family}", "version": "17.5", "build-version": "21F90"}}, "model": {{"identifier": "Mac14,2", "marketing-name": "MacBook Air"}}}}{items}}}, "Errors": [{errors}]}}"#
    ))
}

#[test]
fn a_status_report_lists_what_declarations_manage() {
    let states = ["managed", "queued", "strange"]
        .map(|state| format!(r#"{{"identifier": "org.example.{state}", "name": "Tool", "version": "77", "short-version": "1.2", "state": "{state}"}}"#))
        .join(",");
    let host = report(
        "iOS",
        &format!(
            r#", "app": {{"managed": {{"list": [{states}, {{"identifier": "org.example.gone", "_removed": true}}, 7]}}}}"#
        ),
        "",
    );
    assert_eq!(host.record.host_id, "U");
    assert_eq!((host.records, host.record.software.len()), (5, 1));
    assert_eq!(
        host.record.software[0],
        Software {
            name: "Tool".to_owned(),
            version: Some("1.2".to_owned()),
            bundle_id: Some("org.example.managed".to_owned()),
            source: Some("ios_apps".to_owned()),
            ..Software::default()
        }
    );
    let place = |index: u8| format!("StatusItems.app.managed.list[{index}]");
    assert_eq!(
        kinds(&host),
        [
            (RemarkKind::Skipped, &*place(1)),
            (RemarkKind::Unread, &place(2)),
            (RemarkKind::Skipped, &place(3)),
            (RemarkKind::Unread, &place(4)),
        ]
    );
    let packages = report(
        "macOS",
        r#", "package": {"list": [{"identifier": "org.example.pkg", "version": "2", "state": "installed"}]}"#,
        "",
    );
    let package = &packages.record.software[0];
    assert_eq!(package.package_id.as_deref(), Some("org.example.pkg"));
    assert_eq!(
        (package.bundle_id.as_deref(), package.version.as_deref()),
        (None, Some("2"))
    );
    assert_eq!(
        coverage(&packages),
        [
            ("package_receipts", CoverageState::Partial),
            ("apps", CoverageState::NotCollected),
        ]
    );
}

#[test]
fn a_status_report_without_apps_is_no_empty_inventory() {
    let host = report("macOS", "", "");
    let system = host.record.os.clone().unwrap();
    assert_eq!(system.family.as_deref(), Some("macos"));
    assert_eq!(system.version.as_deref(), Some("17.5"));
    assert_eq!(host.record.form_factor.as_deref(), Some("laptop"));
    assert_eq!(coverage(&host), [("apps", CoverageState::NotCollected)]);
    assert_eq!(kinds(&host), [(RemarkKind::Skipped, "")]);
    let failed = report(
        "macOS",
        "",
        r#"{"StatusItem": "app.managed.list", "Reasons": []}"#,
    );
    assert_eq!(kinds(&failed)[0], (RemarkKind::Unread, "Errors[0]"));
}

#[test]
fn what_is_of_the_wrong_type_is_unread() {
    for inner in [
        "<key>InstalledApplicationList</key><string>x</string>",
        "<key>InstalledApplicationList</key><array><string>x</string></array>",
        "<key>ManagedApplicationList</key><array/>",
        "<key>QueryResponses</key><string>x</string>",
    ] {
        let host = answer(PHONE, inner);
        assert!(
            host.remarks
                .iter()
                .any(|remark| remark.kind == RemarkKind::Unread),
            "{inner}"
        );
        assert!(
            coverage(&host)
                .iter()
                .any(|(_, state)| *state == CoverageState::Unreadable),
            "{inner}"
        );
    }
    let host = report("iOS", r#", "app": {"managed": {"list": {}}}"#, "");
    assert_eq!(coverage(&host), [("ios_apps", CoverageState::Unreadable)]);
}

#[test]
fn documents_of_others_are_not_taken() {
    for text in [
        r#"{"CFBundleIdentifier": "org.example.tool", "CFBundleName": "Tool"}"#,
        r#"{"Status": "installed", "UDID": "U"}"#,
        r#"{"EventType": "x", "Udid": "U", "SerialNumber": "S"}"#,
        r#"{"computer": {"general": {"udid": "U"}}}"#,
        r#"{"UDID": "U", "MessageType": "x"}"#,
    ] {
        let node = Node::from_json("a", text).unwrap();
        assert!(!(ADAPTER.recognises)(&node), "{text}");
    }
}

#[test]
fn a_list_that_is_null_is_not_collected() {
    for key in ["InstalledApplicationList", "ManagedApplicationList"] {
        let text = format!(r#"{{"UDID": "U", "Status": "Acknowledged", "{key}": null}}"#);
        let inventory = read("answer.json", text.as_bytes(), None).unwrap();
        let covered = &inventory.hosts[0].record.coverage;
        assert!(
            covered
                .iter()
                .all(|entry| entry.state == CoverageState::NotCollected),
            "{key}"
        );
    }
}
