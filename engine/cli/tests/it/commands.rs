//! What each command answers, and how it ends.

use insta::assert_snapshot;

use crate::support::{folder, run};

const AT: &str = "2024-08-01T12:00:00Z";

fn decide(facts: &str, more: &[&str]) -> crate::support::Ran {
    let files = folder(&[("host.yaml", facts)]);
    let path = files.path().join("host.yaml");
    let mut arguments = vec!["decide", path.to_str().unwrap(), "--at", AT];
    arguments.extend(more);
    run(&arguments)
}

const BUSINESS: &str = "host_id: shop-1
owner: {kind: business, jurisdictions: [US], us_person: true}
software:
  - {name: Kaspersky Endpoint Security for Windows, publisher: AO Kaspersky Lab, source: programs}
";

#[test]
fn each_effect_ends_with_its_code() {
    let nothing = "{host_id: clean-1, software: [{name: Other}]}";
    let unknown = BUSINESS.replace(", us_person: true", "");
    for (facts, more, code) in [
        (nothing, &[][..], 0),
        (BUSINESS, &[], 0),
        (BUSINESS, &["--fail-on", "warn"], 1),
        (BUSINESS, &["--action", "acquire"], 1),
        (&unknown, &["--action", "acquire"], 3),
        (&unknown, &["--action", "acquire", "--fail-on", "review"], 1),
    ] {
        let ran = decide(facts, more);
        assert_eq!(ran.code, code, "{more:?}\n{}{}", ran.out, ran.err);
        assert!(ran.err.is_empty(), "{}", ran.err);
    }
}

#[test]
fn a_decision_reads_as_an_answer_with_reasons() {
    let ran = run(&["decide", "--example", "--at", "2018-10-02T00:00:00Z"]);
    assert_eq!(ran.code, 1);
    let body = ran
        .out
        .lines()
        .filter(|line| !line.starts_with("judged by"))
        .collect::<Vec<_>>()
        .join("\n");
    assert_snapshot!(body);
}

#[test]
fn json_is_the_message_of_the_api() {
    let ran = decide(BUSINESS, &["--action", "acquire", "--format", "json"]);
    let decision: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    for (pointer, wanted) in [
        ("/effect", "deny"),
        ("/action", "acquire"),
        ("/evaluate_time", AT),
        ("/findings/0/instrument_id", "us-bis-icts-2021-002"),
        ("/findings/0/disposition", "active"),
        ("/findings/0/since_time", "2024-07-20T04:00:00Z"),
        ("/findings/0/evidence/0/strength", "medium"),
    ] {
        assert_eq!(
            decision.pointer(pointer).and_then(|value| value.as_str()),
            Some(wanted),
            "{pointer}"
        );
    }
}

#[test]
fn bad_facts_are_shown_with_their_place_and_never_judged() {
    let typo = decide("host_id: h\nsoftwear: []\n", &[]);
    assert_eq!(typo.code, 2);
    assert!(typo.out.is_empty());
    assert!(
        typo.err.contains("host.yaml:2:1") && typo.err.contains("did you mean `software`?"),
        "{}",
        typo.err
    );

    let broken = decide("{host_id: '', software: [{name: n, team_id: short}]}", &[]);
    assert_eq!(broken.code, 2);
    assert!(
        broken.err.contains("`host_id` is required")
            && broken.err.contains("`software[0].team_id`"),
        "{}",
        broken.err
    );

    let absent = run(&["decide", "/nowhere/host.yaml"]);
    assert_eq!(absent.code, 2);
    assert!(absent.err.contains("/nowhere/host.yaml"), "{}", absent.err);
}

#[test]
fn usage_errors_end_with_two_and_help_with_none() {
    for arguments in [
        &["decide"][..],
        &["nonsense"],
        &["decide", "--example", "--at", "yesterday"],
        &["decide", "--example", "--action", "eat"],
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.out.is_empty() && !ran.err.is_empty());
    }
    let help = run(&["--help"]);
    assert!(help.code == 0 && help.out.contains("Exit codes"));
}

#[test]
fn broken_policies_are_shown_with_a_caret_and_decide_nothing() {
    let policies = folder(&[(
        "rules/a.rego",
        "package restrictions.a\n\ndeny contains \"x\" if {\n\tstartwith(\"a\", \"b\")\n}\n",
    )]);
    let path = policies.path().to_str().unwrap();
    let check = run(&["check", path]);
    assert_eq!(check.code, 1);
    assert!(
        check
            .out
            .contains("rules/a.rego:4:2: error[rego-unknown-function]"),
        "{}",
        check.out
    );
    assert!(
        check.out.contains("^^^^^^^^^") && check.out.contains("did you mean `startswith`?"),
        "{}",
        check.out
    );
    let decide = run(&["decide", "--example", "--policies", path]);
    assert_eq!(decide.code, 2);
    assert!(
        decide.out.is_empty() && decide.err.contains("rego-unknown-function"),
        "{}",
        decide.err
    );
    let empty = folder(&[("README.md", "nothing")]);
    assert_eq!(
        run(&[
            "decide",
            "--example",
            "--policies",
            empty.path().to_str().unwrap()
        ])
        .code,
        2
    );
}

