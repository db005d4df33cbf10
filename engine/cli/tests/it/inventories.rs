//! Inventories on the command line: as files, as streams, in folders.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Ran, embargo, folder, ran, run};

/// A host of Fleet with one application.
fn fleet(id: &str, name: &str, bundle_id: &str) -> String {
    format!(
        r#"{{"host": {{"uuid": "{id}", "platform": "darwin", "software": [{{"name": "{name}", "version": "1.0", "source": "apps", "bundle_identifier": "{bundle_id}"}}]}}}}"#
    )
}

fn kaspersky(id: &str) -> String {
    fleet(id, "Endpoint Security.app", "com.kaspersky.kav")
}

fn innocent(id: &str) -> String {
    fleet(id, "Editor.app", "org.example.editor")
}

const ABOUT: &str = "owner: {kind: government, jurisdictions: [US], sectors: [federal-civilian]}\n";
const STATUS: &str = "Package: editor\nStatus: install ok installed\nVersion: 1\n\nPackage: gone\nStatus: deinstall ok config-files\n";

fn decide(root: &tempfile::TempDir, arguments: &[&str]) -> Ran {
    let mut command = embargo();
    command
        .args(["decide", "--at", "2024-01-01T00:00:00Z", "--policies"])
        .arg(crate::support::root().join("policies"))
        .args(arguments)
        .current_dir(root.path());
    ran(command.output().unwrap())
}

