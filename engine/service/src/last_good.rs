//! The last good set, kept on disk: what judges after a restart while the policy folder is
//! broken.
//!
//! It is one file in the state folder. It is written beside itself, synced and renamed, so that
//! whenever the process dies there is a whole set, the one before or the one after. What is
//! read back is taken only if its content has the digest that stands in it.
//!
//! One server keeps its set in a folder at a time: it holds a lock for as long as it runs, which
//! ends with the process, however that ends. Another one serves all the same and says so.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use embargo_core::bundle::Bundle;
use thiserror::Error;

use crate::release::Latest;

/// What a file of this kind begins with, in every format.
const KIND: &[u8] = b"embargo-last-good-";
/// The format, behind that.
const FORMAT: &[u8] = b"1\n";
/// Hexadecimal digits of a digest.
const DIGEST: usize = 64;
const FILE: &str = "last-good";
/// The file while it is being written.
const UNFINISHED: &str = "last-good.unfinished";
/// What is remembered of the latest release, and the file while it is being written.
const RELEASE: &str = "release.json";
const UNFINISHED_RELEASE: &str = "release.json.unfinished";
/// The file whose lock says that a server keeps its set here.
const LOCK: &str = "lock";

/// Why there is no last good set.
#[derive(Debug, Error)]
pub(crate) enum Unusable {
    /// None has been kept yet.
    #[error("no last good set has been kept yet")]
    Absent,
    /// The file cannot be read.
    #[error("`{}` cannot be read: {cause}\n  hint: let the server's user read it", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It is not what was kept.
    #[error("`{}` is damaged: {cause}\n  hint: remove it; it is written anew when policies go live", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: &'static str,
    },
}

/// Why a set is not kept.
#[derive(Debug, Error)]
pub(crate) enum Unkept {
    /// Another server keeps its own in the folder.
    #[error("another server keeps its policies in `{}`\n  hint: name a state folder for each server", .folder.display())]
    Shared {
        /// The folder.
        folder: PathBuf,
    },
    /// It cannot be written.
    #[error("`{}` cannot be written: {cause}\n  hint: {}", .folder.display(), remedy(.cause))]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

fn remedy(cause: &io::Error) -> &'static str {
    match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "make room; it is tried again from time to time"
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "let the server's user write there; it is tried again from time to time"
        }
        _ => "look at the folder that `--state` names; it is tried again from time to time",
    }
}

/// The place where the last good set is kept.
#[derive(Debug)]
pub(crate) struct LastGood {
    folder: PathBuf,
    lock: Option<File>,
}

impl LastGood {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            lock: None,
        }
    }

    /// Keeps a set in place of the one before.
    ///
    /// # Errors
    /// If it cannot be written, or another server keeps its own there; the one before is
    /// still there then.
    pub(crate) fn keep(&mut self, bundle: &Bundle, latest: Option<&Latest>) -> Result<(), Unkept> {
        let unwritable = |cause| Unkept::Unwritable {
            folder: self.folder.clone(),
            cause,
        };
        fs::create_dir_all(&self.folder).map_err(unwritable)?;
        let lock = self.folder.join(LOCK);
        if self.lock.is_none() || !lock.exists() {
            let file = File::create(&lock).map_err(unwritable)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(Unkept::Shared {
                        folder: self.folder.clone(),
                    });
                }
                // Some file systems have no locks.
                Err(TryLockError::Error(cause)) if cause.kind() == ErrorKind::Unsupported => {}
                Err(TryLockError::Error(cause)) => return Err(unwritable(cause)),
            }
            self.lock = Some(file);
        }
        self.write_both(bundle, latest)
            .map_err(|cause| Unkept::Unwritable {
                folder: self.folder.clone(),
                cause,
            })
    }

    /// The release comes first: between the two there is a set that comes before it, which a
    /// release that is remembered too late would not tell.
    fn write_both(&self, bundle: &Bundle, latest: Option<&Latest>) -> io::Result<()> {
        if let Some(latest) = latest {
            let text = serde_json::to_vec(latest)?;
            self.write(&text, UNFINISHED_RELEASE, RELEASE)?;
        }
        self.write(&encoded(bundle), UNFINISHED, FILE)
    }

    fn write(&self, bytes: &[u8], unfinished: &str, name: &str) -> io::Result<()> {
        let unfinished = self.folder.join(unfinished);
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&unfinished, self.folder.join(name))?;
        // The new name lasts only once the folder is synced.
        File::open(&self.folder)?.sync_all()
    }

    /// Whether a set is there, whatever it is, and what is remembered of a release if that is
    /// wanted.
    pub(crate) fn is_there(&self, with_release: bool) -> bool {
        self.folder.join(FILE).exists() && (!with_release || self.folder.join(RELEASE).exists())
    }

    /// What is remembered of the latest release; nothing, if no packed set was kept yet.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn latest(&self) -> Result<Option<Latest>, Unusable> {
        let path = self.folder.join(RELEASE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(Unusable::Unreadable { path, cause }),
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| Unusable::Damaged {
                path,
                cause: "it is not what was written",
            })
    }

    /// The set that was kept last.
    ///
    /// # Errors
    /// If there is none, or it is not what was kept.
    pub(crate) fn recall(&self) -> Result<Bundle, Unusable> {
        let path = self.folder.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Err(Unusable::Absent),
            Err(cause) => return Err(Unusable::Unreadable { path, cause }),
        };
        decoded(&bytes).map_err(|cause| Unusable::Damaged { path, cause })
    }
}

