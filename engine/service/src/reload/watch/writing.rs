//! Files that are being written: those that were changed by somebody who still holds them open.
//!
//! A file that is written in place is half a file for a while, and half a rule file can be a
//! whole one without a denial. Where events tell that a file was closed, nothing is read before.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};
use notify::{Event, EventKind};

/// What is known about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It came into being.
    Made,
    /// Whoever made it opened it, to write it.
    Opened,
    /// Its content changed.
    Changed,
}

/// What one watcher knows about files that are being written.
#[derive(Debug, Default)]
pub(super) struct Writing {
    files: HashMap<PathBuf, State>,
    /// A file that was renamed, until its new name is known.
    moved: Option<(PathBuf, State)>,
}

impl Writing {
    /// Takes in what happened. `is_own` says whether an entry that came into being is a file of
    /// its own: nobody holds a link open that they made.
    pub(super) fn hear(&mut self, event: &Event, is_own: impl Fn(&Path) -> bool) {
        let Some(path) = event.paths.first() else {
            return;
        };
        match event.kind {
            EventKind::Create(CreateKind::File) if is_own(path) => {
                self.files.insert(path.clone(), State::Made);
            }
            EventKind::Access(AccessKind::Open(_)) => {
                if let Some(state @ State::Made) = self.files.get_mut(path) {
                    *state = State::Opened;
                }
            }
            EventKind::Modify(ModifyKind::Data(_)) => {
                self.files.insert(path.clone(), State::Changed);
            }
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                self.files.remove(path);
            }
            EventKind::Access(AccessKind::Close(_))
                if self.files.get(path) == Some(&State::Opened) =>
            {
                // It was made without being opened, and somebody read it.
                self.files.remove(path);
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
                if let (Some(to), Some((from, state))) = (event.paths.get(1), self.moved.take())
                    && from == *path
                {
                    self.files.insert(to.clone(), state);
                }
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                self.moved = self.files.remove_entry(path);
                self.forget_below(path);
            }
            EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => {
                self.forget_below(path);
            }
            _ => {}
        }
    }

    /// A file that is being written, of those in which the caller is interested.
    pub(super) fn first(&self, is_of_interest: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        let open = self
            .files
            .iter()
            .filter(|(path, state)| **state != State::Made && is_of_interest(path));
        open.map(|(path, _)| path).min().cloned()
    }

    /// Forgets everything, because it is wrong or was waited for in vain.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn forget_below(&mut self, path: &Path) {
        self.files.retain(|file, _| !file.starts_with(path));
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{DataChange, RemoveKind};

    use super::*;

    const CREATE: EventKind = EventKind::Create(CreateKind::File);
    const OPEN: EventKind = EventKind::Access(AccessKind::Open(AccessMode::Any));
    const CHANGE: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const CLOSE: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
    const CLOSE_READ: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Read));
    const REMOVE: EventKind = EventKind::Remove(RemoveKind::File);

    fn after(events: &[(EventKind, &str)]) -> Option<String> {
        let mut writing = Writing::default();
        for (kind, paths) in events {
            let event = paths.split(' ').fold(Event::new(*kind), |event, path| {
                event.add_path(PathBuf::from(path))
            });
            writing.hear(&event, |path| !path.ends_with("link"));
        }
        let first = writing.first(|path| !path.starts_with("hidden"));
        first.map(|path| path.display().to_string())
    }

    fn rename<'a>(from: &'a str, to: &'a str, both: &'a str) -> [(EventKind, &'a str); 3] {
        let name = |mode| EventKind::Modify(ModifyKind::Name(mode));
        [
            (name(RenameMode::From), from),
            (name(RenameMode::To), to),
            (name(RenameMode::Both), both),
        ]
    }

    #[test]
    fn a_file_is_being_written_from_its_first_change_until_it_is_closed() {
        let open = Some("a".to_owned());
        assert_eq!(after(&[(CREATE, "a"), (OPEN, "a")]), open);
        assert_eq!(after(&[(CHANGE, "a")]), open);
        assert_eq!(
            after(&[(CHANGE, "a"), (OPEN, "a"), (CLOSE_READ, "a")]),
            open
        );
        assert_eq!(after(&[(CHANGE, "a"), (CLOSE, "a")]), None);
        assert_eq!(after(&[(CHANGE, "a"), (CLOSE, "b")]), open);
        assert_eq!(
            after(&[(CHANGE, "a"), (CLOSE, "a"), (CHANGE, "a")]),
            open,
            "it was opened again"
        );
    }

    #[test]
    fn what_came_without_a_writer_is_not_being_written() {
        assert_eq!(after(&[(CREATE, "link"), (OPEN, "link")]), None);
        assert_eq!(after(&[(CREATE, "a")]), None);
        assert_eq!(
            after(&[(CREATE, "a"), (OPEN, "a"), (CLOSE_READ, "a")]),
            None
        );
        assert_eq!(after(&[(OPEN, "a"), (CLOSE_READ, "a")]), None);
    }

    #[test]
    fn a_file_that_is_gone_is_not_being_written() {
        assert_eq!(after(&[(CHANGE, "a"), (REMOVE, "a")]), None);
        assert_eq!(after(&[(CHANGE, "a/b/c"), (REMOVE, "a")]), None);
    }

    #[test]
    fn a_file_is_still_being_written_under_a_new_name() {
        let mut events = vec![(CHANGE, "hidden/a")];
        events.extend(rename("hidden/a", "b", "hidden/a b"));
        assert_eq!(after(&events), Some("b".to_owned()));
        // And what a finished file is put in the place of is gone.
        let mut events = vec![(CHANGE, "b"), (CHANGE, "a"), (CLOSE, "a")];
        events.extend(rename("a", "b", "a b"));
        assert_eq!(after(&events), None);
    }
}
