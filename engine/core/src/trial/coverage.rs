//! Coverage of a set's rules by its tests.
//!
//! Rules count, wherever they stand, and tests of rules do not. A rule that no test reaches
//! counts as well.

use std::collections::{BTreeMap, BTreeSet};

use crate::rego::{Lines, countable};
use crate::snapshot::Snapshot;

/// The lines that examiners have evaluated.
#[derive(Clone, Debug, Default)]
pub struct Evaluated(pub(super) Lines);

impl Evaluated {
    /// Adds those of another examiner.
    pub fn merge(&mut self, other: Self) {
        for (path, lines) in other.0 {
            self.0.entry(path).or_default().extend(lines);
        }
    }
}

/// Which lines of a set's rules were evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    files: BTreeMap<String, FileCoverage>,
}

/// Which lines of a file were evaluated, of those that can be. Lines count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// Those that were.
    pub covered: BTreeSet<u32>,
    /// Those that were not.
    pub uncovered: BTreeSet<u32>,
}

impl FileCoverage {
    /// The part of its lines that were evaluated, in per cent; 100 if it has none.
    #[must_use]
    pub fn percent(&self) -> f64 {
        percent(self.covered.len(), self.uncovered.len())
    }
}

impl Coverage {
    /// The coverage of a set. Parses its rules, which needs a large stack.
    #[must_use]
    pub fn of(snapshot: &Snapshot, evaluated: &Evaluated) -> Self {
        let none = BTreeSet::new();
        let files = snapshot.rule_modules().iter().map(|module| {
            let seen = evaluated.0.get(&module.path).unwrap_or(&none);
            let (covered, uncovered) = countable(module)
                .into_iter()
                .partition(|line| seen.contains(line));
            (module.path.clone(), FileCoverage { covered, uncovered })
        });
        Self {
            files: files.collect(),
        }
    }

    /// The files, by path.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, &FileCoverage)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// Lines that were evaluated.
    #[must_use]
    pub fn covered(&self) -> usize {
        self.files.values().map(|file| file.covered.len()).sum()
    }

    /// Lines that were not.
    #[must_use]
    pub fn uncovered(&self) -> usize {
        self.files.values().map(|file| file.uncovered.len()).sum()
    }

    /// The part of the lines that were evaluated, in per cent; 100 if there are none.
    #[must_use]
    pub fn percent(&self) -> f64 {
        percent(self.covered(), self.uncovered())
    }
}

fn percent(covered: usize, uncovered: usize) -> f64 {
    let number = |lines: usize| f64::from(u32::try_from(lines).unwrap_or(u32::MAX));
    let all = number(covered) + number(uncovered);
    if all == 0.0 {
        return 100.0;
    }
    number(covered) * 100.0 / all
}
