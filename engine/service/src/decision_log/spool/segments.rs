//! Segments: which files of a folder are segments of a spool, in their order, and how far each
//! counts.
//!
//! The head of a segment says how far the one before counts. So whatever a write that failed
//! left at the end of a file, also what came to the disk later, is no part of the log.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Take};
use std::path::{Path, PathBuf};

use super::frame::{BEGIN, Link, NoSegment, Previous, SegmentHead};
use super::scan::{Scan, Step};

const ENDING: &str = "spool";

/// A segment.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) number: u64,
    /// The record before its first. None for the link if its head is damaged.
    pub(super) before: (u64, Option<Link>),
    /// When it was begun, in Unix time in ns; 0 if its head is damaged.
    pub(super) begun: u64,
    /// Bytes of the file.
    pub(super) bytes: u64,
    /// How far it counts.
    pub(super) length: u64,
    /// The last record in it, or before it if it has none. Of the last segment it is not known
    /// until that was read.
    pub(super) last: u64,
}

/// A file with the name of a segment that has neither a head nor a record.
#[derive(Clone, Debug)]
pub(super) struct Headless {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) why: NoSegment,
}

/// The segments of a folder, and what looks like one.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) segments: Vec<Segment>,
    pub(super) headless: Vec<Headless>,
    /// The highest number that a file has.
    pub(super) highest: u64,
}

/// The file of a segment.
pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:020}.{ENDING}"))
}

pub(super) fn number_of(path: &Path) -> Option<u64> {
    if path.extension()? != ENDING {
        return None;
    }
    let stem = path.file_stem()?.to_str()?;
    let is_number = stem.len() == 20 && stem.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| stem.parse().ok())?
}

/// Whether a folder has segments.
///
/// # Errors
/// If it cannot be read.
pub(super) fn is_spool(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        if number_of(&entry?.path()).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The segments of a folder, in their order.
///
/// # Errors
/// If the folder or a head cannot be read; with the path that cannot.
pub(super) fn list(folder: &Path) -> Result<Listing, (PathBuf, io::Error)> {
    let unread = |path: &Path| {
        let path = path.to_owned();
        move |cause| (path, cause)
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread(folder))? {
        let path = entry.map_err(unread(folder))?.path();
        if let Some(number) = number_of(&path) {
            found.push((number, path));
        }
    }
    found.sort_unstable();
    let mut listing = Listing::default();
    for (number, path) in found {
        listing.highest = number;
        let file = match File::open(&path) {
            Ok(file) => file,
            // Delivered and deleted meanwhile.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
            Err(cause) => return Err((path, cause)),
        };
        let bytes = file.metadata().map_err(unread(&path))?.len();
        let mut begin = Vec::new();
        file.take(BEGIN)
            .read_to_end(&mut begin)
            .map_err(unread(&path))?;
        let mut segment = Segment {
            path,
            number,
            before: (0, None),
            begun: 0,
            bytes,
            length: bytes,
            last: 0,
        };
        match SegmentHead::read(&begin) {
            Ok(head) if head.number == number => {
                close_before(&mut listing.segments, head.previous, head.sequence);
                segment.before = (head.sequence, Some(head.link));
                segment.begun = head.begun;
                segment.last = head.sequence;
                listing.segments.push(segment);
            }
            why => {
                let why = why.err().unwrap_or(NoSegment::Damaged);
                match first_sequence(&segment) {
                    // Its records are not lost with its head.
                    Ok(Some(first)) if why != NoSegment::Format => {
                        let before = first.saturating_sub(1);
                        if let Some(last) = listing.segments.last_mut() {
                            last.last = before;
                        }
                        segment.before = (before, None);
                        segment.last = before;
                        listing.segments.push(segment);
                    }
                    Ok(_) => listing.headless.push(Headless {
                        path: segment.path,
                        bytes,
                        why,
                    }),
                    Err(cause) => return Err((segment.path, cause)),
                }
            }
        }
    }
    Ok(listing)
}

fn first_sequence(segment: &Segment) -> io::Result<Option<u64>> {
    let mut scan = segment.scan(BEGIN.min(segment.length))?;
    while let Some(step) = scan.next()? {
        if let Step::Record(record) = step {
            return Ok(Some(record.sequence));
        }
    }
    Ok(None)
}

/// What a segment says about those before: how far the previous one counts, and that those
/// between, which no record was acknowledged in, do not.
fn close_before(before: &mut [Segment], previous: Option<Previous>, sequence: u64) {
    let counted = previous.map_or(0, |previous| previous.number);
    for segment in before.iter_mut().rev() {
        if segment.number > counted {
            segment.length = BEGIN.min(segment.bytes);
            segment.last = segment.before.0;
            continue;
        }
        if let Some(previous) = previous
            && segment.number == previous.number
        {
            segment.length = segment.length.min(previous.length);
        }
        segment.last = sequence;
        break;
    }
}

impl Segment {
    /// A scan of its records from an offset on, up to where it counts.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub(super) fn scan(&self, from: u64) -> io::Result<Scan<Take<File>>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(Scan::new(file.take(self.length.saturating_sub(from)), from))
    }
}
