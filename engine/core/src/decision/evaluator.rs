//! The evaluator: facts in, decision out, for one snapshot on one thread.
//!
//! The one path on which server, command line and tests decide. It keeps an engine for
//! each policy that it has needed, and what those engines gave for inputs they have seen.

use std::sync::Arc;

use crate::catalogue::Identification;
use crate::diagnostic::Diagnostic;
use crate::facts::HostFacts;
use crate::instant::Instant;
use crate::instrument::Action;
use crate::rego::{
    DataValues, Entry, InputParts, Lines, Module, Package, PackageEngine, render_input,
};
use crate::snapshot::{Policy, Snapshot};

use super::assemble::Assembly;
use super::budget::{Budget, Progress, barred, no_time_left};
use super::change;
use super::digest::{Encoder, decision_id};
use super::memo::{self, Memo};
use super::recall::Recall;
use super::stopwatch::Stopwatch;
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
    budget: Budget,
    progress: Arc<Progress>,
    /// The policies that ran out of time for the question at hand. They are not tried again
    /// for it, or each instant that is looked at would cost as much.
    spent: Vec<usize>,
    data: DataValues,
    slots: Vec<Slot>,
    recall: Recall,
    scratch: Encoder,
    remember: bool,
    notes_lines: bool,
    pub(super) stopwatch: Option<Stopwatch>,
}

/// What is kept of one policy.
#[derive(Default)]
struct Slot {
    engine: Option<PackageEngine>,
    memo: Memo,
}

impl Slot {
    /// The engine of the policy, which is made when it is first needed.
    fn engine(
        &mut self,
        modules: &[Module],
        package: &Package,
        data: &DataValues,
        notes_lines: bool,
    ) -> Result<&mut PackageEngine, Diagnostic> {
        match &mut self.engine {
            Some(engine) => Ok(engine),
            empty => {
                let engine = empty.insert(PackageEngine::build(modules, package, data)?);
                if notes_lines {
                    engine.note_lines();
                }
                Ok(engine)
            }
        }
    }
}

/// What stays the same for a question whatever the instant.
pub(super) struct Scene<'a> {
    pub(super) question: Question<'a>,
    pub(super) identified: Vec<Identification>,
    pub(super) woken: Vec<usize>,
}

impl Evaluator {
    /// An evaluator for a snapshot.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, budget: Budget) -> Self {
        let data = snapshot.data_values();
        let slots = snapshot
            .policies()
            .iter()
            .map(|_| Slot::default())
            .collect();
        Self {
            snapshot,
            budget,
            progress: Arc::default(),
            spent: Vec::new(),
            data,
            slots,
            recall: Recall::default(),
            scratch: Encoder::default(),
            remember: true,
            notes_lines: false,
            stopwatch: None,
        }
    }

    /// The same without memory of evaluations and identifications, for those who compare the two.
    #[must_use]
    pub fn without_memory(mut self) -> Self {
        self.remember = false;
        self
    }

    /// The same, noting lines that are evaluated; what is remembered is not, so without memory.
    pub(crate) fn noting_lines(self) -> Self {
        Self {
            notes_lines: true,
            ..self.without_memory()
        }
    }

    /// Adds the lines that were evaluated.
    pub(crate) fn add_lines(&self, lines: &mut Lines) {
        for engine in self.slots.iter().filter_map(|slot| slot.engine.as_ref()) {
            engine.add_lines(lines);
        }
    }

    /// The snapshot that judges.
    #[must_use]
    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Sets the time that evaluation may take from here on.
    pub fn set_budget(&mut self, budget: Budget) {
        self.budget = budget;
    }

    /// Starts over after a panic went through it: nothing of its state is used again.
    pub fn renew(&mut self) {
        let fresh = Self::new(Arc::clone(&self.snapshot), self.budget.clone());
        self.progress.settle();
        *self = Self {
            progress: Arc::clone(&self.progress),
            remember: self.remember,
            notes_lines: self.notes_lines,
            ..fresh
        };
    }

    /// Where it is, for those who watch it.
    #[must_use]
    pub const fn progress(&self) -> &Arc<Progress> {
        &self.progress
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
        self.spent.clear();
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
        if self.snapshot.is_barred(position) {
            return Err(failure(FailureKind::BudgetExceeded, barred()));
        }
        let budget = self
            .budget
            .for_next_policy()
            .filter(|_| !self.spent.contains(&position));
        let Some(budget) = budget else {
            return Err(failure(FailureKind::BudgetExceeded, no_time_left()));
        };
        let modules = self.snapshot.rule_modules();
        let engine = slot
            .engine(modules, &policy.package, &self.data, self.notes_lines)
            .map_err(|cause| failure(FailureKind::EngineFault, cause))?;
        let begun = self.stopwatch.as_ref().map(Stopwatch::now);
        self.progress.begin(position);
        let outcome = engine.evaluate(modules, parts, budget);
        self.progress.end();
        if let (Some(stopwatch), Some(begun)) = (&mut self.stopwatch, begun) {
            stopwatch.note(position, begun, outcome.is_err());
        }
        match outcome {
            Ok(entries) => {
                let entries: Arc<[Entry]> = entries.into();
                if keyed {
                    slot.memo.put(self.scratch.bytes(), Arc::clone(&entries));
                }
                Ok(entries)
            }
            Err(fault) => {
                match fault.kind {
                    FailureKind::BudgetExceeded => self.spent.push(position),
                    FailureKind::EngineFault => slot.engine = None,
                    FailureKind::RuntimeError | FailureKind::MalformedResult => {}
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
