use crate::facts::CoverageState::{Complete, NotCollected, Partial, Unreadable};
use crate::facts::inventory::adapters::testing::{coverage, host, hosts, item, places, told};
use crate::facts::inventory::{Format, InventoriedHost, RemarkKind};
use crate::facts::{OwnerKind, Sha256, Software};

fn fleet(text: &str) -> InventoriedHost {
    host(Format::Fleet, text)
}

/// A host of one entry.
fn with(platform: &str, entry: &str) -> InventoriedHost {
    fleet(&format!(
        r#"{{"host": {{"uuid": "H", "platform": "{platform}", "software": [{entry}]}}}}"#
    ))
}

const HASH: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

#[test]
fn a_host_is_told_with_its_system_owner_and_groups() {
    let host = fleet(
        r#"{"host": {"uuid": "11-22", "hardware_serial": "S", "id": 7, "platform": "ubuntu",
            "os_version": "Ubuntu 22.04", "cpu_type": "x86_64", "software_updated_at": null,
            "detail_updated_at": "2024-05-06T07:08:09Z", "seen_time": "2025-01-01T00:00:00Z",
            "mdm": {"enrollment_status": "On (company-owned)"},
            "labels": [{"name": "Example Label"}], "team_name": "Example Team",
            "software": []}}"#,
    );
    let record = &host.record;
    assert_eq!(record.host_id, "11-22");
    let os = record.os.as_ref().unwrap();
    assert_eq!(os.family.as_deref(), Some("linux"));
    assert_eq!(os.version.as_deref(), Some("Ubuntu 22.04"));
    assert_eq!(os.architecture.as_deref(), Some("x86_64"));
    assert_eq!(
        record.owner.as_ref().unwrap().kind,
        Some(OwnerKind::Business)
    );
    assert_eq!(record.groups, ["Example Label", "Example Team"]);
    assert_eq!(
        record.collect_time,
        Some("2024-05-06T07:08:09Z".parse().unwrap())
    );
    assert_eq!(coverage(&host), [("software", Complete)]);
    assert!(host.remarks.is_empty());
}

#[test]
fn the_next_id_stands_in_and_no_owner_is_guessed() {
    for (fields, id) in [
        (
            r#""uuid": " ", "hardware_serial": "S", "id": 7, "mdm": {"enrollment_status": null}"#,
            "S",
        ),
        (
            r#""hardware_serial": "", "id": 7, "mdm": {"enrollment_status": "On (manual)"}"#,
            "7",
        ),
    ] {
        let host = fleet(&format!(r#"{{"host": {{{fields}, "software": []}}}}"#));
        assert_eq!(host.record.host_id, id);
        assert!(host.record.owner.is_none() && host.record.os.is_none());
    }
}

#[test]
fn without_a_list_of_software_nothing_was_collected() {
    for (platform, source) in [
        ("darwin", "apps"),
        ("windows", "programs"),
        ("ios", "ios_apps"),
        ("ipados", "ios_apps"),
        ("android", "android_apps"),
        ("rhel", "software"),
    ] {
        for software in ["", r#", "software": null"#] {
            let host = fleet(&format!(
                r#"{{"host": {{"hardware_serial": "S", "platform": "{platform}"{software}}}}}"#
            ));
            assert_eq!(coverage(&host), [(source, NotCollected)]);
            assert_eq!(host.records, 0);
        }
    }
}

#[test]
fn of_a_persons_phone_the_list_is_a_part() {
    let host = fleet(
        r#"{"host": {"uuid": "H", "platform": "ios", "mdm": {"enrollment_status": "On (personal)"},
            "software": [{"name": "Example", "source": "ios_apps", "bundle_identifier": "org.example.a"}]}}"#,
    );
    assert_eq!(host.record.owner.unwrap().kind, Some(OwnerKind::Personal));
    assert_eq!(host.record.coverage[0].state, Partial);
    assert_eq!(host.record.coverage.len(), 1);
}

#[test]
fn an_entry_fills_the_fields_that_it_states() {
    let host = with(
        "darwin",
        &format!(
            r#"{{"name": "Example Tool.app", "version": "1.2", "source": "apps", "vendor": "Example Ltd",
                "bundle_identifier": "org.example.tool", "extension_id": "", "extension_for": "",
                "upgrade_code": "{{00000000-0000-0000-0000-000000000000}}", "generated_cpe": "cpe:2.3:a:example:tool:1.2:*:*:*:*:*:*:*",
                "installed_paths": ["/Applications/Example Tool.app"], "last_opened_at": "",
                "signature_information": [{{"installed_path": "/Applications/Example Tool.app",
                    "team_identifier": "ABCDE12345", "hash_sha256": "{}", "executable_sha256": "{HASH}"}}]}}"#,
            HASH.replace('f', "e")
        ),
    );
    assert_eq!(
        host.record.software,
        [Software {
            team_id: Some("ABCDE12345".to_owned()),
            sha256: Sha256::from_hex(HASH),
            cpe: Some("cpe:2.3:a:example:tool:1.2:*:*:*:*:*:*:*".to_owned()),
            path: Some("/Applications/Example Tool.app".to_owned()),
            ..item([
                "Example Tool.app",
                "1.2",
                "Example Ltd",
                "apps",
                "org.example.tool"
            ])
        }]
    );
    assert_eq!(coverage(&host), [("apps", Complete)]);
    assert!(host.remarks.is_empty(), "{:?}", host.remarks);
}

