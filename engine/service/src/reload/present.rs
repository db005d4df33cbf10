//! What is active and how the last attempt went: one value, replaced whole.

use std::sync::Arc;

use embargo_core::diagnostic::Diagnostic;
use embargo_core::instant::Instant;
use embargo_core::snapshot::Snapshot;

use crate::release::Release;

/// The remarks that are kept of one attempt, at most.
pub(super) const DIAGNOSTICS: usize = 200;

/// What judges, and how the last attempt to load the source went. Both are of the same
/// moment.
#[derive(Clone, Debug, Default)]
pub struct Present {
    /// What judges; nothing until the first activation.
    pub active: Option<Active>,
    /// The last attempt; nothing until the first one has ended.
    pub last_reload: Option<Arc<ReloadReport>>,
}

/// A snapshot that judges.
#[derive(Clone, Debug)]
pub struct Active {
    /// The snapshot.
    pub snapshot: Arc<Snapshot>,
    /// Counts activations of this server, from 1.
    pub generation: u64,
    /// When it became active.
    pub activate_time: Instant,
    /// Whether it is the last good set from the time before this server started, because the
    /// policy folder has not loaded since.
    pub is_recalled: bool,
    /// Which release it is, if it was packed.
    pub release: Option<Arc<Release>>,
}

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReloadReport {
    /// When it was made.
    pub attempt_time: Instant,
    /// What came of it.
    pub state: ReloadState,
    /// What was found, worst first, then by path and position; at most 200.
    pub diagnostics: Vec<Diagnostic>,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadState {
    /// It became active.
    Activated,
    /// It is what was active already.
    Unchanged,
    /// It has errors. What was active stays so.
    Rejected,
}
