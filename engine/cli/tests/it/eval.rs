//! `embargo eval`: the flags and the answers of `opa eval`.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Ran, embargo, folder, ran, run};

const RULE: &str = "package app.limits

import rego.v1

allow if input.size < data.most

names contains name if some name in data.of.people.names

twice(x) := 2 * x
";

fn eval(arguments: &[&str]) -> Ran {
    let files = folder(&[
        ("in/rule.rego", RULE),
        ("in/data.yaml", "most: 10\n"),
        ("in/of/people/names.json", "{\"names\": [\"ann\", \"bob\"]}"),
        ("input.json", "{\"size\": 4}"),
        ("list.json", "[1]"),
        ("broken.rego", "package a\n\nx := \n"),
    ]);
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| {
            argument
                .strip_prefix('@')
                .map_or_else(|| (*argument).to_owned(), path)
        })
        .collect();
    let mut all = vec!["eval"];
    all.extend(arguments.iter().map(String::as_str));
    run(&all)
}

#[test]
fn json_has_the_shape_of_opa() {
    let ran = eval(&[
        "-d",
        "@in",
        "-i",
        "@input.json",
        "x := data.app.limits.allow",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        answer,
        json!({"result": [{
            "expressions": [{
                "value": true,
                "text": "x := data.app.limits.allow",
                "location": {"row": 1, "col": 1},
            }],
            "bindings": {"x": true},
        }]})
    );
}

#[test]
fn folders_are_keys_of_data_and_each_format_shows_values() {
    for (format, wanted) in [
        ("raw", "[\"ann\",\"bob\"]\n"),
        ("pretty", "[\n  \"ann\",\n  \"bob\"\n]\n"),
        ("values", "[\n  [\n    \"ann\",\n    \"bob\"\n  ]\n]\n"),
        ("bindings", "{}\n"),
    ] {
        let ran = eval(&["-d", "@in", "-f", format, "data.app.limits.names"]);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (0, wanted),
            "{format} {}",
            ran.err
        );
    }
}

#[test]
fn fail_and_fail_defined_set_the_code() {
    let defined = ["-d", "@in", "-i", "@input.json", "data.app.limits.allow"];
    let undefined = ["-d", "@in", "data.app.limits.allow"];
    for (more, codes) in [
        (None, [0, 0]),
        (Some("--fail"), [0, 1]),
        (Some("--fail-defined"), [1, 0]),
    ] {
        let code = |arguments: [&'static str; 5], count: usize| {
            let mut all: Vec<&str> = arguments[..count].to_vec();
            all.extend(more);
            eval(&all).code
        };
        let padded = [undefined[0], undefined[1], undefined[2], "", ""];
        assert_eq!([code(defined, 5), code(padded, 3)], codes, "{more:?}");
    }
    assert_eq!(eval(&undefined).out, "{}\n");
}

#[test]
fn input_comes_from_standard_input_too() {
    let mut process = embargo()
        .args(["eval", "-I", "-f", "raw", "input.size + 1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process
        .stdin
        .take()
        .unwrap()
        .write_all(b"size: 4\n")
        .unwrap();
    let ran = ran(process.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (0, "5\n"), "{}", ran.err);
}

#[test]
fn package_and_import_shorten_names() {
    let of_package = eval(&["-d", "@in", "-f", "raw", "-p", "app.limits", "twice(4)"]);
    assert_eq!(of_package.out, "8\n", "{}", of_package.err);
    let imported = eval(&[
        "-d",
        "@in",
        "-f",
        "raw",
        "--import",
        "data.app.limits",
        "limits.twice(3)",
    ]);
    assert_eq!(imported.out, "6\n", "{}", imported.err);
}

#[test]
fn errors_have_the_shape_of_opa_and_end_with_two() {
    for (arguments, code, row) in [
        (&["-d", "@broken.rego", "1"][..], "rego_parse_error", 3),
        (&["http.send({})"], "rego_type_error", 1),
        (&["true\ny == 1"], "rego_unsafe_var_error", 2),
        (
            &["--strict-builtin-errors", "to_number(\"x\")"],
            "eval_builtin_error",
            1,
        ),
    ] {
        let ran = eval(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(answer["errors"][0]["code"], code, "{answer}");
        assert_eq!(answer["errors"][0]["location"]["row"], row, "{answer}");
    }
    let absent = eval(&["-d", "/nowhere", "1"]);
    assert!(
        absent.code == 2 && absent.err.contains("/nowhere"),
        "{}",
        absent.err
    );
    let list = eval(&["-d", "@list.json", "1"]);
    assert_eq!(list.code, 2, "{}", list.out);
}

#[test]
fn the_rules_of_a_set_see_their_data() {
    let input = run(&[
        "decide",
        "--example",
        "--at",
        "2018-10-02T00:00:00Z",
        "--emit-input",
    ]);
    let files = folder(&[("input.json", &input.out)]);
    let input = files.path().join("input.json");
    let ran = run(&[
        "eval",
        "--policies",
        "policies",
        "-i",
        input.to_str().unwrap(),
        "-f",
        "raw",
        "count(data.restrictions.us_dhs_bod_17_01.deny)",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "1\n"), "{}", ran.err);
}

#[test]
fn a_query_without_end_is_stopped() {
    let long = format!(
        "count([1 | {}])",
        (0..16)
            .map(|n| format!("some a{n} in [1, 2, 3]"))
            .collect::<Vec<_>>()
            .join("; ")
    );
    let ran = run(&["eval", "--timeout", "100ms", &long]);
    assert_eq!(ran.code, 2);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["errors"][0]["code"], "eval_cancel_error", "{answer}");
}
