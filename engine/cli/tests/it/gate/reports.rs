//! What reports hold beside the outcome: findings, their texts and places, and where reports go.

use std::path::Path;

use serde_json::{Value, json};

use super::forms::{cases, read};
use super::{AT, RULES, Says, gate};
use crate::support::{Ran, embargo, folder, ran};

const LAPTOP: &str = "host_id: laptop-1
owner: {kind: business}
software:
  - {name: Example Messenger, version: \"3.1\", publisher: Example Chat Ltd, source: programs}
";

const WAIVER: &str = "waivers:
  - id: until-moved
    instruments: [acceptable-use]
    hosts: {ids: [laptop-1]}
    products: {ids: [example-chat.messenger]}
    reason: Customers are there.
    owner: support@example.com
    ticket: SEC-1
    expires: 2027-03-31T00:00:00Z
";

/// A new set, and a host with a product that it bans since October 2026 and warns of before.
fn laptop() -> tempfile::TempDir {
    let files = folder(&[("hosts/laptop.yaml", LAPTOP)]);
    let mut new = embargo();
    new.current_dir(files.path()).args(["new", "set"]);
    assert_eq!(ran(new.output().unwrap()).code, 0);
    files
}

fn at(folder: &Path, at: &str, form: &str, more: &[&str]) -> Ran {
    let mut command = embargo();
    command
        .current_dir(folder)
        .env_remove("GITHUB_STEP_SUMMARY")
        .args([
            "gate",
            "hosts/laptop.yaml",
            "-d",
            "set",
            "--at",
            at,
            "-f",
            form,
        ])
        .args(more);
    ran(command.output().unwrap())
}

const BANNED: &str = "2026-11-01T00:00:00Z";
const WARNED: &str = "2026-08-01T00:00:00Z";

#[test]
fn people_read_the_outcome_first_then_text_remedy_and_change() {
    let files = laptop();
    let stopped = at(files.path(), BANNED, "pretty", &[]);
    assert_eq!(stopped.code, 1);
    assert_eq!(
        stopped.out,
        "stop: denied: Example Messenger may not be on devices of the company (acceptable-use): host laptop-1

host laptop-1 (hosts/laptop.yaml): DENY for presence at 2026-11-01T00:00:00Z
  deny  Example Messenger 3.1: Example Messenger may not be on devices of the company
    rule   acceptable-use
    to do  Remove the software, or ask IT security.
    see    Acceptable use rule 3, messengers
  no date is known at which this changes
"
    );
    assert_eq!(stopped.err, "");
    let warned = at(files.path(), WARNED, "pretty", &[]);
    assert_eq!(warned.code, 0);
    assert!(
        warned
            .out
            .starts_with("go ahead: Example Messenger is removed")
    );
    assert!(
        warned
            .out
            .ends_with("  may change at 2026-10-01T00:00:00Z\n"),
        "{}",
        warned.out
    );
    std::fs::write(files.path().join("set/waivers/waivers.yaml"), WAIVER).unwrap();
    let waived = at(files.path(), BANNED, "pretty", &[]);
    assert_eq!(waived.code, 0);
    for part in [
        "(acceptable-use, waived)",
        "  waived  Example Messenger 3.1: ",
        "    waiver until-moved until 2027-03-31T00:00:00Z, by support@example.com: Customers are there.",
        "  may change at 2027-03-31T00:00:00Z",
    ] {
        assert!(waived.out.contains(part), "{part}\n{}", waived.out);
    }
}

#[test]
fn json_is_the_outcome_and_the_decision_as_decide_writes_it() {
    let files = laptop();
    let stopped = at(files.path(), BANNED, "json", &[]);
    let report: Value = serde_json::from_str(&stopped.out).unwrap();
    let mut decide = embargo();
    decide.current_dir(files.path()).args([
        "decide",
        "hosts/laptop.yaml",
        "-d",
        "set",
        "--at",
        BANNED,
        "-f",
        "json",
    ]);
    let decision: Value = serde_json::from_str(&ran(decide.output().unwrap()).out).unwrap();
    assert_eq!(
        report,
        json!({
            "outcome": "denied",
            "exit_code": 1,
            "hosts": [{
                "file": "hosts/laptop.yaml",
                "host_id": "laptop-1",
                "outcome": "denied",
                "decision": decision,
            }],
        })
    );
    // What is not shown on standard output stands in the log.
    assert!(stopped.err.starts_with("stop: denied: "), "{}", stopped.err);
}

#[test]
fn json_says_why_there_is_no_decision() {
    let files = laptop();
    let gone = at(
        files.path(),
        BANNED,
        "json",
        &["--server", "http://127.0.0.1:1"],
    );
    let report: Value = serde_json::from_str(&gone.out).unwrap();
    let host = &report["hosts"][0];
    assert_eq!(host["error"]["kind"], "unreachable");
    assert!(
        host["error"]["message"]
            .as_str()
            .unwrap()
            .contains("hint: ")
    );
    assert_eq!(host["outcome"], "not-decided");
    let broken = gate(
        files.path(),
        &["hosts/laptop.yaml", "-d", "nowhere", "-f", "json"],
    );
    assert_eq!(broken.code, 2);
    let report: Value = serde_json::from_str(&broken.out).unwrap();
    assert_eq!(report["error"]["kind"], "policies");
    assert_eq!(report["hosts"], json!([]));
}

#[test]
fn junit_has_a_case_for_each_instrument_and_one_for_the_decision() {
    let files = laptop();
    let stopped = at(files.path(), BANNED, "junit", &[]);
    let cases = cases(&stopped.out);
    let seen: Vec<(&str, Option<(&str, &str)>)> = cases
        .iter()
        .map(|(name, inner)| {
            let inner = inner.as_ref();
            let inner = inner.map(|(tag, with)| (tag.as_str(), with["type"].as_str()));
            (name.as_str(), inner)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("acceptable-use", Some(("failure", "acceptable-use"))),
            ("decision", Some(("failure", "denied"))),
        ]
    );
    assert!(
        stopped
            .out
            .contains("<testsuite name=\"laptop-1\" file=\"hosts/laptop.yaml\" tests=\"2\""),
        "{}",
        stopped.out
    );
    let warned = at(files.path(), WARNED, "junit", &[]);
    assert_eq!(read("junit", &warned.out), Says::Passed);
    assert!(
        warned
            .out
            .contains("<system-out>warn: Example Messenger 3.1: "),
        "{}",
        warned.out
    );
}

#[test]
fn sarif_names_instrument_host_software_and_file() {
    let files = laptop();
    let stopped = at(files.path(), BANNED, "sarif", &[]);
    let log: Value = serde_json::from_str(&stopped.out).unwrap();
    let run = &log["runs"][0];
    let result = &run["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["level"]),
        (&json!("acceptable-use"), &json!("error"))
    );
    assert_eq!(
        result["locations"],
        json!([{
            "physicalLocation": {
                "artifactLocation": {"uri": "hosts/laptop.yaml"},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{
                "name": "Example Messenger 3.1",
                "fullyQualifiedName": "laptop-1/Example Messenger",
                "kind": "resource",
            }],
        }])
    );
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(
        rule["help"]["text"],
        "Remove the software, or ask IT security.\nsee: Acceptable use rule 3, messengers"
    );
    let warned = at(files.path(), WARNED, "sarif", &[]);
    let log: Value = serde_json::from_str(&warned.out).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["level"], "note");
    std::fs::write(files.path().join("set/waivers/waivers.yaml"), WAIVER).unwrap();
    let waived = at(files.path(), BANNED, "sarif", &[]);
    let log: Value = serde_json::from_str(&waived.out).unwrap();
    let suppression = &log["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["status"], "accepted");
}

#[test]
fn a_host_on_a_line_of_its_own_is_shown_there() {
    let files = folder(&[
        ("set/rules/shop.rego", RULES),
        (
            "hosts.ndjson",
            "{\"host_id\": \"a\"}\n{\"host_id\": \"b\", \"groups\": [\"deny\"]}\nnot json\n",
        ),
    ]);
    let shown = gate(files.path(), &["hosts.ndjson", "-d", "set", "-f", "github"]);
    assert_eq!(shown.code, 2);
    assert!(
        shown
            .out
            .contains("::error file=hosts.ndjson,line=2,title=restrictions.shop::b: "),
        "{}",
        shown.out
    );
    assert!(
        shown
            .out
            .contains("::error file=hosts.ndjson,line=3,title=no decision::"),
        "{}",
        shown.out
    );
    let report = gate(files.path(), &["hosts.ndjson", "-d", "set", "-f", "json"]);
    let report: Value = serde_json::from_str(&report.out).unwrap();
    let lines: Vec<&Value> = report["hosts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|host| &host["line"])
        .collect();
    assert_eq!(lines, [1, 2, 3]);
}

#[test]
fn the_summary_of_a_job_is_added_to_and_holds_no_markup_of_strangers() {
    let files = folder(&[
        ("set/rules/shop.rego", RULES),
        ("host.yaml", "{host_id: \"<b>|h\", groups: [warn]}"),
        ("summary.md", "before\n"),
    ]);
    let mut command = embargo();
    command
        .current_dir(files.path())
        .env("GITHUB_STEP_SUMMARY", "summary.md")
        .args(["gate", "host.yaml", "-d", "set", "--at", AT, "-f", "github"]);
    let ran = ran(command.output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let summary = std::fs::read_to_string(files.path().join("summary.md")).unwrap();
    assert!(
        summary.starts_with("before\n### embargo gate\n\ngo ahead\\: "),
        "{summary}"
    );
    assert!(
        summary.contains("| \\<b\\>\\|h | go\\-ahead | \\#\\#\\[error\\]a warning \\| \\*x\\* \\("),
        "{summary}"
    );
}

#[test]
fn a_report_in_a_file_leaves_the_form_for_people_in_the_log() {
    let files = laptop();
    let stopped = at(files.path(), BANNED, "junit", &["--output", "gate.xml"]);
    assert_eq!(stopped.code, 1);
    assert!(stopped.out.starts_with("stop: denied: "), "{}", stopped.out);
    let written = std::fs::read_to_string(files.path().join("gate.xml")).unwrap();
    assert_eq!(read("junit", &written), Says::Stopped);
    assert_eq!(written, at(files.path(), BANNED, "junit", &[]).out);
}

#[test]
fn a_report_that_cannot_be_written_lets_nothing_go_ahead() {
    let files = laptop();
    let lost = at(
        files.path(),
        WARNED,
        "json",
        &["--output", "nowhere/gate.json"],
    );
    assert_eq!(lost.code, 2);
    assert!(
        lost.err.contains("the report cannot be written") && lost.err.contains("hint: "),
        "{}",
        lost.err
    );
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = embargo();
    command
        .current_dir(files.path())
        .args(["gate", "hosts/laptop.yaml", "-d", "set", "--at", WARNED])
        .stdout(full);
    assert_eq!(command.output().unwrap().status.code(), Some(2));
}
