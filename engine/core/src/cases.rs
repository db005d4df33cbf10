//! Cases: questions with the answers that are wanted, as data.
//!
//! One format for the shipped cases, an author's cases and acceptance. A case is judged on
//! the same path as every request. It may ask at several instants, so that both sides of one
//! stand together.

mod written;

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::decision::{Disposition, Evaluator, Finding, Question};
use crate::diagnostic::Diagnostic;
use crate::facts::{FactsInvalid, HostFacts, HostRecord};
use crate::instant::Instant;
use crate::instrument::{Action, Effect};
use crate::yaml;

/// A question and the answers that are wanted.
#[derive(Debug)]
pub struct Case {
    /// The name, unique in its file.
    pub name: String,
    /// The question in words.
    pub question: String,
    /// What is known about the host.
    pub facts: HostRecord,
    /// The action; presence if none is named.
    pub action: Action,
    /// The instants to judge at, with the answer that is wanted of each; at least one.
    pub moments: Vec<Moment>,
    /// How well the sources support the answers.
    pub confidence: Option<Confidence>,
    /// Why, where it is not high.
    pub note: String,
}

/// An instant and the answer that is wanted at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The instant to judge at.
    pub at: Instant,
    /// The answer that is wanted.
    pub want: Want,
}

/// How well the sources support an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Well.
    High,
    /// With an assumption.
    Medium,
    /// Barely.
    Low,
}

/// The answer that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The overall effect.
    pub effect: Effect,
    /// Instruments that must have raised a finding; there may be more.
    pub decided_by: Vec<String>,
    /// Instruments that must not have raised a DENY.
    pub not_decided_by: Vec<String>,
    /// Instruments that must have let the case pass themselves.
    pub exempt_by: Vec<String>,
}

/// Reads a case file. `at` is the instant for cases that name none.
///
/// # Errors
/// The first fault, with its place; the first name that stands twice; or the first case that
/// names no instant or wants no effect.
pub fn read(path: &str, text: &str, at: Option<Instant>) -> Result<Vec<Case>, Diagnostic> {
    let cases = written::read(path, text)?;
    let mut names = BTreeSet::new();
    let mut read = Vec::with_capacity(cases.len());
    for case in cases {
        let name = case.name.clone();
        let place = |remark| yaml::remark(path, text, &name, remark);
        if !names.insert(name.clone()) {
            let remark = Diagnostic::error(
                "case-duplicate-name",
                format!("two cases are called `{name}`"),
            );
            return Err(place(remark).hint("give each case its own name"));
        }
        match case.checked(at) {
            Ok(case) => read.push(case),
            Err((fault, hint)) => {
                let message = format!("the case `{name}` {fault}");
                return Err(place(Diagnostic::error("case-parse-error", message)).hint(hint));
            }
        }
    }
    Ok(read)
}

/// What is said of facts that are none.
pub(crate) fn refusal(refused: &FactsInvalid) -> String {
    format!("the facts are refused: {refused}")
}

/// Judges a question at each of its instants; a sentence for each difference from what is
/// wanted, with what was got.
pub(crate) fn differences(
    facts: &HostFacts,
    action: Action,
    moments: &[Moment],
    evaluator: &mut Evaluator,
) -> Vec<String> {
    let mut differences = Vec::new();
    for Moment { at, want } in moments {
        let question = Question {
            facts,
            action,
            at: *at,
        };
        let found = at_moment(want, question, evaluator);
        if moments.len() > 1 {
            differences.extend(found.into_iter().map(|said| format!("at {at}: {said}")));
        } else {
            differences.extend(found);
        }
    }
    differences
}

fn at_moment(want: &Want, question: Question<'_>, evaluator: &mut Evaluator) -> Vec<String> {
    let judgement = &evaluator.judgement(question);
    let mut differences = Vec::new();
    if judgement.effect != want.effect {
        differences.push(format!(
            "wanted effect {}, got {}{}",
            want.effect,
            judgement.effect,
            found_in_words(&judgement.findings)
        ));
    }
    for failure in &judgement.failures {
        differences.push(format!(
            "the policy `{}` failed: {}",
            failure.policy_id, failure.diagnostic.message
        ));
    }
    let raised = |id: &str, is_exempt: bool| {
        judgement.findings.iter().any(|finding| {
            finding.instrument_id() == id
                && (finding.disposition == Disposition::Exempt) == is_exempt
        })
    };
    let missing = |what: &str, id: &String| {
        let known = evaluator.snapshot().instrument(id).is_some();
        let why = if known {
            "it raised none"
        } else {
            "there is no such instrument"
        };
        format!("wanted {what} of {id}, and {why}")
    };
    for id in want.decided_by.iter().filter(|id| !raised(id, false)) {
        differences.push(missing("a finding", id));
    }
    for id in want.exempt_by.iter().filter(|id| !raised(id, true)) {
        differences.push(missing("an exemption", id));
    }
    let denied = |finding: &Finding, id: &str| {
        finding.instrument_id() == id && finding.counts_as() == Effect::Deny
    };
    for id in &want.not_decided_by {
        if let Some(finding) = judgement
            .findings
            .iter()
            .find(|finding| denied(finding, id))
        {
            differences.push(format!(
                "wanted no denial by {id}, got: {}",
                finding.message
            ));
        }
    }
    differences
}

fn found_in_words(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return " (nothing was found)".to_owned();
    }
    let shown: Vec<String> = findings
        .iter()
        .map(|finding| {
            let by = match finding.instrument_id() {
                "" => &finding.policy_id,
                instrument => instrument,
            };
            format!("{} by {by}", finding.counts_as())
        })
        .collect();
    format!(" ({})", shown.join(", "))
}
