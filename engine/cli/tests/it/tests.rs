//! `embargo test`: what is run, what is shown, and in which format.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{embargo, folder, run};

const RULE: &str = "package restrictions.a

deny contains \"x\" if input.action == \"use\"

warn contains \"y\" if {
	input.action == \"install\"
	input.host.id == \"h\"
}
";

const RULE_TEST: &str = "package restrictions.a_test

import data.restrictions.a

test_denies if count(a.deny) == 1 with input as {\"action\": \"use\"}

test_wrong if {
	some action in [\"use\", \"install\"]
	wanted := 2
	found := count(a.deny) with input as {\"action\": action}
	found == wanted
}
";

fn set(files: &[(&str, &str)]) -> tempfile::TempDir {
    let mut all = vec![("a.rego", RULE), ("a_test.rego", RULE_TEST)];
    all.extend(files);
    folder(&all)
}

fn path(folder: &tempfile::TempDir) -> &str {
    folder.path().to_str().unwrap()
}

#[test]
fn a_failure_shows_the_condition_that_does_not_hold_and_its_values() {
    let policies = set(&[]);
    let ran = run(&["test", path(&policies)]);
    assert_eq!(ran.code, 1);
    for wanted in [
        "FAIL restrictions.a_test.test_wrong",
        "a_test.rego:11:2: error[test-failed]: wanted true, got undefined",
        "found == wanted",
        "|   found = 0 or 1\n",
        "|   wanted = 2\n",
        "|   action = \"install\" or \"use\"\n",
    ] {
        assert!(ran.out.contains(wanted), "{wanted}\n{}", ran.out);
    }
    assert!(ran.out.ends_with("1 passed, 1 failed\n"), "{}", ran.out);
}

#[test]
fn values_are_those_under_the_input_of_the_condition() {
    let test = "package restrictions.b_test

import data.restrictions.a

test_input if a.deny == {\"z\"} with input as {\"action\": \"use\"}

test_value := count(a.warn) == 1
";
    let policies = folder(&[("a.rego", RULE), ("b_test.rego", test)]);
    let ran = run(&["test", path(&policies)]);
    assert!(ran.out.contains("|   a.deny = {\"x\"}\n"), "{}", ran.out);
    assert!(ran.out.contains("wanted true, got false"), "{}", ran.out);
    assert!(ran.out.contains("|   count(a.warn) = 0\n"), "{}", ran.out);
    assert!(ran.out.contains("|   a.warn = set()\n"), "{}", ran.out);
}

#[test]
fn tests_are_chosen_by_a_regular_expression() {
    let policies = set(&[]);
    let chosen = run(&["test", path(&policies), "-r", r"a_test\.test_d.*s$", "-v"]);
    assert_eq!(chosen.code, 0, "{}", chosen.out);
    assert!(chosen.out.contains("pass restrictions.a_test.test_denies"));
    assert!(chosen.out.ends_with("1 passed, 0 failed\n"));
    let none = run(&["test", path(&policies), "-r", "^x$"]);
    assert_eq!(none.code, 2);
    assert!(
        none.err
            .contains("there is no test whose name matches `^x$`")
    );
    let broken = run(&["test", path(&policies), "-r", "denies("]);
    assert_eq!(broken.code, 2);
    assert!(broken.err.contains("unclosed group"), "{}", broken.err);
}

#[test]
fn coverage_names_each_line_that_nothing_reaches() {
    let policies = set(&[]);
    let ran = run(&["test", path(&policies), "-r", "denies", "--coverage"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    for wanted in [
        "a.rego:5  warn contains \"y\" if {",
        "a.rego:6  input.action == \"install\"",
        "a.rego:7  input.host.id == \"h\"",
        "coverage 25.0 %: 1 of 4 lines",
    ] {
        assert!(ran.out.contains(wanted), "{wanted}\n{}", ran.out);
    }
    let missed = run(&["test", path(&policies), "-r", "denies", "--threshold", "26"]);
    assert_eq!(missed.code, 1);
    assert!(missed.out.contains("below the threshold of 26 %"));
    let met = run(&["test", path(&policies), "-r", "denies", "--threshold", "25"]);
    assert_eq!(met.code, 0, "{}", met.out);
}

#[test]
fn cases_count_towards_coverage_and_failures_come_with_it_in_one_run() {
    let cases = "cases:
  - {name: install, facts: {host_id: h}, action: install, at: 2024-01-01T00:00:00Z, want: {effect: warn}}
";
    let policies = set(&[("cases.yaml", cases)]);
    let ran = run(&[
        "test",
        path(&policies),
        "-f",
        "json",
        "-c",
        "--threshold",
        "100",
    ]);
    assert_eq!(ran.code, 1, "a test fails");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["summary"]["passed_count"], 2);
    assert_eq!(answer["summary"]["failed_count"], 1);
    let coverage = &answer["coverage"][0];
    assert_eq!(coverage["percent"], 100.0, "{coverage}");
    assert_eq!(coverage["files"].as_array().unwrap().len(), 1);
    assert_eq!(coverage["files"][0]["path"], "a.rego");
    assert_eq!(answer["threshold"]["met"], true);
    let failure = &answer["results"][1]["failure"];
    assert_eq!(failure["code"], "test-failed");
    assert_eq!(failure["span"]["start_line"], 11);
    assert_eq!(failure["notes"][1], "wanted = 2");
}

const STRANGE: &str = "cases:
  - {name: 'a < b & \"c\" # SKIP \\ d', facts: {host_id: h}, at: 2024-01-01T00:00:00Z, want: {effect: deny}}
";

#[test]
fn junit_is_well_formed_whatever_names_hold() {
    let policies = set(&[("cases.yaml", STRANGE)]);
    let ran = run(&["test", path(&policies), "-f", "junit", "-c"]);
    assert_eq!(ran.code, 1);
    let mut reader = quick_xml::Reader::from_str(&ran.out);
    let mut names = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    if tag.name().as_ref() == "testcase" && attribute.key.as_ref() == "name" {
                        let raw = attribute.value.as_ref();
                        names.push(quick_xml::escape::unescape(raw).unwrap().into_owned());
                    }
                }
            }
            _ => {}
        }
    }
    names.sort();
    assert_eq!(
        names,
        ["a < b & \"c\" # SKIP \\ d", "test_denies", "test_wrong"]
    );
    assert!(
        ran.out.contains("tests=\"3\" failures=\"2\""),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("coverage "), "{}", ran.err);
}

#[test]
fn tap_has_a_plan_and_escapes_what_would_be_a_directive() {
    let policies = set(&[("cases.yaml", STRANGE)]);
    let ran = run(&["test", path(&policies), "-f", "tap"]);
    assert_eq!(ran.code, 1);
    let mut lines = ran.out.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    assert_eq!(lines.next(), Some("1..3"));
    assert!(
        ran.out
            .contains("\nok 1 - restrictions.a_test.test_denies\n")
    );
    assert!(
        ran.out
            .contains("\nnot ok 2 - restrictions.a_test.test_wrong\n  ---\n")
    );
    let strange = "\nnot ok 3 - cases.yaml\\#a < b & \"c\" \\# SKIP \\\\ d\n";
    assert!(ran.out.contains(strange), "{}", ran.out);
    let opened = ran.out.lines().filter(|line| *line == "  ---").count();
    let closed = ran.out.lines().filter(|line| *line == "  ...").count();
    assert_eq!((opened, closed), (3, 3));
}

#[test]
fn a_case_asks_at_several_instants() {
    let cases = "cases:
  - name: both-sides
    facts: {host_id: h}
    action: use
    instants:
      - {at: 2024-01-01T00:00:00Z, effect: deny}
      - {at: 2025-01-01T00:00:00Z, effect: allow}
";
    let policies = set(&[("cases.yaml", cases)]);
    let ran = run(&["test", path(&policies), "-r", "both-sides"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out
            .contains("at 2025-01-01T00:00:00Z: wanted effect allow, got deny"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("at 2024"), "{}", ran.out);
}

#[test]
fn cases_without_an_instant_are_judged_at_the_one_of_the_command() {
    let cases = folder(&[(
        "suite.yaml",
        "cases: [{name: now, facts: {host_id: h}, want: {effect: allow}}]\n",
    )]);
    let suite = cases.path().join("suite.yaml");
    let suite = suite.to_str().unwrap();
    let without = run(&["test", suite]);
    assert_eq!(without.code, 2);
    assert!(without.err.contains("names no instant"), "{}", without.err);
    assert!(without.err.contains("--at"), "{}", without.err);
    let with = run(&["test", suite, "--at", "2024-01-01T00:00:00Z"]);
    assert_eq!((with.code, with.out.as_str()), (0, "1 passed, 0 failed\n"));
}

#[test]
fn an_exemption_can_be_wanted() {
    let cases = "cases:
  - {name: exempt, facts: {host_id: h}, at: 2024-01-01T00:00:00Z, want: {effect: allow, exempt_by: [us-ndaa-fy2018-1634]}}
";
    let cases = folder(&[("cases.yaml", cases)]);
    let ran = run(&["test", path(&cases)]);
    assert_eq!(ran.code, 1);
    let wanted = "wanted an exemption of us-ndaa-fy2018-1634, and it raised none";
    assert!(ran.out.contains(wanted), "{}", ran.out);
}

const FIXED: &str = "package restrictions.fixed_test

import data.restrictions.a

test_fixture if count(a.deny) == 1 with input as data.testdata.inputs.use
";

#[test]
fn fixtures_are_seen_by_tests_and_change_no_snapshot() {
    let bare = folder(&[("a.rego", RULE), ("fixed_test.rego", FIXED)]);
    let fixed = folder(&[
        ("a.rego", RULE),
        ("fixed_test.rego", FIXED),
        ("testdata/inputs/use.yaml", "action: use\n"),
        ("testdata/broken.rego", "package"),
    ]);
    let ran = run(&["test", path(&fixed)]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(run(&["test", path(&bare)]).code, 1, "there is no fixture");
    let id = |folder| {
        let checked = run(&["check", path(folder)]);
        assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
        checked.out.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(id(&bare), id(&fixed));
}

#[test]
fn a_rule_that_reads_fixtures_is_refused() {
    let policies = folder(&[(
        "a.rego",
        "package restrictions.a\n\ndeny contains \"x\" if input.host.id in data.testdata.hosts\n",
    )]);
    let ran = run(&["check", path(&policies)]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("a.rego:3:1: error[rego-testdata]"),
        "{}",
        ran.out
    );
}

#[test]
fn times_of_runs_are_shown() {
    let policies = set(&[]);
    let ran = run(&["test", path(&policies), "-r", "denies", "--bench"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains(" ns/op  p50 ") && ran.out.contains("  p99 "),
        "{}",
        ran.out
    );
    let ran = run(&["test", path(&policies), "--bench", "-f", "json"]);
    assert_eq!(ran.code, 1, "one fails");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let timing = &answer["timings"][0];
    assert!(timing["run_count"].as_u64().unwrap() >= 10, "{timing}");
    let ns = |key: &str| timing[key].as_u64().unwrap();
    assert!(0 < ns("p50_ns") && ns("p50_ns") <= ns("p99_ns"), "{timing}");
    assert_eq!(answer["timings"][1]["failure"]["code"], "test-failed");
    assert_eq!(
        run(&["test", path(&policies), "--bench", "-f", "tap"]).code,
        2
    );
    assert_eq!(run(&["test", path(&policies), "--bench", "-c"]).code, 2);
}

#[test]
fn a_change_runs_the_tests_again() {
    let policies = set(&[]);
    let mut process = embargo()
        .args(["test", path(&policies), "-w"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut summary = || {
        lines
            .by_ref()
            .map(Result::unwrap)
            .find(|line| line.ends_with(" failed"))
    };
    let first = summary();
    let mended = RULE_TEST.replace("found == wanted", "found < wanted");
    std::fs::write(policies.path().join("a_test.rego"), mended).unwrap();
    let second = summary();
    let _ = process.kill();
    let _ = process.wait();
    assert_eq!(first.as_deref(), Some("1 passed, 1 failed"));
    assert_eq!(second.as_deref(), Some("2 passed, 0 failed"));
}

#[test]
fn the_shipped_rules_are_covered_to_95_per_cent() {
    let ran = run(&["test", "policies", "--coverage", "--threshold", "95"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let of_all = |line: &str| line.starts_with("coverage ") && line.contains(" lines");
    assert!(ran.out.lines().any(of_all), "{}", ran.out);
    assert!(!ran.out.contains("_test.rego"), "{}", ran.out);
}
