//! Readers: what is on disk, in its order, for one sink each.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::cursor;
use super::failure::SpoolError;
use super::frame::BEGIN;
use super::opening::say_damaged;
use super::scan::Step;
use super::segments::Segment;
use super::shared::Shared;

/// Entries of a batch at most.
const ENTRIES: usize = 512;
/// Bytes of a batch, and one entry more.
const BYTES: usize = 1_024 * 1_024;
/// How often a cursor is written at most while nothing is deleted for it.
const INTERVAL: Duration = Duration::from_millis(500);

/// Entries in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolBatch {
    /// The entries, as they were appended.
    pub entries: Vec<Vec<u8>>,
    /// What to acknowledge once all of them are where they belong.
    pub position: u64,
}

/// Reads a spool for one sink, from behind what that has acknowledged. What was read and not
/// acknowledged comes again after a restart.
#[derive(Debug)]
pub struct SpoolReader {
    shared: Arc<Shared>,
    sink: String,
    follow: watch::Receiver<u64>,
    /// The last record that was given.
    given: u64,
    /// The segment that was read last, and how far.
    place: (u64, u64),
    acknowledged: u64,
    kept: u64,
    kept_at: Option<Instant>,
}

/// What was read of a segment.
struct Piece {
    batch: SpoolBatch,
    end: u64,
    /// Whether no more of the segment counts.
    is_whole: bool,
}

impl SpoolReader {
    pub(super) fn new(shared: Arc<Shared>, sink: &str) -> Result<Self, SpoolError> {
        let folder = &shared.settings.folder;
        let through = match cursor::read(folder, sink) {
            Ok(through) => through,
            Err(cause) if cause.kind() == io::ErrorKind::InvalidData => {
                tracing::error!(
                    sink,
                    "the cursor of a sink of the decision log is damaged; the sink gets all entries that are there once more"
                );
                0
            }
            Err(cause) => {
                return Err(SpoolError::Unusable {
                    path: folder.clone(),
                    cause: Arc::new(cause),
                });
            }
        };
        shared.acknowledge(sink, through);
        Ok(Self {
            sink: sink.to_owned(),
            follow: shared.follow(),
            given: through,
            place: (0, 0),
            acknowledged: through,
            kept: through,
            kept_at: None,
            shared,
        })
    }

    /// The next entries; waits for one. None once the spool is closed and all have been given.
    /// May be dropped while it waits.
    ///
    /// # Errors
    /// If a file cannot be read; the next call tries again.
    pub async fn next(&mut self) -> Result<Option<SpoolBatch>, SpoolError> {
        loop {
            let is_ended = self.shared.is_ended();
            if *self.follow.borrow_and_update() > self.given {
                if let Some(batch) = self.read().await? {
                    return Ok(Some(batch));
                }
                continue;
            }
            if is_ended || self.follow.changed().await.is_err() {
                return Ok(None);
            }
        }
    }

    async fn read(&mut self) -> Result<Option<SpoolBatch>, SpoolError> {
        let Some(segment) = self.shared.segment_of(self.given + 1) else {
            // Nothing is left of what follows.
            self.given = *self.follow.borrow();
            return Ok(None);
        };
        let from = match self.place {
            (number, offset) if number == segment.number => offset,
            _ => BEGIN,
        };
        let (shared, given, number, last) = (
            Arc::clone(&self.shared),
            self.given,
            segment.number,
            segment.last,
        );
        let path = segment.path.clone();
        let failed = |cause: io::Error| SpoolError::Unusable {
            path,
            cause: Arc::new(cause),
        };
        let read = tokio::task::spawn_blocking(move || piece(&shared, &segment, from, given));
        let piece = match read.await {
            Ok(Ok(piece)) => piece,
            Ok(Err(cause)) if cause.kind() == io::ErrorKind::NotFound => {
                tracing::error!(
                    segment = number,
                    "a segment of the decision log was deleted before sinks had it, and what was recorded there is lost"
                );
                self.shared.damaged();
                self.given = last;
                return Ok(None);
            }
            Ok(Err(cause)) => return Err(failed(cause)),
            Err(stopped) => return Err(failed(io::Error::other(stopped))),
        };
        self.place = (number, piece.end);
        if piece.is_whole {
            // What is missing at its end is lost.
            self.given = last.max(piece.batch.position);
        } else {
            self.given = piece.batch.position.max(self.given);
        }
        Ok((!piece.batch.entries.is_empty()).then_some(SpoolBatch {
            position: self.given,
            ..piece.batch
        }))
    }

    /// Says that all entries up to a batch's position are where they belong. Segments that no
    /// sink needs any more are deleted, as far as they need not be kept.
    ///
    /// # Errors
    /// If the cursor cannot be written. It is held in memory all the same, and written with a
    /// later one.
    pub async fn acknowledge(&mut self, position: u64) -> Result<(), SpoolError> {
        self.acknowledged = position.max(self.acknowledged);
        let shared = Arc::clone(&self.shared);
        let (sink, through) = (self.sink.clone(), self.acknowledged);
        let is_due = self.kept_at.is_none_or(|at| at.elapsed() >= INTERVAL);
        let kept = tokio::task::spawn_blocking(move || {
            shared.acknowledge(&sink, through);
            // First, since the cursor may need the room.
            let is_any = shared.delete_delivered(false);
            (is_any || is_due)
                .then(|| cursor::write(&shared.settings.folder, &sink, through))
                .transpose()
        });
        let failed = |cause: io::Error| SpoolError::Unwritable {
            folder: self.shared.settings.folder.clone(),
            cause: Arc::new(cause),
        };
        match kept.await {
            Ok(Ok(Some(()))) => {
                self.kept = through;
                self.kept_at = Some(Instant::now());
                Ok(())
            }
            Ok(Ok(None)) => Ok(()),
            Ok(Err(cause)) => Err(failed(cause)),
            Err(stopped) => Err(failed(io::Error::other(stopped))),
        }
    }
}

impl Drop for SpoolReader {
    fn drop(&mut self) {
        if self.acknowledged > self.kept {
            let folder = &self.shared.settings.folder;
            // Without it entries come twice.
            if let Err(cause) = cursor::write(folder, &self.sink, self.acknowledged) {
                tracing::warn!(sink = self.sink, %cause, "the cursor of a sink of the decision log cannot be written; it gets the last entries once more");
            }
        }
    }
}

/// Records of a segment behind the one that was given last.
fn piece(shared: &Shared, segment: &Segment, from: u64, given: u64) -> io::Result<Piece> {
    let mut scan = segment.scan(from)?;
    let mut batch = SpoolBatch {
        entries: Vec::new(),
        position: given,
    };
    let (mut bytes, mut is_whole) = (0, false);
    while batch.entries.len() < ENTRIES && bytes < BYTES {
        match scan.next()? {
            None => {
                is_whole = true;
                break;
            }
            Some(Step::Record(record)) if record.sequence <= given => {}
            Some(Step::Record(record)) => {
                bytes += record.entry.len();
                batch.position = record.sequence;
                batch.entries.push(record.entry);
            }
            Some(Step::Stretch(stretch)) => {
                say_damaged(&shared.settings.folder, &segment.path, &stretch);
                shared.damaged();
            }
        }
    }
    Ok(Piece {
        batch,
        end: scan.offset(),
        is_whole,
    })
}
