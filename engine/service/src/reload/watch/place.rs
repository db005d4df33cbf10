//! Where the root is: which folder at present, and by way of which symbolic links.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Links that are followed on the way to the root, as many as the system follows.
const LINKS: usize = 40;

/// Which folder the root is at present.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    path: PathBuf,
    inode: Option<(u64, u64)>,
}

impl Place {
    /// None if there is no such folder.
    pub(super) fn of(root: &Path) -> Option<Self> {
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

/// The entries of folders on which it depends where the root is: the root itself, each symbolic
/// link on the way to it, wherever in its path, and the folder at the end.
pub(super) fn stations(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.to_path_buf()];
    let mut left: VecDeque<OsString> = parts(root).collect();
    let mut at = PathBuf::new();
    while let Some(part) = left.pop_front() {
        if part == ".." {
            at.pop();
            continue;
        }
        let next = at.join(&part);
        let Ok(target) = std::fs::read_link(&next) else {
            at = next;
            continue;
        };
        found.push(next);
        if found.len() > LINKS {
            return found;
        }
        if target.is_absolute() {
            at = PathBuf::new();
        }
        for part in parts(&target).rev() {
            left.push_front(part);
        }
    }
    found.push(at);
    found.sort();
    found.dedup();
    found
}

fn parts(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    path.components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| part.as_os_str().to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_link_on_the_way_is_a_station() {
        let above = tempfile::tempdir().unwrap();
        let above = above.path().canonicalize().unwrap();
        let at = |path: &str| above.join(path);
        fs::create_dir_all(at("releases/1/set")).unwrap();
        symlink("releases/1", at("current")).unwrap();
        symlink(at("mounted/../current/set"), at("policies")).unwrap();
        symlink("set", at("releases/1/alias")).unwrap();
        fs::create_dir(at("mounted")).unwrap();

        let wanted = ["current", "policies", "releases/1/set"].map(at);
        assert_eq!(stations(&at("policies")), wanted);
        let at_the_end = stations(&at("current/alias"));
        let wanted = [
            "current",
            "current/alias",
            "releases/1/alias",
            "releases/1/set",
        ];
        assert_eq!(at_the_end, wanted.map(at));
        assert_eq!(stations(&at("gone/x")), [at("gone/x")]);
    }

    #[test]
    fn links_in_a_circle_come_to_an_end() {
        let above = tempfile::tempdir().unwrap();
        symlink("b", above.path().join("a")).unwrap();
        symlink("a", above.path().join("b")).unwrap();
        assert!(stations(&above.path().join("a")).len() <= LINKS + 1);
    }
}
