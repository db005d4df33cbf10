//! The tables of `SECURITY.md`: each threat is held by something, and shown by tests that there are.

use std::collections::BTreeMap;
use std::fs;

use super::root;

/// How STRIDE parts threats, by the words in brackets at the end of each heading.
const PARTS: [&str; 6] = [
    "spoofing",
    "tampering",
    "repudiation",
    "information disclosure",
    "denial of service",
    "elevation of privilege",
];

/// The rows of each part: threat, what holds it, tests.
fn rows() -> BTreeMap<&'static str, Vec<Vec<String>>> {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let mut rows = BTreeMap::new();
    for part in PARTS {
        let (_, behind) = text
            .split_once(&format!("({part})\n"))
            .unwrap_or_else(|| panic!("no part about {part}"));
        let table = behind.split("\n#").next().unwrap();
        let cells = |line: &str| -> Vec<String> {
            let inner = line.trim_matches('|');
            inner
                .split(" | ")
                .map(|cell| cell.trim().to_owned())
                .collect()
        };
        let lines = table.lines().filter(|line| line.starts_with("| "));
        rows.insert(part, lines.skip(1).map(cells).collect());
    }
    rows
}

/// The tests in a cell such as ``[`name`](path), [`name`](path)``.
fn tests(cell: &str) -> Vec<(String, String)> {
    let links = cell.split("), ");
    links
        .map(|link| {
            let link = link.trim_start_matches('[').trim_end_matches(')');
            let (name, path) = link
                .split_once("](")
                .unwrap_or_else(|| panic!("no link to a test: {link}"));
            (name.trim_matches('`').to_owned(), path.to_owned())
        })
        .collect()
}

/// Whether a file has a test of this name.
fn has(path: &str, name: &str) -> bool {
    let Ok(text) = fs::read_to_string(root().join(path)) else {
        return false;
    };
    let Some((before, _)) = text.split_once(&format!("fn {name}(")) else {
        return false;
    };
    // Its attributes stand between it and what is before.
    let attributes = before.rsplit("\n\n").next().unwrap_or_default();
    attributes.contains("#[test]") || attributes.contains("#[tokio::test")
}

#[test]
fn every_threat_is_held_by_something_and_shown_by_tests_that_there_are() {
    let mut missing = Vec::new();
    let mut shown = 0;
    for (part, rows) in rows() {
        assert!(rows.len() >= 3, "{part}: {} threats", rows.len());
        for row in rows {
            let [threat, holds, tests_of] = row.as_slice() else {
                panic!("{part}: {row:?}");
            };
            assert!(!threat.is_empty() && !holds.is_empty(), "{part}: {row:?}");
            for (name, path) in tests(tests_of) {
                shown += 1;
                if !has(&path, &name) {
                    missing.push(format!("{path}: {name}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "tests that there are not: {missing:#?}");
    assert!(shown >= 50, "{shown}");
}

#[test]
fn a_test_that_there_is_not_would_show() {
    let here = "xtask/tests/architecture/threats.rs";
    assert!(has(here, "a_test_that_there_is_not_would_show"));
    // A function that is no test, a name that nobody has, and a file that is not there.
    assert!(!has(here, "rows"));
    assert!(!has(here, "nobody_has_this_name"));
    assert!(!has("xtask/tests/nowhere.rs", "rows"));
    assert_eq!(
        tests("[`a`](b.rs), [`c`](d.rs)"),
        [
            ("a".to_owned(), "b.rs".to_owned()),
            ("c".to_owned(), "d.rs".to_owned())
        ]
    );
}
