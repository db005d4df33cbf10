//! Lines and manifests.

use crate::facts::CoverageState;
use crate::facts::inventory::adapters::testing::places;
use crate::facts::inventory::{Format, InventoriedHost, RemarkKind, read};

fn host(text: &str, from: Option<Format>) -> InventoriedHost {
    let inventory = read("packages", text.as_bytes(), from).unwrap();
    assert_eq!(inventory.format, Format::Rpm);
    assert_eq!(inventory.hosts.len(), 1);
    inventory.hosts[0].clone()
}

fn versions(host: &InventoriedHost) -> Vec<(&str, Option<&str>)> {
    assert!(host.record.software.iter().all(|item| {
        item.package_id.as_deref() == Some(&item.name)
            && item.source.as_deref() == Some("rpm_packages")
    }));
    host.record
        .software
        .iter()
        .map(|item| (item.name.as_str(), item.version.as_deref()))
        .collect()
}

#[test]
fn lines_are_taken_apart_from_their_end() {
    let host = host(
        "gpg-pubkey-0a1b2c3d-4e5f6071\r\nexample-tool-2-libs-1.0~rc1-3.el9_2.x86_64\r\n\r\nlib-0:2^git1-4.noarch\ntool-1:2-3.i686\ngpg-pubkey-aa-bb.(none)\n",
        None,
    );
    assert_eq!(
        versions(&host),
        [
            ("example-tool-2-libs", Some("1.0~rc1-3.el9_2")),
            ("lib", Some("2^git1-4")),
            ("tool", Some("1:2-3")),
        ]
    );
    assert_eq!(host.records, 5);
    assert_eq!(places(&host, RemarkKind::Skipped), ["line 1", "line 6"]);
    assert_eq!(host.record.coverage[0].state, CoverageState::Complete);
    assert!(host.record.host_id.is_empty() && host.record.os.is_none());
}

#[test]
fn a_line_that_cannot_be_taken_apart_is_unread() {
    for line in [
        "package tool is not installed",
        "tool-1.0-2",
        "tool-1.0-2.el9",
        "tool-1.0.noarch",
        "-1.0-2.noarch",
        "tool--2.noarch",
        "tool-1.0-.noarch",
        "t\u{fffd}l-1.0-2.noarch",
        "gpg-pubkey-extra-1-2",
    ] {
        let host = host(&format!("example-1-1.noarch\n{line}\n"), None);
        assert_eq!(places(&host, RemarkKind::Unread), ["line 2"], "{line}");
        assert_eq!((host.records, host.record.software.len()), (2, 1));
        assert_eq!(host.record.coverage[0].state, CoverageState::Unreadable);
    }
    let lookalike = host("gpg-pubkey-tool-1-2.noarch\n", None);
    assert_eq!(versions(&lookalike), [("gpg-pubkey-tool", Some("1-2"))]);
}

#[test]
fn other_text_is_not_taken_for_packages() {
    for text in [
        "host_id: a-1-2.noarch\n",
        "# tool-1-2.noarch\nhost_id: h\n",
        "---\nhost_id: h\n",
        "Package: a\nStatus: install ok installed\n",
        "report-2024-01.txt\n",
        "gpg-pubkey-0a-0b\n",
    ] {
        let format = read("text", text.as_bytes(), None).map(|inventory| inventory.format);
        assert_ne!(format.ok(), Some(Format::Rpm), "{text}");
    }
    let key = host("gpg-pubkey-0a-0b\n", Some(Format::Rpm));
    assert_eq!((key.records, key.remarks.len()), (1, 1));
}

#[test]
fn a_manifest_has_epochs_in_the_names_of_source_packages() {
    let text = r#"{"object_type": "containerImageRPMManifest", "rpms": [
        {"name": "plain", "version": "1.0", "release": "2.el9", "architecture": "noarch", "srpm_nevra": "plain-0:1.0-2.el9.src"},
        {"name": "later", "version": "1.0", "release": "2.el9_1", "srpm_nevra": "later-3:1.0-2.el9.src"},
        {"name": "part", "version": "7.5", "release": "2", "srpm_nevra": "whole-4:1.0-2.src"},
        {"name": "none", "version": "1.0", "release": "2", "srpm_nevra": "none-1.0-2.src"},
        {"name": "own", "version": "1:9.5", "release": "2", "srpm_nevra": "other-18-2.src"},
        {"nvra": "short-name-1-2.x86_64"},
        {"name": "bare"},
        {"name": "gpg-pubkey", "version": "0a", "release": "0b"}]}"#;
    let host = host(text, None);
    assert_eq!(
        versions(&host),
        [
            ("plain", Some("1.0-2.el9")),
            ("later", Some("3:1.0-2.el9_1")),
            ("part", Some("7.5-2")),
            ("none", Some("1.0-2")),
            ("own", Some("1:9.5-2")),
            ("short-name", Some("1-2")),
            ("bare", None),
        ]
    );
    assert_eq!(host.records, 8);
    assert_eq!(places(&host, RemarkKind::Changed), ["rpms[2]"]);
    assert_eq!(places(&host, RemarkKind::Skipped), ["rpms[7]"]);
    assert_eq!(host.record.coverage[0].state, CoverageState::Complete);
}

#[test]
fn what_a_manifest_has_in_other_forms_is_unread() {
    let text = r#"{"rpms": [7, {"version": "1", "release": "2"}, {"name": ["a"], "nvra": "x"}, {"name": "a", "version": {}, "release": "1"}]}"#;
    let host = host(text, None);
    assert_eq!(
        places(&host, RemarkKind::Unread),
        [
            "rpms[0]",
            "rpms[1]",
            "rpms[2].name",
            "rpms[2]",
            "rpms[3].version"
        ]
    );
    assert_eq!((host.records, host.record.software.len()), (4, 1));
}

#[test]
fn a_manifest_without_a_list_is_no_empty_host() {
    let typed = host(r#"{"object_type": "containerImageRPMManifest"}"#, None);
    assert_eq!(typed.record.coverage[0].state, CoverageState::NotCollected);
    let odd = host(
        r#"{"object_type": "containerImageRPMManifest", "rpms": {}}"#,
        None,
    );
    assert_eq!(odd.record.coverage[0].state, CoverageState::Unreadable);
    for text in [r#"{"rpms": []}"#, r#"{"rpms": [{"file": "a"}]}"#] {
        assert!(read("other", text.as_bytes(), None).is_err(), "{text}");
    }
}
