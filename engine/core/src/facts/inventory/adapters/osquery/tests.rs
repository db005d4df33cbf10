use super::*;
use crate::facts::OwnerKind;
use crate::facts::inventory::adapters::testing::{coverage, kinds};
use crate::facts::inventory::{InventoriedHost, Inventory, RemarkKind, read};
use crate::instant::Instant;

fn hosts(text: &str) -> Vec<InventoriedHost> {
    let inventory = told(text);
    assert_eq!(inventory.format, Format::Osquery, "{text}");
    inventory.hosts
}

fn told(text: &str) -> Inventory {
    read("results", text.as_bytes(), None).unwrap()
}

fn host(text: &str) -> InventoriedHost {
    let mut hosts = hosts(text);
    assert_eq!(hosts.len(), 1, "{text}");
    hosts.remove(0)
}

pub(super) fn snapshot(name: &str, rows: &str) -> InventoriedHost {
    host(&format!(
        r#"{{"action": "snapshot", "name": "{name}", "hostIdentifier": "H", "unixTime": "1700000000", "snapshot": [{rows}]}}"#
    ))
}

#[test]
fn a_snapshot_is_complete_and_names_its_host() {
    let host = snapshot("pack_inventory_programs", r#"{"name": "Example Tool"}"#);
    assert_eq!(host.record.host_id, "H");
    assert_eq!(
        host.record.collect_time,
        Instant::from_unix(1_700_000_000, 0).ok()
    );
    assert_eq!(coverage(&host), [("programs", CoverageState::Complete)]);
    assert_eq!(
        host.record.owner.map(|owner| owner.kind),
        None::<Option<OwnerKind>>
    );
    let none = snapshot("programs", "");
    assert_eq!(none.records, 0);
    assert_eq!(coverage(&none), [("programs", CoverageState::Complete)]);
}

#[test]
fn the_table_is_told_by_the_query_or_the_columns() {
    for (query, table) in [
        ("programs", Some("programs")),
        ("pack/windows/Programs", Some("programs")),
        ("pack_it_deb_packages_all", Some("deb_packages")),
        ("running_apps", Some("running_apps")),
        ("apps_by_programs", Some("programs")),
        ("mishaps", None),
        ("id1", None),
    ] {
        assert_eq!(tables::of_query(query), table, "{query}");
    }
    for (row, source) in [
        (
            r#"{"name": "a", "identifying_number": "x"}"#,
            Some("programs"),
        ),
        (
            r#"{"name": "a", "bundle_identifier": "x", "bundle_short_version": "1"}"#,
            Some("apps"),
        ),
        (
            r#"{"name": "a", "maintainer": "x", "status": "install ok installed", "source": "apps"}"#,
            Some("deb_packages"),
        ),
        (
            r#"{"name": "a", "version": "1", "source": "python_packages"}"#,
            Some("python_packages"),
        ),
        (
            r#"{"name": "a", "version": "1", "source": "elsewhere"}"#,
            None,
        ),
    ] {
        let host = snapshot("everything", row);
        assert_eq!(host.record.software[0].source.as_deref(), source, "{row}");
        // Which rows were asked for is not known.
        let expected = match source {
            Some(source) => (source, CoverageState::Partial),
            None => ("software", CoverageState::NotCollected),
        };
        assert_eq!(coverage(&host), [expected], "{row}");
    }
    let running = snapshot(
        "running_apps",
        r#"{"bundle_identifier": "org.example.tool", "pid": "1"}"#,
    );
    assert_eq!(running.record.software[0].name, "org.example.tool");
    assert_eq!(coverage(&running)[0], ("apps", CoverageState::Partial));
}

#[test]
fn packages_that_are_not_installed_are_no_items() {
    let rows = [
        "install ok installed",
        "deinstall ok config-files",
        "install ok half-installed",
    ]
    .map(|status| format!(r#"{{"name": "tool", "status": "{status}"}}"#))
    .join(",");
    let host = snapshot("deb_packages", &rows);
    assert_eq!((host.records, host.record.software.len()), (3, 1));
    assert_eq!(
        kinds(&host),
        [
            (RemarkKind::Skipped, "snapshot[1]"),
            (RemarkKind::Unread, "snapshot[2]")
        ]
    );
    assert_eq!(
        coverage(&host),
        [("deb_packages", CoverageState::Unreadable)]
    );
}

#[test]
fn what_changed_is_a_part_and_what_was_removed_is_gone() {
    let added = r#"{"action": "added", "name": "programs", "hostIdentifier": "H", "counter": "0", "columns": {"name": "Example Tool"}}"#;
    let host1 = host(added);
    assert_eq!(host1.record.software[0].name, "Example Tool");
    assert_eq!(coverage(&host1), [("programs", CoverageState::Partial)]);
    let host2 = host(&added.replace("added", "removed"));
    assert_eq!((host2.records, host2.record.software.len()), (1, 0));
    assert_eq!(kinds(&host2), [(RemarkKind::Skipped, "columns")]);
    let batch = host(
        r#"{"diffResults": {"added": [{"name": "a"}, {"name": "b"}], "removed": ""}, "name": "apps", "hostname": "H"}"#,
    );
    assert_eq!((batch.records, batch.record.software.len()), (2, 2));
    assert_eq!(coverage(&batch), [("apps", CoverageState::Partial)]);
    let batch =
        host(r#"{"diffResults": {"removed": [{"name": "b"}]}, "name": "apps", "hostname": "H"}"#);
    assert_eq!(
        kinds(&batch),
        [(RemarkKind::Skipped, "diffResults.removed[0]")]
    );
    // One row of a snapshot, logged by itself.
    let row = host(&added.replace("added", "snapshot"));
    assert_eq!(coverage(&row), [("programs", CoverageState::Partial)]);
}

#[test]
fn a_host_answers_distributed_queries() {
    let host = host(
        r#"{"node_key": "N", "queries": {"apps": [{"name": "a"}], "programs": "", "os_version": [{"name": "macOS", "platform": "darwin", "version": "14.5", "arch": "arm64"}], "id1": [{"column": "x"}], "chrome_extensions": []}, "statuses": {"apps": 0, "programs": 1, "os_version": "0", "id1": 0, "chrome_extensions": 0}}"#,
    );
    assert_eq!(host.record.host_id, "N");
    let system = host.record.os.clone().unwrap();
    assert_eq!(system.family.as_deref(), Some("macos"));
    assert_eq!(
        (system.version.as_deref(), system.architecture.as_deref()),
        (Some("14.5"), Some("arm64"))
    );
    assert_eq!((host.records, host.record.software.len()), (3, 1));
    assert!(kinds(&host).contains(&(RemarkKind::Skipped, "statuses.programs")));
    assert_eq!(
        coverage(&host),
        [
            ("apps", CoverageState::Complete),
            ("programs", CoverageState::NotCollected),
            ("os_version", CoverageState::Complete),
            ("chrome_extensions", CoverageState::Complete),
        ]
    );
}

#[test]
fn what_a_host_logs_to_a_server() {
    let result = r#"{"action": "snapshot", "name": "apps", "hostIdentifier": "H", "snapshot": [{"name": "a"}]}"#;
    let hosts1 = hosts(&format!(
        r#"{{"node_key": "N", "log_type": "result", "data": [{result}, {}, 7]}}"#,
        result.replace("\"H\"", "\"I\"")
    ));
    let ids: Vec<&str> = hosts1
        .iter()
        .map(|host| host.record.host_id.as_str())
        .collect();
    assert_eq!(ids, ["H", "I", "N"]);
    assert_eq!(kinds(&hosts1[2]), [(RemarkKind::Unread, "data[2]")]);
    for quiet in [
        r#"{"node_key": "N", "log_type": "status", "data": [{"severity": 0, "filename": "f", "line": 1, "message": "m"}]}"#,
        r#"{"node_key": "N", "log_type": "result", "data": []}"#,
        r#"{"hostIdentifier": "N", "severity": 0, "filename": "f", "line": 1, "message": "m"}"#,
        r#"{"enroll_secret": "s", "host_identifier": "N", "host_details": {"os_version": {"platform": "ubuntu", "version": "22.04"}}}"#,
        r#"{"enroll_secret": "s", "host_identifier": "N", "host_details": {"os_version": {}}}"#,
    ] {
        let host = host(quiet);
        assert_eq!(host.record.host_id, "N", "{quiet}");
        assert_eq!(coverage(&host), [("software", CoverageState::NotCollected)]);
        assert!(
            host.remarks
                .iter()
                .all(|remark| remark.kind == RemarkKind::Skipped)
        );
    }
}

#[test]
fn records_of_a_log_that_follow_each_other_tell_of_one_host() {
    let record = |host: &str, table: &str, time: u32, rows: &str| {
        format!(
            r#"{{"action": "snapshot", "name": "{table}", "hostIdentifier": "{host}", "unixTime": {time}, "snapshot": [{rows}]}}"#
        )
    };
    let text = format!(
        r#"[{}, {{"node_key": "x", "node_invalid": false}}, {}, {}, {{"schedule": {{}}}}, {}, {{"odd": 1}}]"#,
        record("A", "programs", 1_700_000_500, r#"{"name": "a"}"#),
        record("A", "chrome_extensions", 1_700_000_000, r#"{"name": "b"}"#),
        record("B", "programs", 1, ""),
        record("A", "programs", 1, "{}"),
    );
    let hosts = hosts(&text);
    let told: Vec<(&str, usize)> = hosts
        .iter()
        .map(|host| (host.record.host_id.as_str(), host.records))
        .collect();
    assert_eq!(told, [("A", 2), ("B", 0), ("A", 1)]);
    // Merged facts are as old as their oldest part.
    assert_eq!(
        hosts[0].record.collect_time,
        Instant::from_unix(1_700_000_000, 0).ok()
    );
    assert_eq!(kinds(&hosts[0]), [(RemarkKind::Skipped, "[1]")]);
    assert_eq!(
        kinds(&hosts[2]),
        [
            (RemarkKind::Unread, "[5].snapshot[0]"),
            (RemarkKind::Unread, "[6]")
        ]
    );
    let mixed = format!(
        r#"[{}, {{"action": "added", "name": "programs", "hostIdentifier": "A", "columns": {{"name": "c"}}}}]"#,
        record("A", "programs", 1, r#"{"name": "a"}"#)
    );
    assert_eq!(
        coverage(&host(&mixed)),
        [("programs", CoverageState::Partial)]
    );
}

#[test]
fn a_later_answer_of_a_query_stands_in_the_place_of_an_earlier_one() {
    let answer = |name: &str, time: u32, rows: &[&str]| {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| format!(r#"{{"name": "{row}"}}"#))
            .collect();
        format!(
            r#"{{"action": "snapshot", "name": "{name}", "hostIdentifier": "H", "unixTime": {time}, "snapshot": [{}]}}"#,
            rows.join(",")
        )
    };
    let answers = [
        answer("programs", 20, &["gone", "kept"]),
        answer("chrome_extensions", 20, &["extension"]),
        answer("programs", 30, &["kept", "new"]),
        answer("programs", 10, &["long gone"]),
        answer("chrome_extensions", 20, &["part"]),
        answer("programs", 40, &["newest"]),
    ];
    let names = |host: &InventoriedHost| -> Vec<String> {
        let software = host.record.software.iter();
        software.map(|item| item.name.clone()).collect()
    };
    let listed = host(&format!("[{}]", answers.join(",")));
    assert_eq!(names(&listed), ["extension", "part", "newest"]);
    assert_eq!(listed.records, 3);
    assert_eq!(
        kinds(&listed),
        [
            (RemarkKind::Skipped, "[2]"),
            (RemarkKind::Skipped, "[3]"),
            (RemarkKind::Skipped, "[5]"),
        ]
    );
    // The same on a line each.
    let mut lines = answers.iter().map(|answer| host(answer));
    let mut joined = lines.next().unwrap();
    lines.for_each(|line| joined.join(line));
    assert_eq!(joined.records, 3);
    let facts = crate::facts::inventory::About::default().complete(joined, "");
    let told: Vec<&str> = facts.software.iter().map(|item| &*item.name).collect();
    assert_eq!(told, ["extension", "part", "newest"]);
}

#[test]
fn what_has_no_rows_says_nothing_of_what_is_installed() {
    for body in [
        r#""action": "snapshot", "name": "programs", "snapshot": null"#,
        r#""name": "programs", "diffResults": null"#,
        r#""action": "added", "name": "programs", "columns": null"#,
        r#""node_key": "k", "queries": {"programs": null, "apps": [{"name": "A"}]}, "statuses": {"programs": 0}"#,
    ] {
        let host = host(&format!(r#"{{"hostIdentifier": "H", {body}}}"#));
        let mut states = host.record.coverage.iter().map(|entry| entry.state);
        assert!(
            states.any(|state| state == CoverageState::Unreadable),
            "{body}"
        );
    }
    let failed =
        host(r#"{"node_key": "k", "queries": {"programs": null}, "statuses": {"programs": 1}}"#);
    assert_eq!(
        coverage(&failed),
        [("programs", CoverageState::NotCollected)]
    );
    let removed = host(
        r#"{"hostIdentifier": "H", "action": "removed", "name": "programs", "columns": {"name": "A"}}"#,
    );
    assert_eq!(
        coverage(&removed),
        [("programs", CoverageState::NotCollected)]
    );
}

#[test]
fn what_is_of_the_wrong_type_is_unread() {
    for text in [
        r#"{"action": "snapshot", "name": "apps", "snapshot": {"name": "a"}}"#,
        r#"{"action": "snapshot", "name": "apps", "snapshot": ["a"]}"#,
        r#"{"action": "snapshot", "name": "apps", "snapshot": [{"name": ["a"], "path": "/x"}]}"#,
        r#"{"action": "snapshot", "name": "apps", "hostIdentifier": {}, "snapshot": []}"#,
        r#"{"action": "added", "name": "apps", "columns": [1]}"#,
        r#"{"diffResults": {"added": {"name": "a"}}, "name": "apps"}"#,
        r#"{"diffResults": 7, "name": "apps"}"#,
        r#"{"node_key": "N", "queries": {"apps": {"name": "a"}}}"#,
        r#"{"node_key": "N", "log_type": "result", "data": {}}"#,
    ] {
        let host = host(text);
        assert!(
            host.remarks
                .iter()
                .any(|remark| remark.kind == RemarkKind::Unread),
            "{text}"
        );
        let states: Vec<CoverageState> = coverage(&host)
            .into_iter()
            .map(|(_, state)| state)
            .collect();
        assert!(states.contains(&CoverageState::Unreadable), "{text}");
    }
}

#[test]
fn documents_of_others_are_not_taken() {
    for text in [
        r#"{"queries": {"id1": "SELECT 1"}, "node_invalid": false}"#,
        r#"{"node_key": "N"}"#,
        r#"{"action": "added", "device": "H"}"#,
        r#"{"snapshot": []}"#,
        r#"{"host": {"software": []}}"#,
        r#"[{"name": "a", "version": "1"}]"#,
    ] {
        let node = Node::from_json("a", text).unwrap();
        assert!(!recognises(&node), "{text}");
    }
}
