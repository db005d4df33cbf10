//! Opening: what is there from the last time is taken up.
//!
//! A record that was being written when the process died is cut off. What else is no record is
//! kept aside and said, and the number of a record that may be among it is not given again, so
//! that the gap shows. In either case the spool goes on in a new segment.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cursor;
use super::disk::{make_folder, private};
use super::failure::SpoolError;
use super::frame::{BEGIN, Link, NoSegment, Previous};
use super::quarantine;
use super::scan::{Kind, Step, Stretch};
use super::segments::{self, Segment};

const LOCK: &str = "lock";

/// A folder that is taken up.
#[derive(Debug)]
pub(super) struct Opened {
    /// Held for as long as the spool is there.
    pub(super) lock: File,
    pub(super) segments: Vec<Segment>,
    pub(super) end: End,
    /// Stretches that ought to have been records.
    pub(super) damaged: u64,
}

/// Where the numbering goes on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct End {
    /// The last record.
    pub(super) sequence: u64,
    pub(super) link: Link,
    /// The last segment, and how far it counts.
    pub(super) previous: Option<Previous>,
    /// The highest number of a file.
    pub(super) highest: u64,
}

/// Takes a folder up.
///
/// # Errors
/// If another server has it, it cannot be used, or another release wrote it in a format of its own.
pub(super) fn open(folder: &Path) -> Result<Opened, SpoolError> {
    let unusable = |path: &Path, cause: io::Error| SpoolError::Unusable {
        path: path.to_owned(),
        cause: Arc::new(cause),
    };
    let begin = |cause| unusable(folder, cause);
    make_folder(folder).map_err(begin)?;
    let lock = lock(folder)?;
    let listed = |(path, cause): (PathBuf, io::Error)| unusable(&path, cause);
    let listing = segments::list(folder).map_err(listed)?;
    let mut damaged = 0;
    for headless in &listing.headless {
        match headless.why {
            NoSegment::Format => {
                return Err(SpoolError::Format {
                    path: headless.path.clone(),
                });
            }
            // The process died before the first record.
            NoSegment::Short | NoSegment::Damaged if headless.bytes <= BEGIN => {
                fs::remove_file(&headless.path).map_err(|cause| unusable(&headless.path, cause))?;
                tracing::info!(file = %headless.path.display(), "a segment of the decision log without a record was removed");
            }
            _ => {
                let kept = quarantine::take(folder, &headless.path)
                    .map_err(|cause| unusable(&headless.path, cause))?;
                damaged += 1;
                tracing::error!(file = %headless.path.display(), kept = %kept.display(), "a file of the decision log has no record and was put aside");
            }
        }
    }
    let mut segments = listing.segments;
    let mut end = End::default();
    if let Some(last) = segments.last_mut() {
        let (found, stretches) =
            read_last(folder, last).map_err(|cause| unusable(&last.path, cause))?;
        end = found;
        damaged += stretches;
    }
    end.highest = listing.highest;
    let acknowledged = cursor::furthest(folder).map_err(begin)?;
    if acknowledged > end.sequence {
        tracing::warn!(
            last = end.sequence,
            acknowledged,
            "sinks have acknowledged more than the spool of the decision log has; the numbering goes on behind that"
        );
        end.sequence = acknowledged;
        end.link = Link::default();
        if let Some(last) = segments.last_mut() {
            last.last = acknowledged;
        }
    }
    Ok(Opened {
        lock,
        segments,
        end,
        damaged,
    })
}

fn lock(folder: &Path) -> Result<File, SpoolError> {
    let path = folder.join(LOCK);
    let unusable = |cause| SpoolError::Unusable {
        path: path.clone(),
        cause: Arc::new(cause),
    };
    let file = private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SpoolError::Shared {
            folder: folder.to_owned(),
        }),
        // Without a lock two servers would overwrite each other's answers for what is on disk.
        Err(TryLockError::Error(cause)) => Err(unusable(cause)),
    }
}

/// Reads the last segment to its end; gives where the numbering goes on, and how many
/// stretches ought to have been records.
fn read_last(folder: &Path, last: &mut Segment) -> io::Result<(End, u64)> {
    let (mut sequence, link) = last.before;
    let mut link = link.unwrap_or_default();
    let mut damaged = 0;
    let mut length = BEGIN;
    let mut scan = last.scan(BEGIN)?;
    while let Some(step) = scan.next()? {
        match step {
            Step::Record(record) => {
                sequence = record.sequence;
                link = record.link;
                length = scan.offset();
            }
            Step::Stretch(stretch) if stretch.kind == Kind::Torn && stretch.is_last => {
                cut(last, &stretch)?;
            }
            Step::Stretch(stretch) => {
                say_damaged(folder, &last.path, &stretch);
                damaged += 1;
                if stretch.is_last {
                    // At least one record was there.
                    sequence += 1;
                }
            }
        }
    }
    last.length = length;
    last.last = sequence;
    let end = End {
        sequence,
        link,
        previous: Some(Previous {
            number: last.number,
            length,
        }),
        highest: 0,
    };
    Ok((end, damaged))
}

fn cut(last: &mut Segment, stretch: &Stretch) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(&last.path)?;
    file.set_len(stretch.offset)?;
    file.sync_all()?;
    last.bytes = stretch.offset;
    tracing::warn!(
        file = %last.path.display(),
        offset = stretch.offset,
        bytes = stretch.length,
        "the decision log ended within a record, which was never acknowledged and was cut off"
    );
    Ok(())
}

/// Keeps a damaged stretch aside and says so.
pub(super) fn say_damaged(folder: &Path, segment: &Path, stretch: &Stretch) {
    let kept = match quarantine::keep(folder, segment, stretch) {
        Ok(path) => path.display().to_string(),
        Err(cause) => format!("not kept aside: {cause}"),
    };
    tracing::error!(
        file = %segment.display(),
        offset = stretch.offset,
        bytes = stretch.length,
        kept,
        "the decision log is damaged here, and what was recorded there is lost"
    );
}
