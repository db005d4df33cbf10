//! Attempts: from what was read to what is active, or to a rejection that everybody sees.

use std::sync::Arc;

use embargo_core::bundle::Bundle;
use embargo_core::diagnostic::{self, Diagnostic};
use embargo_core::snapshot::Snapshot;
use tokio::sync::watch;

use crate::compile;
use crate::config::Settings;
use crate::source::ReadSourceError;

use super::log;
use super::present::{Active, DIAGNOSTICS, Present, ReloadReport, ReloadState};

/// Makes attempts, one after the other.
pub(super) struct Attempts {
    present: watch::Sender<Present>,
    settings: Settings,
    /// What the last attempt read.
    seen: Option<Seen>,
    generation: u64,
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
    pub(super) fn new(present: watch::Sender<Present>, settings: Settings) -> Self {
        Self {
            present,
            settings,
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
        match read {
            Ok(_) if is_active => self.report(ReloadState::Unchanged, Vec::new()),
            Ok(bundle) => match compile::compile(bundle, self.settings.compile_limit) {
                Ok(snapshot) => self.activate(Arc::new(snapshot)),
                Err(diagnostics) => self.report(ReloadState::Rejected, diagnostics),
            },
            Err(error) => self.report(ReloadState::Rejected, vec![error.diagnostic()]),
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
        };
        log::activated(&active, &diagnostics);
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
        let active = self.present.borrow().active.clone();
        match state {
            ReloadState::Rejected => log::rejected(active.as_ref(), &diagnostics),
            ReloadState::Activated | ReloadState::Unchanged => log::unchanged(active.as_ref()),
        }
        let report = Arc::new(ReloadReport {
            attempt_time: self.settings.clock.now(),
            state,
            diagnostics,
        });
        self.present.send_replace(Present {
            active,
            last_reload: Some(report),
        });
    }

    /// Drops the snapshots that nobody judges by any longer.
    pub(super) fn tidy(&mut self) {
        self.retired
            .retain(|snapshot| Arc::strong_count(snapshot) > 1);
    }
}

fn arranged(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostic::sort(&mut diagnostics);
    diagnostics.truncate(DIAGNOSTICS);
    diagnostics
}
