//! Trials: the tests that a set brings along, its `test_` rules and its cases.
//!
//! A set goes live only if they pass; `embargo test` runs them, too, on the same path. Each
//! has a [`Key`], a digest of all that its outcome can depend on, so that one that has passed
//! need not run again while nothing that it can reach has changed.

mod coverage;
mod examiner;
mod fixtures;
mod key;
mod passed;

use std::sync::Arc;

use crate::cases::{self, Case};
use crate::diagnostic::{Diagnostic, Span};
use crate::facts::{FactsInvalid, HostFacts};
use crate::instant::Instant;
use crate::rego::{TestRule, test_rules};
use crate::snapshot::Snapshot;

pub use self::coverage::{Coverage, Evaluated, FileCoverage};
pub use self::examiner::{Examiner, Limits};
pub use self::fixtures::Fixtures;
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

/// What tests have beside their set. A server has nothing.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The instant for cases that name none.
    pub at: Option<Instant>,
    /// What tests of rules see as `data.testdata`. Where there is none, tests that need it are
    /// left out.
    pub fixtures: Option<Arc<Fixtures>>,
}

/// All tests that a set brings along, those that go with each other in a row; and the case
/// files that cannot be read.
#[must_use]
pub fn of(snapshot: &Snapshot) -> (Vec<Trial>, Vec<Diagnostic>) {
    of_set(snapshot, &Beside::default())
}

/// The same with what the tests have beside the set.
#[must_use]
pub fn of_set(snapshot: &Snapshot, beside: &Beside) -> (Vec<Trial>, Vec<Diagnostic>) {
    let keys = Keys::of(snapshot, beside);
    let mut trials: Vec<Trial> = test_rules(snapshot.modules())
        .into_iter()
        .filter(|rule| beside.fixtures.is_some() || !rule.needs_fixtures)
        .map(|rule| Trial {
            name: rule.name.clone(),
            key: keys.rule(&rule),
            kind: Kind::Rule(rule),
        })
        .collect();
    let mut faults = Vec::new();
    for (path, text) in snapshot.case_files() {
        match of_file(snapshot, &keys, path, text, beside.at) {
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
pub fn of_cases(
    snapshot: &Snapshot,
    path: &str,
    text: &str,
    beside: &Beside,
) -> Result<Vec<Trial>, Diagnostic> {
    of_file(snapshot, &Keys::of(snapshot, beside), path, text, beside.at)
}

fn of_file(
    snapshot: &Snapshot,
    keys: &Keys,
    path: &str,
    text: &str,
    at: Option<Instant>,
) -> Result<Vec<Trial>, Diagnostic> {
    let file = key::of_parts(&[text.as_bytes()]);
    let mut places = Places::of(path, text);
    let trials = cases::read(path, text, at)?.into_iter().map(|mut case| {
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
