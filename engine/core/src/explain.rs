//! Explaining a decision: what became of each rule, and the condition that decided it.
//!
//! The decision is the evaluator's own, made on the path of every other; what is added are
//! questions that the rules' own text answers, asked one condition at a time. Nothing here
//! judges.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::catalogue::Identification;
use crate::decision::{Decision, Disposition, Evaluator, Finding, Question};
use crate::diagnostic::Span;
use crate::facts::HostRecord;
use crate::instant::Instant;
use crate::instrument::{Action, Instrument};
use crate::rego::{Entry, EntryKind, InputParts, RuleTrace, Target, render_input};
use crate::snapshot::Policy;

pub use crate::rego::{Condition, Reading};

/// A decision and its reasons.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The decision, as [`Evaluator::decide`] makes it.
    pub decision: Decision,
    /// The products that were identified.
    pub identified: Vec<Identification>,
    /// What became of each policy, by id.
    pub policies: Vec<PolicyExplanation>,
}

/// What became of one policy.
#[derive(Clone, Debug)]
pub struct PolicyExplanation {
    /// The policy.
    pub policy_id: Arc<str>,
    /// Its title; empty if it has none.
    pub title: String,
    /// The instruments that it puts into effect, by id.
    pub instruments: Vec<Arc<Instrument>>,
    /// Whether it was evaluated, and why not.
    pub state: PolicyState,
    /// Its rules, by place. Those of a policy that was not evaluated have no conditions.
    pub rules: Vec<RuleExplanation>,
    /// How long it took to explain; nothing if it was not evaluated.
    pub duration: Option<Duration>,
}

/// Whether a policy was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyState {
    /// It was.
    Evaluated,
    /// None of the products that it is about was identified.
    NotConcerned,
    /// What is known of the owner puts them outside of its instruments' scope.
    OutOfScope,
    /// It could not be: the decision has a failure of it.
    Failed,
}

/// What became of one rule.
#[derive(Clone, Debug)]
pub struct RuleExplanation {
    /// The set that it adds to: `deny`, `review`, `warn` or `exempt`.
    pub set: &'static str,
    /// Its place.
    pub span: Span,
    /// What became of it.
    pub outcome: Outcome,
    /// Its conditions up to the first that did not hold, which then is the last.
    pub conditions: Vec<Condition>,
    /// The facts that it and what it rests on read, by path below `input`.
    pub facts: Vec<FactRead>,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It raised findings that stand.
    Matched,
    /// What it raised is set aside by waivers.
    Waived,
    /// It raised an exemption.
    Exempt,
    /// A condition did not hold.
    NotMatched,
    /// It did not match, and no phase of its instruments is in force for the action.
    OutOfPhase {
        /// When the next phase for the action begins, if there is one.
        begins: Option<Instant>,
    },
    /// It did not match, and reads facts that the decision names as missing.
    MissingFact {
        /// Their paths below `input`.
        paths: Vec<String>,
    },
    /// Its policy could not be evaluated.
    Failed,
    /// Its policy was not evaluated.
    NotConcerned,
}

/// A fact that a rule read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRead {
    /// The path below `input`, as in `missing_facts` of a decision.
    pub path: String,
    /// The value as JSON; nothing if it is absent.
    pub value: Option<String>,
}

/// What is to be explained, and with how much time.
pub struct Limits<'a> {
    /// The policies to explain; all of them, if empty.
    pub policies: &'a [&'a str],
    /// How much time is left. Conditions for which there is none are left out.
    pub rest: &'a dyn Fn() -> Duration,
    /// A clock, of which only differences count.
    pub clock: &'a dyn Fn() -> Duration,
}

/// Judges a host and says why.
pub fn explain(
    evaluator: &mut Evaluator,
    question: Question<'_>,
    limits: &Limits<'_>,
) -> Explanation {
    let decision = evaluator.decide(question);
    let identified = evaluator.identify(question.facts);
    let snapshot = Arc::clone(evaluator.snapshot());
    let record = question.facts.record();
    let woken = snapshot.woken(&identified, record);
    let parts = InputParts {
        facts: question.facts,
        action: question.action,
        at: question.at,
        identified: &identified,
        catalogue: snapshot.catalogue(),
        with_software: true,
    };
    let scene = Scene {
        question,
        decision: &decision,
        identified: &identified,
        input: serde_json::from_str(&render_input(parts)).unwrap_or_default(),
    };
    let data = snapshot.data_values();
    let mut policies = Vec::new();
    for (position, policy) in snapshot.policies().iter().enumerate() {
        let is_asked = limits.policies.is_empty() || limits.policies.contains(&&*policy.id);
        if !is_asked {
            continue;
        }
        let state = scene.state(policy, woken.binary_search(&position).is_ok());
        let begun = (limits.clock)();
        let traces = match state {
            PolicyState::Evaluated => {
                let parts = InputParts {
                    with_software: policy.package.reads.software,
                    ..parts
                };
                let modules = snapshot.rule_modules();
                crate::rego::explain(modules, &policy.package, &data, parts, limits.rest).ok()
            }
            PolicyState::NotConcerned | PolicyState::OutOfScope | PolicyState::Failed => None,
        };
        policies.push(PolicyExplanation {
            policy_id: Arc::clone(&policy.id),
            title: policy.title.clone(),
            instruments: policy.instruments.clone(),
            state,
            duration: traces
                .is_some()
                .then(|| (limits.clock)().saturating_sub(begun)),
            rules: match traces {
                Some(traces) => traces
                    .into_iter()
                    .map(|trace| scene.rule(policy, trace))
                    .collect(),
                None => unevaluated(policy, state),
            },
        });
    }
    Explanation {
        identified: identified.clone(),
        policies,
        decision,
    }
}

