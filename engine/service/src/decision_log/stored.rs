//! Stored logs: entries read back from where they lie, and whether what lies there is whole.
//!
//! A log is a spool, a file with an entry on each line, or several of these, also packed with
//! gzip. It is read as a stream, and may be written to meanwhile.

mod files;
mod lines;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use self::files::Part;
use self::lines::Lines;
use super::masks::{HmacKey, KeyUnusable};
use super::spool::SpoolWalk;

/// Where something stands in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Where in it.
    pub at: At,
}

/// Where something stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The line, from 1 on.
    Line(u64),
    /// The byte, from 0 on.
    Byte(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match self.at {
            At::Line(line) => write!(f, "{file}:{line}"),
            At::Byte(byte) => write!(f, "{file}, byte {byte}"),
        }
    }
}

/// What is found in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// An entry as it was written, without the end of its line.
    Entry {
        /// Where it stands.
        place: Place,
        /// Its number, in a spool.
        sequence: Option<u64>,
        /// Its text.
        text: Vec<u8>,
    },
    /// Something is not as it was written, or not there.
    Fault {
        /// Where it shows.
        place: Place,
        /// What.
        fault: StoredFault,
    },
    /// The end is being written, or whoever wrote it died: no fault, and no entry that anybody was
    /// answered for.
    Unfinished {
        /// Where it begins.
        place: Place,
        /// How long it is.
        bytes: u64,
    },
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoredFault {
    /// Bytes are not what was written.
    #[error("{bytes} bytes are not what was written")]
    Damaged {
        /// How many.
        bytes: u64,
    },
    /// The head of a segment is not what was written.
    #[error("the head of the segment is not what was written")]
    Head,
    /// Records are not there.
    #[error("{}", missing(*.first, *.last))]
    Missing {
        /// The number of the first.
        first: u64,
        /// The number of the last.
        last: u64,
    },
    /// A record stands where another one was.
    #[error("record {sequence} comes again or too late, behind record {behind}")]
    Order {
        /// Its number.
        sequence: u64,
        /// The one before.
        behind: u64,
    },
    /// A record does not follow the one before.
    #[error("record {sequence} was not written behind the one that stands before it")]
    Link {
        /// Its number.
        sequence: u64,
    },
    /// A line is no entry.
    #[error("the line is no entry: {0}")]
    Line(String),
    /// A packed file ends too early or does not hold its checksum.
    #[error("the file is not what was packed: {0}")]
    Packed(String),
}

fn missing(first: u64, last: u64) -> String {
    if first == last {
        format!("record {first} is missing")
    } else {
        format!("records {first} to {last} are missing")
    }
}

/// Why a log is not read.
#[derive(Debug, Error)]
pub enum StoredUnreadable {
    /// A file or a folder cannot be read.
    #[error("`{}` cannot be read: {cause}", .path.display())]
    Unreadable {
        /// The file or the folder.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A folder has nothing that looks like a log.
    #[error("the folder `{}` has no decision log\n  hint: name a spool, or files whose names end with `.jsonl`, `.ndjson`, `.json` or `.log`, with a number or `.gz` behind that or not", .0.display())]
    Nothing(PathBuf),
    /// The key of HMACs.
    #[error(transparent)]
    Key(#[from] KeyUnusable),
}

/// What stands in the place of a text that a mask with the key in this file replaced.
///
/// # Errors
/// If the file holds no key.
pub fn masked(text: &str, key_file: &Path) -> Result<String, StoredUnreadable> {
    Ok(HmacKey::read(key_file)?.of(text.as_bytes()))
}

/// A log, as a stream of what is found in it.
#[derive(Debug)]
pub struct StoredLog {
    parts: std::vec::IntoIter<Part>,
    open: Option<Open>,
}

#[derive(Debug)]
enum Open {
    Spool(Box<SpoolWalk>),
    Lines(Box<Lines>),
}

impl StoredLog {
    /// Opens what paths name, in this order; rotated files of one log the oldest first.
    ///
    /// # Errors
    /// If one of them cannot be looked at, or is a folder without a log.
    pub fn open(paths: &[PathBuf]) -> Result<Self, StoredUnreadable> {
        Ok(Self {
            parts: files::parts(paths)?.into_iter(),
            open: None,
        })
    }

    fn step(&mut self) -> Result<Option<Stored>, StoredUnreadable> {
        loop {
            let found = match &mut self.open {
                None => None,
                Some(Open::Spool(walk)) => {
                    let unreadable = |(path, cause)| StoredUnreadable::Unreadable { path, cause };
                    walk.step().map_err(unreadable)?
                }
                Some(Open::Lines(lines)) => lines.step()?,
            };
            if found.is_some() {
                return Ok(found);
            }
            let Some(part) = self.parts.next() else {
                return Ok(None);
            };
            self.open = Some(match part {
                Part::Spool { folder, only } => {
                    let walk = SpoolWalk::open(&folder, only)
                        .map_err(|(path, cause)| StoredUnreadable::Unreadable { path, cause })?;
                    Open::Spool(Box::new(walk))
                }
                Part::Lines(path) => Open::Lines(Box::new(Lines::open(path)?)),
            });
        }
    }
}

impl Iterator for StoredLog {
    type Item = Result<Stored, StoredUnreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            // Nothing is passed over: after an error there is no more.
            self.open = None;
            self.parts = Vec::new().into_iter();
        }
        step.transpose()
    }
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> StoredUnreadable {
    let path = path.to_owned();
    move |cause| StoredUnreadable::Unreadable { path, cause }
}

#[cfg(test)]
mod tests;
