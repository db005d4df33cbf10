//! Codes and their pages: each code that the sources raise has a section, each section a code,
//! and what a page shows of Rego does give its code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use embargo_core::bundle::Bundle;
use embargo_core::decision::Question;
use embargo_core::diagnostic::page;
use embargo_core::instrument::Action;
use embargo_core::lint;
use embargo_core::snapshot::Snapshot;
use regex::Regex;

use crate::support::{acme, at, compile, evaluator, on_large_stack, shielded};

/// Words that begin like a code and are none: kinds of identifiers, names of limits.
const NO_CODES: [&str; 4] = [
    "bundle-compilations",
    "bundle-id",
    "policy-read",
    "policy-test",
];
/// Codes of the Rego family that no set can be made to raise: the gates before them refuse it.
const GUARDS: [&str; 1] = ["rego-data"];

static RAISED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"Diagnostic::(?:error|warning)\(\s*"([a-z0-9-]+)""#).unwrap());
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""([a-z]+(?:-[a-z]+)+)""#).unwrap());

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "tests" {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && path.file_name().unwrap() != "tests.rs"
        {
            found.push(path);
        }
    }
}

/// A source without its comments and its tests.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |kept, line| kept + line + "\n")
}

/// The codes that the sources raise. Where the code of a remark comes from elsewhere it is a
/// word with the beginning of a family.
fn raised(families: &BTreeSet<String>) -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in ["engine/core/src", "engine/service/src", "engine/cli/src"] {
        sources(&root().join(folder), &mut files);
    }
    assert!(files.len() > 100, "the sources are elsewhere");
    let mut codes = BTreeSet::new();
    for file in &files {
        let text = code_of(file);
        let captured = |words: &Regex| -> Vec<String> {
            let found = words.captures_iter(&text);
            found.map(|found| found[1].to_owned()).collect()
        };
        codes.extend(captured(&RAISED));
        codes.extend(captured(&WORD).into_iter().filter(|word| {
            let first = word.split('-').next().unwrap();
            families.contains(first) && !NO_CODES.contains(&word.as_str())
        }));
    }
    codes
}

/// The sections of the pages: by their place the text of each.
fn sections() -> BTreeMap<String, String> {
    let mut sections = BTreeMap::new();
    for entry in fs::read_dir(root().join("docs/codes")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "README.md" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for section in text.split("\n## ").skip(1) {
            let (code, body) = section.split_once('\n').unwrap();
            let place = format!("docs/codes/{name}#{code}");
            assert!(
                sections.insert(place.clone(), body.to_owned()).is_none(),
                "{place} stands twice"
            );
        }
    }
    sections
}

/// The first words of codes, without the one that much else begins with.
fn families(sections: &BTreeMap<String, String>) -> BTreeSet<String> {
    sections
        .keys()
        .filter_map(|place| place.split('#').nth(1)?.split('-').next())
        .filter(|first| *first != "not")
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_code_has_a_section_and_each_section_a_code() {
    let sections = sections();
    let codes = raised(&families(&sections));
    let wanted: BTreeSet<String> = codes.iter().map(|code| page::of(code)).collect();
    let there: BTreeSet<String> = sections.keys().cloned().collect();
    let missing: Vec<&String> = wanted.difference(&there).collect();
    let idle: Vec<&String> = there.difference(&wanted).collect();
    assert!(missing.is_empty(), "codes without a section: {missing:#?}");
    assert!(
        idle.is_empty(),
        "sections of codes that nothing raises: {idle:#?}"
    );
}

#[test]
fn each_section_says_what_to_do() {
    for (place, text) in sections() {
        assert!(text.contains("**Mend**"), "{place} names no remedy");
    }
}

#[test]
fn each_page_stands_in_the_index() {
    let index = fs::read_to_string(root().join("docs/codes/README.md")).unwrap();
    for place in sections().keys() {
        let link = place.strip_prefix("docs/codes/").unwrap();
        assert!(
            index.contains(&format!("]({link})")),
            "{link} is not in the index"
        );
    }
}

#[test]
fn the_index_shows_a_remark_as_it_is() {
    let rule = "package restrictions.a\n\ndeny contains \"x\" if {\n\tstartwith(input.host.id, \"a\")\n}\n";
    let bundle = Bundle::new(acme(&[("rules/a.rego", rule)])).unwrap();
    let remarks = Snapshot::compile(bundle).unwrap_err();
    let shown = remarks.first().unwrap().to_string();
    let index = fs::read_to_string(root().join("docs/codes/README.md")).unwrap();
    assert!(index.contains(&shown.replace('\t', "    ")), "{shown}");
}

/// The example of a section, or one that is too long to be shown.
fn example(code: &str, section: &str) -> Option<String> {
    match code {
        "rego-line-length" => Some(format!(
            "package restrictions.example\n\nx := \"{}\"\n",
            "x".repeat(1_100)
        )),
        "rego-too-large" => Some(format!(
            "package restrictions.example\n\ndeny contains \"x\" if {{\n{}}}\n",
            "\tinput.host.id\n".repeat(2_000)
        )),
        "rego-tangled-name" => {
            let line = |at: usize| format!("a{} := a{at}.b\na{} = a{at}.c\n", at + 1, at + 1);
            let lines: String = (0..100).map(line).collect();
            Some(format!(
                "package restrictions.example\n\ndeny contains \"x\" if {{\na0 := input\n{lines}}}\n"
            ))
        }
        "rego-chain-too-long" => {
            let links = (1..=101).map(|at| format!("r{at} := r{}\n", at - 1));
            let links: String = links.collect();
            Some(format!("package restrictions.example\n\nr0 := 1\n{links}"))
        }
        _ => {
            let (_, example) = section.split_once("```rego\n")?;
            Some(example.split("```").next().unwrap().to_owned())
        }
    }
}

/// All codes that a rule gives rise to, when it is loaded and when it runs.
fn given(rule: &str) -> Vec<&'static str> {
    let files = acme(&[("example.rego", rule)]);
    let codes = |remarks: &[embargo_core::diagnostic::Diagnostic]| -> Vec<&'static str> {
        remarks.iter().map(|remark| remark.code).collect()
    };
    let snapshot = match Snapshot::compile(Bundle::new(files.clone()).unwrap()) {
        Ok(snapshot) => snapshot,
        Err(remarks) => return codes(&remarks),
    };
    let mut given = codes(snapshot.warnings());
    given.extend(codes(&lint::of(&snapshot, at("2024-01-01T00:00:00Z"))));
    let decision = evaluator(&compile(files)).decide(Question {
        facts: &shielded(),
        action: Action::Presence,
        at: at("2024-01-01T00:00:00Z"),
    });
    given.extend(
        decision
            .judgement
            .failures
            .iter()
            .map(|failure| failure.diagnostic.code),
    );
    given
}

#[test]
fn what_a_page_shows_of_rego_gives_its_code() {
    on_large_stack(try_examples);
}

fn try_examples() {
    let mut tried = 0;
    for (place, section) in sections() {
        let (page, code) = place.split_once('#').unwrap();
        let is_of_rules = page == "docs/codes/rego.md";
        if !(is_of_rules || page == "docs/codes/lint.md") || GUARDS.contains(&code) {
            continue;
        }
        let Some(example) = example(code, &section) else {
            assert!(!is_of_rules, "{code} has no example");
            continue;
        };
        let given = given(&example);
        assert!(
            given.contains(&code),
            "the example of {code} gives {given:?}:\n{example}"
        );
        tried += 1;
    }
    assert!(tried > 15, "{tried}");
}
