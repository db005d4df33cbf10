//! Changes of files and folders, for those who do something again after each.
//!
//! As in a reload, an event of the system's is a hint, and what the files look like is the
//! truth: without events changes are found a second later.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

/// After which time without an event the files are looked at.
const POLL: Duration = Duration::from_secs(1);
/// How long files must stay the same before they count as written.
const QUIET: Duration = Duration::from_millis(100);
/// Folders within folders, at most, so that links in a circle come to an end.
const DEPTH: usize = 32;

/// What files look like: length and time of the last change, by path.
type Look = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// Files and folders whose changes are waited for.
#[derive(Debug)]
pub struct Changes {
    paths: Vec<PathBuf>,
    look: Look,
    events: Receiver<()>,
    /// It stops with the value; there is none where the system has no events.
    _watcher: Option<RecommendedWatcher>,
}

impl Changes {
    /// Those of some files, and of folders with all below them but what is hidden, from now on.
    #[must_use]
    pub fn of(paths: Vec<PathBuf>) -> Self {
        let (sender, events) = sync_channel(1);
        let handler = move |event: notify::Result<Event>| {
            let is_reading = event
                .as_ref()
                .is_ok_and(|event| matches!(event.kind, EventKind::Access(_)));
            if !is_reading {
                // Full means that it is about to look anyway.
                let _ = sender.try_send(());
            }
        };
        let mut watcher = notify::recommended_watcher(handler).ok();
        if let Some(watcher) = &mut watcher {
            for path in &paths {
                // Where it fails, changes are found by looking.
                let _ = if path.is_dir() {
                    watcher.watch(path, RecursiveMode::Recursive)
                } else {
                    // A file may be replaced, which its folder tells of.
                    let folder = path.parent().filter(|above| *above != Path::new(""));
                    watcher.watch(
                        folder.unwrap_or(Path::new(".")),
                        RecursiveMode::NonRecursive,
                    )
                };
            }
        }
        Self {
            look: look(&paths),
            paths,
            events,
            _watcher: watcher,
        }
    }

    /// Waits until something has changed since the last time, and nothing changes any more.
    pub fn wait(&mut self) {
        loop {
            if let Err(RecvTimeoutError::Disconnected) = self.events.recv_timeout(POLL) {
                thread::sleep(POLL);
            }
            let mut present = look(&self.paths);
            if present == self.look {
                continue;
            }
            loop {
                thread::sleep(QUIET);
                let later = look(&self.paths);
                if later == present {
                    break;
                }
                present = later;
            }
            self.look = present;
            return;
        }
    }
}

fn look(paths: &[PathBuf]) -> Look {
    let mut found = Look::new();
    for path in paths {
        add(path, 0, &mut found);
    }
    found
}

/// What cannot be read looks like what is not there.
fn add(path: &Path, depth: usize, found: &mut Look) {
    let Ok(entry) = fs::metadata(path) else {
        return;
    };
    if !entry.is_dir() {
        found.insert(path.to_owned(), (entry.len(), entry.modified().ok()));
        return;
    }
    let below = fs::read_dir(path).into_iter().flatten().flatten();
    for entry in below {
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !is_hidden && depth < DEPTH {
            add(&entry.path(), depth + 1, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_anywhere_below_ends_the_wait() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        let alone = folder.path().join("alone.yaml");
        fs::write(&alone, "1").unwrap();
        fs::write(below.join(".hidden"), "1").unwrap();
        for (watched, changed) in [
            (folder.path().to_owned(), below.join("new.rego")),
            (alone.clone(), alone),
        ] {
            let mut changes = Changes::of(vec![watched]);
            let waiting = thread::spawn(move || changes.wait());
            fs::write(changed, "more").unwrap();
            waiting.join().unwrap();
        }
    }

    #[test]
    fn what_is_hidden_looks_like_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".swp"), "1").unwrap();
        assert!(look(&[folder.path().to_owned()]).is_empty());
    }
}
