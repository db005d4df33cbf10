//! Reading a folder: every policy file below a root, symbolic links followed.
//!
//! The layout of a mounted Kubernetes volume is read as its user sees it: `name` links to
//! `..data/name`, and `..data` to a folder of its own; both of these are hidden. Nothing is
//! read beyond a limit, not even by one file.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use embargo_core::bundle::{Bundle, FILE_BYTES, FILES, TESTDATA, TOTAL_BYTES, is_fixture, role};

use super::ReadSourceError;

/// Entries of all folders, at most, policy files or not.
const ENTRIES: usize = 100_000;
/// Folders within folders, at most.
const DEPTH: usize = 32;

pub(super) fn read(root: &Path) -> Result<Bundle, ReadSourceError> {
    let files = gathered(root, Wanted::Policies)?;
    if files.is_empty() {
        return Err(ReadSourceError::Empty {
            path: root.to_path_buf(),
        });
    }
    Ok(Bundle::new(files)?)
}

/// The fixtures below a root, by path.
pub(super) fn fixtures(root: &Path) -> Result<Vec<(String, Vec<u8>)>, ReadSourceError> {
    gathered(root, Wanted::Fixtures)
}

/// What is read of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// What folders of fixtures hold is not even looked at.
    Policies,
    Fixtures,
}

impl Wanted {
    fn takes(self, path: &str) -> bool {
        match self {
            Self::Policies => role(path).is_some(),
            Self::Fixtures => is_fixture(path),
        }
    }
}

fn gathered(root: &Path, wanted: Wanted) -> Result<Vec<(String, Vec<u8>)>, ReadSourceError> {
    let no_folder = |cause| ReadSourceError::NoFolder {
        path: root.to_path_buf(),
        cause,
    };
    let canonical = fs::canonicalize(root).map_err(no_folder)?;
    if !canonical.is_dir() {
        return Err(no_folder(io::ErrorKind::NotADirectory.into()));
    }
    let mut walk = Walk {
        wanted,
        files: Vec::new(),
        entries: 0,
        bytes: 0,
    };
    walk.folder(root, "", &mut vec![canonical])?;
    Ok(walk.files)
}

/// What was found so far.
struct Walk {
    wanted: Wanted,
    files: Vec<(String, Vec<u8>)>,
    entries: usize,
    bytes: usize,
}

impl Walk {
    /// Reads a folder. `chain` holds the real place of this folder and of all above it, as
    /// they were entered; a place that comes again is a loop.
    fn folder(
        &mut self,
        folder: &Path,
        relative: &str,
        chain: &mut Vec<PathBuf>,
    ) -> Result<(), ReadSourceError> {
        let unreadable = |cause| ReadSourceError::Unreadable {
            path: shown(relative),
            cause,
        };
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            self.entries += 1;
            if self.entries > ENTRIES {
                return Err(too_much(format!("there are more than {ENTRIES} entries")));
            }
            let file_name = entry.file_name();
            let name = file_name.to_string_lossy();
            if name.starts_with('.') || (name == TESTDATA && self.wanted == Wanted::Policies) {
                continue;
            }
            let path = if relative.is_empty() {
                name.to_string()
            } else {
                format!("{relative}/{name}")
            };
            let place = entry.path();
            let kind = match fs::metadata(&place) {
                Ok(kind) => kind,
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                    return Err(ReadSourceError::DanglingLink { path });
                }
                Err(cause) => return Err(ReadSourceError::Unreadable { path, cause }),
            };
            let counts = kind.is_dir() || self.wanted.takes(&path);
            if counts && file_name.to_str().is_none() {
                return Err(ReadSourceError::NameNotUtf8 { path });
            }
            if kind.is_dir() {
                self.below(&place, &path, chain)?;
            } else if counts {
                if !kind.is_file() {
                    // Opening a pipe would wait for ever.
                    return Err(ReadSourceError::NotAFile { path });
                }
                self.file(&place, path)?;
            }
        }
        Ok(())
    }

    fn below(
        &mut self,
        place: &Path,
        path: &str,
        chain: &mut Vec<PathBuf>,
    ) -> Result<(), ReadSourceError> {
        let canonical = fs::canonicalize(place).map_err(|cause| ReadSourceError::Unreadable {
            path: path.to_owned(),
            cause,
        })?;
        if chain.contains(&canonical) {
            return Err(ReadSourceError::Loop {
                path: path.to_owned(),
            });
        }
        if chain.len() > DEPTH {
            return Err(too_much(format!(
                "`{path}` lies deeper than {DEPTH} folders"
            )));
        }
        chain.push(canonical);
        self.folder(place, path, chain)?;
        chain.pop();
        Ok(())
    }

    fn file(&mut self, place: &Path, path: String) -> Result<(), ReadSourceError> {
        if self.files.len() >= FILES {
            return Err(too_much(format!(
                "there are more than {FILES} policy files"
            )));
        }
        let mut content = Vec::new();
        let most = u64::try_from(FILE_BYTES).unwrap_or(u64::MAX);
        let read = File::open(place)
            .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut content));
        if let Err(cause) = read {
            return Err(ReadSourceError::Unreadable { path, cause });
        }
        if content.len() > FILE_BYTES {
            return Err(too_much(format!(
                "`{path}` has more than {FILE_BYTES} bytes"
            )));
        }
        self.bytes += content.len();
        if self.bytes > TOTAL_BYTES {
            return Err(too_much(format!(
                "there are more than {TOTAL_BYTES} bytes of policy files"
            )));
        }
        self.files.push((path, content));
        Ok(())
    }
}

fn too_much(cause: String) -> ReadSourceError {
    ReadSourceError::TooMuch { cause }
}

/// A path for a message; the root itself has none.
fn shown(relative: &str) -> String {
    if relative.is_empty() {
        ".".to_owned()
    } else {
        relative.to_owned()
    }
}
