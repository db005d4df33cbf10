//! The evaluator: facts in, decision out, for one snapshot on one thread.
//!
//! The one path on which server, command line and tests decide. It keeps an engine for
//! each policy that it has needed, and what those engines gave for inputs they have seen.

use std::sync::Arc;
use std::time::Duration;

use crate::catalogue::Identification;
use crate::diagnostic::Diagnostic;
use crate::facts::HostFacts;
use crate::instant::Instant;
use crate::instrument::Action;
use crate::rego::{DataValues, Entry, InputParts, PackageEngine, render_input};
use crate::snapshot::{Policy, Snapshot};

use super::assemble::Assembly;
use super::change;
use super::digest::{Encoder, decision_id};
use super::memo::{self, Memo};
use super::recall::Recall;
use super::{Decision, FailureKind, Judgement, PolicyFailure};

/// What is asked of a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The facts to judge.
    pub facts: &'a HostFacts,
    /// The action to judge.
    pub action: Action,
    /// The instant to judge at.
    pub at: Instant,
}

/// Judges by one snapshot. Private to a thread; needs a large stack.
pub struct Evaluator {
    snapshot: Arc<Snapshot>,
    /// The time that one policy may take.
    budget: Duration,
    data: DataValues,
    slots: Vec<Slot>,
    recall: Recall,
    scratch: Encoder,
    remember: bool,
}

/// What is kept of one policy.
#[derive(Default)]
struct Slot {
    engine: Option<PackageEngine>,
    memo: Memo,
}

/// What stays the same for a question whatever the instant.
pub(super) struct Scene<'a> {
    pub(super) question: Question<'a>,
    pub(super) identified: Vec<Identification>,
    pub(super) woken: Vec<usize>,
}

impl Evaluator {
    /// The time that one policy may take, unless told otherwise.
    pub const DEFAULT_BUDGET: Duration = Duration::from_millis(100);

