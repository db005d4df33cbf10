//! Walks: a spool read from its beginning to its end, whoever has it, with every fault in it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Take};
use std::path::{Path, PathBuf};

use super::frame::{BEGIN, Link, NoSegment};
use super::scan::{Kind, Record, Scan, Step};
use super::segments::{self, Segment};
use crate::decision_log::stored::{At, Place, Stored, StoredFault};

type Unreadable = (PathBuf, io::Error);

/// A walk through a spool.
#[derive(Debug)]
pub(crate) struct SpoolWalk {
    segments: VecDeque<Segment>,
    open: Option<(Segment, Scan<Take<File>>)>,
    /// The record before the next, as far as it is known.
    before: Option<(u64, Option<Link>)>,
    found: VecDeque<Stored>,
}

impl SpoolWalk {
    /// A walk through a folder, or through one of its segments.
    ///
    /// # Errors
    /// The file that cannot be read, and why.
    pub(crate) fn open(folder: &Path, only: Option<u64>) -> Result<Self, Unreadable> {
        let mut listing = segments::list(folder)?;
        let is_meant = |number: u64| only.is_none_or(|only| only == number);
        let mut found = VecDeque::new();
        for headless in listing.headless {
            let place = place(&headless.path, 0);
            let is_meant = segments::number_of(&headless.path).is_some_and(is_meant);
            if !is_meant {
                continue;
            }
            found.push_back(match headless.why {
                // It is being made, or whoever made it died.
                NoSegment::Short => Stored::Unfinished {
                    place,
                    bytes: headless.bytes,
                },
                _ => Stored::Fault {
                    place,
                    fault: StoredFault::Head,
                },
            });
        }
        listing.segments.retain(|segment| is_meant(segment.number));
        Ok(Self {
            segments: listing.segments.into(),
            open: None,
            before: None,
            found,
        })
    }

    /// What is found next. None at the end.
    ///
    /// # Errors
    /// The file that cannot be read, and why.
    pub(crate) fn step(&mut self) -> Result<Option<Stored>, Unreadable> {
        loop {
            if let Some(found) = self.found.pop_front() {
                return Ok(Some(found));
            }
            let Some((segment, mut scan)) = self.open.take() else {
                let Some(segment) = self.segments.pop_front() else {
                    return Ok(None);
                };
                self.begin(segment)?;
                continue;
            };
            let step = scan.next().map_err(|cause| (segment.path.clone(), cause))?;
            match step {
                // The next segment is looked at with the next step.
                None => continue,
                Some(Step::Record(record)) => self.record(&segment, record),
                Some(Step::Stretch(stretch)) => {
                    let place = place(&segment.path, stretch.offset);
                    let bytes = stretch.length;
                    let is_end = stretch.is_last && self.segments.is_empty();
                    self.found
                        .push_back(if is_end && stretch.kind == Kind::Torn {
                            Stored::Unfinished { place, bytes }
                        } else {
                            let fault = StoredFault::Damaged { bytes };
                            Stored::Fault { place, fault }
                        });
                }
            }
            self.open = Some((segment, scan));
        }
    }

    fn begin(&mut self, segment: Segment) -> Result<(), Unreadable> {
        let scan = match segment.scan(BEGIN) {
            Ok(scan) => scan,
            Err(cause) if cause.kind() == ErrorKind::NotFound => {
                // Delivered and deleted meanwhile, as was all before it.
                self.before = None;
                return Ok(());
            }
            Err(cause) => return Err((segment.path, cause)),
        };
        let (sequence, link) = segment.before;
        let place = place(&segment.path, 0);
        let mut fault = |fault| {
            let place = place.clone();
            self.found.push_back(Stored::Fault { place, fault });
        };
        if link.is_none() {
            fault(StoredFault::Head);
        }
        match self.before {
            Some((last, _)) if sequence > last => fault(StoredFault::Missing {
                first: last + 1,
                last: sequence,
            }),
            Some((behind, _)) if sequence < behind => fault(StoredFault::Order {
                sequence: sequence + 1,
                behind,
            }),
            Some((_, Some(known))) if link.is_some_and(|link| link != known) => {
                fault(StoredFault::Link {
                    sequence: sequence + 1,
                });
            }
            _ => {}
        }
        self.before = Some(match (link, self.before) {
            (None, Some((last, known))) if last == sequence => (sequence, known),
            _ => (sequence, link),
        });
        self.open = Some((segment, scan));
        Ok(())
    }

    fn record(&mut self, segment: &Segment, record: Record) {
        let place = place(&segment.path, record.offset);
        let sequence = record.sequence;
        let fault = match self.before {
            Some((last, _)) if sequence > last + 1 => Some(StoredFault::Missing {
                first: last + 1,
                last: sequence - 1,
            }),
            Some((behind, _)) if sequence <= behind => {
                Some(StoredFault::Order { sequence, behind })
            }
            Some((_, Some(link))) if link.next(sequence, &record.entry) != record.link => {
                Some(StoredFault::Link { sequence })
            }
            _ => None,
        };
        if let Some(fault) = fault {
            let place = place.clone();
            self.found.push_back(Stored::Fault { place, fault });
        }
        self.before = Some((sequence, Some(record.link)));
        self.found.push_back(Stored::Entry {
            place,
            sequence: Some(sequence),
            text: record.entry,
        });
    }
}

fn place(file: &Path, byte: u64) -> Place {
    Place {
        file: file.to_owned(),
        at: At::Byte(byte),
    }
}
