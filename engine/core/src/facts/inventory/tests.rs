//! What holds for all formats.

use crate::facts::{CoverageState, HostFacts};

use super::*;

mod cost;

fn refused(bytes: &[u8], from: Option<Format>) -> Diagnostic {
    read("inventory", bytes, from).unwrap_err()
}

#[test]
fn what_cannot_be_told_is_an_error_and_no_empty_host() {
    for (bytes, code) in [
        (&b""[..], "inventory-empty"),
        (b"  \n", "inventory-empty"),
        (b"{}", "inventory-unknown"),
        (b"[]", "inventory-unknown"),
        (b"[1, 2]", "inventory-unknown"),
        (b"{\"a\": ", "inventory-unreadable"),
        (b"<a>", "inventory-unreadable"),
        (b"<!DOCTYPE html><p>Sign in<br>", "inventory-unknown"),
        (b"bplist00", "inventory-unreadable"),
        (b"\xFF\xFEx", "inventory-unreadable"),
    ] {
        let text = String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(refused(bytes, None).code, code, "{text}");
    }
    let status = b"Package: a\nStatus: install ok installed\n";
    assert_eq!(
        refused(status, Some(Format::Fleet)).code,
        "inventory-mismatch"
    );
    assert_eq!(
        refused(b"{\"host\": {}}", Some(Format::Dpkg)).code,
        "inventory-mismatch"
    );
}

#[test]
fn facts_are_a_format_of_their_own() {
    for text in [
        "{\"host_id\": \"h\", \"software\": [{\"name\": \"x\"}]}",
        "host_id: h\nsoftware: [{name: x}]\n",
        "{host_id: h, software: [{name: x}]}\n",
    ] {
        let inventory = read("facts", text.as_bytes(), None).unwrap();
        assert_eq!(inventory.format, Format::Facts);
        assert_eq!(inventory.hosts[0].record.host_id, "h");
    }
    assert_eq!(
        refused(b"host_id: h\nsoftwear: []\n", None).code,
        "facts-parse-error"
    );
    assert_eq!(refused(b"# Some words\n", None).code, "inventory-unknown");
    let misspelt = read("host.yaml", b"hostid: h\n", None).unwrap_err();
    assert_eq!(misspelt.code, "facts-parse-error");
}

#[test]
fn documents_may_stand_in_a_list_or_under_names_of_their_own() {
    let host = r#"{"host": {"uuid": "H", "platform": "darwin", "software": [{"name": "A.app", "source": "apps", "bundle_identifier": "org.example.a"}]}}"#;
    for text in [
        format!("[{host}, {host}]"),
        format!("{{\"first\": {host}, \"second\": {host}}}"),
    ] {
        let inventory = read("hosts", text.as_bytes(), None).unwrap();
        assert_eq!(inventory.hosts.len(), 2, "{text}");
    }
    let beside = format!("{{\"page\": {host}, \"other\": {{\"odd\": 1}}, \"count\": 2}}");
    let inventory = read("hosts", beside.as_bytes(), None).unwrap();
    assert_eq!(inventory.hosts.len(), 1);
    assert_eq!(inventory.hosts[0].remarks[0].place, "other");
    let mixed = format!("[{host}, {{\"odd\": 1}}]");
    let inventory = read("hosts", mixed.as_bytes(), None).unwrap();
    assert_eq!(inventory.hosts[1].remarks[0].kind, RemarkKind::Unread);
}

#[test]
fn values_beyond_the_limits_do_not_make_a_host_unjudgeable() {
    let long = "x".repeat(3_000);
    let text = format!(
        r#"{{"host": {{"uuid": "H", "platform": "windows", "software": [{{"name": "a\u0000b{long}", "version": "\u0000", "source": "programs", "vendor": "{long}", "signature_information": [{{"team_identifier": "short"}}]}}, 7]}}}}"#
    );
    let inventory = read("host", text.as_bytes(), None).unwrap();
    let host = inventory.hosts[0].clone();
    assert_eq!((host.records, host.record.software.len()), (2, 1));
    assert!(host.remarks.len() > 4);
    let facts = About::default().facts(host, "file").unwrap();
    assert_eq!(facts.record().software[0].name.len(), 1_024);
    let _: HostFacts = facts;
}

#[test]
fn sources_beyond_the_limits_do_not_make_a_host_unjudgeable() {
    let long = "x".repeat(100);
    let many: Vec<String> = (0..300)
        .map(|n| format!("s{n}"))
        .chain([long, "\\u0000".to_owned()])
        .map(|source| format!(r#"{{"name": "a", "source": "{source}"}}"#))
        .collect();
    for software in [many.join(", "), many[300..].join(", ")] {
        let text = format!(
            r#"{{"host": {{"uuid": "H", "platform": "windows", "software": [{software}]}}}}"#
        );
        let inventory = read("host", text.as_bytes(), None).unwrap();
        let facts = About::default()
            .facts(inventory.hosts[0].clone(), "file")
            .unwrap();
        let covered = &facts.record().coverage;
        assert!(
            covered
                .iter()
                .all(|entry| entry.state == CoverageState::Unreadable)
        );
        assert!(!covered.is_empty());
    }
}
