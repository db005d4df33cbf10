//! Barred policies: those that once did not come back from their evaluation.
//!
//! The one thing about a snapshot that changes. It only ever turns an answer into one that
//! says that a policy failed.

use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug)]
pub(super) struct Barred(Vec<AtomicBool>);

impl Barred {
    pub(super) fn none_of(policies: usize) -> Self {
        Self((0..policies).map(|_| AtomicBool::new(false)).collect())
    }

    pub(super) fn bar(&self, policy: usize) {
        if let Some(barred) = self.0.get(policy) {
            barred.store(true, Ordering::Release);
        }
    }

    pub(super) fn contains(&self, policy: usize) -> bool {
        self.0
            .get(policy)
            .is_some_and(|barred| barred.load(Ordering::Acquire))
    }
}
