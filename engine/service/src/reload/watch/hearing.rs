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
    pub(super) kind: WatcherKind,
}

#[derive(Default)]
struct Heard {
    is_muted: AtomicBool,
    /// Whether events were lost.
    lost: AtomicBool,
    writing: Mutex<Writing>,
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
    /// Watches the root with all below it if it is there, and the folders that hold the
    /// stations on the way to it.
    pub(super) fn start(
        open: &mut Open,
        root: &Path,
        stations: Vec<PathBuf>,
        is_there: bool,
        signals: SyncSender<Signal>,
    ) -> notify::Result<Self> {
        let heard = Arc::new(Heard::default());
        let folders: BTreeSet<PathBuf> = stations
            .iter()
            .filter_map(|station| station.parent().map(Path::to_path_buf))
            .collect();
        let handler = {
            let (heard, root) = (Arc::clone(&heard), root.to_path_buf());
            move |event: notify::Result<Event>| {
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
        Ok(Self {
            watcher,
            heard,
            kind: RecommendedWatcher::kind(),
        })
    }

    /// Wakes nobody from here on; what it hears about files that are being written still counts.
    pub(super) fn mute(&self) {
        self.heard.is_muted.store(true, Ordering::Release);
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
