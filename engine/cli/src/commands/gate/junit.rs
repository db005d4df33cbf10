//! The report as JUnit's XML: a suite for each host, a case for each instrument that found
//! something, and one case for the decision. A case passes only where a decision says so.

use std::collections::BTreeMap;

use embargo_client::v1;

use crate::output::junit::{HEAD, escaped};
use crate::output::standing::{Standing, rule};

use super::outcome::Outcome;
use super::report::{Host, NoDecision, Report};
use super::text;

/// What became of a case.
enum Result {
    Passed,
    Failed,
    Error,
    Skipped,
}

struct Case {
    name: String,
    result: Result,
    /// What failed, for programs.
    kind: String,
    message: String,
    text: String,
}

/// The case of a suite on the decision as a whole.
const DECISION: &str = "decision";

pub(super) fn text(report: &Report) -> String {
    let mut suites: Vec<(String, Option<String>, Vec<Case>)> = report
        .hosts()
        .map(|host| (host.name(), host.file(), cases(host, report)))
        .collect();
    if let Some(none) = &report.failure {
        let case = undecided(Result::Error, none);
        suites.push(("embargo gate".to_owned(), None, vec![case]));
    }
    let all = || suites.iter().flat_map(|(_, _, cases)| cases);
    let mut text = format!(
        "{HEAD}<testsuites name=\"embargo gate\"{}>\n",
        counts(all())
    );
    for (name, file, cases) in &suites {
        let file = file.as_deref();
        let file = file.map(|file| format!(" file=\"{}\"", escaped(file)));
        let file = file.unwrap_or_default();
        let suite = escaped(name);
        text.push_str(&format!(
            "  <testsuite name=\"{suite}\"{file}{}>\n",
            counts(cases.iter())
        ));
        for case in cases {
            text.push_str(&element(case, &suite, &file));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn counts<'c>(cases: impl Iterator<Item = &'c Case>) -> String {
    let (mut tests, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    for case in cases {
        tests += 1;
        match case.result {
            Result::Passed => {}
            Result::Failed => failures += 1,
            Result::Error => errors += 1,
            Result::Skipped => skipped += 1,
        }
    }
    format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

fn element(case: &Case, suite: &str, file: &str) -> String {
    let (kind, message) = (escaped(&case.kind), escaped(&case.message));
    let text = escaped(&case.text);
    let inner = match case.result {
        Result::Passed if text.is_empty() => String::new(),
        Result::Passed => format!("<system-out>{text}</system-out>"),
        Result::Failed => {
            format!("<failure message=\"{message}\" type=\"{kind}\">{text}</failure>")
        }
        Result::Error => format!("<error message=\"{message}\" type=\"{kind}\">{text}</error>"),
        Result::Skipped => format!("<skipped message=\"{message}\"/>"),
    };
    format!(
        "    <testcase name=\"{}\" classname=\"{suite}\"{file}>{inner}</testcase>\n",
        escaped(&case.name)
    )
}

fn cases(host: &Host, report: &Report) -> Vec<Case> {
    let decision = match &host.answer {
        Ok(decision) => decision,
        Err(none) => {
            let result = match host.outcome {
                Outcome::Pardoned => Result::Skipped,
                _ => Result::Error,
            };
            return vec![undecided(result, none)];
        }
    };
    let mut by_rule = BTreeMap::<&str, Vec<&v1::Finding>>::new();
    for finding in &decision.findings {
        by_rule.entry(rule(finding)).or_default().push(finding);
    }
    let mut cases: Vec<Case> = by_rule
        .into_iter()
        .map(|(rule, findings)| of_rule(rule, &findings, report))
        .collect();
    cases.push(of_decision(host, decision));
    cases
}

/// Findings of a rule. The strongest stands first.
fn of_rule(rule: &str, findings: &[&v1::Finding], report: &Report) -> Case {
    let stops = |finding: &&&v1::Finding| report.stops(Standing::of(finding));
    let stopping = findings.iter().find(stops);
    let texts: Vec<String> = findings
        .iter()
        .map(|finding| {
            format!(
                "{}: {}",
                Standing::of(finding).word(),
                text::in_full(finding)
            )
        })
        .collect();
    Case {
        name: rule.to_owned(),
        result: if stopping.is_some() {
            Result::Failed
        } else {
            Result::Passed
        },
        kind: rule.to_owned(),
        message: stopping.map_or_else(String::new, |finding| text::told(finding)),
        text: texts.join("\n\n"),
    }
}

fn of_decision(host: &Host, decision: &v1::Decision) -> Case {
    let result = match host.outcome {
        Outcome::GoAhead => Result::Passed,
        Outcome::Review | Outcome::Denied => Result::Failed,
        Outcome::Indeterminate | Outcome::Pardoned | Outcome::NotDecided => Result::Error,
    };
    let mut lines: Vec<String> = decision.failures.iter().map(text::failed).collect();
    if !decision.missing_facts.is_empty() {
        lines.push(format!(
            "not collected: {}",
            decision.missing_facts.join(", ")
        ));
    }
    lines.push(text::change(decision));
    lines.push(format!("judged by snapshot {}", decision.snapshot_id));
    Case {
        name: DECISION.to_owned(),
        result,
        kind: host.outcome.word().to_owned(),
        message: text::why(host),
        text: lines.join("\n"),
    }
}

fn undecided(result: Result, none: &NoDecision) -> Case {
    Case {
        name: DECISION.to_owned(),
        result,
        kind: none.lack.word().to_owned(),
        message: format!("no decision: {}", text::cause(none)),
        text: none.message.clone(),
    }
}
