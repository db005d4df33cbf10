//! The writer: one thread that puts what has queued on disk, all of it with one sync.
//!
//! While the disk syncs one group the next one queues, so groups are as large as the disk is
//! slow, and nobody waits for a timer. After any failure the file is not written to again: the
//! next append begins a new segment, whose head says how far the one before counts.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::disk::Growing;
use super::failure::SpoolError;
use super::frame::{self, BEGIN, Previous, SegmentHead};
use super::opening::End;
use super::segments::{self, Segment};
use super::shared::{Shared, Ticket};

/// How long appends are refused after a failure, before one tries the disk again; doubled with
/// each failure up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
    active: Option<Active>,
    end: End,
    failures: u32,
}

/// The segment that is written to.
#[derive(Debug)]
struct Active {
    file: Box<dyn Growing>,
    number: u64,
    /// How far it was acknowledged.
    length: u64,
    /// Whether its name lasts.
    is_named: bool,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, end: End) -> Self {
        Self {
            shared,
            active: None,
            end,
            failures: 0,
        }
    }

    /// Writes until the spool is closed and nothing is queued.
    pub(super) fn run(mut self) {
        while let Some(group) = self.shared.take() {
            self.commit(group);
            self.shared.done();
        }
        self.shared.ended();
    }

    fn commit(&mut self, group: Vec<Ticket>) {
        if let Some(refusal) = self.shared.refusal(Instant::now()) {
            for ticket in group {
                ticket.settle(Err(refusal.clone()));
            }
            return;
        }
        let mut end = self.end;
        let mut bytes = Vec::new();
        let mut tickets = Vec::new();
        let mut records = 0;
        for ticket in group {
            // Who waited too long has been told that it is not recorded.
            if ticket.is_abandoned() {
                continue;
            }
            let size = bytes.len() + ticket.framed_bytes();
            if let Err(full) = self.shared.room(size) {
                ticket.settle(Err(full));
                continue;
            }
            for entry in ticket.entries() {
                end.sequence += 1;
                end.link = frame::write(&mut bytes, end.sequence, end.link, entry);
                records += 1;
            }
            tickets.push(ticket);
        }
        if tickets.is_empty() {
            return;
        }
        let begun = Instant::now();
        let outcome = self.put(&bytes).map_err(|cause| self.fail(cause));
        if outcome.is_ok() {
            self.end.sequence = end.sequence;
            self.end.link = end.link;
            if self.failures > 0 {
                tracing::info!("the decision log can be written again");
            }
            self.failures = 0;
            self.shared
                .written(end.sequence, bytes.len(), records, begun.elapsed());
        }
        for ticket in tickets {
            ticket.settle(outcome.clone());
        }
    }

    /// Puts bytes on disk.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let limit = self.shared.settings.segment_bytes;
        let is_over = self
            .active
            .as_ref()
            .is_some_and(|active| active.length + size > limit && active.length > BEGIN);
        if is_over {
            self.retire();
        }
        let active = match &mut self.active {
            Some(active) => active,
            None => self.active.insert(begin(&self.shared, &mut self.end)?),
        };
        active.file.write(bytes)?;
        active.file.sync()?;
        if !active.is_named {
            let folder = &self.shared.settings.folder;
            self.shared.disk.sync_folder(folder)?;
            active.is_named = true;
        }
        active.length += size;
        Ok(())
    }

    /// Writes no more to the active segment.
    fn retire(&mut self) {
        if let Some(active) = self.active.take() {
            self.end.previous = Some(Previous {
                number: active.number,
                length: active.length,
            });
        }
    }

    /// After a failure: the file is given up, and nothing that was not acknowledged counts.
    fn fail(&mut self, cause: io::Error) -> SpoolError {
        let folder = self.shared.settings.folder.clone();
        if let Some(mut active) = self.active.take() {
            if active.length > BEGIN {
                // Gives room back; that it is cut does not matter, since the next head says it.
                let is_cut = active.file.cut(active.length).is_ok();
                self.shared.given_up(active.number, is_cut);
                self.end.previous = Some(Previous {
                    number: active.number,
                    length: active.length,
                });
            } else {
                drop(active.file);
                let path = segments::path(&folder, active.number);
                let _ = self.shared.disk.remove(&path);
                self.shared.forget(active.number);
            }
        }
        let error = SpoolError::Unwritable {
            folder,
            cause: Arc::new(cause),
        };
        let pause = SHORTEST.saturating_mul(1 << self.failures.min(10));
        let pause = pause.min(LONGEST);
        if self.failures == 0 {
            tracing::error!("{error}");
        }
        self.failures = self.failures.saturating_add(1);
        self.shared.refuse(&error, Instant::now() + pause);
        error
    }
}

/// Begins a segment. What is left of one that fails is not there for long: its number is not
/// given again, and the next head does not follow it.
fn begin(shared: &Shared, end: &mut End) -> io::Result<Active> {
    let number = end.highest + 1;
    end.highest = number;
    let path = segments::path(&shared.settings.folder, number);
    let begun = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
        });
    let head = SegmentHead {
        number,
        previous: end.previous,
        sequence: end.sequence,
        link: end.link,
        begun,
    };
    let mut file = shared.disk.create(&path)?;
    if let Err(cause) = file.write(&head.write()) {
        drop(file);
        let _ = shared.disk.remove(&path);
        return Err(cause);
    }
    shared.begun(Segment {
        path,
        number,
        before: (end.sequence, Some(end.link)),
        begun,
        bytes: BEGIN,
        length: BEGIN,
        last: end.sequence,
    });
    Ok(Active {
        file,
        number,
        length: BEGIN,
        is_named: false,
    })
}
