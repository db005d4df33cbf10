//! Running the tests of a set, one after the other.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::cases;
use crate::decision::{Budget, Evaluator};
use crate::diagnostic::Diagnostic;
use crate::rego::{DataValues, Outcome, TestEngine, TestRule};
use crate::snapshot::Snapshot;

use super::{CaseTrial, Evaluated, Fixtures, Kind, Trial};

/// The time that tests may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A test rule.
    pub rule: Duration,
    /// A policy that a case wakes.
    pub policy: Duration,
}

impl Limits {
    /// How much longer than a request a case may take for a policy: tests run beside requests,
    /// and one that is cut for want of time would refuse a good set.
    pub const PATIENCE: u32 = 10;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rule: Duration::from_secs(10),
            policy: Budget::POLICY.saturating_mul(Self::PATIENCE),
        }
    }
}

/// Runs the tests of one set, on one thread, which needs a large stack.
pub struct Examiner {
    snapshot: Arc<Snapshot>,
    limits: Limits,
    /// What tests of rules see as `data`.
    data: DataValues,
    /// The engine of the package that was examined last.
    engine: Option<(Arc<BTreeSet<usize>>, TestEngine)>,
    evaluator: Option<Evaluator>,
    remembers: bool,
    /// The lines that engines which are gone have evaluated, if lines are noted.
    evaluated: Option<Evaluated>,
}

impl Examiner {
    /// One for the tests of a set.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, limits: Limits) -> Self {
        Self {
            data: snapshot.data_values(),
            snapshot,
            limits,
            engine: None,
            evaluator: None,
            remembers: true,
            evaluated: None,
        }
    }

    /// The same with fixtures for tests of rules.
    #[must_use]
    pub fn with_fixtures(self, fixtures: &Fixtures) -> Self {
        Self {
            data: self.snapshot.data_values_with(fixtures),
            ..self
        }
    }

    /// The same without memory of evaluations, so that each run of a case does all that there
    /// is to do.
    #[must_use]
    pub fn without_memory(self) -> Self {
        Self {
            remembers: false,
            ..self
        }
    }

    /// The same, noting which lines of rules are evaluated.
    #[must_use]
    pub fn noting_lines(self) -> Self {
        Self {
            evaluated: Some(Evaluated::default()),
            ..self
        }
    }

    /// The lines that were evaluated; none, if they were not noted.
    #[must_use]
    pub fn into_evaluated(mut self) -> Evaluated {
        self.set_aside(None);
        let mut evaluated = self.evaluated.unwrap_or_default();
        if let Some(evaluator) = &self.evaluator {
            evaluator.add_lines(&mut evaluated.0);
        }
        evaluated
    }

    /// Runs a test of the set. Nothing, if it passes; else what was wanted and what was got.
    /// A panic of the evaluator is a failure.
    pub fn run(&mut self, trial: &Trial) -> Option<Diagnostic> {
        match &trial.kind {
            Kind::Rule(rule) => self.rule(rule).err(),
            Kind::Case(case) => self.case(case).err(),
        }
    }

    /// Puts another engine in the place of the present one.
    fn set_aside(&mut self, next: Option<(Arc<BTreeSet<usize>>, TestEngine)>) {
        let gone = std::mem::replace(&mut self.engine, next);
        if let (Some((_, engine)), Some(evaluated)) = (gone, &mut self.evaluated) {
            engine.add_lines(&mut evaluated.0);
        }
    }

    fn rule(&mut self, rule: &TestRule) -> Result<(), Diagnostic> {
        let snapshot = Arc::clone(&self.snapshot);
        let modules = snapshot.modules();
        let is_at_hand = self
            .engine
            .as_ref()
            .is_some_and(|(reach, _)| Arc::ptr_eq(reach, &rule.reach));
        if !is_at_hand {
            let mut engine = TestEngine::build(modules, &rule.reach, &self.data)?;
            if self.evaluated.is_some() {
                engine.note_lines();
            }
            self.set_aside(Some((Arc::clone(&rule.reach), engine)));
        }
        let Some((_, engine)) = &mut self.engine else {
            return Err(Diagnostic::error("test-error", "the test has no engine"));
        };
        match engine.run(modules, rule, self.limits.rule) {
            Outcome::Passed => Ok(()),
            Outcome::Failed(failure) => Err(failure),
            Outcome::EngineFault(failure) => {
                self.engine = None;
                Err(failure)
            }
        }
    }

    fn case(&mut self, trial: &CaseTrial) -> Result<(), Diagnostic> {
        let failed = |message: String| {
            let failure = Diagnostic::error("case-failed", message).at(trial.span.clone());
            Err(failure.excerpt(&trial.line))
        };
        let facts = match &trial.facts {
            Ok(facts) => facts,
            Err(refused) => return failed(cases::refusal(refused)),
        };
        let mut evaluator = match self.evaluator.take() {
            Some(evaluator) => evaluator,
            None => self.fresh_evaluator(),
        };
        let case = &trial.case;
        // Invariant: an evaluator that a panic went through goes with it.
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let found = cases::differences(facts, case.action, &case.moments, &mut evaluator);
            (found, evaluator)
        }));
        let Ok((differences, evaluator)) = judged else {
            return failed("the evaluator gave up on the case".to_owned());
        };
        self.evaluator = Some(evaluator);
        if differences.is_empty() {
            return Ok(());
        }
        failed(differences.join("; "))
    }

    fn fresh_evaluator(&self) -> Evaluator {
        let budget = Budget::of_policy(self.limits.policy);
        let evaluator = Evaluator::new(Arc::clone(&self.snapshot), budget);
        match (&self.evaluated, self.remembers) {
            (Some(_), _) => evaluator.noting_lines(),
            (None, false) => evaluator.without_memory(),
            (None, true) => evaluator,
        }
    }
}