#[test]
fn tests_that_fail_show_what_was_wanted_and_got() {
    let cases = folder(&[("my_cases.yaml", "cases:
  - {name: right, facts: {host_id: h}, at: 2024-01-01T00:00:00Z, want: {effect: allow}}
  - {name: wrong, facts: {host_id: h}, at: 2024-01-01T00:00:00Z, want: {effect: deny, decided_by: [us-ndaa-fy2018-1634]}}
")]);
    let path = cases.path().join("my_cases.yaml");
    let ran = run(&["test", path.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out
            .contains("wanted effect deny, got allow (nothing was found)"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("wanted a finding of us-ndaa-fy2018-1634, and it raised none"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("1 passed, 1 failed\n"), "{}", ran.out);
    let chosen = run(&["test", cases.path().to_str().unwrap(), "-r", "right"]);
    assert_eq!(
        (chosen.code, chosen.out.as_str()),
        (0, "1 passed, 0 failed\n")
    );
    assert_eq!(
        run(&["test", path.to_str().unwrap(), "-r", "no such test"]).code,
        2
    );
}

#[test]
fn a_failing_rule_test_shows_its_place() {
    let policies = folder(&[
        (
            "a.rego",
            "package restrictions.a\n\ndeny contains \"x\" if input.action == \"use\"\n",
        ),
        (
            "a_test.rego",
            "package restrictions.a_test\n\nimport data.restrictions.a\n\ntest_denies if count(a.deny) == 1 with input as {\"action\": \"use\"}\n\ntest_wrong if count(a.deny) == 2 with input as {\"action\": \"use\"}\n",
        ),
    ]);
    let ran = run(&["test", policies.path().to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("restrictions.a_test.test_wrong") && ran.out.contains("a_test.rego:7:1"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("1 passed, 1 failed\n"), "{}", ran.out);
}

#[test]
fn what_is_recognised_and_what_nearly_is_are_told_apart() {
    let facts = folder(&[(
        "h.yaml",
        "{host_id: h, software: [{name: Kaspersky Endpoint Security for Windows, publisher: AO Kaspersky Lab}, {name: Kaspersky Endpoint Security for Windows}]}",
    )]);
    let ran = run(&["identify", facts.path().join("h.yaml").to_str().unwrap()]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.out.contains("is kaspersky.endpoint-security"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("does not suffice"), "{}", ran.out);
}

#[test]
fn an_unreachable_server_is_no_answer() {
    for (arguments, code) in [
        (
            &["decide", "--example", "--server", "http://127.0.0.1:1"][..],
            2,
        ),
        // Not serving is what it is asked for.
        (&["healthcheck", "http://127.0.0.1:1"], 1),
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}");
        assert!(
            ran.out.is_empty() && ran.err.contains("hint:"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn the_shipped_set_is_looked_at() {
    let all = run(&["inspect"]);
    assert!(all.code == 0 && all.out.contains("us-bis-icts-2021-002"));
    let one = run(&["inspect", "us-bis-icts-2021-002"]);
    assert!(
        one.out.contains("2024-09-29T04:00:00Z") && one.out.contains("89 FR 52434"),
        "{}",
        one.out
    );
    assert_eq!(run(&["inspect", "nothing"]).code, 2);
    let data = run(&["inspect", "--data"]);
    assert!(
        serde_json::from_str::<serde_json::Value>(&data.out).unwrap()["instruments"].is_object()
    );
}

#[test]
fn facts_that_are_too_long_are_refused_and_never_judged_in_part() {
    let padding = "# padding that a reader could stop in\n".repeat(460_000);
    let facts = format!(
        "host_id: h\n{padding}software:\n  - {{name: Kaspersky Plus, publisher: AO Kaspersky Lab}}\n"
    );
    let ran = decide(&facts, &[]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(
        ran.out.is_empty() && ran.err.contains("no part of it was judged"),
        "{}",
        ran.err
    );

    let files = folder(&[("host.yaml", &facts)]);
    let input = std::fs::File::open(files.path().join("host.yaml")).unwrap();
    let piped = crate::support::ran(
        crate::support::embargo()
            .args(["decide", "-"])
            .stdin(input)
            .output()
            .unwrap(),
    );
    assert_eq!(piped.code, 2, "{}", piped.out);
    assert!(piped.out.is_empty());
}

#[test]
fn a_result_that_cannot_be_written_is_no_answer() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = crate::support::embargo();
    let status = command
        .args(["decide", "--example"])
        .stdout(full)
        .output()
        .unwrap()
        .status;
    assert_eq!(status.code(), Some(2));
}

#[test]
fn names_of_strangers_cannot_steer_the_terminal() {
    let facts = "{host_id: h, software: [{name: \"Kaspersky Plus \\e[2J\"}]}";
    let files = folder(&[("h.yaml", facts)]);
    let ran = run(&["identify", files.path().join("h.yaml").to_str().unwrap()]);
    assert!(
        ran.out.contains("Kaspersky Plus") && !ran.out.contains('\u{1b}'),
        "{}",
        ran.out
    );
}
