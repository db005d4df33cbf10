//! Explanations as messages.

use embargo_core::catalogue::Catalogue;
use embargo_core::explain::{
    Condition, Explanation, FactRead, Outcome, PolicyExplanation, PolicyState, Reading,
    RuleExplanation,
};
use embargo_core::facts::Software;
use embargo_proto::v1 as pb;

use super::catalogue::identification;
use super::time::timestamp;
use super::{decision, policy};

/// Instruments of a policy, facts of a rule and missing facts that are named.
const NAMED: usize = 100;

pub(super) fn explanation(
    explanation: Explanation,
    items: &[Software],
    catalogue: &Catalogue,
) -> pb::ExplainDecisionResponse {
    let identifications = explanation
        .identified
        .iter()
        .map(|found| identification(found, items, catalogue))
        .collect();
    pb::ExplainDecisionResponse {
        decision: Some(decision::decision(explanation.decision)),
        identifications,
        rules: explanation.policies.into_iter().flat_map(rules).collect(),
    }
}

fn rules(policy: PolicyExplanation) -> Vec<pb::RuleExplanation> {
    let PolicyExplanation {
        policy_id,
        instruments,
        state,
        rules,
        duration,
        ..
    } = policy;
    let instruments: Vec<String> = instruments
        .iter()
        .take(NAMED)
        .map(|instrument| instrument.id.clone())
        .collect();
    // What does not fit into a message is years.
    let duration = duration.and_then(|duration| prost_types::Duration::try_from(duration).ok());
    rules
        .into_iter()
        .map(|rule| self::rule(&policy_id, &instruments, state, duration, rule))
        .collect()
}

fn rule(
    policy_id: &str,
    instruments: &[String],
    state: PolicyState,
    duration: Option<prost_types::Duration>,
    rule: RuleExplanation,
) -> pb::RuleExplanation {
    let phase_begin_time = match rule.outcome {
        Outcome::OutOfPhase { begins } => begins.map(timestamp),
        _ => None,
    };
    let missing: Vec<String> = match &rule.outcome {
        Outcome::MissingFact { paths } => paths.iter().take(NAMED).cloned().collect(),
        _ => Vec::new(),
    };
    let conditions = rule.conditions.into_iter().map(|known| {
        let missing = if known.held {
            Vec::new()
        } else {
            missing.clone()
        };
        pb::ConditionExplanation {
            missing_facts: missing,
            ..condition(known)
        }
    });
    pb::RuleExplanation {
        policy_id: policy_id.to_owned(),
        span: Some(policy::span(rule.span)),
        outcome: outcome(&rule.outcome, state).into(),
        conditions: conditions.collect(),
        duration,
        set: rule.set.to_owned(),
        instrument_ids: instruments.to_vec(),
        phase_begin_time,
        facts: rule.facts.into_iter().take(NAMED).map(fact).collect(),
    }
}

const fn outcome(outcome: &Outcome, state: PolicyState) -> pb::rule_explanation::Outcome {
    use pb::rule_explanation::Outcome as Message;
    match (outcome, state) {
        (Outcome::Matched, _) => Message::Matched,
        (Outcome::Waived, _) => Message::Waived,
        (Outcome::Exempt, _) => Message::Exempt,
        (Outcome::NotMatched, _) => Message::NotMatched,
        (Outcome::OutOfPhase { .. }, _) => Message::OutOfPhase,
        (Outcome::MissingFact { .. }, _) => Message::MissingFact,
        (Outcome::Failed, _) => Message::Failed,
        (Outcome::NotConcerned, PolicyState::OutOfScope) => Message::OutOfScope,
        (Outcome::NotConcerned, _) => Message::NotConcerned,
    }
}

fn fact(read: FactRead) -> pb::rule_explanation::FactRead {
    pb::rule_explanation::FactRead {
        path: read.path,
        value_json: read.value.unwrap_or_default(),
    }
}

fn condition(known: Condition) -> pb::ConditionExplanation {
    pb::ConditionExplanation {
        span: Some(policy::span(known.span)),
        held: known.held,
        missing_facts: Vec::new(),
        text: known.text,
        readings: known.readings.into_iter().map(reading).collect(),
        because: known.because.into_iter().map(condition).collect(),
    }
}

fn reading(read: Reading) -> pb::condition_explanation::Reading {
    pb::condition_explanation::Reading {
        name: read.name,
        values: read.values,
        more_count: u32::try_from(read.more).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use embargo_core::diagnostic::Span;

    use super::*;

    #[test]
    fn a_rule_names_a_hundred_facts_and_instruments_at_most() {
        let explained = RuleExplanation {
            set: "deny",
            span: Span::at("a.rego", 1, 1),
            outcome: Outcome::MissingFact {
                paths: (0..300).map(|at| at.to_string()).collect(),
            },
            conditions: vec![Condition {
                span: Span::at("a.rego", 1, 1),
                text: "x".to_owned(),
                held: false,
                readings: Vec::new(),
                because: Vec::new(),
            }],
            facts: (0..300)
                .map(|at| FactRead {
                    path: at.to_string(),
                    value: None,
                })
                .collect(),
        };
        let policy = PolicyExplanation {
            policy_id: "restrictions.a".into(),
            title: String::new(),
            instruments: Vec::new(),
            state: PolicyState::Evaluated,
            rules: vec![explained],
            duration: None,
        };
        let [message] = &*rules(policy) else {
            panic!("one rule");
        };
        assert_eq!(message.facts.len(), NAMED);
        assert_eq!(message.conditions[0].missing_facts.len(), NAMED);
        assert!(message.instrument_ids.len() <= NAMED);
    }
}