/// The rules of a policy that was not evaluated.
fn unevaluated(policy: &Policy, state: PolicyState) -> Vec<RuleExplanation> {
    let outcome = match state {
        PolicyState::Failed => Outcome::Failed,
        _ => Outcome::NotConcerned,
    };
    let rules = policy.package.sets.iter().filter_map(|set| {
        Some(RuleExplanation {
            set,
            span: policy.package.spans.get(set)?.clone(),
            outcome: outcome.clone(),
            conditions: Vec::new(),
            facts: Vec::new(),
        })
    });
    let mut rules: Vec<RuleExplanation> = rules.collect();
    rules.sort_by(|a, b| a.span.cmp(&b.span));
    rules
}

/// What stays the same for all policies.
struct Scene<'a> {
    question: Question<'a>,
    decision: &'a Decision,
    identified: &'a [Identification],
    /// The input as rules see it.
    input: serde_json::Value,
}

impl Scene<'_> {
    fn record(&self) -> &HostRecord {
        self.question.facts.record()
    }

    fn state(&self, policy: &Policy, is_woken: bool) -> PolicyState {
        let failures = &self.decision.judgement.failures;
        if failures
            .iter()
            .any(|failure| failure.policy_id == policy.id)
        {
            PolicyState::Failed
        } else if is_woken {
            PolicyState::Evaluated
        } else if policy.excludes(self.record()) {
            PolicyState::OutOfScope
        } else {
            PolicyState::NotConcerned
        }
    }

    fn rule(&self, policy: &Policy, trace: RuleTrace) -> RuleExplanation {
        let outcome = if trace.entries.is_empty() {
            self.unmatched(policy, &trace)
        } else {
            self.matched(policy, trace.kind, &trace.entries)
        };
        let facts = trace
            .facts
            .iter()
            .map(|path| FactRead {
                path: path.clone(),
                value: value_at(&self.input, path),
            })
            .collect();
        RuleExplanation {
            set: trace.kind.set(),
            span: trace.span,
            outcome,
            conditions: trace.conditions,
            facts,
        }
    }

    fn matched(&self, policy: &Policy, kind: EntryKind, entries: &[Entry]) -> Outcome {
        if kind == EntryKind::Exempt {
            return Outcome::Exempt;
        }
        let raised = |finding: &&Finding| {
            finding.policy_id == policy.id
                && entries.iter().any(|entry| {
                    self.index(&entry.target) == finding.software.as_ref().map(|item| item.index)
                })
        };
        let mut raised = self
            .decision
            .judgement
            .findings
            .iter()
            .filter(raised)
            .peekable();
        let is_any = raised.peek().is_some();
        let all_waived =
            raised.all(|finding| matches!(finding.disposition, Disposition::Waived(_)));
        if is_any && all_waived {
            Outcome::Waived
        } else {
            Outcome::Matched
        }
    }

    /// The position of the software that an entry is about.
    fn index(&self, target: &Target) -> Option<usize> {
        match target {
            Target::Host => None,
            Target::Identified(at) => self.identified.get(*at).map(|found| found.index),
            Target::Software { index, .. } => Some(*index),
        }
    }

    fn unmatched(&self, policy: &Policy, trace: &RuleTrace) -> Outcome {
        let paths: Vec<String> = trace
            .facts
            .iter()
            .filter(|path| self.decision.judgement.missing_facts.contains(path))
            .cloned()
            .collect();
        if let Some(begins) = self.out_of_phase(policy) {
            return Outcome::OutOfPhase { begins };
        }
        if paths.is_empty() {
            Outcome::NotMatched
        } else {
            Outcome::MissingFact { paths }
        }
    }

    /// When the first phase for the action begins, if there are instruments and none of them has
    /// one in force.
    fn out_of_phase(&self, policy: &Policy) -> Option<Option<Instant>> {
        let Question { action, at, .. } = self.question;
        if policy.instruments.is_empty() {
            return None;
        }
        let in_force =
            |instrument: &Arc<Instrument>| instrument.in_force(action, at).next().is_some();
        if policy.instruments.iter().any(in_force) {
            return None;
        }
        Some(begins(&policy.instruments, action, at))
    }
}

/// When the first of the instruments' later phases for the action begins.
fn begins(instruments: &[Arc<Instrument>], action: Action, at: Instant) -> Option<Instant> {
    instruments
        .iter()
        .flat_map(|instrument| &instrument.phases)
        .filter(|phase| phase.actions.contains(&action) && phase.from > at)
        .map(|phase| phase.from)
        .min()
}

/// The value at a path of facts below the input, as JSON; `[]` goes through all items.
fn value_at(input: &serde_json::Value, path: &str) -> Option<String> {
    let mut found = vec![input];
    let mut is_list = false;
    for step in path.split('.') {
        let (name, through) = match step.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (step, false),
        };
        found = found
            .into_iter()
            .filter_map(|value| value.get(name))
            .collect();
        // A list that ends the path is shown as it is.
        if through {
            is_list = true;
            found = found
                .into_iter()
                .flat_map(|value| value.as_array().into_iter().flatten())
                .collect();
        }
    }
    match found.as_slice() {
        [] => None,
        [one] if !is_list => Some(one.to_string()),
        many => {
            let mut counts = BTreeMap::new();
            for value in many {
                *counts.entry(value.to_string()).or_insert(0_usize) += 1;
            }
            let values: Vec<String> = counts.into_keys().collect();
            Some(format!("[{}]", values.join(",")))
        }
    }
}
