//! A worker's bench: the evaluators that it keeps at hand.
//!
//! During a reload jobs of two snapshots meet, so there are at most two.

use std::sync::Arc;

use embargo_core::decision::{Budget, Evaluator};
use embargo_core::snapshot::Snapshot;

/// Evaluators at hand, at most.
const KEPT: usize = 2;

#[derive(Default)]
pub(super) struct Bench {
    /// The one that was used last comes first.
    evaluators: Vec<Evaluator>,
}

impl Bench {
    /// Takes the evaluator for a snapshot, which is a new one if there is none.
    pub(super) fn take(&mut self, snapshot: &Arc<Snapshot>) -> Evaluator {
        let at = self
            .evaluators
            .iter()
            .position(|evaluator| Arc::ptr_eq(evaluator.snapshot(), snapshot));
        match at {
            Some(at) => self.evaluators.remove(at),
            None => Evaluator::new(Arc::clone(snapshot), Budget::default()),
        }
    }

    /// Puts an evaluator back that no panic has touched.
    pub(super) fn put_back(&mut self, evaluator: Evaluator) {
        self.evaluators.insert(0, evaluator);
        self.evaluators.truncate(KEPT);
    }

    /// Keeps only the evaluator that was used last.
    pub(super) fn tidy(&mut self) {
        self.evaluators.truncate(1);
    }
}
