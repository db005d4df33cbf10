//! The files that arguments name: each file, and all files below each folder.

use std::path::{Path, PathBuf};

use super::{Origin, Unread, slashed};
use crate::commands::Failure;

/// The files, or why a folder cannot be read. Those of a folder are in the order of their
/// paths; hidden ones are left out.
pub(crate) fn below(inputs: &[PathBuf]) -> Vec<Result<PathBuf, Unread>> {
    let mut files = Vec::new();
    for input in inputs {
        if input.is_dir() {
            walk(input, &mut files);
        } else {
            files.push(Ok(input.clone()));
        }
    }
    files
}

fn walk(folder: &Path, files: &mut Vec<Result<PathBuf, Unread>>) {
    let before = files.len();
    let unread = |failure| Unread {
        origin: Origin::of_file(&folder.display().to_string(), &slashed(folder)),
        failure,
    };
    let mut entries = match std::fs::read_dir(folder).and_then(Iterator::collect) {
        Ok(entries) => entries,
        Err(cause) => {
            files.push(Err(unread(Failure::Unreadable {
                what: format!("`{}`", folder.display()),
                cause,
            })));
            Vec::<std::fs::DirEntry>::new()
        }
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_hidden {
            continue;
        }
        // A link to a folder is not followed: it may lead back here.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), files),
            _ => files.push(Ok(entry.path())),
        }
    }
    if files.len() == before {
        files.push(Err(unread(Failure::Said(format!(
            "the folder `{}` holds no file\n  hint: an empty folder is no answer about any host",
            folder.display()
        )))));
    }
}