    /// An evaluator for a snapshot, in which each policy may take `budget`.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, budget: Duration) -> Self {
        let data = snapshot.data_values();
        let slots = snapshot
            .policies()
            .iter()
            .map(|_| Slot::default())
            .collect();
        Self {
            snapshot,
            budget,
            data,
            slots,
            recall: Recall::default(),
            scratch: Encoder::default(),
            remember: true,
        }
    }

    /// The same without memory of evaluations and identifications, for those who compare the two.
    #[must_use]
    pub fn without_memory(mut self) -> Self {
        self.remember = false;
        self
    }

    /// The snapshot that judges.
    #[must_use]
    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Lowers or raises the time that one policy may take.
    pub const fn set_budget(&mut self, budget: Duration) {
        self.budget = budget;
    }

    /// The products that the software of a host is, as a decision on it sees them.
    pub fn identify(&mut self, facts: &HostFacts) -> Vec<Identification> {
        let catalogue = self.snapshot.catalogue();
        let items = &facts.record().software;
        if self.remember {
            self.recall.identify(catalogue, items)
        } else {
            catalogue.identify(items)
        }
    }

    fn scene<'a>(&mut self, question: Question<'a>) -> Scene<'a> {
        let identified = self.identify(question.facts);
        let woken = self.snapshot.woken(&identified, question.facts.record());
        Scene {
            question,
            identified,
            woken,
        }
    }

    /// Judges a host.
    pub fn decide(&mut self, question: Question<'_>) -> Decision {
        let scene = self.scene(question);
        let judgement = self.judge(&scene, question.at);
        let next_change_time = change::next(self, &scene, &judgement);
        self.decision(&scene, question.at, judgement, next_change_time)
    }

    /// The judgement alone, for those who do not ask when it changes.
    pub(crate) fn judgement(&mut self, question: Question<'_>) -> Judgement {
        let scene = self.scene(question);
        self.judge(&scene, question.at)
    }

    /// The decisions from the question's instant up to `end`, one for each change, at most
    /// `most`; and where they were cut, if there are more.
    pub(crate) fn decide_until(
        &mut self,
        question: Question<'_>,
        end: Instant,
        most: usize,
    ) -> (Vec<Decision>, Option<Instant>) {
        let scene = self.scene(question);
        let mut candidates = change::candidates(self, &scene, question.at);
        let free = change::uses_time_freely(self, &scene);
        let mut judged = vec![(question.at, self.judge(&scene, question.at))];
        // What comes after the end still says when the last decision changes.
        let beyond = candidates.split_off(candidates.partition_point(|at| *at < end));
        let mut truncated_at = None;
        for at in candidates {
            let judgement = self.judge(&scene, at);
            if judged
                .last()
                .is_some_and(|(_, present)| *present == judgement)
            {
                continue;
            }
            if judged.len() == most {
                truncated_at = Some(at);
                break;
            }
            judged.push((at, judgement));
        }
        let mut later = truncated_at.or_else(|| {
            let (_, last) = judged.last()?;
            let last = last.clone();
            beyond
                .into_iter()
                .find(|at| self.judge(&scene, *at) != last)
        });
        let mut decisions = Vec::with_capacity(judged.len());
        for (at, judgement) in judged.into_iter().rev() {
            let next = if free { Some(at.next()) } else { later };
            decisions.push(self.decision(&scene, at, judgement, next));
            later = Some(at);
        }
        decisions.reverse();
        (decisions, truncated_at)
    }

    fn decision(
        &mut self,
        scene: &Scene<'_>,
        at: Instant,
        judgement: Judgement,
        next_change_time: Option<Instant>,
    ) -> Decision {
        let question = Question {
            at,
            ..scene.question
        };
        let snapshot = &self.snapshot;
        let whole = snapshot.reads_software();
        Decision {
            decision_id: decision_id(
                question,
                snapshot.id(),
                &scene.identified,
                whole,
                &mut self.scratch,
            ),
            host_id: question.facts.record().host_id.clone(),
            action: question.action,
            judgement,
            snapshot_id: Arc::clone(snapshot.id()),
            evaluate_time: at,
            next_change_time,
        }
    }

    /// Judges at an instant, which need not be that of the question.
    pub(super) fn judge(&mut self, scene: &Scene<'_>, at: Instant) -> Judgement {
        self.judge_by(&scene.woken, scene, at)
    }

    /// What some of the policies that are concerned find at an instant.
    pub(super) fn judge_by(
        &mut self,
        policies: &[usize],
        scene: &Scene<'_>,
        at: Instant,
    ) -> Judgement {
        let snapshot = Arc::clone(&self.snapshot);
        let question = Question {
            at,
            ..scene.question
        };
        let mut assembly = Assembly::new(&snapshot, question, &scene.identified);
        for position in policies {
            let Some(policy) = snapshot.policies().get(*position) else {
                continue;
            };
            match self.evaluate(*position, policy, scene, at) {
                Ok(entries) => assembly.add(policy, &entries),
                Err(failure) => assembly.fail(failure),
            }
        }
        assembly.finish()
    }

    fn evaluate(
        &mut self,
        position: usize,
        policy: &Policy,
        scene: &Scene<'_>,
        at: Instant,
    ) -> Result<Arc<[Entry]>, PolicyFailure> {
        let parts = InputParts {
            facts: scene.question.facts,
            action: scene.question.action,
            at,
            identified: &scene.identified,
            catalogue: self.snapshot.catalogue(),
            with_software: policy.package.reads.software,
        };
        let failure = |kind, diagnostic| PolicyFailure {
            policy_id: Arc::clone(&policy.id),
            kind,
            diagnostic,
        };
        let Some(slot) = self.slots.get_mut(position) else {
            let cause = Diagnostic::error("engine-fault", "the policy has no engine");
            return Err(failure(FailureKind::EngineFault, cause));
        };
        let boundaries = self.snapshot.boundaries();
        let keyed =
            self.remember && memo::key(&policy.package.reads, parts, boundaries, &mut self.scratch);
        if keyed && let Some(entries) = slot.memo.get(self.scratch.bytes()) {
            return Ok(entries);
        }
        let engine = match &mut slot.engine {
            Some(engine) => engine,
            empty => {
                let built =
                    PackageEngine::build(self.snapshot.rule_modules(), &policy.package, &self.data)
                        .map_err(|cause| failure(FailureKind::EngineFault, cause))?;
                empty.insert(built)
            }
        };
        match engine.evaluate(self.snapshot.rule_modules(), parts, self.budget) {
            Ok(entries) => {
                let entries: Arc<[Entry]> = entries.into();
                if keyed {
                    slot.memo.put(self.scratch.bytes(), Arc::clone(&entries));
                }
                Ok(entries)
            }
            Err(fault) => {
                if fault.kind == FailureKind::EngineFault {
                    slot.engine = None;
                }
                Err(failure(fault.kind, fault.diagnostic))
            }
        }
    }

    /// The input that rules see of a question, as JSON, for those who run them under OPA.
    #[must_use]
    pub fn input_json(&self, question: Question<'_>) -> String {
        let identified = self
            .snapshot
            .catalogue()
            .identify(&question.facts.record().software);
        render_input(InputParts {
            facts: question.facts,
            action: question.action,
            at: question.at,
            identified: &identified,
            catalogue: self.snapshot.catalogue(),
            with_software: true,
        })
    }
}
