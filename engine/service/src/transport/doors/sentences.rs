//! Sentences: what a decision says for people, sorted by what it counts as.
//!
//! What kept a decision from being made stands among the denials, so that who looks only at those
//! does not take silence for leave.

use embargo_core::decision::{Disposition, Finding, Judgement};
use embargo_core::instrument::Effect;

/// What is said where the facts themselves tell that software was not read.
const UNREAD: &str =
    "software was not or could not be read, so that a denial cannot be ruled out: collect it again";

/// Sentences, without repeats, strongest findings first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sentences {
    pub(super) deny: Vec<String>,
    pub(super) review: Vec<String>,
    pub(super) warn: Vec<String>,
    pub(super) exempt: Vec<String>,
}

impl Sentences {
    /// All that a judgement says.
    pub(super) fn of(judgement: &Judgement) -> Self {
        Self::about(judgement, |_| true)
    }

    /// What it says of one policy.
    pub(super) fn of_policy(judgement: &Judgement, policy_id: &str) -> Self {
        Self::about(judgement, |policy| policy == policy_id)
    }

    fn about(judgement: &Judgement, is_meant: impl Fn(&str) -> bool) -> Self {
        let mut sentences = Self::default();
        for finding in &judgement.findings {
            if is_meant(&finding.policy_id) {
                let list = sentences.list(finding);
                add(list, finding.message.clone());
            }
        }
        if judgement.omitted_findings > 0 {
            // Strongest come first, so that none that is left out is stronger than the last.
            let more = format!("and {} more findings", judgement.omitted_findings);
            match judgement.findings.last() {
                Some(last) => add(sentences.list(last), more),
                None => add(&mut sentences.deny, more),
            }
        }
        for failure in &judgement.failures {
            if is_meant(&failure.policy_id) {
                let said = format!(
                    "policy `{}` could not be evaluated: {}",
                    failure.policy_id, failure.diagnostic.message
                );
                add(&mut sentences.deny, said);
            }
        }
        if judgement.effect == Effect::Indeterminate && judgement.failures.is_empty() {
            add(&mut sentences.deny, UNREAD.to_owned());
        }
        sentences
    }

    fn list(&mut self, finding: &Finding) -> &mut Vec<String> {
        if finding.disposition == Disposition::Exempt {
            return &mut self.exempt;
        }
        match finding.counts_as() {
            Effect::Deny | Effect::Indeterminate => &mut self.deny,
            Effect::Review => &mut self.review,
            Effect::Warn | Effect::Allow => &mut self.warn,
        }
    }

    /// What stands in the way: nothing exactly where the effect is ALLOW or WARN.
    pub(super) fn violations(&self) -> Vec<String> {
        self.deny.iter().chain(&self.review).cloned().collect()
    }
}

fn add(list: &mut Vec<String>, sentence: String) {
    if !list.contains(&sentence) {
        list.push(sentence);
    }
}

#[cfg(test)]
mod tests;
