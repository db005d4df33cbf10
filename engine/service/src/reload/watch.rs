//! The watch: file events as hints that something may have changed.
//!
//! A watch goes blind without an error when its root is deleted, renamed or reached by a
//! link that is re-pointed. So the folders that hold the root and its links are watched, too,
//! and the watch is set anew before each reading.

use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

use embargo_core::bundle::role;
use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Signal;

/// Links in a row that are followed to find the root's real place.
const LINKS: usize = 16;

pub(super) struct Watch {
    root: PathBuf,
    signals: SyncSender<Signal>,
    watcher: Option<RecommendedWatcher>,
    place: Option<Place>,
    is_blind: bool,
}

/// Which folder the root is at present.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    path: PathBuf,
    inode: Option<(u64, u64)>,
}

impl Place {
    fn of(root: &Path) -> Option<Self> {
        let path = std::fs::canonicalize(root).ok()?;
        let inode = inode(&path);
        Some(Self { path, inode })
    }
}

#[cfg(unix)]
fn inode(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
const fn inode(_path: &Path) -> Option<(u64, u64)> {
    None
}

impl Watch {
    pub(super) const fn new(root: PathBuf, signals: SyncSender<Signal>) -> Self {
        Self {
            root,
            signals,
            watcher: None,
            place: None,
            is_blind: false,
        }
    }

    /// Whether the root is another folder than when the watch was set.
    pub(super) fn is_stale(&self) -> bool {
        Place::of(&self.root) != self.place
    }

    /// Sets the watch anew.
    pub(super) fn set(&mut self) {
        self.place = Place::of(&self.root);
        // What a watcher knows about folders that are gone cannot be corrected; a fresh one
        // knows nothing.
        match self.fresh() {
            Ok(watcher) => {
                self.watcher = Some(watcher);
                if self.is_blind {
                    tracing::info!("file events are back");
                }
                self.is_blind = false;
            }
            Err(error) => {
                self.watcher = None;
                if !self.is_blind && self.place.is_some() {
                    tracing::warn!(
                        cause = %error,
                        "there are no file events; changes are found by reading the folder from \
                         time to time"
                    );
                    self.is_blind = true;
                }
            }
        }
    }

    fn fresh(&self) -> notify::Result<RecommendedWatcher> {
        let root = self.root.clone();
        let links = links(&self.root);
        let roots: Vec<PathBuf> = std::iter::once(root.clone()).chain(links.clone()).collect();
        let signals = self.signals.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // An error means that events may be lost.
            if event.map_or(true, |event| matters(&event, &roots)) {
                // Full means that the loop is about to look anyway.
                let _ = signals.try_send(Signal::Changed);
            }
        })?;
        for place in std::iter::once(&root).chain(&links) {
            if let Some(parent) = place.parent() {
                // The parent only says that the root comes and goes, which the loop finds out
                // by itself in the end.
                let _ = watcher.watch(parent, RecursiveMode::NonRecursive);
            }
        }
        watcher.watch(&root, RecursiveMode::Recursive)?;
        Ok(watcher)
    }
}

/// Where the root leads if it is a symbolic link: each link's target, up to the folder.
fn links(root: &Path) -> Vec<PathBuf> {
    let mut targets = Vec::new();
    let mut place = root.to_path_buf();
    while targets.len() < LINKS
        && let Ok(target) = std::fs::read_link(&place)
    {
        place = place.parent().unwrap_or(&place).join(target);
        targets.push(place.clone());
    }
    targets
}

/// Whether an event can mean that a policy file changed. Reading raises events, too, and the
/// loop must not wake itself.
fn matters(event: &Event, roots: &[PathBuf]) -> bool {
    if event.need_rescan() {
        return true;
    }
    let is_content = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Data(_)) => true,
        EventKind::Access(_) => return false,
        _ => false,
    };
    event.paths.iter().any(|path| {
        roots.iter().any(|root| {
            path.strip_prefix(root)
                .is_ok_and(|below| !is_content || may_be_read(below))
        })
    })
}

/// Whether the content of this file may be read. Links can lead from visible names to those
/// that begin with `..`.
fn may_be_read(below: &Path) -> bool {
    let text = below.to_string_lossy().replace('\\', "/");
    text.starts_with("..") || text.contains("/..") || role(&text).is_some()
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange};

    use super::*;

    fn event(kind: EventKind, path: &str) -> Event {
        Event::new(kind).add_path(PathBuf::from(path))
    }

    #[test]
    fn only_what_can_change_policies_wakes_the_loop() {
        let roots = [PathBuf::from("/p")];
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let created = EventKind::Create(CreateKind::Any);
        let opened = EventKind::Access(AccessKind::Open(AccessMode::Any));
        for (kind, path, wanted) in [
            (written, "/p/a/rule.rego", true),
            (written, "/p/..2024/instrument.yaml", true),
            (written, "/p/a/server.log", false),
            (written, "/other/rule.rego", false),
            (created, "/p/a", true),
            (created, "/p", true),
            (created, "/other", false),
            (opened, "/p/a/rule.rego", false),
        ] {
            assert_eq!(
                matters(&event(kind, path), &roots),
                wanted,
                "{kind:?} {path}"
            );
        }
    }
}
