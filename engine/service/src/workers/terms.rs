//! Terms: how long what is asked for may take, and what becomes of a question that panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use embargo_core::decision::{Budget, Evaluator};

use crate::config::Settings;

use super::pending::Unjudged;

/// How long evaluation may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) policy: Duration,
    pub(super) decision: Duration,
}

impl Limits {
    pub(super) const fn of(settings: &Settings) -> Self {
        Self {
            policy: settings.policy_budget,
            decision: settings.decision_budget,
        }
    }

    /// The budget of a decision that is begun at this moment and is due at `deadline`.
    pub(super) fn budget(self, deadline: Option<Instant>) -> Budget {
        let end = Instant::now().checked_add(self.decision);
        let due = match (end, deadline) {
            (Some(end), Some(deadline)) => Some(end.min(deadline)),
            (end, deadline) => end.or(deadline),
        };
        let budget = Budget::of_policy(self.policy);
        match due {
            Some(due) => budget.within(move || due.saturating_duration_since(Instant::now())),
            None => budget,
        }
    }
}

/// How each of many questions of one job is judged: for itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(super) limits: Limits,
    pub(super) deadline: Option<Instant>,
}

impl Terms {
    /// The budget of what is judged at many instants: that of a decision would be too small
    /// for all of them. A policy that runs out of time is not tried again, so that there is an
    /// end to it without a deadline, too.
    pub(crate) fn of_many_instants(self) -> Budget {
        let budget = Budget::of_policy(self.limits.policy);
        match self.deadline {
            Some(due) => budget.within(move || due.saturating_duration_since(Instant::now())),
            None => budget,
        }
    }

    /// Judges one question. A panic is the fault of that question alone, and the evaluator
    /// that it went through is replaced.
    pub(crate) fn judge<T>(
        self,
        evaluator: &mut Evaluator,
        work: impl FnOnce(&mut Evaluator) -> T,
    ) -> Result<T, Unjudged> {
        if self.deadline.is_some_and(|due| due <= Instant::now()) {
            return Err(Unjudged::DeadlinePassed);
        }
        evaluator.set_budget(self.limits.budget(self.deadline));
        catch_unwind(AssertUnwindSafe(|| work(evaluator))).map_err(|_| {
            tracing::error!(
                snapshot = %evaluator.snapshot().id(),
                "judging one of many hosts panicked; its evaluator is replaced"
            );
            evaluator.renew();
            Unjudged::Fault
        })
    }
}
