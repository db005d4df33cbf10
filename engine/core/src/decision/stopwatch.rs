//! The stopwatch: how long each policy takes, for those who ask. Nobody pays for it otherwise.
//!
//! The core knows no clock; whoever asks brings one.

use std::time::Duration;

use super::evaluator::Evaluator;

/// What the evaluations of one policy took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyTime {
    /// The position of the policy in its snapshot.
    pub policy: usize,
    /// How often it was evaluated: once for each instant that was looked at.
    pub evaluations: u64,
    /// How many of these failed.
    pub failures: u64,
    /// What all of them took together.
    pub total: Duration,
    /// What the longest of them took.
    pub longest: Duration,
}

impl PolicyTime {
    /// Adds what further evaluations of the same policy took.
    pub fn add(&mut self, more: Self) {
        self.evaluations = self.evaluations.saturating_add(more.evaluations);
        self.failures = self.failures.saturating_add(more.failures);
        self.total = self.total.saturating_add(more.total);
        self.longest = self.longest.max(more.longest);
    }
}

impl Evaluator {
    /// Measures from here on, by the clock that is given, how long each policy takes.
    pub fn start_timing(&mut self, clock: impl Fn() -> Duration + Send + 'static) {
        self.stopwatch = Some(Stopwatch::new(clock));
    }

    /// Ends that, and tells of the policies that were evaluated meanwhile. What was remembered was
    /// not evaluated.
    pub fn stop_timing(&mut self) -> Vec<PolicyTime> {
        self.stopwatch
            .take()
            .map(Stopwatch::finish)
            .unwrap_or_default()
    }
}

/// Measures by a clock that tells how much time has gone by since some moment.
pub(super) struct Stopwatch {
    clock: Box<dyn Fn() -> Duration + Send>,
    times: Vec<PolicyTime>,
}

impl Stopwatch {
    pub(super) fn new(clock: impl Fn() -> Duration + Send + 'static) -> Self {
        Self {
            clock: Box::new(clock),
            times: Vec::new(),
        }
    }

    pub(super) fn now(&self) -> Duration {
        (self.clock)()
    }

    /// An evaluation that began then has ended.
    pub(super) fn note(&mut self, policy: usize, begun: Duration, failed: bool) {
        let taken = self.now().saturating_sub(begun);
        let once = PolicyTime {
            policy,
            evaluations: 1,
            failures: u64::from(failed),
            total: taken,
            longest: taken,
        };
        match self.times.iter_mut().find(|time| time.policy == policy) {
            Some(time) => time.add(once),
            None => self.times.push(once),
        }
    }

    pub(super) fn finish(self) -> Vec<PolicyTime> {
        self.times
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn each_policy_is_told_with_its_number_its_sum_and_its_longest() {
        let ticks = Cell::new(0);
        let mut stopwatch = Stopwatch::new(move || {
            ticks.set(ticks.get() + 1);
            Duration::from_millis(ticks.get() * ticks.get())
        });
        for (policy, failed) in [(3, false), (1, true), (3, false)] {
            let begun = stopwatch.now();
            stopwatch.note(policy, begun, failed);
        }
        let ms = Duration::from_millis;
        let time = |policy, evaluations, failures, total, longest| PolicyTime {
            policy,
            evaluations,
            failures,
            total: ms(total),
            longest: ms(longest),
        };
        // Between the looks lie 3, 7 and 11 ms.
        let wanted = [time(3, 2, 0, 3 + 11, 11), time(1, 1, 1, 7, 7)];
        assert_eq!(stopwatch.finish(), wanted);
    }
}
