//! Attempts: from what was read to what is active, or to a rejection that everybody sees.

use std::sync::Arc;
use std::time::Instant;

use embargo_core::bundle::Bundle;
use embargo_core::diagnostic::{self, Diagnostic};
use embargo_core::snapshot::Snapshot;
use tokio::sync::watch;

use crate::compile;
use crate::config::Settings;
use crate::source::ReadSourceError;

use super::keeper::Keeper;
use super::log;
use super::present::{Active, DIAGNOSTICS, Present, ReloadReport, ReloadState};
use super::trials::Trials;

/// Makes attempts, one after the other.
pub(super) struct Attempts {
    present: watch::Sender<Present>,
    settings: Settings,
    /// What the last attempt read.
    seen: Option<Seen>,
    generation: u64,
    /// Nothing, if sets go live untested.
    trials: Option<Trials>,
    keeper: Option<Keeper>,
    /// Snapshots that no longer judge. They are dropped here once nobody else holds them, so
    /// that no request pays for it.
    retired: Vec<Arc<Snapshot>>,
}

/// What an attempt read.
#[derive(PartialEq, Eq)]
enum Seen {
    /// Content of this digest.
    Content(String),
    /// Nothing, for this reason.
    Failure(String),
}

impl Seen {
    fn of(read: &Result<Bundle, ReadSourceError>) -> Self {
        match read {
            Ok(bundle) => Self::Content(bundle.digest()),
            Err(error) => Self::Failure(error.to_string()),
        }
    }
}

impl Attempts {
    pub(super) fn new(
        present: watch::Sender<Present>,
        settings: Settings,
        is_tested: bool,
    ) -> Self {
        if settings.skip_tests_on_reload {
            log::untested();
        }
        let keeper = settings.state_folder.as_deref().map(Keeper::in_folder);
        Self {
            present,
            trials: is_tested.then(|| Trials::new(&settings)),
            settings,
            keeper,
            seen: None,
            generation: 0,
            retired: Vec::new(),
        }
    }

    /// Whether this is something else than what the last attempt read.
    pub(super) fn is_new(&self, read: &Result<Bundle, ReadSourceError>) -> bool {
        self.seen.as_ref() != Some(&Seen::of(read))
    }

    /// Makes an attempt, unless the last one read the same.
    pub(super) fn make(&mut self, read: Result<Bundle, ReadSourceError>) {
        let seen = Seen::of(&read);
        if self.seen.as_ref() == Some(&seen) {
            return;
        }
        let is_active = {
            let present = self.present.borrow();
            match (&seen, &present.active) {
                (Seen::Content(digest), Some(active)) => **active.snapshot.id() == **digest,
                _ => false,
            }
        };
        self.seen = Some(seen);
        let begun = Instant::now();
        match read {
            Ok(_) if is_active => self.report(ReloadState::Unchanged, Vec::new()),
            Ok(bundle) => match self.compiled_and_tested(bundle) {
                Ok(snapshot) => self.activate(snapshot),
                Err(diagnostics) => self.reject(diagnostics),
            },
            Err(error) => self.reject(vec![error.diagnostic()]),
        }
        self.settings.telemetry.reloads().took(begun.elapsed());
    }

    fn compiled_and_tested(&mut self, bundle: Bundle) -> Result<Arc<Snapshot>, Vec<Diagnostic>> {
        let snapshot = Arc::new(compile::compile(bundle, self.settings.compile_limit)?);
        // While nothing judges, there is nobody to leave a core to.
        let is_first = self.present.borrow().active.is_none();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if is_first { cores } else { 1 };
        if let Some(trials) = &mut self.trials {
            trials.hold(&snapshot, threads)?;
        }
        Ok(snapshot)
    }

    /// Reports what was refused. If nothing judges yet, the last good set does from here on.
    fn reject(&mut self, diagnostics: Vec<Diagnostic>) {
        let is_first = self.present.borrow().active.is_none();
        if is_first && let Some(active) = self.recalled() {
            self.present
                .send_modify(|present| present.active = Some(active));
        }
        self.report(ReloadState::Rejected, diagnostics);
    }

    /// The last good set. Its tests passed when it was kept and are not run again: better
    /// judged by than by nothing.
    fn recalled(&mut self) -> Option<Active> {
        let bundle = self.keeper.as_mut()?.recall()?;
        match compile::compile(bundle, self.settings.compile_limit) {
            Ok(snapshot) => {
                self.generation += 1;
                let active = Active {
                    snapshot: Arc::new(snapshot),
                    generation: self.generation,
                    activate_time: self.settings.clock.now(),
                    is_recalled: true,
                };
                log::recalled(&active);
                Some(active)
            }
            Err(remarks) => {
                let first = remarks.first().map(ToString::to_string);
                log::not_recalled(&first.unwrap_or_default());
                None
            }
        }
    }

    fn activate(&mut self, snapshot: Arc<Snapshot>) {
        self.generation += 1;
        let now = self.settings.clock.now();
        let diagnostics = arranged(snapshot.warnings().to_vec());
        let active = Active {
            snapshot,
            generation: self.generation,
            activate_time: now,
            is_recalled: false,
        };
        log::activated(&active, &diagnostics);
        let telemetry = &self.settings.telemetry;
        telemetry.reloads().ended(ReloadState::Activated, now);
        telemetry.activated(|policy| active.snapshot.policy(policy).is_some());
        let report = ReloadReport {
            attempt_time: now,
            state: ReloadState::Activated,
            diagnostics,
        };
        let before = self.present.send_replace(Present {
            active: Some(active),
            last_reload: Some(Arc::new(report)),
        });
        self.retired
            .extend(before.active.map(|active| active.snapshot));
        self.tidy();
    }

    fn report(&mut self, state: ReloadState, diagnostics: Vec<Diagnostic>) {
        let diagnostics = arranged(diagnostics);
        let mut active = self.present.borrow().active.clone();
        if state == ReloadState::Unchanged
            && let Some(active) = &mut active
        {
            // The folder holds it now.
            active.is_recalled = false;
        }
        match state {
            ReloadState::Rejected => log::rejected(active.as_ref(), &diagnostics),
            ReloadState::Activated | ReloadState::Unchanged => log::unchanged(active.as_ref()),
        }
        let now = self.settings.clock.now();
        self.settings.telemetry.reloads().ended(state, now);
        let report = Arc::new(ReloadReport {
            attempt_time: now,
            state,
            diagnostics,
        });
        self.present.send_replace(Present {
            active,
            last_reload: Some(report),
        });
    }

    /// Drops the snapshots that nobody judges by any longer, and sees to it that the one that
    /// judges is kept for the next start.
    pub(super) fn tidy(&mut self) {
        let active = self.present.borrow().active.clone();
        if let (Some(keeper), Some(active)) = (&mut self.keeper, active) {
            keeper.keep(&active.snapshot);
        }
        self.retired
            .retain(|snapshot| Arc::strong_count(snapshot) > 1);
    }
}

fn arranged(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostic::sort(&mut diagnostics);
    diagnostics.truncate(DIAGNOSTICS);
    diagnostics
}
