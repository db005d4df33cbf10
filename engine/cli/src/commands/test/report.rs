//! What came out: the results in their order, and the coverage.

use std::sync::Arc;
use std::time::Duration;

use embargo_core::diagnostic::Diagnostic;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::Coverage;

use crate::args::Test;

/// The result of a test.
pub(super) struct Outcome {
    pub(super) name: String,
    /// What a case asks, in words.
    pub(super) question: String,
    pub(super) took: Duration,
    pub(super) failure: Option<Diagnostic>,
}

impl Outcome {
    /// The package of a rule or the file of a case, and the name in it.
    pub(super) fn parts(&self) -> (&str, &str) {
        let name = self.name.as_str();
        // Names of rules have no `#`, and those of cases may have dots.
        name.split_once('#')
            .or_else(|| name.rsplit_once('.'))
            .unwrap_or(("", name))
    }
}

/// The coverage of a set.
pub(super) struct Measured {
    pub(super) root: String,
    pub(super) coverage: Coverage,
    pub(super) sources: Arc<Snapshot>,
}

pub(super) struct Report {
    pub(super) outcomes: Vec<Outcome>,
    /// Of each set, if it was asked for.
    pub(super) measured: Vec<Measured>,
    /// In per cent.
    pub(super) threshold: Option<f64>,
    pub(super) is_verbose: bool,
}

impl Report {
    pub(super) const fn new(test: &Test) -> Self {
        Self {
            outcomes: Vec::new(),
            measured: Vec::new(),
            threshold: test.threshold,
            is_verbose: test.verbose,
        }
    }

    pub(super) fn failed(&self) -> usize {
        let failed = |outcome: &&Outcome| outcome.failure.is_some();
        self.outcomes.iter().filter(failed).count()
    }

    pub(super) fn passed(&self) -> usize {
        self.outcomes.len() - self.failed()
    }

    pub(super) fn took(&self) -> Duration {
        self.outcomes.iter().map(|outcome| outcome.took).sum()
    }

    /// The set with the least coverage, if it lies below the threshold.
    pub(super) fn missed(&self) -> Option<(&Measured, f64)> {
        let threshold = self.threshold?;
        let measured = self.measured.iter();
        let least =
            measured.min_by(|a, b| a.coverage.percent().total_cmp(&b.coverage.percent()))?;
        (least.coverage.percent() < threshold).then_some((least, threshold))
    }

    pub(super) fn is_good(&self) -> bool {
        self.failed() == 0 && self.missed().is_none()
    }
}

/// Per cent with one digit behind the point, cut and not rounded, so that nothing shows as a
/// threshold that it misses.
pub(super) fn percent(value: f64) -> String {
    format!("{:.1}", (value * 10.0).floor() / 10.0)
}
