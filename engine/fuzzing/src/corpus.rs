//! Corpora: what the targets begin with, as files.

use std::fs;
use std::path::PathBuf;

use crate::target::Target;

/// A file of a corpus.
#[derive(Clone, Debug)]
pub struct Seed {
    /// The path from the root of the repository.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The seeds of a target, by path.
///
/// # Panics
/// If a folder cannot be read, or there is no seed.
#[must_use]
pub fn seeds(target: &Target) -> Vec<Seed> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut seeds = Vec::new();
    for folder in target.corpora {
        for entry in fs::read_dir(root.join(folder)).expect("the corpus is there") {
            let path = entry.expect("the corpus is read").path();
            let name = path.file_name().expect("a file has a name");
            // One folder also holds the code that looks at it.
            if path.is_dir() || path.extension().is_some_and(|ending| ending == "rs") {
                continue;
            }
            seeds.push(Seed {
                path: format!("{folder}/{}", name.to_string_lossy()),
                bytes: fs::read(&path).expect("the seed is read"),
            });
        }
    }
    assert!(!seeds.is_empty(), "{target:?} has nothing to begin with");
    seeds.sort_by(|one, other| one.path.cmp(&other.path));
    seeds
}
