//! Grounds: what stands behind an effect, in words for people, the most telling first.

use embargo_core::decision::{Decision, Disposition, FailureKind, Finding};
use embargo_core::instrument::Effect;

/// Facts that are named, at most.
const MISSING: usize = 8;

/// One reason for an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ground {
    /// What is so, in one line.
    pub(super) said: String,
    /// What can be done, in one line; may be empty.
    pub(super) remedy: String,
    /// The rule and where it can be read; may be empty.
    pub(super) source: String,
}

/// The grounds of a decision. None only if it allows.
pub(super) fn grounds(decision: &Decision) -> Vec<Ground> {
    let judgement = &decision.judgement;
    let counts = |finding: &&Finding| finding.counts_as() > Effect::Allow;
    let findings = judgement.findings.iter().filter(counts).map(of_finding);
    let mut unknown: Vec<Ground> = judgement
        .failures
        .iter()
        .map(|failure| Ground {
            said: line(&format!(
                "the policy {} could not be evaluated: {}",
                failure.policy_id,
                words(failure.kind)
            )),
            remedy: "report it to who runs the policies".to_owned(),
            source: String::new(),
        })
        .collect();
    if !judgement.missing_facts.is_empty() {
        unknown.push(of_missing(&judgement.missing_facts));
    }
    let mut all: Vec<Ground> = Vec::new();
    if judgement.effect == Effect::Indeterminate {
        all.append(&mut unknown);
    }
    all.extend(findings);
    if judgement.omitted_findings > 0 {
        all.push(plain(format!(
            "and {} more findings",
            judgement.omitted_findings
        )));
    }
    all.append(&mut unknown);
    if all.is_empty() && judgement.effect > Effect::Allow {
        all.push(plain(format!("the effect is {}", judgement.effect.word())));
    }
    all
}

const fn plain(said: String) -> Ground {
    Ground {
        said,
        remedy: String::new(),
        source: String::new(),
    }
}

fn of_finding(finding: &Finding) -> Ground {
    let waived = match &finding.disposition {
        Disposition::Waived(waiver) => format!(" (waived until {})", waiver.expires),
        Disposition::Active | Disposition::Exempt => String::new(),
    };
    let citation = finding.citations().first();
    let rule = match finding.instrument_id() {
        "" => &*finding.policy_id,
        id => id,
    };
    let source = match citation {
        Some(citation) => format!("{rule}: {} {}", citation.title, citation.url),
        None => rule.to_owned(),
    };
    Ground {
        said: line(&format!("{}{waived}", finding.message)),
        remedy: line(&finding.remediation),
        source: line(&source),
    }
}

fn of_missing(missing: &[String]) -> Ground {
    let mut named: Vec<&str> = missing.iter().take(MISSING).map(String::as_str).collect();
    if missing.len() > MISSING {
        named.push("…");
    }
    Ground {
        said: line(&format!(
            "facts are missing or could not be read: {}",
            named.join(", ")
        )),
        remedy: "collect them and ask again".to_owned(),
        source: String::new(),
    }
}

const fn words(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::RuntimeError => "a rule raised an error",
        FailureKind::BudgetExceeded => "it took too long",
        FailureKind::MalformedResult => "it gave what is no finding",
        FailureKind::EngineFault => "the evaluator failed",
    }
}

/// The text in one line, without characters that steer a terminal.
pub(super) fn line(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text.trim().to_owned()
}
