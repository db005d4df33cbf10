//! The last good set, kept on disk: what judges after a restart while the policy folder is
//! broken.
//!
//! It is one file in the state folder. It is written beside itself, synced and renamed, so that
//! whenever the process dies there is a whole set, the one before or the one after. What is
//! read back is taken only if its content has the digest that stands in it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use embargo_core::bundle::Bundle;
use thiserror::Error;

/// What a file of this kind begins with.
const MAGIC: &[u8] = b"embargo-last-good-1\n";
/// Hexadecimal digits of a digest.
const DIGEST: usize = 64;
const FILE: &str = "last-good";
/// The file while it is being written.
const UNFINISHED: &str = "last-good.unfinished";

/// Why there is no last good set.
#[derive(Debug, Error)]
pub(crate) enum Unusable {
    /// None has been kept yet.
    #[error("no last good set has been kept yet")]
    Absent,
    /// The file cannot be read.
    #[error("`{}` cannot be read: {cause}", .path.display())]
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

/// The place where the last good set is kept.
#[derive(Clone, Debug)]
pub(crate) struct LastGood {
    folder: PathBuf,
}

impl LastGood {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Keeps a set in place of the one before.
    ///
    /// # Errors
    /// If it cannot be written; the one before is still there then.
    pub(crate) fn keep(&self, bundle: &Bundle) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let unfinished = self.folder.join(UNFINISHED);
        let mut file = File::create(&unfinished)?;
        file.write_all(&encoded(bundle))?;
        file.sync_all()?;
        drop(file);
        fs::rename(&unfinished, self.folder.join(FILE))?;
        // The new name lasts only once the folder is synced.
        File::open(&self.folder)?.sync_all()
    }

    /// The set that was kept last.
    ///
    /// # Errors
    /// If there is none, or it is not what was kept.
    pub(crate) fn recall(&self) -> Result<Bundle, Unusable> {
        let path = self.folder.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Err(Unusable::Absent),
            Err(cause) => return Err(Unusable::Unreadable { path, cause }),
        };
        decoded(&bytes).map_err(|cause| Unusable::Damaged { path, cause })
    }
}

fn encoded(bundle: &Bundle) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
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
        .strip_prefix(MAGIC)
        .ok_or("it does not begin like one of these")?;
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
        let last_good = LastGood::in_folder(&folder.path().join("state"));
        assert!(matches!(last_good.recall(), Err(Unusable::Absent)));
        for version in ["v1", "v2"] {
            last_good.keep(&bundle(version)).unwrap();
            assert_eq!(last_good.recall().unwrap(), bundle(version));
        }
    }

    #[test]
    fn a_process_that_dies_while_it_writes_leaves_a_whole_set() {
        let folder = tempfile::tempdir().unwrap();
        let last_good = LastGood::in_folder(folder.path());
        last_good.keep(&bundle("v1")).unwrap();
        let next = encoded(&bundle("v2"));
        // It dies after any number of bytes, and before the new name.
        for length in 0..=next.len() {
            fs::write(folder.path().join(UNFINISHED), &next[..length]).unwrap();
            assert_eq!(last_good.recall().unwrap(), bundle("v1"), "{length}");
        }
        // What it left does not stand in the way of the next.
        last_good.keep(&bundle("v3")).unwrap();
        assert_eq!(last_good.recall().unwrap(), bundle("v3"));
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
