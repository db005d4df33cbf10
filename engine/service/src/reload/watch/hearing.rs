//! One watcher of the system's, and what it has heard.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher, WatcherKind};

use crate::reload::Signal;

use super::event::{is_new_folder, matters, may_be_read};
use super::fence::Passed;
use super::writing::Writing;

/// How long it may take until a watcher that was ended has given back what it held.
const CLOSING: Duration = Duration::from_millis(200);

/// Takes events in.
pub(super) type Handler = Box<dyn FnMut(notify::Result<Event>) + Send>;
/// Opens a watcher. Tests put one in that fails.
pub(super) type Open = Box<dyn FnMut(Handler) -> notify::Result<Box<dyn Watcher + Send>> + Send>;

/// The system's own watchers.
pub(super) fn system() -> Open {
    Box::new(|handler| Ok(Box::new(notify::recommended_watcher(handler)?)))
}

pub(super) struct Hearing {
    watcher: Box<dyn Watcher + Send>,
    heard: Arc<Heard>,
    /// Whether the folder of the fences is watched.
    tells_fences: bool,
    pub(super) kind: WatcherKind,
}

#[derive(Default)]
struct Heard {
    is_muted: AtomicBool,
    /// Whether events were lost.
    lost: AtomicBool,
    writing: Mutex<Writing>,
    /// How far it has come.
    passed: Passed,
    /// When a folder came last. The system does not tell what happens in it until it is watched,
    /// too, which is a moment later.
    grown: Mutex<Option<Instant>>,
}

impl Heard {
    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grown(&self) -> MutexGuard<'_, Option<Instant>> {
        self.grown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event in, and says whether policies may have changed.
    fn hear(&self, event: notify::Result<Event>, root: &Path, stations: &[PathBuf]) -> bool {
        match event {
            Ok(event) if !event.need_rescan() => {
                self.writing().hear(&event, is_own);
                if is_new_folder(&event, root) {
                    *self.grown() = Some(Instant::now());
                }
                matters(&event, root, stations)
            }
            _ => {
                self.lost.store(true, Ordering::Release);
                true
            }
        }
    }
}

/// Whether an entry is a file that goes by this name alone.
fn is_own(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|entry| entry.is_file() && names(&entry) == 1)
}

#[cfg(unix)]
fn names(entry: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(entry)
}

#[cfg(not(unix))]
const fn names(_entry: &Metadata) -> u64 {
    1
}

impl Hearing {
    /// Watches the root with all below it if it is there, the folders that hold the stations on
    /// the way to it, and that of the fences.
    pub(super) fn start(
        open: &mut Open,
        root: &Path,
        stations: Vec<PathBuf>,
        is_there: bool,
        fences: Option<PathBuf>,
        signals: SyncSender<Signal>,
    ) -> notify::Result<Self> {
        let heard = Arc::new(Heard::default());
        let folders: BTreeSet<PathBuf> = stations
            .iter()
            .filter_map(|station| station.parent().map(Path::to_path_buf))
            .collect();
        let handler = {
            let (heard, root) = (Arc::clone(&heard), root.to_path_buf());
            let fences = fences.clone();
            move |event: notify::Result<Event>| {
                if let Ok(event) = &event
                    && heard.passed.hear(event, fences.as_ref())
                {
                    return;
                }
                if heard.hear(event, &root, &stations) && !heard.is_muted.load(Ordering::Acquire) {
                    // Full means that the loop is about to look anyway.
                    let _ = signals.try_send(Signal::Changed);
                }
            }
        };
        let mut watcher = open(Box::new(handler))?;
        if is_there {
            watcher.watch(root, RecursiveMode::Recursive)?;
        }
        for folder in folders {
            // They only say that the root comes and goes, which the loop finds out by itself
            // in the end.
            let _ = watcher.watch(&folder, RecursiveMode::NonRecursive);
        }
        // It comes last, because what there are too few watches for must not be the policies.
        let tells_fences = fences
            .is_some_and(|fences| watcher.watch(&fences, RecursiveMode::NonRecursive).is_ok());
        Ok(Self {
            watcher,
            heard,
            tells_fences,
            kind: RecommendedWatcher::kind(),
        })
    }

    /// Wakes nobody from here on; what it hears about files that are being written still counts.
    pub(super) fn mute(&self) {
        self.heard.is_muted.store(true, Ordering::Release);
    }

    /// Waits until it has told all that came before a fence, if it tells of fences. No, if that
    /// takes too long.
    pub(super) fn has_passed(&self, fence: u64, end: Instant) -> bool {
        !self.tells_fences || self.heard.passed.wait_for(fence, end)
    }

    /// Whether events were lost, so that what is known about files can be wrong.
    pub(super) fn lost(&self) -> bool {
        self.heard.lost.load(Ordering::Acquire)
    }

    /// A policy file that is being written, below the root.
    pub(super) fn being_written(&self, root: &Path) -> Option<PathBuf> {
        if self.lost() {
            return None;
        }
        self.heard.writing().first(|path| may_be_read(path, root))
    }

    /// When a folder came last.
    pub(super) fn grown(&self) -> Option<Instant> {
        *self.heard.grown()
    }

    pub(super) fn forget(&self) {
        self.heard.writing().forget();
    }

    /// Ends the watcher.
    pub(super) fn close(self) -> Closing {
        drop(self.watcher);
        Closing(self.heard)
    }
}

/// A watcher that was ended, and still holds what its thread has not given back.
pub(super) struct Closing(Arc<Heard>);

impl Closing {
    /// Waits until it holds nothing any longer. Its thread lets go of what was heard at the end.
    pub(super) fn wait(&self) {
        let start = Instant::now();
        while Arc::strong_count(&self.0) > 1 && start.elapsed() < CLOSING {
            thread::sleep(Duration::from_micros(100));
        }
    }
}
