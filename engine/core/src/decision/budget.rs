//! Budgets: how long evaluation may take, and where it is at present.
//!
//! The core knows no clock. Whoever judges says how much time is left, and whoever watches
//! sees a policy that does not come back.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::diagnostic::Diagnostic;

/// The time that evaluation may take.
#[derive(Clone)]
pub struct Budget {
    policy: Duration,
    rest: Option<Arc<dyn Fn() -> Duration + Send + Sync>>,
}

impl Budget {
    /// What each policy may take, unless told otherwise.
    pub const POLICY: Duration = Duration::from_millis(100);

    /// Each policy may take this long at a time, however many there are.
    #[must_use]
    pub const fn of_policy(policy: Duration) -> Self {
        Self { policy, rest: None }
    }

    /// The same, and all of them together what `rest` says is left.
    #[must_use]
    pub fn within(self, rest: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self {
            rest: Some(Arc::new(rest)),
            ..self
        }
    }

    /// What the next policy may take; nothing, if no time is left.
    #[must_use]
    pub fn for_next_policy(&self) -> Option<Duration> {
        let rest = self.rest.as_ref().map_or(Duration::MAX, |rest| rest());
        Some(self.policy.min(rest)).filter(|next| !next.is_zero())
    }
}

impl Default for Budget {
    /// [`Budget::POLICY`] for each policy.
    fn default() -> Self {
        Self::of_policy(Self::POLICY)
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("policy", &self.policy)
            .field("is_limited", &self.rest.is_some())
            .finish()
    }
}

/// Why a policy that was barred is not evaluated.
pub(super) fn barred() -> Diagnostic {
    Diagnostic::error(
        "policy-barred",
        "the policy once did not come back from its evaluation, and is not evaluated any more",
    )
    .hint("look for arithmetic on ever larger numbers; it is tried again when policies change")
}

/// Why a policy is not evaluated for which no time is left.
pub(super) fn no_time_left() -> Diagnostic {
    Diagnostic::error("budget-exceeded", "no time was left for the policy")
}

/// Where an evaluator is, for those who watch it from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Odd while a policy is being evaluated.
    steps: AtomicU64,
    policy: AtomicUsize,
}

/// A policy that is being evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which evaluation of the evaluator it is. Two looks that give the same number have met
    /// the same evaluation.
    pub number: u64,
    /// The position of the policy in its snapshot.
    pub policy: usize,
}

impl Progress {
    /// The policy that is being evaluated at this moment, if one is.
    #[must_use]
    pub fn present(&self) -> Option<Step> {
        let number = self.steps.load(Ordering::Acquire);
        let policy = self.policy.load(Ordering::Acquire);
        let is_same = self.steps.load(Ordering::Acquire) == number;
        (number % 2 == 1 && is_same).then_some(Step { number, policy })
    }

    pub(super) fn begin(&self, policy: usize) {
        self.policy.store(policy, Ordering::Release);
        self.steps.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn end(&self) {
        self.steps.fetch_add(1, Ordering::AcqRel);
    }

    /// Ends an evaluation that a panic may have left open.
    pub(super) fn settle(&self) {
        if self.steps.load(Ordering::Acquire) % 2 == 1 {
            self.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_gets_the_least_of_what_it_may_take_and_what_is_left() {
        let ms = Duration::from_millis;
        let budget = Budget::of_policy(ms(100));
        assert_eq!(budget.for_next_policy(), Some(ms(100)));
        assert_eq!(
            budget.clone().within(move || ms(7)).for_next_policy(),
            Some(ms(7))
        );
        assert_eq!(budget.within(|| Duration::ZERO).for_next_policy(), None);
    }

    #[test]
    fn who_watches_sees_the_policy_and_tells_evaluations_apart() {
        let progress = Progress::default();
        assert_eq!(progress.present(), None);
        progress.begin(3);
        let first = progress.present().unwrap();
        assert_eq!(first.policy, 3);
        progress.end();
        assert_eq!(progress.present(), None);
        progress.begin(3);
        assert_ne!(progress.present().unwrap().number, first.number);
    }
}
