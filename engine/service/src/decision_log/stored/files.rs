//! Which files a path names, and in which order they are read.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::spool::{is_spool, segment_number};
use super::{StoredUnreadable, unreadable};

/// Endings of files with an entry on each line.
const ENDINGS: [&str; 4] = ["jsonl", "ndjson", "json", "log"];

/// A part of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A spool, or one segment of it.
    Spool { folder: PathBuf, only: Option<u64> },
    /// A file of lines.
    Lines(PathBuf),
}

/// The parts that paths name.
pub(super) fn parts(paths: &[PathBuf]) -> Result<Vec<Part>, StoredUnreadable> {
    let mut parts = Vec::new();
    for path in paths {
        let known = fs::metadata(path).map_err(unreadable(path))?;
        if known.is_dir() {
            if is_spool(path).map_err(unreadable(path))? {
                parts.push(Part::Spool {
                    folder: path.clone(),
                    only: None,
                });
                continue;
            }
            let files = logs_in(path)?;
            if files.is_empty() {
                return Err(StoredUnreadable::Nothing(path.clone()));
            }
            parts.extend(files.into_iter().map(Part::Lines));
        } else if let Some(number) = segment_number(path) {
            parts.push(Part::Spool {
                folder: path.parent().map_or_else(|| PathBuf::from("."), folder),
                only: Some(number),
            });
        } else {
            parts.push(Part::Lines(path.clone()));
        }
    }
    in_order(&mut parts);
    Ok(parts)
}

fn folder(parent: &Path) -> PathBuf {
    if parent.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        parent.to_owned()
    }
}

fn logs_in(folder: &Path) -> Result<Vec<PathBuf>, StoredUnreadable> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let (base, _) = rotation(&path);
        let is_log = base
            .extension()
            .is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
        if is_log && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A file's name without what rotation and packing put behind it, and how old it is: 0 for the
/// one that is written.
fn rotation(path: &Path) -> (PathBuf, u64) {
    let packed = path.extension().is_some_and(|ending| ending == "gz");
    let path = if packed {
        path.with_extension("")
    } else {
        path.to_owned()
    };
    let age = path
        .extension()
        .and_then(|ending| ending.to_str())
        .filter(|ending| ending.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|ending| ending.parse().ok());
    match age {
        Some(age) => (path.with_extension(""), age),
        None => (path, 0),
    }
}

/// Puts files of one log that stand together into the order in which they were written.
fn in_order(parts: &mut [Part]) {
    let base = |part: &Part| match part {
        Part::Lines(path) => Some(rotation(path).0),
        Part::Spool { .. } => None,
    };
    for same in parts.chunk_by_mut(|one, other| base(one).is_some() && base(one) == base(other)) {
        same.sort_by_key(|part| match part {
            Part::Lines(path) => std::cmp::Reverse(rotation(path).1),
            Part::Spool { .. } => std::cmp::Reverse(0),
        });
    }
}
