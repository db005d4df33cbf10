//! `embargo diff`: which decisions change, and that nothing unknown looks like no change.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Ran, folder, run};

const CATALOGUE: &str = "vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}
products:
  - {id: acme.editor, name: Editor, class: editor, display_names: [{value: Acme Editor, mark: V2}]}
";

fn rule(set: &str, verb: &str) -> String {
    format!(
        "# METADATA\n# title: Editors\n# description: On editors.\npackage restrictions.editors\n\n{set} contains {{\"identified\": i, \"message\": \"{verb}\"}} if {{\n\tsome i, found in input.identified\n\tfound.product == \"acme.editor\"\n}}\n"
    )
}

/// Two sets and some hosts: a fleet of which some have the editor.
fn set(name: &str) -> tempfile::TempDir {
    let mut hosts = String::new();
    for number in 0..30 {
        let software = if number % 3 == 0 {
            "Acme Editor"
        } else {
            "Other"
        };
        hosts.push_str(&format!(
            "{{\"host_id\":\"host-{number}\",\"software\":[{{\"name\":\"{software}\",\"publisher\":\"Acme Labs\"}}]}}\n"
        ));
    }
    let (warn, deny) = (rule("warn", "mind"), rule("deny", "remove"));
    folder(&[
        ("old/catalogue/acme.yaml", CATALOGUE),
        ("old/rules/editors.rego", &warn),
        ("new/catalogue/acme.yaml", CATALOGUE),
        ("new/rules/editors.rego", &deny),
        ("hosts.ndjson", &hosts),
        (name, "{\"host_id\": \"h\", \"softwear\": []}\n"),
    ])
}

fn diff(folder: &Path, arguments: &[&str]) -> Ran {
    let at = |path: &str| folder.join(path).to_str().unwrap().to_owned();
    let (old, new, hosts) = (at("old"), at("new"), at("hosts.ndjson"));
    let all = [
        &["diff", &old, &new, &hosts, "--at", "2024-01-01T00:00:00Z"],
        arguments,
    ]
    .concat();
    run(&all)
}

#[test]
fn counts_stand_before_hosts_and_hosts_are_in_their_order() {
    let files = set("unused");
    let ran = diff(files.path(), &["--list", "2"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let page = ran.out.replace(files.path().to_str().unwrap(), "");
    let page: Vec<&str> = page
        .lines()
        .filter(|line| !line.contains("snapshot"))
        .collect();
    assert_snapshot!(page.join("\n"));
}

#[test]
fn json_and_csv_have_every_host_that_changes() {
    let files = set("unused");
    let json = diff(files.path(), &["-f", "json"]);
    let answer: Value = serde_json::from_str(&json.out).unwrap();
    let hosts = answer["hosts"].as_array().unwrap();
    assert_eq!(hosts.len(), 10);
    assert_eq!(hosts[1]["host_id"], "host-3");
    assert_eq!(hosts[1]["old_effect"], "warn");
    assert_eq!(hosts[1]["new_effect"], "deny");
    assert_eq!(hosts[1]["changes"][0]["product_id"], "acme.editor");
    assert_eq!(answer["host_count"], 30);
    assert_eq!(answer["changed_host_count"], 10);
    assert_eq!(answer["effects"][0]["host_count"], 10);
    assert_eq!(answer["changes"][0]["rule_id"], "restrictions.editors");

    let csv = diff(files.path(), &["-f", "csv"]);
    let rows: Vec<&str> = csv.out.lines().collect();
    assert_eq!(rows.len(), 11);
    assert_eq!(
        rows[0],
        "host_id,old_effect,new_effect,rule_id,product_id,old,new"
    );
    assert_eq!(
        rows[2],
        "host-3,warn,deny,restrictions.editors,acme.editor,warn,deny"
    );
}

#[test]
fn a_change_fails_only_where_that_is_asked_for() {
    let files = set("unused");
    assert_eq!(diff(files.path(), &["--fail-on-change"]).code, 1);
    let old = files.path().join("old");
    let hosts = files.path().join("hosts.ndjson");
    let (old, hosts) = (old.to_str().unwrap(), hosts.to_str().unwrap());
    let same = run(&["diff", old, old, hosts, "--fail-on-change"]);
    assert_eq!(same.code, 0, "{}", same.err);
    assert!(
        same.out.contains("0 of 30 decisions are changed"),
        "{}",
        same.out
    );
    let none = run(&["diff", old, old, hosts, "--format", "json"]);
    let none: Value = serde_json::from_str(&none.out).unwrap();
    assert_eq!(none["hosts"], serde_json::json!([]));
}

#[test]
fn a_host_that_cannot_be_read_never_looks_like_no_change() {
    let files = set("broken.json");
    let broken = files.path().join("broken.json");
    let old = files.path().join("old");
    let (old, broken) = (old.to_str().unwrap(), broken.to_str().unwrap());
    let hosts = files.path().join("hosts.ndjson");
    let ran = run(&["diff", old, old, broken, hosts.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("broken.json"), "{}", ran.err);
    assert!(
        ran.err.contains("1 host could not be judged"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("0 of 30 decisions"), "{}", ran.out);
    let json = run(&["diff", old, old, broken, "-f", "json"]);
    let answer: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, &answer["unjudged_count"]), (2, &Value::from(1)));
}

#[test]
fn one_set_is_compared_at_two_instants() {
    let ran = run(&[
        "diff",
        "--at",
        "2018-09-30T00:00:00Z",
        "--at",
        "2018-10-02T00:00:00Z",
        "engine/cli/examples/federal-laptop.yaml",
        "-f",
        "csv",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let rows: Vec<&str> = ran.out.lines().skip(1).collect();
    assert!(
        rows.iter().any(
            |row| row.starts_with("example-laptop-1,deny,deny,us-ndaa-fy2018-1634,")
                && row.ends_with(",none,deny")
        ),
        "{rows:?}"
    );
}

#[test]
fn what_is_no_set_is_refused_with_its_remedy() {
    let files = set("packed.tar.gz");
    let packed = files.path().join("packed.tar.gz");
    let old = files.path().join("old");
    let hosts = files.path().join("hosts.ndjson");
    let (old, hosts) = (old.to_str().unwrap(), hosts.to_str().unwrap());
    for (arguments, wanted) in [
        (
            vec!["diff", old, packed.to_str().unwrap(), hosts],
            "a set of policies is a folder",
        ),
        (
            vec!["diff", old, "/nowhere", hosts],
            "there is no folder `/nowhere`",
        ),
        (vec!["diff", old, old], "fewer than three paths"),
    ] {
        let ran = run(&arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(
            ran.out.is_empty() && ran.err.contains(wanted),
            "{}",
            ran.err
        );
    }
}
