//! What a report says, read from each of its formats as a pipeline reads it.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

pub(super) const FORMS: [&str; 5] = ["pretty", "json", "junit", "sarif", "github"];

/// What a report says of one host, or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// The check passed.
    Passed,
    /// There is a decision, and it stops.
    Stopped,
    /// There is no decision, or none that can be acted on, and that stops.
    Unknown,
    /// There is no decision, and that was let pass.
    NotChecked,
}

/// What a report of one host says. Fails if it is not well-formed.
pub(super) fn read(form: &str, text: &str) -> Says {
    match form {
        "pretty" => pretty(text),
        "json" => json(text),
        "junit" => junit(text),
        "sarif" => sarif(text),
        "github" => github(text),
        other => panic!("{other}"),
    }
}

fn pretty(text: &str) -> Says {
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{text}");
        assert!(!line.contains("##["), "{text}");
    }
    let first = text.lines().next().unwrap();
    let (verdict, why) = first.split_once(": ").unwrap();
    assert!(!why.is_empty(), "{first}");
    if verdict == "go ahead" {
        Says::Passed
    } else if verdict.starts_with("not checked") {
        Says::NotChecked
    } else {
        assert_eq!(verdict, "stop", "{first}");
        let known = [
            "denied",
            "a person must decide",
            "indeterminate",
            "no decision",
        ];
        let what = known.iter().find(|known| why.starts_with(**known));
        match *what.unwrap_or_else(|| panic!("{first}")) {
            "denied" | "a person must decide" => Says::Stopped,
            _ => Says::Unknown,
        }
    }
}

fn json(text: &str) -> Says {
    let report: Value = serde_json::from_str(text).unwrap();
    for host in report["hosts"].as_array().unwrap() {
        assert!(host["decision"].is_object() != host["error"].is_object());
        assert!(host["file"].is_string());
    }
    match (report["outcome"].as_str().unwrap(), &report["exit_code"]) {
        ("go-ahead", code) if code == 0 => Says::Passed,
        ("denied", code) if code == 1 => Says::Stopped,
        ("review", code) if code == 3 => Says::Stopped,
        ("indeterminate" | "not-decided", code) if code == 2 => Says::Unknown,
        ("not-decided", code) if code == 0 => Says::NotChecked,
        other => panic!("{other:?}"),
    }
}

/// The attributes of a tag, unescaped.
fn attributes(tag: &BytesStart<'_>) -> BTreeMap<String, String> {
    tag.attributes()
        .map(|attribute| {
            let attribute = attribute.unwrap();
            let value = quick_xml::escape::unescape(attribute.value.as_ref());
            (
                attribute.key.as_ref().to_owned(),
                value.unwrap().into_owned(),
            )
        })
        .collect()
}

/// A case of a suite: its name, and the tag in it.
pub(super) type Case = (String, Option<(String, BTreeMap<String, String>)>);

/// The cases of a report. Holds the counts against them.
pub(super) fn cases(text: &str) -> Vec<Case> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut cases: Vec<Case> = Vec::new();
    let mut counted = None;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                let attributes = attributes(&tag);
                match tag.name().as_ref() {
                    "testsuites" => counted = Some(attributes),
                    "testcase" => cases.push((attributes["name"].clone(), None)),
                    "testsuite" | "system-out" => {}
                    inner @ ("failure" | "error" | "skipped") => {
                        let case = cases.last_mut().unwrap();
                        assert!(case.1.is_none(), "{text}");
                        case.1 = Some((inner.to_owned(), attributes));
                    }
                    other => panic!("{other}"),
                }
            }
            _ => {}
        }
    }
    let counted = counted.unwrap();
    let count = |wanted: &str| {
        let of_it = |case: &&Case| case.1.as_ref().is_some_and(|(inner, _)| inner == wanted);
        cases.iter().filter(of_it).count().to_string()
    };
    assert_eq!(counted["tests"], cases.len().to_string());
    for (name, inner) in [
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ] {
        assert_eq!(counted[name], count(inner), "{text}");
    }
    cases
}

fn junit(text: &str) -> Says {
    let cases = cases(text);
    let (name, inner) = cases.last().unwrap();
    assert_eq!(name, "decision", "{text}");
    match inner.as_ref().map(|(inner, _)| inner.as_str()) {
        None => {
            assert!(cases.iter().all(|(_, inner)| inner.is_none()), "{text}");
            Says::Passed
        }
        Some("failure") => Says::Stopped,
        Some("skipped") => Says::NotChecked,
        Some(_) => Says::Unknown,
    }
}

fn sarif(text: &str) -> Says {
    let log: Value = serde_json::from_str(text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        assert!(
            !rule["shortDescription"]["text"]
                .as_str()
                .unwrap()
                .is_empty()
        );
        assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
    }
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let levels = ["error", "warning", "note", "none"];
        assert!(levels.contains(&result["level"].as_str().unwrap()));
    }
    let invocation = &run["invocations"][0];
    let of_rule = |id: &str| results.iter().find(|result| result["ruleId"] == id);
    match of_rule("embargo/not-decided") {
        Some(result) => {
            assert_eq!(invocation["executionSuccessful"], false);
            if result["level"] == "note" {
                return Says::NotChecked;
            }
            assert_eq!(result["level"], "error");
            Says::Unknown
        }
        None => {
            assert_eq!(invocation["executionSuccessful"], true);
            match of_rule("embargo/indeterminate") {
                Some(result) => {
                    assert_eq!(result["level"], "error");
                    Says::Unknown
                }
                None if invocation["exitCode"] == 0 => Says::Passed,
                None => Says::Stopped,
            }
        }
    }
}

fn github(text: &str) -> Says {
    for line in text.lines() {
        let is_known = ["::error ", "::warning ", "::notice "]
            .iter()
            .any(|command| line.starts_with(command));
        assert!(is_known && line.matches("::").count() >= 2, "{text}");
    }
    let first = text.lines().next().unwrap();
    let (command, message) = first.trim_start_matches("::").split_once("::").unwrap();
    let says = pretty(message);
    let level = match says {
        Says::Passed => "notice",
        Says::NotChecked => "warning",
        Says::Stopped | Says::Unknown => "error",
    };
    assert_eq!(command, format!("{level} title=embargo gate"));
    says
}
