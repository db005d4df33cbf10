//! Cases: questions with the answers that are wanted, as data.
//!
//! One format for the shipped cases, an author's cases and acceptance. A case is judged on
//! the same path as every request.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::decision::{Disposition, Evaluator, Finding, Question};
use crate::diagnostic::Diagnostic;
use crate::facts::{FactsInvalid, HostFacts, HostRecord};
use crate::instant::Instant;
use crate::instrument::{Action, Effect};
use crate::yaml;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    cases: Vec<Case>,
}

/// A question and the answer that is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The name, unique in its file.
    pub name: String,
    /// The question in words.
    #[serde(default)]
    pub question: String,
    /// What is known about the host.
    pub facts: HostRecord,
    /// The action; presence if none is named.
    #[serde(default)]
    pub action: Action,
    /// The instant to judge at.
    pub at: Instant,
    /// The answer that is wanted.
    pub want: Want,
    /// How well the sources support the answer.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// Why, where it is not high.
    #[serde(default)]
    pub note: String,
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Want {
    /// The overall effect.
    pub effect: Effect,
    /// Instruments that must have raised a finding; there may be more.
    #[serde(default)]
    pub decided_by: Vec<String>,
    /// Instruments that must not have raised a DENY.
    #[serde(default)]
    pub not_decided_by: Vec<String>,
}

/// Reads a case file.
///
/// # Errors
/// The first fault, with its place; or the first name that stands twice.
pub fn read(path: &str, text: &str) -> Result<Vec<Case>, Diagnostic> {
    let file: CaseFile = yaml::read(path, text, "case-parse-error")?;
    let mut names = BTreeSet::new();
    for case in &file.cases {
        if !names.insert(&case.name) {
            let remark = Diagnostic::error(
                "case-duplicate-name",
                format!("two cases are called `{}`", case.name),
            );
            return Err(
                yaml::remark(path, text, &case.name, remark).hint("give each case its own name")
            );
        }
    }
    Ok(file.cases)
}

/// Judges a case. Nothing, if the answer is as wanted; else a sentence for each
/// difference, with what was wanted and what was got.
pub fn run(case: Case, evaluator: &mut Evaluator) -> Vec<String> {
    let Case {
        facts,
        action,
        at,
        want,
        ..
    } = case;
    match HostFacts::check(facts) {
        Ok(facts) => {
            let question = Question {
                facts: &facts,
                action,
                at,
            };
            differences(&want, question, evaluator)
        }
        Err(refused) => vec![refusal(&refused)],
    }
}

/// What is said of facts that are none.
pub(crate) fn refusal(refused: &FactsInvalid) -> String {
    format!("the facts are refused: {refused}")
}

/// Judges a question; a sentence for each difference from what is wanted.
pub(crate) fn differences(
    want: &Want,
    question: Question<'_>,
    evaluator: &mut Evaluator,
) -> Vec<String> {
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
    let raised = |id: &str| {
        judgement.findings.iter().any(|finding| {
            finding.instrument_id() == id && finding.disposition != Disposition::Exempt
        })
    };
    let denied = |finding: &Finding, id: &str| {
        finding.instrument_id() == id && finding.counts_as() == Effect::Deny
    };
    for id in want.decided_by.iter().filter(|id| !raised(id)) {
        let known = evaluator.snapshot().instrument(id).is_some();
        let why = if known {
            "it raised none"
        } else {
            "there is no such instrument"
        };
        differences.push(format!("wanted a finding of {id}, and {why}"));
    }
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
