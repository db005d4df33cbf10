//! The shipped rules under OPA: the same entries as here, for the example host and for every
//! shipped case.
//!
//! Ignored, because it needs `opa`; `cargo xtask opa` runs it where that is at hand. The
//! variable `OPA` names a binary that is not on the path.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use embargo_core::bundle::{Role, role};
use embargo_core::cases;
use embargo_core::decision::{Budget, Decision, Evaluator, Question};
use embargo_core::facts::HostFacts;
use embargo_core::query::{self, Query, Sources};
use embargo_service::{Source, load, shipped_bundle};
use serde_json::{Value, json};

use crate::support::folder;

/// All packages for each input, so that rules are compiled once.
const QUERY: &str =
    "[found | some asked in data.asked; found := data.restrictions with input as asked]";

/// What is asked: the input as `decide --emit-input` prints it, and the decision.
struct Asked {
    name: String,
    input: Value,
    decision: Decision,
}

/// The example before, between and after the instants at which it turns, and every case.
fn asked() -> (Vec<Asked>, Value) {
    let snapshot = load(&Source::Embedded).unwrap();
    let data: Value = serde_json::from_str(&snapshot.data_json()).unwrap();
    let mut evaluator =
        Evaluator::new(snapshot.clone(), Budget::of_policy(Duration::from_secs(10)));
    let mut all = Vec::new();
    let mut ask = |name: String, facts: &HostFacts, action, at| {
        let question = Question { facts, action, at };
        all.push(Asked {
            name,
            input: serde_json::from_str(&evaluator.input_json(question)).unwrap(),
            decision: evaluator.decide(question),
        });
    };
    let example = include_str!("../../examples/federal-laptop.yaml");
    let record = embargo_core::facts::read("example.yaml", example).unwrap();
    let facts = HostFacts::check(record).unwrap();
    for at in [
        "2017-09-01T00:00:00Z",
        "2017-10-01T00:00:00Z",
        "2018-01-01T00:00:00Z",
        "2018-10-02T00:00:00Z",
        "2024-10-01T00:00:00Z",
    ] {
        for action in embargo_core::instrument::Action::ALL {
            let name = format!("the example, {} at {at}", action.word());
            ask(name, &facts, action, at.parse().unwrap());
        }
    }
    for (path, text) in snapshot.case_files() {
        for case in cases::read(path, text, None).unwrap() {
            let facts = HostFacts::check(case.facts).unwrap();
            for moment in &case.moments {
                let name = format!("{path}: {} at {}", case.name, moment.at);
                ask(name, &facts, case.action, moment.at);
            }
        }
    }
    (all, data)
}

/// A value with every list in one order: sets have none, and each engine writes them in its own.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Array(members) => {
            let mut members: Vec<Value> = members.iter().map(in_order).collect();
            members.sort_by_key(ToString::to_string);
            Value::Array(members)
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), in_order(value)))
            .collect(),
        other => other.clone(),
    }
}

/// The packages that found something.
fn that_found(packages: &Value) -> BTreeSet<String> {
    let found = |package: &Value| {
        ["deny", "review", "warn", "exempt"]
            .iter()
            .any(|set| package.get(set).is_some_and(|set| *set != json!([])))
    };
    let packages = packages.as_object().unwrap().iter();
    packages
        .filter(|(_, package)| found(package))
        .map(|(name, _)| format!("restrictions.{name}"))
        .collect()
}

#[test]
#[ignore = "needs opa: cargo xtask opa"]
fn the_shipped_rules_find_the_same_under_opa() {
    let (asked, mut data) = asked();
    let inputs: Vec<&Value> = asked.iter().map(|asked| &asked.input).collect();
    data["asked"] = json!(inputs);

    let bundle = shipped_bundle().unwrap();
    let rules: Vec<(String, String)> = bundle
        .files()
        .filter(|(path, _)| role(path) == Some(Role::Rule))
        .map(|(path, bytes)| (path.to_owned(), String::from_utf8(bytes.to_vec()).unwrap()))
        .collect();
    let text = data.to_string();
    let mut files: Vec<(&str, &str)> = rules
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    files.push(("data.json", &text));
    let set = folder(&files);

    let opa = std::env::var("OPA").unwrap_or_else(|_| "opa".to_owned());
    let answer = Command::new(&opa)
        .args(["eval", "--format", "json", "--data"])
        .arg(set.path())
        .arg(QUERY)
        .output()
        .unwrap_or_else(|cause| panic!("`{opa}` cannot be run: {cause}"));
    let under_opa: Value = serde_json::from_slice(&answer.stdout).unwrap();
    let under_opa = under_opa
        .pointer("/result/0/expressions/0/value")
        .and_then(Value::as_array)
        .unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&answer.stdout)));

    let sources = Sources {
        modules: rules,
        data: vec![("data.json".to_owned(), data)],
    };
    let query = Query {
        text: QUERY.to_owned(),
        package: None,
        imports: Vec::new(),
        input: None,
        strict: true,
        budget: Duration::from_secs(600),
    };
    // Rules recurse on the stack.
    let here = std::thread::Builder::new()
        .stack_size(64 * 1_024 * 1_024)
        .spawn(move || query::ask(&sources, &query))
        .unwrap();
    let here = here.join().unwrap().unwrap();
    let here = here[0].pointer("/expressions/0/value").unwrap();
    let here = here.as_array().unwrap();

    assert_eq!((under_opa.len(), here.len()), (asked.len(), asked.len()));
    let mut entries = 0;
    for ((asked, under_opa), here) in asked.iter().zip(under_opa).zip(here) {
        assert_eq!(in_order(under_opa), in_order(here), "{}", asked.name);
        // What decisions are made of is what OPA finds.
        let judgement = &asked.decision.judgement;
        assert!(judgement.failures.is_empty(), "{}", asked.name);
        let found: BTreeSet<String> = judgement
            .findings
            .iter()
            .map(|finding| finding.policy_id.to_string())
            .collect();
        assert_eq!(that_found(under_opa), found, "{}", asked.name);
        entries += found.len();
    }
    println!(
        "{} questions, {entries} policies with findings: the same under OPA",
        asked.len()
    );
    assert!(asked.len() > 300 && entries > 100);
}
