//! Quarantine: bytes that ought to be records and are not are kept aside for people to look at.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::disk::{make_folder, private};
use super::scan::Stretch;

const FOLDER: &str = "quarantine";

/// Keeps a stretch of a segment aside. What is there already is not written again.
///
/// # Errors
/// If it cannot be read or written; the segment is as it was then.
pub(super) fn keep(folder: &Path, segment: &Path, stretch: &Stretch) -> io::Result<PathBuf> {
    let quarantine = folder.join(FOLDER);
    make_folder(&quarantine)?;
    let stem = segment.file_stem().unwrap_or_default().to_string_lossy();
    let kept = quarantine.join(format!("{stem}-{}.damaged", stretch.offset));
    if kept
        .metadata()
        .is_ok_and(|known| known.len() == stretch.length)
    {
        return Ok(kept);
    }
    let mut from = File::open(segment)?;
    from.seek(SeekFrom::Start(stretch.offset))?;
    let mut to = private()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&kept)?;
    io::copy(&mut from.take(stretch.length), &mut to)?;
    to.flush()?;
    to.sync_all()?;
    Ok(kept)
}

/// Moves a whole file aside.
///
/// # Errors
/// If it cannot be moved.
pub(super) fn take(folder: &Path, file: &Path) -> io::Result<PathBuf> {
    let quarantine = folder.join(FOLDER);
    make_folder(&quarantine)?;
    let kept = quarantine.join(file.file_name().unwrap_or_default());
    fs::rename(file, &kept)?;
    Ok(kept)
}
