//! Answers, elements and receipts.

use crate::facts::inventory::adapters::testing::places;
use crate::facts::inventory::{Format, InventoriedHost, RemarkKind, read};
use crate::facts::{CoverageState, Software};

fn host_of(path: &str, text: &str) -> InventoriedHost {
    let inventory = read(path, text.as_bytes(), None).unwrap();
    assert_eq!(inventory.format, Format::Homebrew);
    assert_eq!(inventory.hosts.len(), 1);
    inventory.hosts[0].clone()
}

fn host(text: &str) -> InventoriedHost {
    host_of("brew.json", text)
}

fn items(host: &InventoriedHost) -> Vec<(&str, Option<&str>)> {
    let is_named = |item: &Software| item.package_id.as_deref() == Some(item.name.as_str());
    assert!(host.record.software.iter().all(is_named));
    host.record
        .software
        .iter()
        .map(|item| (item.name.as_str(), item.version.as_deref()))
        .collect()
}

const CASK: &str = r#"{"token": "example-app", "full_token": "example-app", "tap": "homebrew/cask", "name": ["Example App"], "version": "9.9", "installed": "1.2", "installed_time": 1700000000}"#;
const FORMULA: &str = r#"{"name": "tool", "full_name": "example/tap/tool", "tap": "example/tap", "versions": {"stable": "9.9"}, "installed": [{"version": "1.0", "time": 1700000000, "installed_on_request": true}, {"version": "1.1_2"}]}"#;

