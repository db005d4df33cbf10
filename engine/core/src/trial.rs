//! Trials: the tests that a set brings along, its `test_` rules and its cases.
//!
//! A set goes live only if they pass; `embargo test` runs them, too, on the same path. Each
//! has a [`Key`], a digest of all that its outcome can depend on, so that one that has passed
//! need not run again while nothing that it can reach has changed.

mod key;
mod passed;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::cases::{self, Case};
use crate::decision::{Budget, Evaluator, Question};
use crate::diagnostic::{Diagnostic, Span};
use crate::facts::{FactsInvalid, HostFacts};
use crate::rego::{DataValues, Outcome, TestEngine, TestRule, test_rules};
use crate::snapshot::Snapshot;

pub use self::key::Key;
use self::key::Keys;
pub use self::passed::Passed;

/// One test of a set.
#[derive(Debug)]
pub struct Trial {
    name: String,
    key: Key,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Rule(TestRule),
    Case(Box<CaseTrial>),
}

#[derive(Debug)]
struct CaseTrial {
    case: Case,
    facts: Result<HostFacts, FactsInvalid>,
    span: Span,
    /// The line on which the case's name stands.
    line: String,
}

impl Trial {
    /// The path of a rule below `data`; or the path of a case file, `#` and the case's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The question of a case in words; empty for a rule.
    #[must_use]
    pub fn question(&self) -> &str {
        match &self.kind {
            Kind::Rule(_) => "",
            Kind::Case(trial) => &trial.case.question,
        }
    }

    /// A digest of all that its outcome can depend on.
    #[must_use]
    pub const fn key(&self) -> Key {
        self.key
    }

    /// Whether it is best run after the other by the same [`Examiner`], since both need the
    /// same of it.
    #[must_use]
    pub fn goes_with(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Rule(own), Kind::Rule(other)) => Arc::ptr_eq(&own.reach, &other.reach),
            (Kind::Case(own), Kind::Case(other)) => own.span.path == other.span.path,
            (Kind::Rule(_), Kind::Case(_)) | (Kind::Case(_), Kind::Rule(_)) => false,
        }
    }
}

/// All tests that a set brings along, those that go with each other in a row; and the case
/// files that cannot be read.
#[must_use]
pub fn of(snapshot: &Snapshot) -> (Vec<Trial>, Vec<Diagnostic>) {
    let keys = Keys::of(snapshot);
    let mut trials: Vec<Trial> = test_rules(snapshot.modules())
        .into_iter()
        .map(|rule| Trial {
            name: rule.name.clone(),
            key: keys.rule(&rule),
            kind: Kind::Rule(rule),
        })
        .collect();
    let mut faults = Vec::new();
    for (path, text) in snapshot.case_files() {
        match of_file(snapshot, &keys, path, text) {
            Ok(cases) => trials.extend(cases),
            Err(fault) => faults.push(fault),
        }
    }
    (trials, faults)
}

/// The cases of a file that need not be part of the set.
///
/// # Errors
/// If the file is not one of cases.
pub fn of_cases(snapshot: &Snapshot, path: &str, text: &str) -> Result<Vec<Trial>, Diagnostic> {
    of_file(snapshot, &Keys::of(snapshot), path, text)
}

fn of_file(
    snapshot: &Snapshot,
    keys: &Keys,
    path: &str,
    text: &str,
) -> Result<Vec<Trial>, Diagnostic> {
    let file = key::of_parts(&[text.as_bytes()]);
    let mut places = Places::of(path, text);
    let trials = cases::read(path, text)?.into_iter().map(|mut case| {
        let facts = HostFacts::check(std::mem::take(&mut case.facts));
        let (span, line) = places.of_case(&case.name);
        Trial {
            name: format!("{path}#{}", case.name),
            key: keys.case(snapshot, &file, &case, &facts),
            kind: Kind::Case(Box::new(CaseTrial {
                case,
                facts,
                span,
                line,
            })),
        }
    });
    Ok(trials.collect())
}

/// The places of a file's cases, which stand in it in the order in which they are read.
pub(crate) struct Places<'a> {
    path: &'a str,
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(path: &'a str, text: &'a str) -> Self {
        Self {
            path,
            lines: text.lines().enumerate(),
        }
    }

    /// The next line that gives a case this name, and the line itself. If it is written in a
    /// way that hides it, the start of the file, for this case and all after it.
    pub(crate) fn of_case(&mut self, name: &str) -> (Span, String) {
        for (number, line) in self.lines.by_ref() {
            let Some(at) = line.find("name:") else {
                continue;
            };
            let value = line.get(at + "name:".len()..).unwrap_or_default();
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let behind = value.strip_prefix(name);
            if behind.is_some_and(|behind| {
                behind.is_empty() || behind.starts_with([' ', ',', '}', '"', '\''])
            }) {
                let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
                let column = u32::try_from(at + 1).unwrap_or(u32::MAX);
                return (Span::at(self.path, number, column), line.to_owned());
            }
        }
        (Span::start_of(self.path), String::new())
    }
}

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
    data: DataValues,
    /// The engine of the package that was examined last.
    engine: Option<(Arc<BTreeSet<usize>>, TestEngine)>,
    evaluator: Option<Evaluator>,
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
        }
    }

    /// Runs a test of the set. Nothing, if it passes; else what was wanted and what was got.
    /// A panic of the evaluator is a failure.
    pub fn run(&mut self, trial: &Trial) -> Option<Diagnostic> {
        match &trial.kind {
            Kind::Rule(rule) => self.rule(rule).err(),
            Kind::Case(case) => self.case(case).err(),
        }
    }

    fn rule(&mut self, rule: &TestRule) -> Result<(), Diagnostic> {
        let modules = self.snapshot.modules();
        let at_hand = self
            .engine
            .take()
            .filter(|(reach, _)| Arc::ptr_eq(reach, &rule.reach));
        let mut engine = match at_hand {
            Some((_, engine)) => engine,
            None => TestEngine::build(modules, &rule.reach, &self.data)?,
        };
        let failure = match engine.run(modules, rule, self.limits.rule) {
            Outcome::Passed => None,
            Outcome::Failed(failure) => Some(failure),
            Outcome::EngineFault(failure) => return Err(failure),
        };
        self.engine = Some((Arc::clone(&rule.reach), engine));
        failure.map_or(Ok(()), Err)
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
        let question = Question {
            facts,
            action: trial.case.action,
            at: trial.case.at,
        };
        let mut evaluator = self.evaluator.take().unwrap_or_else(|| {
            let budget = Budget::of_policy(self.limits.policy);
            Evaluator::new(Arc::clone(&self.snapshot), budget)
        });
        // Invariant: an evaluator that a panic went through goes with it.
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let differences = cases::differences(&trial.case.want, question, &mut evaluator);
            (differences, evaluator)
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
}
