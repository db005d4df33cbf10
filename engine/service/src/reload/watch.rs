//! The watch: file events as hints that something may have changed, and as knowledge of files
//! that are being written.
//!
//! A watch goes blind without an error when its root is deleted, renamed or reached by a link
//! that is re-pointed. So the folders that hold the root and the links on the way to it are
//! watched, too, and the watch is set anew before each reading. The watcher before it is kept
//! beside the fresh one until the next time, so that no event falls between the two.

mod event;
mod fence;
mod hearing;
mod place;
mod writing;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use notify::{ErrorKind, WatcherKind};

use super::Signal;

use self::fence::Fence;
use self::hearing::{Closing, Hearing, Open};
use self::place::{Place, stations};

/// How often a watch is set in a row while folders come and go under its hands.
const TRIES: usize = 3;
/// How long events may take to come.
const LATENESS: Duration = Duration::from_secs(5);

pub(super) struct Watch {
    root: PathBuf,
    signals: SyncSender<Signal>,
    open: Open,
    present: Option<Hearing>,
    /// The one before, which still knows what was happening when the present one was set.
    before: Option<Hearing>,
    fence: Option<Fence>,
    place: Option<Place>,
    /// When the root became another folder.
    moved: Option<Instant>,
    is_set: bool,
    is_blind: bool,
}

impl Watch {
    pub(super) fn new(root: PathBuf, signals: SyncSender<Signal>) -> Self {
        Self::opened_by(hearing::system(), root, signals)
    }

    pub(super) fn opened_by(open: Open, root: PathBuf, signals: SyncSender<Signal>) -> Self {
        Self {
            root,
            signals,
            open,
            present: None,
            before: None,
            fence: Fence::new(),
            place: None,
            moved: None,
            is_set: false,
            is_blind: false,
        }
    }

    /// Whether the root is another folder than when the watch was set.
    pub(super) fn is_stale(&self) -> bool {
        Place::of(&self.root) != self.place
    }

    /// Whether setting the watch failed the last time.
    pub(super) const fn is_set(&self) -> bool {
        self.is_set
    }

    /// Whether events tell when a file that is being written is closed.
    pub(super) fn tells_of_closing(&self) -> bool {
        self.is_set
            && self.place.is_some()
            && self
                .heard()
                .all(|heard| heard.kind == WatcherKind::Inotify && !heard.lost())
    }

    /// Waits until the events have come of all that happened until now.
    pub(super) fn catch_up(&mut self) {
        if !self.tells_of_closing() {
            return;
        }
        let Some(fence) = self.fence.as_mut().and_then(Fence::raise) else {
            return;
        };
        let end = Instant::now() + LATENESS;
        if !self.heard().all(|heard| heard.has_passed(fence, end)) {
            tracing::debug!("file events are late, or do not tell of a file of our own");
        }
    }

    /// A policy file that is being written.
    pub(super) fn being_written(&self) -> Option<PathBuf> {
        if !self.tells_of_closing() {
            return None;
        }
        self.heard()
            .filter_map(|heard| heard.being_written(&self.root))
            .min()
    }

    fn heard(&self) -> impl Iterator<Item = &Hearing> {
        [&self.present, &self.before].into_iter().flatten()
    }

    /// When a folder came last, of whose files it is not known whether they are being written:
    /// it is watched since a moment after it came.
    pub(super) fn grown(&self) -> Option<Instant> {
        let heard = self.heard().filter_map(Hearing::grown);
        heard.chain(self.moved).max()
    }

    /// Takes files that are being written for finished ones.
    pub(super) fn stop_waiting(&self) {
        for heard in self.heard() {
            heard.forget();
        }
    }

    /// Sets the watch anew. What a watcher knows about folders that are gone cannot be
    /// corrected; a fresh one knows nothing.
    pub(super) fn set(&mut self) {
        let place = Place::of(&self.root);
        if self.is_set && place.is_some() && self.place != place {
            self.moved = Some(Instant::now());
        }
        self.place = place;
        let before = close(self.before.take());
        let mut fresh = self.fresh();
        for _ in 1..TRIES {
            match &fresh {
                Err(error) if is_passing(error) => {
                    self.place = Place::of(&self.root);
                    fresh = self.fresh();
                }
                _ => break,
            }
        }
        if fresh.as_ref().is_err_and(|error| !is_passing(error)) {
            // Two at a time may be one too many.
            let present = close(self.present.take());
            for closing in [before, present].into_iter().flatten() {
                closing.wait();
            }
            fresh = self.fresh();
        }
        self.is_set = fresh.is_ok();
        match fresh {
            Ok(fresh) => {
                if let Some(present) = &self.present {
                    present.mute();
                }
                self.before = self.present.replace(fresh);
                if self.is_blind {
                    tracing::info!("file events are back");
                }
                self.is_blind = false;
            }
            // What was there a moment ago is gone. It is set again the next time.
            Err(error) if is_passing(&error) => {}
            Err(error) => {
                if !self.is_blind {
                    tracing::warn!(
                        cause = %error,
                        hint = hint(&error),
                        "there are no file events; changes are found by reading the folder from \
                         time to time"
                    );
                }
                self.is_blind = true;
            }
        }
    }

    fn fresh(&mut self) -> notify::Result<Hearing> {
        let Self {
            root,
            signals,
            open,
            fence,
            place,
            ..
        } = self;
        let fences = fence.as_ref().map(|fence| fence.folder().to_path_buf());
        // The library gives up with a panic where it can start no thread.
        let set = AssertUnwindSafe(|| {
            let stations = stations(root);
            let signals = signals.clone();
            Hearing::start(open, root, stations, place.is_some(), fences, signals)
        });
        catch_unwind(set).unwrap_or_else(|_| Err(notify::Error::generic("the watcher failed")))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        close(self.before.take());
        close(self.present.take());
    }
}

/// Ends a watcher.
fn close(heard: Option<Hearing>) -> Option<Closing> {
    let heard = heard?;
    // The library panics if its thread has ended already.
    catch_unwind(AssertUnwindSafe(|| heard.close())).ok()
}

/// Whether an entry was gone when it should have been watched.
fn is_passing(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(cause) => cause.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// What would bring file events back.
const fn hint(error: &notify::Error) -> &'static str {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "raise fs.inotify.max_user_watches (sysctl), or keep fewer folders in the policy folder"
        }
        ErrorKind::Io(_) => {
            "raise fs.inotify.max_user_instances (sysctl) or the limit of open files (ulimit -n)"
        }
        _ => "look at the cause; a shorter --poll-interval takes changes up sooner",
    }
}

#[cfg(test)]
mod tests;
