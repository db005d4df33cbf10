//! The report as annotations of a GitHub workflow, and as a part of its job's summary.

use std::io::Write as _;

use embargo_client::v1;

use crate::output::github::{Level, annotation, markdown};
use crate::output::standing::{Standing, rule};
use crate::output::{self, words};

use super::outcome::Outcome;
use super::report::{Host, Report};
use super::text;

/// The file to which a step adds Markdown for the summary of its job.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The outcome first, since GitHub shows few annotations of a step, then what was found.
pub(super) fn annotations(report: &Report) -> String {
    let title = ("title", "embargo gate".to_owned());
    let level = level(report.outcome());
    let mut text = annotation(level, &[title], &text::headline(report));
    for host in report.hosts() {
        match &host.answer {
            Ok(decision) => found(host, decision, report, &mut text),
            Err(none) => text.push_str(&annotation(
                self::level(host.outcome),
                &place(host, "no decision"),
                &format!("{}: {}", host.name(), none.message),
            )),
        }
    }
    text
}

const fn level(outcome: Outcome) -> Level {
    match outcome {
        Outcome::GoAhead => Level::Notice,
        Outcome::Pardoned => Level::Warning,
        Outcome::Review | Outcome::Denied | Outcome::Indeterminate | Outcome::NotDecided => {
            Level::Error
        }
    }
}

fn found(host: &Host, decision: &v1::Decision, report: &Report, text: &mut String) {
    for finding in &decision.findings {
        let standing = Standing::of(finding);
        let level = match standing {
            Standing::Exempt => continue,
            standing if report.stops(standing) => Level::Error,
            Standing::Waived => Level::Notice,
            Standing::Warn | Standing::Review | Standing::Deny => Level::Warning,
        };
        let message = format!("{}: {}", host.name(), text::in_full(finding));
        text.push_str(&annotation(level, &place(host, rule(finding)), &message));
    }
    if host.outcome == Outcome::Indeterminate && decision.failures.is_empty() {
        text.push_str(&annotation(
            Level::Error,
            &place(host, "indeterminate"),
            &format!("{}: {}", host.name(), text::why(host)),
        ));
    }
    for failure in &decision.failures {
        text.push_str(&annotation(
            Level::Error,
            &place(host, "policy failed"),
            &format!("{}: {}", host.name(), text::failed(failure)),
        ));
    }
}

fn place(host: &Host, title: &str) -> Vec<(&'static str, String)> {
    let mut properties = Vec::new();
    if let Some(file) = host.file() {
        properties.push(("file", file));
        // Without a line GitHub shows it at the first.
        if let Some(line) = host.line() {
            properties.push(("line", line.to_string()));
        }
    }
    properties.push(("title", title.to_owned()));
    properties
}

/// Adds to the summary of the job, if there is one. The report does not depend on it.
pub(super) fn add_to_summary(report: &Report) {
    let Some(file) = std::env::var_os(SUMMARY).filter(|file| !file.is_empty()) else {
        return;
    };
    let options = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&file);
    let written = options.and_then(|mut file| file.write_all(summary(report).as_bytes()));
    if let Err(cause) = written {
        output::warn(&format!(
            "the job's summary cannot be written: {cause}: {SUMMARY} is `{}`",
            file.to_string_lossy()
        ));
    }
}

fn summary(report: &Report) -> String {
    let mut text = format!(
        "### embargo gate\n\n{}\n",
        markdown(&text::headline(report))
    );
    if report.count() == 0 {
        return text;
    }
    text.push_str("\n| host | outcome | why | to do | may change at |\n|---|---|---|---|---|\n");
    for host in report.hosts() {
        let (to_do, change) = match &host.answer {
            Ok(decision) => {
                let findings = decision.findings.iter();
                let mut counting = findings.filter(|one| Standing::of(one) != Standing::Exempt);
                let to_do = counting.next().map(|one| one.remediation.clone());
                let time = decision.next_change_time.as_ref().map(words::instant);
                (to_do.unwrap_or_default(), time.unwrap_or_default())
            }
            Err(_) => (String::new(), String::new()),
        };
        let cells = [
            host.name(),
            host.outcome.word().to_owned(),
            text::why(host),
            to_do,
            change,
        ];
        let cells = cells.map(|cell| markdown(&cell));
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}
