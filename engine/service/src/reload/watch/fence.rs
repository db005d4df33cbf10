//! The fence: a file of our own, whose event shows that a watcher has told all that came before it.
//!
//! Events come in order and late. On a machine with more to do than it can, they come later than
//! what was read, and a file that is half of a change would pass for a finished one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::event::CreateKind;
use notify::{Event, EventKind};
use tempfile::TempDir;

/// Makes fences in a folder of its own.
pub(super) struct Fence {
    folder: TempDir,
    last: u64,
}

impl Fence {
    /// None where no folder can be made, such as on a system that is read-only as a whole.
    pub(super) fn new() -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("embargo-").tempdir().ok()?;
        Some(Self { folder, last: 0 })
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Makes the next one. None if it cannot be made.
    pub(super) fn raise(&mut self) -> Option<u64> {
        self.last += 1;
        let place = self.folder.path().join(self.last.to_string());
        File::create(&place).ok()?;
        let _ = fs::remove_file(&place);
        Some(self.last)
    }
}

/// The fence that a watcher has come to.
#[derive(Debug, Default)]
pub(super) struct Passed {
    last: Mutex<u64>,
    came: Condvar,
}

impl Passed {
    /// Takes an event in, and says whether it is one of a fence.
    pub(super) fn hear(&self, event: &Event, folder: Option<&PathBuf>) -> bool {
        let Some(folder) = folder else {
            return false;
        };
        let Some(path) = event.paths.first() else {
            return false;
        };
        if event.kind == EventKind::Create(CreateKind::File)
            && path.parent() == Some(folder)
            && let Some(number) = path
                .file_name()
                .and_then(|name| name.to_str()?.parse().ok())
        {
            *self.last() = number;
            self.came.notify_all();
        }
        path.starts_with(folder)
    }

    /// Waits until the watcher has come to a fence. No, if it does not come in time.
    pub(super) fn wait_for(&self, fence: u64, end: Instant) -> bool {
        let mut last = self.last();
        while *last < fence {
            let left = end.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return false;
            }
            last = self
                .came
                .wait_timeout(last, left)
                .map_or_else(|poisoned| poisoned.into_inner().0, |(last, _)| last);
        }
        true
    }

    fn last(&self) -> MutexGuard<'_, u64> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