fn encoded(bundle: &Bundle) -> Vec<u8> {
    let mut bytes = [KIND, FORMAT].concat();
    bytes.extend(bundle.digest().as_bytes());
    for (path, content) in bundle.files() {
        for part in [path.as_bytes(), content] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            bytes.extend(length.to_le_bytes());
            bytes.extend(part);
        }
    }
    bytes
}

fn decoded(bytes: &[u8]) -> Result<Bundle, &'static str> {
    let rest = bytes
        .strip_prefix(KIND)
        .ok_or("it does not begin like one of these")?
        .strip_prefix(FORMAT)
        .ok_or("it has a format that this version of the server does not know")?;
    let (digest, mut rest) = rest.split_at_checked(DIGEST).ok_or("it ends too early")?;
    let mut files = Vec::new();
    while !rest.is_empty() {
        let path = part(&mut rest)?;
        let path = str::from_utf8(path).map_err(|_| "a path is not UTF-8")?;
        let content = part(&mut rest)?;
        files.push((path.to_owned(), content.to_vec()));
    }
    let bundle = Bundle::new(files).map_err(|_| "it is no set of policies")?;
    if bundle.digest().as_bytes() != digest {
        return Err("its content has another digest than it states");
    }
    Ok(bundle)
}

fn part<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], &'static str> {
    const EARLY: &str = "it ends too early";
    let (length, after) = rest.split_first_chunk::<8>().ok_or(EARLY)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| EARLY)?;
    let (part, after) = after.split_at_checked(length).ok_or(EARLY)?;
    *rest = after;
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(version: &str) -> Bundle {
        let rule = format!("package restrictions.one\n\ndeny contains \"{version}\" if true\n");
        Bundle::new([
            ("rules/one.rego".to_owned(), rule.into_bytes()),
            ("data/list.yaml".to_owned(), b"names: [a, b]\n".to_vec()),
        ])
        .unwrap()
    }

    #[test]
    fn what_was_kept_last_is_recalled() {
        let folder = tempfile::tempdir().unwrap();
        let mut last_good = LastGood::in_folder(&folder.path().join("state"));
        assert!(matches!(last_good.recall(), Err(Unusable::Absent)));
        for version in ["v1", "v2"] {
            last_good.keep(&bundle(version), None).unwrap();
            assert_eq!(last_good.recall().unwrap(), bundle(version));
        }
    }

    #[test]
    fn a_process_that_dies_while_it_writes_leaves_a_whole_set() {
        let folder = tempfile::tempdir().unwrap();
        let mut last_good = LastGood::in_folder(folder.path());
        last_good.keep(&bundle("v1"), None).unwrap();
        let next = encoded(&bundle("v2"));
        // It dies after any number of bytes, and before the new name.
        for length in 0..=next.len() {
            fs::write(folder.path().join(UNFINISHED), &next[..length]).unwrap();
            assert_eq!(last_good.recall().unwrap(), bundle("v1"), "{length}");
        }
        // What it left does not stand in the way of the next.
        last_good.keep(&bundle("v3"), None).unwrap();
        assert_eq!(last_good.recall().unwrap(), bundle("v3"));
    }

    #[test]
    fn the_latest_release_is_remembered_and_damage_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut last_good = LastGood::in_folder(folder.path());
        assert_eq!(last_good.latest().unwrap(), None);
        let latest = Latest {
            release: crate::release::Release::unsigned("7".to_owned()),
            snapshot: bundle("v1").digest(),
        };
        last_good.keep(&bundle("v1"), Some(&latest)).unwrap();
        assert_eq!(last_good.latest().unwrap(), Some(latest));
        fs::write(folder.path().join(RELEASE), b"{").unwrap();
        assert!(matches!(last_good.latest(), Err(Unusable::Damaged { .. })));
    }

    #[test]
    fn of_two_servers_one_keeps_its_set() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = LastGood::in_folder(folder.path());
        let mut second = LastGood::in_folder(folder.path());
        first.keep(&bundle("v1"), None).unwrap();
        let refused = second.keep(&bundle("v2"), None);
        assert!(matches!(refused, Err(Unkept::Shared { .. })));
        first.keep(&bundle("v3"), None).unwrap();
        assert_eq!(second.recall().unwrap(), bundle("v3"));
        drop(first);
        second.keep(&bundle("v4"), None).unwrap();
        assert_eq!(second.recall().unwrap(), bundle("v4"));
    }

    #[test]
    fn a_format_of_another_version_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let last_good = LastGood::in_folder(folder.path());
        fs::write(folder.path().join(FILE), b"embargo-last-good-2\nmore").unwrap();
        let said = last_good.recall().unwrap_err().to_string();
        assert!(
            said.contains("this version of the server does not know"),
            "{said}"
        );
    }

    #[test]
    fn a_damaged_file_is_never_taken() {
        let folder = tempfile::tempdir().unwrap();
        let last_good = LastGood::in_folder(folder.path());
        let path = folder.path().join(FILE);
        let whole = encoded(&bundle("v1"));
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(
                matches!(last_good.recall(), Err(Unusable::Damaged { .. })),
                "{length}"
            );
        }
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(&path, &flipped).unwrap();
            assert!(last_good.recall().is_err(), "{at}");
        }
        let mut more = whole;
        more.push(0);
        fs::write(&path, &more).unwrap();
        assert!(last_good.recall().is_err());
    }
}
