//! The set's own tests, which must pass before it goes live.
//!
//! What has passed is remembered, so that a change costs the tests that can reach it and no
//! others. Whatever keeps the tests from coming to an end refuses the set.

use std::sync::Arc;
use std::time::{Duration, Instant};

use embargo_core::diagnostic::Diagnostic;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{self, Limits, Passed, Trial};

use crate::compile;
use crate::config::Settings;
use crate::examine::{Examination, Next, Ran, Terms};
use crate::telemetry::Telemetry;

use super::log;
use super::present::DIAGNOSTICS;

/// What an author can do about a test that does not pass.
const REMEDY: &str = "run `embargo test` on the folder; `serve --skip-tests-on-reload` lets sets \
                      go live untested";

/// Runs the tests of sets, one set after the other.
pub(super) struct Trials {
    passed: Passed,
    limit: Duration,
    limits: Limits,
    telemetry: Telemetry,
}

impl Trials {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            passed: Passed::default(),
            limit: settings.test_limit,
            limits: Limits {
                policy: settings.policy_budget.saturating_mul(Limits::PATIENCE),
                ..Limits::default()
            },
            telemetry: settings.telemetry.clone(),
        }
    }

    /// Runs the tests of a set that have not passed as they are, on so many threads.
    ///
    /// # Errors
    /// A remark for each test that does not pass, at most as many as are kept of an attempt;
    /// or one that the tests do not come to an end.
    pub(super) fn hold(
        &mut self,
        snapshot: &Arc<Snapshot>,
        threads: usize,
    ) -> Result<(), Vec<Diagnostic>> {
        let start = Instant::now();
        // None is so far away that there is no limit.
        let end = start.checked_add(self.limit);
        let (mut trials, faults) = self.gathered(snapshot)?;
        if !faults.is_empty() {
            return Err(faults.into_iter().map(with_remedy).collect());
        }
        let all = trials.len();
        self.passed.begin();
        trials.retain(|trial| !self.passed.holds(trial.key()));
        let new = trials.len();
        if new > 0 {
            self.examine(snapshot, trials, threads, end)?;
        }
        self.telemetry.reloads().tested(new);
        log::tested(snapshot.id(), all, new, start.elapsed());
        Ok(())
    }

    /// The tests that the set brings along. Reading them is compiling, too.
    fn gathered(
        &self,
        snapshot: &Arc<Snapshot>,
    ) -> Result<(Vec<Trial>, Vec<Diagnostic>), Vec<Diagnostic>> {
        let snapshot = Arc::clone(snapshot);
        compile::within(self.limit, move || trial::of(&snapshot))
            .map_err(|failure| vec![failure.remark(|| self.too_slow(""))])
    }

    fn examine(
        &mut self,
        snapshot: &Arc<Snapshot>,
        trials: Vec<Trial>,
        threads: usize,
        end: Option<Instant>,
    ) -> Result<(), Vec<Diagnostic>> {
        let snapshot = Arc::clone(snapshot);
        let mut examination =
            Examination::start(snapshot, trials, Terms::plain(self.limits, threads))
                .map_err(|cause| vec![compile::not_started(&cause)])?;
        let mut failures = Vec::new();
        while failures.len() < DIAGNOSTICS {
            match examination.next(end) {
                Next::Result(Ran {
                    at, failure: None, ..
                }) => {
                    let key = examination.trials().get(at).map(Trial::key);
                    key.into_iter().for_each(|key| self.passed.add(key));
                }
                Next::Result(Ran {
                    failure: Some(failure),
                    ..
                }) => failures.push(with_remedy(failure)),
                Next::Finished => break,
                Next::TooLate => {
                    failures.push(self.too_slow(examination.unheard()));
                    break;
                }
                Next::Lost => {
                    failures.push(compile::fault());
                    break;
                }
            }
        }
        if failures.is_empty() {
            return Ok(());
        }
        Err(failures)
    }

    fn too_slow(&self, name: &str) -> Diagnostic {
        let example = if name.is_empty() {
            String::new()
        } else {
            format!(", `{name}` among those that have not ended")
        };
        let message = format!(
            "the set's own tests take longer than {:?}{example}",
            self.limit
        );
        with_remedy(Diagnostic::error("test-limit", message))
    }
}

fn with_remedy(failure: Diagnostic) -> Diagnostic {
    let hint = if failure.hint.is_empty() {
        REMEDY.to_owned()
    } else {
        format!("{}; {REMEDY}", failure.hint)
    };
    failure.hint(hint)
}