#[test]
fn an_inventory_is_judged_with_what_is_said_about_its_owner() {
    let root = folder(&[("host.json", &kaspersky("H1")), ("about.yaml", ABOUT)]);
    let alone = decide(&root, &["host.json"]);
    assert_eq!(alone.code, 3, "{}", alone.out);
    let about = decide(&root, &["host.json", "--about", "about.yaml"]);
    assert_eq!(about.code, 1, "{}", about.out);
    assert!(about.out.starts_with("DENY  H1"), "{}", about.out);
    assert_eq!(about.err, "host.json: fleet, host H1: 1 record, 1 item\n");
    let wrong = decide(&root, &["host.json", "--from", "jamf"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains("not of the format jamf"),
        "{}",
        wrong.err
    );
}

#[test]
fn a_host_that_no_one_names_is_called_as_its_file_and_skipped_records_are_told() {
    let root = folder(&[("server-1.status", STATUS)]);
    let told = decide(&root, &["server-1.status", "-f", "json"]);
    assert_eq!(told.code, 0, "{}", told.err);
    let decision: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(decision["host_id"], "server-1");
    assert!(told.err.contains("2 records, 1 item"), "{}", told.err);
    assert!(
        told.err.contains("line 5: the package is not installed"),
        "{}",
        told.err
    );
}

#[test]
fn what_was_not_or_could_not_be_read_is_no_allow() {
    let not_collected = r#"{"host": {"uuid": "H1", "hardware_serial": "S", "platform": "darwin"}}"#;
    let odd = r#"{"host": {"uuid": "H2", "platform": "darwin", "software": [7]}}"#;
    let root = folder(&[
        ("a.json", not_collected),
        ("b.json", odd),
        ("c.json", "{\"x\": 1}"),
    ]);
    for (file, said) in [
        ("a.json", "INDETERMINATE  H1"),
        ("b.json", "INDETERMINATE  H2"),
    ] {
        let told = decide(&root, &[file]);
        assert_eq!(told.code, 2, "{}", told.out);
        assert!(told.out.starts_with(said), "{}", told.out);
        assert!(
            told.out.contains("a denial cannot be ruled out"),
            "{}",
            told.out
        );
    }
    let unknown = decide(&root, &["c.json"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert!(
        unknown.err.contains("of no known format"),
        "{}",
        unknown.err
    );
}

#[test]
fn many_hosts_in_a_file_are_judged_one_by_one_and_a_broken_one_hides_no_other() {
    let (one, two) = (kaspersky("H1"), innocent("H2"));
    let lines = format!("{one}\n{{\"host\": \n{two}\n");
    let list = format!("[{one}, {two}]");
    let root = folder(&[
        ("hosts.ndjson", &lines),
        ("hosts.json", &list),
        ("about.yaml", ABOUT),
    ]);
    let stream = decide(
        &root,
        &["hosts.ndjson", "-f", "json", "--about", "about.yaml"],
    );
    assert_eq!(stream.code, 2);
    assert!(stream.err.contains("hosts.ndjson:2:"), "{}", stream.err);
    let whole = decide(
        &root,
        &["hosts.json", "-f", "json", "--about", "about.yaml"],
    );
    assert_eq!(whole.code, 1, "{}", whole.err);
    assert_eq!(whole.out, stream.out);
    let decisions: serde_json::Value = serde_json::from_str(&whole.out).unwrap();
    let effects: Vec<&str> = decisions
        .as_array()
        .unwrap()
        .iter()
        .map(|decision| decision["effect"].as_str().unwrap())
        .collect();
    assert_eq!(effects, ["deny", "allow"]);
}

#[test]
fn a_folder_is_summed_up_by_rule_and_product() {
    let root = folder(&[
        ("hosts/a.json", &kaspersky("H1")),
        (
            "hosts/sub/b.ndjson",
            &format!("{}\n{}\n", kaspersky("H2"), innocent("H3")),
        ),
        ("hosts/server.status", STATUS),
        ("hosts/.hidden", "x"),
        ("hosts/broken.json", "{"),
        ("about.yaml", ABOUT),
    ]);
    let told = decide(&root, &["hosts", "--summary", "--about", "about.yaml"]);
    assert_eq!(told.code, 2, "{}", told.out);
    insta::assert_snapshot!(told.out);
    assert!(told.err.contains("hosts/broken.json:1:1:"), "{}", told.err);
    let json = decide(
        &root,
        &["hosts", "--summary", "-f", "json", "--about", "about.yaml"],
    );
    let sums: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(sums["host_count"], 4);
    assert_eq!(sums["unjudged_count"], 1);
    assert_eq!(sums["effects"]["deny"], 2);
}

#[test]
fn what_an_empty_folder_or_standard_input_holds_is_told() {
    let root = folder(&[("empty/.keep", "")]);
    let told = decide(&root, &["empty"]);
    assert_eq!((told.code, told.out.as_str()), (2, ""));
    assert!(told.err.contains("holds no file"), "{}", told.err);

    let mut child = embargo()
        .args(["decide", "-", "--at", "2024-01-01T00:00:00Z"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(innocent("H1").as_bytes())
        .unwrap();
    let told = ran(child.wait_with_output().unwrap());
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.starts_with("ALLOW  H1"), "{}", told.out);
}

#[test]
fn hosts_that_no_one_names_are_told_apart() {
    let unnamed = r#"{"host": {"platform": "darwin", "software": []}}"#;
    let root = folder(&[
        (
            "hosts.json",
            &format!("{{\"a\": {unnamed}, \"b\": {unnamed}}}"),
        ),
        ("about.yaml", "host_id: one\n"),
    ]);
    let told = decide(&root, &["hosts.json"]);
    assert!(
        told.out.contains("ALLOW  hosts#1") && told.out.contains("ALLOW  hosts#2"),
        "{}",
        told.out
    );
    let named = decide(&root, &["hosts.json", "--about", "about.yaml"]);
    assert_eq!((named.code, named.out.as_str()), (2, ""));
    assert!(
        named.err.contains("leaves 2 hosts without a name"),
        "{}",
        named.err
    );
}

#[test]
fn a_timeline_is_of_one_host_and_identify_takes_what_decide_takes() {
    let root = folder(&[(
        "two.json",
        &format!("[{}, {}]", kaspersky("H1"), innocent("H2")),
    )]);
    let file = root.path().join("two.json");
    let file = file.to_str().unwrap();
    let timeline = run(&["timeline", file, "--until", "2030-01-01T00:00:00Z"]);
    assert_eq!(timeline.code, 2);
    assert!(
        timeline.err.contains("tells of 2 hosts"),
        "{}",
        timeline.err
    );
    let identify = run(&["identify", file]);
    assert_eq!(identify.code, 0, "{}", identify.err);
    assert!(
        identify.out.contains("is kaspersky.mac (strong)"),
        "{}",
        identify.out
    );
    assert!(
        identify.out.contains("0 of 1 items recognised"),
        "{}",
        identify.out
    );
}
