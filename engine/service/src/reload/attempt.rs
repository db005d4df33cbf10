//! Attempts: from what was read to what is active, or to a rejection that everybody sees.

use std::sync::Arc;
use std::time::Instant;

use embargo_core::bundle::Bundle;
use embargo_core::diagnostic::{self, Diagnostic};
use embargo_core::snapshot::Snapshot;
use tokio::sync::watch;

use crate::compile;
use crate::config::Settings;
use crate::release::Release;
use crate::source::{ReadSourceError, Reading};

use super::keeper::Keeper;
use super::log;
use super::order::Order;
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
    /// What is live only after what.
    order: Order,
    /// Snapshots that no longer judge. They are dropped here once nobody else holds them, so
    /// that no request pays for it.
    retired: Vec<Arc<Snapshot>>,
}

/// What an attempt read.
#[derive(PartialEq, Eq)]
enum Seen {
    /// Content of this digest, and which release it is.
    Content(String, Option<Release>),
    /// Nothing, for this reason.
    Failure(String),
}

impl Seen {
    fn of(read: &Result<Reading, ReadSourceError>) -> Self {
        match read {
            Ok(reading) => Self::Content(reading.bundle.digest(), reading.release.clone()),
            Err(error) => Self::Failure(error.to_string()),
        }
    }
}

impl Attempts {
    pub(super) fn new(
        present: watch::Sender<Present>,
        settings: Settings,
        is_tested: bool,
        allows_rollback: bool,
    ) -> Self {
        if settings.skip_tests_on_reload {
            log::untested();
        }
        let mut keeper = settings.state_folder.as_deref().map(Keeper::in_folder);
        let latest = keeper.as_mut().map_or(Ok(None), Keeper::latest);
        Self {
            order: Order::new(latest, allows_rollback),
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
    pub(super) fn is_new(&self, read: &Result<Reading, ReadSourceError>) -> bool {
        self.seen.as_ref() != Some(&Seen::of(read))
    }

    /// Whether the last attempt came to nothing.
    pub(super) fn is_refused(&self) -> bool {
        let present = self.present.borrow();
        let report = present.last_reload.as_ref();
        report.is_some_and(|report| report.state == ReloadState::Rejected)
    }

    /// Makes an attempt, unless the last one read the same.
    pub(super) fn make(&mut self, read: Result<Reading, ReadSourceError>) {
        let seen = Seen::of(&read);
        if self.seen.as_ref() == Some(&seen) {
            return;
        }
        let is_active = {
            let present = self.present.borrow();
            match (&seen, &present.active) {
                (Seen::Content(digest, _), Some(active)) => **active.snapshot.id() == **digest,
                _ => false,
            }
        };
        self.seen = Some(seen);
        let begun = Instant::now();
        match read {
            Ok(reading) if is_active => {
                self.live_again(reading.release);
                self.report(ReloadState::Unchanged, Vec::new());
            }
            Ok(reading) => match self.taken(reading.bundle, reading.release.as_ref()) {
                Ok(snapshot) => self.activate(snapshot, reading.release),
                Err(diagnostics) => self.reject(diagnostics),
            },
            Err(error) => self.reject(vec![error.diagnostic()]),
        }
        self.settings.telemetry.reloads().took(begun.elapsed());
    }

    /// What may go live: it comes after what was live, compiles, and passes its own tests.
    fn taken(
        &mut self,
        bundle: Bundle,
        release: Option<&Release>,
    ) -> Result<Arc<Snapshot>, Vec<Diagnostic>> {
        if let Some(release) = release {
            self.order.admits(release, &bundle.digest())?;
        }
        self.compiled_and_tested(bundle)
    }

    /// Takes note of the release that the set which judges is of.
    fn live_again(&mut self, release: Option<Release>) {
        let active = self.present.borrow().active.clone();
        if let (Some(release), Some(active)) = (&release, active) {
            self.order.went_live(release, active.snapshot.id());
        }
        self.present.send_if_modified(|present| {
            if let Some(active) = &mut present.active {
                active.release = release.map(Arc::new);
            }
            false
        });
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
                let release = self.order.release_of(snapshot.id());
                let active = Active {
                    snapshot: Arc::new(snapshot),
                    generation: self.generation,
                    activate_time: self.settings.clock.now(),
                    is_recalled: true,
                    release: release.map(Arc::new),
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

    fn activate(&mut self, snapshot: Arc<Snapshot>, release: Option<Release>) {
        self.generation += 1;
        if let Some(release) = &release {
            self.order.went_live(release, snapshot.id());
        }
        let now = self.settings.clock.now();
        let diagnostics = arranged(snapshot.warnings().to_vec());
        let active = Active {
            snapshot,
            generation: self.generation,
            activate_time: now,
            is_recalled: false,
            release: release.map(Arc::new),
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
            keeper.keep(&active.snapshot, self.order.latest());
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