#[test]
fn packages_extensions_and_android_apps_have_ids_of_their_own() {
    let rpm = with(
        "rhel",
        r#"{"name": "example", "version": "1.2", "release": "3.el9", "source": "rpm_packages", "bundle_identifier": ""}"#,
    );
    assert_eq!(
        rpm.record.software,
        [Software {
            package_id: Some("example".to_owned()),
            ..item(["example", "1.2-3.el9", "", "rpm_packages", ""])
        }]
    );
    assert_eq!(
        coverage(&rpm),
        [("rpm_packages", Complete), ("software", Complete)]
    );
    let extension = with(
        "windows",
        r#"{"name": "Example", "version": "1", "release": "x", "source": "chrome_extensions", "extension_id": "abcdefgh"}"#,
    );
    let extension = &extension.record.software[0];
    assert_eq!(extension.extension_id.as_deref(), Some("abcdefgh"));
    assert_eq!(extension.version.as_deref(), Some("1"));
    assert!(extension.package_id.is_none());
    let android = with(
        "android",
        r#"{"name": "Example", "source": "android_apps", "bundle_identifier": "", "application_id": "org.example.app"}"#,
    );
    assert_eq!(
        android.record.software[0].bundle_id.as_deref(),
        Some("org.example.app")
    );
}

#[test]
fn several_paths_are_one_item_unless_their_signatures_differ() {
    let same = with(
        "darwin",
        r#"{"name": "A.app", "source": "apps", "installed_paths": ["/a", "/b"], "signature_information": [
            {"installed_path": "/b", "team_identifier": "ABCDE12345"}]}"#,
    );
    assert_eq!((same.records, same.record.software.len()), (1, 1));
    assert_eq!(same.record.software[0].path.as_deref(), Some("/b"));
    assert_eq!(places(&same, RemarkKind::Changed), ["host.software[0]"]);
    let unsigned = with(
        "darwin",
        r#"{"name": "A.app", "source": "apps", "installed_paths": ["/a", "/b"], "signature_information": []}"#,
    );
    assert_eq!(unsigned.record.software[0].path.as_deref(), Some("/a"));
    assert_eq!(unsigned.remarks.len(), 1);
    let other = with(
        "darwin",
        r#"{"name": "A.app", "source": "apps", "installed_paths": ["/a", "/b"], "signature_information": [
            {"installed_path": "/a", "team_identifier": "ABCDE12345"},
            {"installed_path": "/b", "team_identifier": ""}]}"#,
    );
    assert_eq!((other.records, other.record.software.len()), (1, 2));
    let signed: Vec<_> = other
        .record
        .software
        .iter()
        .map(|item| (item.path.as_deref(), item.team_id.as_deref()))
        .collect();
    assert_eq!(
        signed,
        [(Some("/a"), Some("ABCDE12345")), (Some("/b"), None)]
    );
    assert!(other.remarks.is_empty());
}

#[test]
fn a_hash_that_is_none_is_remarked() {
    let host = with(
        "darwin",
        r#"{"name": "A.app", "source": "apps", "signature_information": [{"executable_sha256": "def456"}]}"#,
    );
    assert!(host.record.software[0].sha256.is_none());
    assert_eq!(
        places(&host, RemarkKind::Changed),
        ["host.software[0].signature_information[0].executable_sha256"]
    );
}

