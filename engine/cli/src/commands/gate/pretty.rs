//! The report for people: the outcome and why in the first line, then what was found, by which
//! text, what to do about it, and when the answer changes.
//!
//! Runners look for commands in what a step prints, and hosts may be called as one is: no line
//! is a command.

use embargo_client::v1;

use crate::output::github::harmless;
use crate::output::standing::Standing;
use crate::output::{Paint, pretty, words};

use super::outcome::Outcome;
use super::report::{Host, NoDecision, Report, has_warning};
use super::text;

pub(super) fn page(report: &Report, paint: Paint) -> String {
    let mut page = Page::default();
    let headline = text::headline(report);
    page.line(&match report.outcome() {
        Outcome::GoAhead => paint.green(&headline),
        Outcome::Pardoned | Outcome::Review => paint.yellow(&headline),
        Outcome::Denied | Outcome::Indeterminate | Outcome::NotDecided => paint.red(&headline),
    });
    if let Some(none) = &report.failure {
        page.blank();
        lacking(&mut page, none);
    }
    let is_shown =
        |host: &Host| report.count() == 1 || host.outcome != Outcome::GoAhead || has_warning(host);
    for shown in report.hosts().filter(|host| is_shown(host)) {
        page.blank();
        of_host(&mut page, shown, paint);
    }
    let others = report.hosts().filter(|host| !is_shown(host)).count();
    if others > 0 {
        page.blank();
        page.line(&format!(
            "{others} {} without a finding that counts",
            words::plural(u64::try_from(others).unwrap_or(u64::MAX), "host")
        ));
    }
    page.0
}

fn of_host(page: &mut Page, host: &Host, paint: Paint) {
    let name = paint.bold(&harmless(&host.name()));
    let file = match (&host.host_id, host.file()) {
        (Some(_), Some(file)) => format!(" ({})", harmless(&file)),
        _ => String::new(),
    };
    match &host.answer {
        Ok(decision) => {
            let effect = pretty::effect(decision.effect, paint);
            let action = words::action(decision.action);
            let at = decision.evaluate_time.as_ref().map(words::instant);
            page.line(&format!(
                "host {name}{file}: {effect} for {action} at {}",
                at.unwrap_or_default()
            ));
            found(page, decision, paint);
        }
        Err(none) => {
            let what = if host.host_id.is_some() { "host " } else { "" };
            page.line(&format!("{what}{name}{file}: no decision"));
            lacking(page, none);
        }
    }
}

fn found(page: &mut Page, decision: &v1::Decision, paint: Paint) {
    for finding in &decision.findings {
        let standing = Standing::of(finding);
        let word = pretty::by_effect(standing.effect().into(), paint, standing.word());
        page.line(&format!("  {word}  {}", harmless(&text::told(finding))));
        if standing == Standing::Exempt {
            continue;
        }
        for (name, field) in text::fields(finding) {
            page.line(&format!("    {name:<7}{}", harmless(&field)));
        }
    }
    if decision.omitted_finding_count > 0 {
        page.line(&format!(
            "  and {} more findings, which count all the same",
            decision.omitted_finding_count
        ));
    }
    for failure in &decision.failures {
        let word = paint.red("failed");
        page.line(&format!("  {word}  {}", harmless(&text::failed(failure))));
    }
    if !decision.missing_facts.is_empty() {
        let missing = decision.missing_facts.join(", ");
        page.line(&format!("  not collected: {}", harmless(&missing)));
    }
    page.line(&format!("  {}", text::change(decision)));
}

/// Why there is no decision, in full.
fn lacking(page: &mut Page, none: &NoDecision) {
    page.line(&format!("  kind: {}", none.lack.word()));
    for line in none.message.lines() {
        page.line(&harmless(&format!("  {line}")));
    }
}

/// Lines under construction.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }
}
