//! What is counted of attempts to take up policies.

use std::time::Duration;

use embargo_core::instant::Instant;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::reload::ReloadState;

use super::catalogue::{
    RELOAD_ATTEMPTED, RELOAD_DURATION, RELOAD_SUCCEEDED, RELOAD_TESTS, RELOADS,
};
use super::register::{Counters, counter, counters, labels, long_times, register};

/// The counters of attempts.
pub(crate) struct Reloads {
    outcomes: Counters,
    duration: Histogram,
    attempted: Gauge,
    succeeded: Gauge,
    tests: Counter,
}

const fn word(state: ReloadState) -> &'static str {
    match state {
        ReloadState::Activated => "activated",
        ReloadState::Unchanged => "unchanged",
        ReloadState::Rejected => "rejected",
    }
}

impl Reloads {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let all = [
            ReloadState::Activated,
            ReloadState::Unchanged,
            ReloadState::Rejected,
        ];
        Self {
            outcomes: counters(registry, RELOADS, all.map(word)),
            duration: register(registry, RELOAD_DURATION, long_times()),
            attempted: register(registry, RELOAD_ATTEMPTED, Gauge::default()),
            succeeded: register(registry, RELOAD_SUCCEEDED, Gauge::default()),
            tests: counter(registry, RELOAD_TESTS),
        }
    }

    /// An attempt has ended at this instant.
    pub(crate) fn ended(&self, state: ReloadState, now: Instant) {
        let labels = labels(RELOADS, [word(state).into()]);
        self.outcomes.get_or_create(&labels).inc();
        let (seconds, _) = now.to_unix();
        self.attempted.set(seconds);
        if state != ReloadState::Rejected {
            self.succeeded.set(seconds);
        }
    }

    /// It took so long.
    pub(crate) fn took(&self, taken: Duration) {
        self.duration.observe(taken.as_secs_f64());
    }

    /// So many tests of a set were run.
    pub(crate) fn tested(&self, tests: usize) {
        self.tests.inc_by(u64::try_from(tests).unwrap_or(u64::MAX));
    }
}