#[test]
fn what_cannot_be_read_is_not_silence() {
    for (entry, place) in [
        ("7", "host.software[0]"),
        (r#"{"version": "1", "source": "apps"}"#, "host.software[0]"),
        (
            r#"{"name": ["x"], "bundle_identifier": "org.example.a"}"#,
            "host.software[0].name",
        ),
        (
            r#"{"name": "x", "installed_paths": "y"}"#,
            "host.software[0].installed_paths",
        ),
        (
            r#"{"name": "x", "signature_information": [1]}"#,
            "host.software[0].signature_information[0]",
        ),
    ] {
        let host = with("darwin", entry);
        assert_eq!(places(&host, RemarkKind::Unread), [place], "{entry}");
        assert_eq!(host.records, 1);
        assert_eq!(coverage(&host)[0], ("apps", Unreadable), "{entry}");
    }
    let host = fleet(r#"{"host": {"uuid": "H", "platform": "darwin", "software": {}}}"#);
    assert_eq!(coverage(&host), [("apps", Unreadable)]);
}

#[test]
fn titles_are_their_installed_versions() {
    let page = |rest: &str| {
        fleet(&format!(
            r#"{{"software": [
                {{"name": "Gone", "source": "", "status": "pending_uninstall", "installed_versions": []}},
                {{"name": "Never", "source": "apps", "installed_versions": null}},
                {{"name": "example", "source": "deb_packages", "installed_versions": [
                    {{"version": "1"}}, {{"version": "2", "installed_paths": ["/p"]}}]}},
                "odd"]{rest}}}"#
        ))
    };
    let host = page("");
    assert_eq!(host.records, 5);
    assert_eq!(
        places(&host, RemarkKind::Skipped),
        ["software[0]", "software[1]"]
    );
    assert_eq!(places(&host, RemarkKind::Unread), ["software[3]"]);
    let package = |version| Software {
        package_id: Some("example".to_owned()),
        ..item(["example", version, "", "deb_packages", ""])
    };
    let second = Software {
        path: Some("/p".to_owned()),
        ..package("2")
    };
    assert_eq!(host.record.software, [package("1"), second]);
}

#[test]
fn a_title_that_does_not_say_what_is_installed_is_unread() {
    let host = fleet(
        r#"{"software": [{"name": "A", "installed_versions": []}, {"name": "B", "installed": []}]}"#,
    );
    assert_eq!(places(&host, RemarkKind::Skipped), ["software[0]"]);
    assert_eq!(places(&host, RemarkKind::Unread), ["software[1]"]);
}

#[test]
fn platforms_are_read_in_any_case() {
    for (platform, family) in [
        ("Windows", "windows"),
        ("DARWIN", "macos"),
        ("Ubuntu", "linux"),
    ] {
        let host = fleet(&format!(
            r#"{{"host": {{"uuid": "H", "platform": "{platform}", "software": []}}}}"#
        ));
        assert_eq!(host.record.os.unwrap().family.as_deref(), Some(family));
    }
}

#[test]
fn a_page_that_is_not_the_only_one_is_a_part() {
    let page = |rest: &str| {
        let host = fleet(&format!(
            r#"{{"software": [{{"name": "A", "source": "apps", "installed_versions": [{{"version": "1"}}]}}]{rest}}}"#
        ));
        host.record.coverage[0].state
    };
    assert_eq!(page(""), Complete);
    assert_eq!(
        page(r#", "count": 1, "meta": {"has_next_results": false, "has_previous_results": false}"#),
        Complete
    );
    assert_eq!(page(r#", "count": 2"#), Partial);
    assert_eq!(page(r#", "meta": {"has_next_results": true}"#), Partial);
    assert_eq!(page(r#", "meta": {"has_previous_results": true}"#), Partial);
}

#[test]
fn entries_by_themselves_are_a_part() {
    let entry = r#"{"name": "A.app", "version": "1", "source": "apps", "bundle_identifier": "org.example.a"}"#;
    for (text, records) in [(entry.to_owned(), 1), (format!("[{entry}, {entry}, 3]"), 3)] {
        let host = fleet(&text);
        assert_eq!(host.records, records);
        assert_eq!(
            host.record.software[0],
            item(["A.app", "1", "", "apps", "org.example.a"])
        );
        let state = if records == 1 { Partial } else { Unreadable };
        assert_eq!(coverage(&host), [("apps", state)]);
    }
}

#[test]
fn hosts_of_a_list_are_told_one_by_one() {
    let body = |id: &str| {
        format!(
            r#"{{"uuid": "{id}", "hardware_serial": "S", "osquery_version": "5", "platform": "windows"}}"#
        )
    };
    let hosts = hosts(
        Format::Fleet,
        &format!(r#"{{"hosts": [{}, {}, null]}}"#, body("a"), body("b")),
    );
    let ids: Vec<_> = hosts
        .iter()
        .map(|host| host.record.host_id.as_str())
        .collect();
    assert_eq!(ids, ["a", "b", ""]);
    assert_eq!(coverage(&hosts[1]), [("programs", NotCollected)]);
    assert_eq!(places(&hosts[2], RemarkKind::Unread), ["hosts[2]"]);
}

#[test]
fn what_only_looks_alike_is_not_taken() {
    for text in [
        r#"{"host": {"name": "h"}}"#,
        r#"{"host": "h", "software": [{"name": "x"}]}"#,
        r#"{"software": [{"name": "x", "version": "1"}]}"#,
        r#"{"name": "x", "version": "1", "source": "apps"}"#,
    ] {
        assert_eq!(told(text), "inventory-unknown", "{text}");
    }
    // Documentation samples are not JSON.
    let sample = r#"{"host": {"uuid": "H", "software": [], // none
        }}"#;
    assert_eq!(told(sample), "inventory-unreadable");
}
