//! `embargo check`: what it finds, in which forms, and how it ends.

use serde_json::Value;

use crate::support::{Ran, embargo, folder, ran, run};

const RULE: &str = "package restrictions.no_shop

deny contains \"x\" if {
	some found in input.identified
	fuond.class == \"shop\"
}
";

const WARNED: &str = "package restrictions.no_shop

deny contains \"a, b: 100%\" if input.host.ownr.kind == \"business\"
";

fn check(files: &[(&str, &str)], more: &[&str]) -> Ran {
    let set = folder(files);
    let path = set.path().to_str().unwrap();
    let mut arguments = vec!["check", path];
    arguments.extend(more);
    run(&arguments)
}

#[test]
fn one_misspelt_variable_gives_one_remark_with_line_caret_and_suggestion() {
    let ran = check(&[("rules/no_shop.rego", RULE)], &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.is_empty(), "{}", ran.err);
    let (remarks, summary) = ran.out.rsplit_once("\n\n").unwrap();
    assert_eq!(
        remarks,
        "rules/no_shop.rego:5:2: error[rego-unbound-name]: nothing gives `fuond` a value
  |
5 | 	fuond.class == \"shop\"
  | 	^^^^^
  hint: did you mean `found`?
  see: docs/codes/rego.md#rego-unbound-name"
    );
    assert!(
        summary.starts_with("invalid ") && summary.ends_with(": 1 error\n"),
        "{summary}"
    );
}

#[test]
fn warnings_count_only_when_told_to() {
    let files = [("rules/no_shop.rego", WARNED)];
    let plain = check(&files, &[]);
    assert_eq!(plain.code, 0, "{}", plain.out);
    assert!(
        plain.out.contains("warning[lint-unknown-field]") && plain.out.ends_with(", 1 warning\n"),
        "{}",
        plain.out
    );
    let strict = check(&files, &["--strict"]);
    assert_eq!(strict.code, 1);
    assert!(strict.out.contains("invalid "), "{}", strict.out);
}

#[test]
fn the_shipped_set_passes_strictly() {
    let elsewhere = folder(&[]);
    let mut inside = embargo();
    inside
        .current_dir(elsewhere.path())
        .args(["check", "--strict"]);
    for shipped in [
        run(&["check", "policies", "--strict"]),
        ran(inside.output().unwrap()),
    ] {
        assert_eq!(shipped.code, 0, "{}{}", shipped.out, shipped.err);
        assert!(shipped.out.starts_with("valid "), "{}", shipped.out);
    }
}

#[test]
fn the_example_set_has_remarks_on_nothing_but_time() {
    let example = "policies/examples/approved-software";
    let before = run(&["check", example, "--strict", "--at", "2026-01-01T00:00:00Z"]);
    assert_eq!(before.code, 0, "{}", before.out);
    for (at, code) in [
        ("2026-09-15T00:00:00Z", "lint-waiver-expires-soon"),
        ("2026-10-01T00:00:00Z", "lint-waiver-expired"),
    ] {
        let late = run(&["check", example, "--strict", "--at", at]);
        assert_eq!(late.code, 1);
        assert!(
            late.out
                .contains(&format!("waivers/lab.yaml:3:9: warning[{code}]")),
            "{}",
            late.out
        );
    }
}

#[test]
fn cases_rules_and_data_are_shown_in_one_pass_and_in_one_order() {
    let files = [
        ("rules/no_shop.rego", RULE),
        (
            "cases/all.yaml",
            "cases:\n  - {name: a, facts: {host_id: ''}, at: 2024-01-01T00:00:00Z, want: {effect: allow, decided_by: [nobody]}}\n",
        ),
        ("waivers/w.yaml", "waivers: [{id: w}]\n"),
        ("catalogue/a.yaml", "vendor: {id: a, nmae: A}\n"),
    ];
    let ran = check(&files, &["--format", "json"]);
    assert_eq!(ran.code, 1);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let codes: Vec<&str> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|remark| remark["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        [
            "catalogue-parse-error",
            "rego-unbound-name",
            "waiver-parse-error",
            "case-facts",
            "case-unknown-instrument",
        ]
    );
    assert_eq!(
        (&report["error_count"], &report["warning_count"]),
        (&5.into(), &0.into())
    );
    assert_eq!(check(&files, &["--format", "json"]).out, ran.out);
}

#[test]
fn json_is_the_message_of_the_api_with_numbers() {
    let ran = check(&[("rules/no_shop.rego", RULE)], &["-f", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let remark = &report["diagnostics"][0];
    for (pointer, wanted) in [
        ("/severity", Value::from("error")),
        ("/code", "rego-unbound-name".into()),
        ("/span/path", "rules/no_shop.rego".into()),
        ("/span/start_line", 5.into()),
        ("/span/start_column", 2.into()),
        ("/span/end_column", 7.into()),
        ("/hint", "did you mean `found`?".into()),
        ("/excerpt", "\tfuond.class == \"shop\"".into()),
    ] {
        assert_eq!(remark.pointer(pointer), Some(&wanted), "{pointer}");
    }
    assert!(report.get("snapshot_id").is_none());
    let sound = run(&["check", "policies", "-f", "json"]);
    let report: Value = serde_json::from_str(&sound.out).unwrap();
    assert_eq!(report["snapshot_id"].as_str().unwrap().len(), 64);
}

/// Runs a check where the set is a folder of the working directory, as in a workflow.
fn check_here(files: &[(&str, &str)], format: &str) -> String {
    let work = folder(files);
    let output = embargo()
        .current_dir(work.path())
        .args(["check", "--format", format])
        .output()
        .unwrap();
    ran(output).out
}

#[test]
fn annotations_name_the_file_as_the_workflow_knows_it() {
    assert_eq!(
        check_here(&[("policies/rules/no_shop.rego", RULE)], "github"),
        "::error file=policies/rules/no_shop.rego,line=5,col=2,endColumn=7,title=rego-unbound-name::\
         nothing gives `fuond` a value%0Ahint: did you mean `found`?%0A\
         see: docs/codes/rego.md#rego-unbound-name\n"
    );
    let warned = check_here(&[("policies/rules/no_shop.rego", WARNED)], "github");
    assert!(warned.starts_with("::warning file="), "{warned}");
}

#[test]
fn sarif_names_rule_file_and_region() {
    let out = check_here(&[("policies/rules/no shop.rego", RULE)], "sarif");
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(
        run["tool"]["driver"]["rules"][index]["id"],
        result["ruleId"]
    );
    assert!(
        run["tool"]["driver"]["rules"][index]["help"]["markdown"]
            .as_str()
            .unwrap()
            .contains("**Mend**")
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"]["uri"],
        "policies/rules/no%20shop.rego"
    );
    assert_eq!(
        place["region"],
        serde_json::json!({"startLine": 5, "startColumn": 2, "endColumn": 7})
    );
    let empty = check_here(
        &[(
            "policies/rules/no_shop.rego",
            &RULE.replace("fuond", "found"),
        )],
        "sarif",
    );
    let log: Value = serde_json::from_str(&empty).unwrap();
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn a_folder_that_is_not_there_is_no_invalid_set() {
    let ran = run(&["check", "/nowhere/policies"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out.is_empty() && ran.err.contains("source-no-folder"),
        "{}",
        ran.err
    );
    let empty = check(&[("README.md", "nothing")], &[]);
    assert_eq!(empty.code, 1, "{}", empty.out);
    assert!(empty.out.contains("error[source-empty]"), "{}", empty.out);
}
