//! The outcome and its reasons in words, which all formats share.

use embargo_client::v1;

use crate::args::FailOn;
use crate::output::github::harmless;
use crate::output::pretty::{clean, subject};
use crate::output::standing::{Standing, rule};
use crate::output::words;

use super::lack::Lack;
use super::outcome::Outcome;
use super::report::{Host, NoDecision, Report};

/// The outcome and why, in one line.
pub(super) fn headline(report: &Report) -> String {
    let outcome = report.outcome();
    let verdict = outcome.verdict();
    let gravest = report.gravest();
    let why = match (&report.failure, gravest) {
        (Some(none), _) => cause(none),
        (None, Some(host)) => format!("{}{}", why(host), whom(host, report)),
        (None, None) => String::new(),
    };
    let by_request = match (outcome, gravest.map(|host| &host.answer)) {
        (Outcome::Denied, Some(Ok(decision))) if decision.effect() != v1::Effect::Deny => {
            match report.fail_on {
                FailOn::Warn => " (--fail-on warn)",
                FailOn::Review => " (--fail-on review)",
                FailOn::Deny => "",
            }
        }
        _ => "",
    };
    harmless(&format!("{verdict}{by_request}: {why}"))
}

/// The host that is meant, and how many others there are.
fn whom(host: &Host, report: &Report) -> String {
    // What cannot be read is named by the cause.
    let of_it = match &host.host_id {
        Some(host_id) => format!(": host {host_id}"),
        None => String::new(),
    };
    match report.count() {
        1 => of_it,
        count => {
            let like = |other: &&Host| other.outcome.word() == host.outcome.word();
            let alike = report.hosts().filter(like).count();
            format!("{of_it}; {}: {alike} of {count} hosts", host.outcome.word())
        }
    }
}

/// Why a host has its outcome, in one line.
pub(super) fn why(host: &Host) -> String {
    match &host.answer {
        Ok(decision) => because(decision),
        Err(none) => cause(none),
    }
}

fn because(decision: &v1::Decision) -> String {
    // The strongest stands first, and those that are exempt last.
    let found = decision.findings.first();
    if let Some(finding) = found.filter(|finding| Standing::of(finding) != Standing::Exempt) {
        let waived = match Standing::of(finding) {
            Standing::Waived => ", waived",
            _ => "",
        };
        if decision.effect() != v1::Effect::Indeterminate {
            return format!("{} ({}{waived})", finding.message, rule(finding));
        }
    }
    if let Some(failure) = decision.failures.first() {
        return format!("policy {} could not be evaluated", failure.policy_id);
    }
    match decision.effect() {
        v1::Effect::Indeterminate => {
            "software was not read, or could not be read in part".to_owned()
        }
        v1::Effect::Allow => "nothing stands in the way".to_owned(),
        _ => format!("the effect is {}", words::effect(decision.effect)),
    }
}

/// Why there is no decision, in one line.
pub(super) fn cause(none: &NoDecision) -> String {
    let mut lines = none.message.lines().filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    match (none.lack, lines.next()) {
        // Their first line says that there are faults, and the next one which.
        (Lack::Policies, Some(fault)) => format!("{first}: {fault}"),
        _ => first.to_owned(),
    }
}

/// What went ahead without a decision, so that nobody overlooks it.
pub(super) fn pardoned(report: &Report) -> String {
    let pardoned: Vec<&Host> = report
        .hosts()
        .filter(|host| host.outcome == Outcome::Pardoned)
        .collect();
    let mut text = format!(
        "NOT CHECKED: there is no decision on {} of {} {}, and --on-error allow lets that pass",
        pardoned.len(),
        report.count(),
        words::plural(u64::try_from(report.count()).unwrap_or(u64::MAX), "host"),
    );
    for host in pardoned {
        let line = format!("  {}: {}", host.name(), why(host));
        text.push('\n');
        text.push_str(&harmless(&line));
    }
    text
}

/// A finding as fields: what it is about and why, then what to do and where to read.
pub(super) fn fields(finding: &v1::Finding) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    let mut add = |name, text: String| {
        if !text.is_empty() {
            fields.push((name, clean(&text)));
        }
    };
    add("rule", rule(finding).to_owned());
    add("detail", finding.detail.clone());
    if let Some(waiver) = &finding.waiver {
        let until = waiver.expire_time.as_ref().map(words::instant);
        add(
            "waiver",
            format!(
                "{} until {}, by {}: {}",
                waiver.waiver_id,
                until.unwrap_or_default(),
                waiver.owner,
                waiver.reason
            ),
        );
    }
    add("to do", finding.remediation.clone());
    for citation in &finding.citations {
        let parts = [citation.title.as_str(), citation.url.as_str()];
        add("see", parts.join("  ").trim_end().to_owned());
    }
    fields
}

/// What a finding is about and why, in one line.
pub(super) fn told(finding: &v1::Finding) -> String {
    clean(&format!(
        "{}: {}",
        subject(finding.software.as_ref()),
        finding.message
    ))
}

/// A finding in several lines.
pub(super) fn in_full(finding: &v1::Finding) -> String {
    let mut text = told(finding);
    for (name, field) in fields(finding) {
        text.push_str(&format!("\n{name}: {field}"));
    }
    text
}

/// When the answer on a host changes.
pub(super) fn change(decision: &v1::Decision) -> String {
    match &decision.next_change_time {
        Some(time) => format!("may change at {}", words::instant(time)),
        None => "no date is known at which this changes".to_owned(),
    }
}

/// A policy that could not be evaluated, in one line.
pub(super) fn failed(failure: &v1::PolicyFailure) -> String {
    let Some(diagnostic) = &failure.diagnostic else {
        return clean(&failure.policy_id);
    };
    let place = diagnostic
        .span
        .as_ref()
        .map(|span| format!(" ({}:{}:{})", span.path, span.start_line, span.start_column));
    clean(&format!(
        "{}: {}{}",
        failure.policy_id,
        diagnostic.message,
        place.unwrap_or_default()
    ))
}
