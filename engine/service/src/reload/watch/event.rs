//! What a file event means: whether policies may have changed.

use std::path::{Path, PathBuf};

use embargo_core::bundle::role;
use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{Event, EventKind};

/// Whether an event can mean that policies changed. Reading raises events, too, and the loop
/// must not wake itself. `stations` are the entries on which it depends where the root is.
pub(super) fn matters(event: &Event, root: &Path, stations: &[PathBuf]) -> bool {
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
        if is_content {
            may_be_read(path, root)
        } else {
            stations.contains(path) || may_lead_to_policies(path, root)
        }
    })
}

/// Whether the content of this file may be read.
pub(super) fn may_be_read(path: &Path, root: &Path) -> bool {
    let Ok(below) = path.strip_prefix(root) else {
        return false;
    };
    let text = below.to_string_lossy().replace('\\', "/");
    if text.is_empty() {
        // A packed set is itself what is watched. A folder has no content of this kind: programs open
        // it without closing it for writing, and nobody would wait for that.
        return !root.is_dir();
    }
    // Links can lead from visible names to those that begin with `..`.
    text.starts_with("..") || text.contains("/..") || role(&text).is_some()
}

/// Whether an event tells of a new folder in which policy files can be written. Those that begin
/// with `..` are put in effect by a link once they are whole.
pub(super) fn is_new_folder(event: &Event, root: &Path) -> bool {
    let is_new = event.kind == EventKind::Create(CreateKind::Folder);
    is_new
        && event.paths.iter().any(|path| {
            let below = path.strip_prefix(root);
            below.is_ok_and(|below| !is_hidden(below, b"."))
        })
}

/// Whether this entry, whatever it is, may be a policy file or lead to one. What is hidden is
/// not read, so that the temporary files of tools and the work of `git` wake nobody.
fn may_lead_to_policies(path: &Path, root: &Path) -> bool {
    path.strip_prefix(root).is_ok_and(|below| {
        below
            .components()
            .all(|part| !is_hidden(part.as_ref(), b".") || is_hidden(part.as_ref(), b".."))
    })
}

fn is_hidden(below: &Path, sign: &[u8]) -> bool {
    below
        .components()
        .any(|part| part.as_os_str().as_encoded_bytes().starts_with(sign))
}

#[cfg(test)]
mod tests {
    use notify::event::{DataChange, RemoveKind};

    use super::*;

    #[test]
    fn only_what_can_change_policies_wakes_the_loop() {
        let root = Path::new("/at/p");
        let stations = ["/at", "/at/p", "/x/current"].map(PathBuf::from);
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let created = EventKind::Create(CreateKind::Any);
        let removed = EventKind::Remove(RemoveKind::Any);
        let opened = EventKind::Access(AccessKind::Open(AccessMode::Any));
        for (kind, path, wanted) in [
            (written, "/at/p/a/rule.rego", true),
            (written, "/at/p/..2024/instrument.yaml", true),
            (written, "/at/p/a/server.log", false),
            (written, "/at/p/examples/x/rule.rego", false),
            (written, "/other/rule.rego", false),
            (created, "/at/p/a", true),
            (created, "/at/p", true),
            (created, "/at/p/..data", true),
            (created, "/at/p/.git/index.lock", false),
            (created, "/at/p/a/.rule.rego.Xyz", false),
            (removed, "/x/current", true),
            (removed, "/at", true),
            (created, "/x/current/other", false),
            (created, "/at/other", false),
            (opened, "/at/p/a/rule.rego", false),
        ] {
            let event = Event::new(kind).add_path(PathBuf::from(path));
            let matters = matters(&event, root, &stations);
            assert_eq!(matters, wanted, "{kind:?} {path}");
        }
    }

    #[test]
    fn only_a_visible_folder_counts_as_new() {
        let root = Path::new("/.at/p");
        for (kind, path, wanted) in [
            (CreateKind::Folder, "/.at/p/a", true),
            (CreateKind::Folder, "/.at/p/..2024/a", false),
            (CreateKind::Folder, "/.at/p/.git/a", false),
            (CreateKind::Folder, "/other/a", false),
            (CreateKind::File, "/.at/p/a", false),
        ] {
            let event = Event::new(EventKind::Create(kind)).add_path(PathBuf::from(path));
            assert_eq!(is_new_folder(&event, root), wanted, "{kind:?} {path}");
        }
    }

    #[test]
    fn lost_events_matter() {
        let lost = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        assert!(matters(&lost, Path::new("/p"), &[]));
    }
}
