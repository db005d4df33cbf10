//! Verdicts: what of a decision is compared, and how two of them differ.
//!
//! Compared are the effect and how each rule stands to each product. Words, evidence and the
//! dates of later changes are not.

use std::collections::{BTreeMap, BTreeSet};

use embargo_core::decision::{Decision, Disposition};
use embargo_core::instrument::Effect;

/// How a rule stands to a product on a host, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::commands) enum Stand {
    /// It found nothing.
    None,
    Exempt,
    Waived,
    Warn,
    Review,
    Deny,
    /// The policy could not be evaluated.
    Failed,
}

impl Stand {
    pub(in crate::commands) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Exempt => "exempt",
            Self::Waived => "waived",
            Self::Warn => "warn",
            Self::Review => "review",
            Self::Deny => "deny",
            Self::Failed => "failed",
        }
    }
}

/// A rule, and a product or nothing: the instrument, or the policy if it rests on none.
pub(in crate::commands) type Subject = (String, String);

/// What of a decision is compared.
#[derive(Debug)]
pub(in crate::commands) struct Verdict {
    effect: Effect,
    stands: BTreeMap<Subject, Stand>,
    /// A policy could not be evaluated.
    pub(in crate::commands) has_failed: bool,
    /// Not all that was found is in the decision.
    pub(in crate::commands) is_cut: bool,
}

impl Verdict {
    /// What is known of a decision from elsewhere; of what stands to the same subject, the
    /// strongest counts.
    pub(in crate::commands) fn told(
        effect: Effect,
        told: impl IntoIterator<Item = (Subject, Stand)>,
        is_cut: bool,
    ) -> Self {
        let mut stands = BTreeMap::new();
        let mut has_failed = false;
        for (subject, stand) in told {
            has_failed |= stand == Stand::Failed;
            let known = stands.entry(subject).or_insert(stand);
            *known = stand.max(*known);
        }
        Self {
            effect,
            stands,
            has_failed,
            is_cut,
        }
    }

    pub(in crate::commands) fn of(decision: &Decision) -> Self {
        let judgement = &decision.judgement;
        let findings = judgement.findings.iter().map(|finding| {
            let stand = match (&finding.disposition, finding.effect) {
                (Disposition::Exempt, _) => Stand::Exempt,
                (Disposition::Waived(_), _) => Stand::Waived,
                (Disposition::Active, Effect::Warn) => Stand::Warn,
                (Disposition::Active, Effect::Review) => Stand::Review,
                (Disposition::Active, _) => Stand::Deny,
            };
            let rule = match finding.instrument_id() {
                "" => &finding.policy_id,
                instrument => instrument,
            };
            ((rule.to_owned(), finding.product_id.clone()), stand)
        });
        let failures = judgement.failures.iter().map(|failure| {
            let subject = (failure.policy_id.to_string(), String::new());
            (subject, Stand::Failed)
        });
        let is_cut = judgement.omitted_findings > 0;
        Self::told(judgement.effect, findings.chain(failures), is_cut)
    }

    fn stand(&self, subject: &Subject) -> Stand {
        self.stands.get(subject).copied().unwrap_or(Stand::None)
    }
}

/// How the decision on a host changes.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::commands) struct Change {
    pub(in crate::commands) host_id: String,
    pub(in crate::commands) old: Effect,
    pub(in crate::commands) new: Effect,
    /// What stands otherwise than before.
    pub(in crate::commands) moves: Vec<(Subject, Stand, Stand)>,
}

impl Change {
    /// Nothing, if both are the same.
    pub(in crate::commands) fn between(
        host_id: String,
        old: &Verdict,
        new: &Verdict,
    ) -> Option<Self> {
        let subjects: BTreeSet<&Subject> = old.stands.keys().chain(new.stands.keys()).collect();
        let moves: Vec<(Subject, Stand, Stand)> = subjects
            .into_iter()
            .map(|subject| (subject.clone(), old.stand(subject), new.stand(subject)))
            .filter(|(_, old, new)| old != new)
            .collect();
        (old.effect != new.effect || !moves.is_empty()).then_some(Self {
            host_id,
            old: old.effect,
            new: new.effect,
            moves,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(effect: Effect, stands: &[(&str, &str, Stand)]) -> Verdict {
        let stands = stands
            .iter()
            .map(|(rule, product, stand)| (((*rule).to_owned(), (*product).to_owned()), *stand));
        Verdict {
            effect,
            stands: stands.collect(),
            has_failed: false,
            is_cut: false,
        }
    }

    #[test]
    fn a_change_is_another_effect_or_another_stand() {
        let none = verdict(Effect::Allow, &[]);
        let warned = verdict(Effect::Warn, &[("law", "app", Stand::Warn)]);
        let unread = verdict(Effect::Indeterminate, &[]);
        let between = |old, new| Change::between("h".to_owned(), old, new);
        assert_eq!(between(&none, &none), None);
        assert_eq!(between(&warned, &warned), None);
        assert_eq!(
            between(&none, &unread).map(|change| change.moves),
            Some(vec![])
        );
        let moves = |change: Option<Change>| change.unwrap().moves;
        let subject = ("law".to_owned(), "app".to_owned());
        assert_eq!(
            moves(between(&none, &warned)),
            [(subject.clone(), Stand::None, Stand::Warn)]
        );
        assert_eq!(
            moves(between(&warned, &none)),
            [(subject, Stand::Warn, Stand::None)]
        );
    }
}