#[test]
fn what_is_installed_of_formulae_and_casks_is_an_item() {
    let idle = FORMULA.replace(r#""installed": [{"version": "1.0", "time": 1700000000, "installed_on_request": true}, {"version": "1.1_2"}]"#, r#""installed": []"#);
    let known = CASK.replace(r#""installed": "1.2""#, r#""installed": null"#);
    let host = host(&format!(
        r#"{{"formulae": [{FORMULA}, {idle}], "casks": [{CASK}, {known}]}}"#
    ));
    assert_eq!(
        items(&host),
        [
            ("tool", Some("1.0")),
            ("tool", Some("1.1_2")),
            ("example-app", Some("1.2"))
        ]
    );
    assert_eq!(host.records, 5);
    assert_eq!(
        places(&host, RemarkKind::Skipped),
        ["formulae[1]", "casks[1]"]
    );
    assert_eq!(host.remarks.len(), 2);
    let times: Vec<_> = host
        .record
        .software
        .iter()
        .map(|item| item.install_time)
        .collect();
    let at = Some("2023-11-14T22:13:20Z".parse().unwrap());
    assert_eq!(times, [at, None, at]);
    assert!(
        host.record
            .software
            .iter()
            .all(|item| item.source.as_deref() == Some("homebrew_packages"))
    );
    assert_eq!(host.record.coverage[0].state, CoverageState::Partial);
}

#[test]
fn elements_stand_alone_or_in_a_list_that_is_one_host() {
    assert_eq!(items(&host(CASK)), [("example-app", Some("1.2"))]);
    assert_eq!(items(&host(FORMULA)).len(), 2);
    let list = host(&format!("[{CASK}, {FORMULA}]"));
    assert_eq!(items(&list).len(), 3);
    let absent = host(&CASK.replace(r#""1.2""#, "null"));
    assert_eq!(
        (absent.records, places(&absent, RemarkKind::Skipped)),
        (1, vec![""])
    );
}

#[test]
fn elements_in_other_forms_are_unread() {
    let silent = CASK.replace("installed", "known");
    let odd = CASK.replace(r#""1.2""#, "[1]");
    let blank = CASK.replace(r#""1.2""#, r#"" ""#);
    let nameless = CASK.replace(r#""token": "example-app""#, r#""token": {}"#);
    let mute = FORMULA.replace("\"installed\"", "\"known\"");
    let host = host(&format!(
        r#"{{"formulae": [7, {mute}, {{"name": "a", "installed": {{}}}}, {{"name": "a", "installed": [7, {{"version": {{}}}}]}}], "casks": [{silent}, {odd}, {blank}, {nameless}]}}"#
    ));
    assert_eq!(
        places(&host, RemarkKind::Unread),
        [
            "formulae[0]",
            "formulae[1]",
            "formulae[2]",
            "formulae[3].installed[0]",
            "formulae[3].installed[1].version",
            "casks[0]",
            "casks[1].installed",
            "casks[1]",
            "casks[2]",
            "casks[3].token",
            "casks[3]",
        ]
    );
    assert_eq!((host.records, host.record.software.len()), (9, 1));
    assert_eq!(host.record.coverage[0].state, CoverageState::Unreadable);
}

const OF_FORMULA: &str = r#"{"homebrew_version": "4.0", "time": 1700000000, "source": {"tap": "homebrew/core", "versions": {"stable": "9.9"}}, "arch": "arm64"}"#;
const OF_CASK: &str = r#"{"homebrew_version": "4.0", "time": 1700000000, "source": {"tap": "homebrew/cask", "version": "1.2"}, "uninstall_artifacts": [{"zap": ["x"]}, {"app": [{"target": "Other.app"}, "Example App.app"]}]}"#;

#[test]
fn a_receipt_is_named_by_its_path() {
    for path in [
        "/opt/homebrew/Cellar/tool/1.0_1/INSTALL_RECEIPT.json",
        "Cellar/tool/1.0_1/INSTALL_RECEIPT.json",
        "Cellar/a/Cellar/tool/1.0_1/INSTALL_RECEIPT.json",
    ] {
        let formula = host_of(path, OF_FORMULA);
        assert_eq!(items(&formula), [("tool", Some("1.0_1"))], "{path}");
        assert_eq!(
            formula.record.software[0].install_time,
            Some("2023-11-14T22:13:20Z".parse().unwrap())
        );
        assert_eq!((formula.records, formula.remarks.len()), (1, 0));
        assert_eq!(formula.record.coverage[0].state, CoverageState::Partial);
    }
    for path in [
        "/opt/homebrew/Caskroom/example-app/.metadata/INSTALL_RECEIPT.json",
        "Caskroom/example-app/INSTALL_RECEIPT.json",
    ] {
        let cask = host_of(path, OF_CASK);
        assert_eq!(items(&cask), [("example-app", Some("1.2"))], "{path}");
        assert_eq!((cask.records, cask.remarks.len()), (1, 0));
    }
}

#[test]
fn a_receipt_without_its_path_is_named_by_an_application_or_lost() {
    for path in [
        "INSTALL_RECEIPT.json",
        "Cellar/tool/INSTALL_RECEIPT.json",
        "Cellar/../tool/1.0/INSTALL_RECEIPT.json",
        "/kept/tool/1.0/INSTALL_RECEIPT.json",
    ] {
        let formula = host_of(path, OF_FORMULA);
        assert_eq!((formula.records, formula.record.software.len()), (1, 0));
        assert_eq!(
            formula.record.coverage[0].state,
            CoverageState::Unreadable,
            "{path}"
        );
        assert!(formula.remarks[0].message.contains("`Cellar`"));
    }
    let cask = host_of("INSTALL_RECEIPT.json", OF_CASK);
    let item = &cask.record.software[0];
    assert_eq!(
        (item.name.as_str(), item.version.as_deref()),
        ("Example App.app", Some("1.2"))
    );
    assert_eq!(item.package_id, None);
    assert_eq!(cask.remarks[0].kind, RemarkKind::Changed);
    let bare = OF_CASK.replace("\"app\"", "\"pkg\"");
    let lost = host_of("Cellar/tool/1.0/INSTALL_RECEIPT.json", &bare);
    assert_eq!((lost.records, lost.record.software.len()), (1, 0));
    assert!(lost.remarks[0].message.contains("`Caskroom`"));
}

#[test]
fn other_documents_are_not_taken_for_homebrew() {
    for text in [
        r#"{"formulae": []}"#,
        r#"{"token": "t", "tap": "x"}"#,
        r#"{"name": "a", "full_name": "b/a", "tap": "b"}"#,
        r#"{"homebrew_version": "4.0"}"#,
    ] {
        assert!(read("other.json", text.as_bytes(), None).is_err(), "{text}");
    }
    let none = host(r#"{"formulae": [], "casks": []}"#);
    assert_eq!((none.records, none.remarks.len()), (0, 0));
}
