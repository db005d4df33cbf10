//! What appends, the writer and readers of a spool share.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{oneshot, watch};

use super::disk::Disk;
use super::failure::SpoolError;
use super::frame::{HEAD, MOST};
use super::segments::Segment;
use super::{SpoolSettings, SpoolStanding};

/// Bytes that are written with one sync, and one ticket more.
const GROUP: usize = 4 * 1_024 * 1_024;
/// Bytes that may wait to be written.
const WAITING: usize = 128 * 1_024 * 1_024;

/// Entries that wait to be on disk together.
#[derive(Debug)]
pub(super) struct Ticket {
    entries: Vec<Vec<u8>>,
    settle: oneshot::Sender<Result<(), SpoolError>>,
}

impl Ticket {
    pub(super) fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    /// Bytes that it has on disk.
    pub(super) fn framed_bytes(&self) -> usize {
        self.entries.iter().map(|entry| HEAD + entry.len()).sum()
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.settle.is_closed()
    }

    pub(super) fn settle(self, outcome: Result<(), SpoolError>) {
        let _ = self.settle.send(outcome);
    }
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: SpoolSettings,
    pub(super) disk: Box<dyn Disk>,
    state: Mutex<State>,
    wake: Condvar,
    /// The last record that is on disk.
    last: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Ticket>,
    queued_bytes: usize,
    /// Since when the writer has been at one group.
    busy_since: Option<Instant>,
    is_closed: bool,
    /// The writer is gone.
    is_ended: bool,
    segments: VecDeque<Segment>,
    /// Why appends are refused, and until when none tries.
    refusal: Option<(SpoolError, Instant)>,
    /// How far each sink has acknowledged.
    acknowledged: BTreeMap<String, u64>,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    records: u64,
    groups: u64,
    bytes: u64,
    refused: u64,
    damaged: u64,
    writing: Duration,
}

impl Shared {
    pub(super) fn new(
        settings: SpoolSettings,
        disk: Box<dyn Disk>,
        segments: Vec<Segment>,
        last: u64,
        damaged: u64,
    ) -> Self {
        let state = State {
            segments: segments.into(),
            counts: Counts {
                damaged,
                ..Counts::default()
            },
            ..State::default()
        };
        Self {
            settings,
            disk,
            state: Mutex::new(state),
            wake: Condvar::new(),
            last: watch::Sender::new(last),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that panics is done while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues entries; what is given is told when they are on disk.
    ///
    /// # Errors
    /// If they cannot be by what is known now.
    pub(super) fn queue(
        &self,
        entries: Vec<Vec<u8>>,
    ) -> Result<oneshot::Receiver<Result<(), SpoolError>>, SpoolError> {
        let mut state = self.state();
        let refused = self.refused(&state, &entries);
        if let Some(refused) = refused {
            state.counts.refused += 1;
            return Err(refused);
        }
        let (settle, settled) = oneshot::channel();
        let ticket = Ticket { entries, settle };
        state.queued_bytes += ticket.framed_bytes();
        state.queue.push_back(ticket);
        drop(state);
        self.wake.notify_one();
        Ok(settled)
    }

    fn refused(&self, state: &State, entries: &[Vec<u8>]) -> Option<SpoolError> {
        if state.is_closed {
            return Some(SpoolError::Closed);
        }
        if let Some(entry) = entries.iter().find(|entry| entry.len() > MOST) {
            return Some(SpoolError::Long {
                bytes: entry.len(),
                limit: MOST,
            });
        }
        let now = Instant::now();
        if let Some((error, until)) = &state.refusal
            && now < *until
        {
            return Some(error.clone());
        }
        let limit = self.settings.max_delay;
        // The disk hangs: whoever waits behind would wait in vain.
        if state
            .busy_since
            .is_some_and(|since| now.duration_since(since) > limit)
        {
            return Some(self.slow());
        }
        (state.queued_bytes > WAITING).then_some(SpoolError::Behind { limit: WAITING })
    }

    pub(super) fn slow(&self) -> SpoolError {
        SpoolError::Slow {
            folder: self.settings.folder.clone(),
            limit: self.settings.max_delay,
        }
    }

    pub(super) fn count_refused(&self) {
        self.state().counts.refused += 1;
    }

    /// Waits for the next group. None once the spool is closed and nothing is queued.
    pub(super) fn take(&self) -> Option<Vec<Ticket>> {
        let mut state = self.state();
        while state.queue.is_empty() {
            if state.is_closed {
                return None;
            }
            state = self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let mut group = Vec::new();
        let mut bytes = 0;
        while bytes < GROUP {
            let Some(ticket) = state.queue.pop_front() else {
                break;
            };
            bytes += ticket.framed_bytes();
            group.push(ticket);
        }
        state.queued_bytes = state.queued_bytes.saturating_sub(bytes);
        state.busy_since = Some(Instant::now());
        Some(group)
    }

    /// The group that was taken is settled.
    pub(super) fn done(&self) {
        self.state().busy_since = None;
    }

    /// No more is queued; what is queued is written.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.wake.notify_all();
    }

    /// The writer is gone: readers will see no more than is there.
    pub(super) fn ended(&self) {
        self.state().is_ended = true;
        self.last.send_modify(|_| {});
    }

    pub(super) fn refusal(&self, now: Instant) -> Option<SpoolError> {
        let state = self.state();
        let (error, until) = state.refusal.as_ref()?;
        (now < *until).then(|| error.clone())
    }

    pub(super) fn refuse(&self, error: &SpoolError, until: Instant) {
        self.state().refusal = Some((error.clone(), until));
    }

    /// Whether so many bytes may be added; what sinks have is deleted for them.
    ///
    /// # Errors
    /// That the spool is full.
    pub(super) fn room(&self, bytes: usize) -> Result<(), SpoolError> {
        // A segment may have to be begun for them.
        let wanted = u64::try_from(bytes)
            .unwrap_or(u64::MAX)
            .saturating_add(super::frame::BEGIN);
        let limit = self.settings.max_bytes;
        let mut used = self.used();
        if used.saturating_add(wanted) > limit {
            self.delete_delivered(true);
            used = self.used();
        }
        if used.saturating_add(wanted) <= limit {
            return Ok(());
        }
        Err(SpoolError::Full {
            folder: self.settings.folder.clone(),
            bytes: used,
            limit,
        })
    }

    fn used(&self) -> u64 {
        self.state()
            .segments
            .iter()
            .map(|segment| segment.bytes)
            .sum()
    }

    pub(super) fn begun(&self, segment: Segment) {
        self.state().segments.push_back(segment);
    }

    /// A segment is there no more, and had no record.
    pub(super) fn forget(&self, number: u64) {
        self.state()
            .segments
            .retain(|segment| segment.number != number);
    }

    /// The last segment is not written to again.
    pub(super) fn given_up(&self, number: u64, is_cut: bool) {
        if let Some(last) = self.state().segments.back_mut()
            && last.number == number
            && !is_cut
        {
            last.bytes = last
                .path
                .metadata()
                .map_or(last.bytes, |metadata| metadata.len());
        }
    }

    /// A group is on disk.
    pub(super) fn written(&self, last: u64, bytes: usize, records: u64, took: Duration) {
        let mut state = self.state();
        let size = u64::try_from(bytes).unwrap_or(u64::MAX);
        if let Some(active) = state.segments.back_mut() {
            active.length += size;
            active.bytes = active.length;
            active.last = last;
        }
        state.refusal = None;
        state.counts.records += records;
        state.counts.groups += 1;
        state.counts.bytes += size;
        state.counts.writing += took;
        drop(state);
        self.last.send_replace(last);
    }

    pub(super) fn damaged(&self) {
        self.state().counts.damaged += 1;
    }

    /// Follows the last record that is on disk.
    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    pub(super) fn is_ended(&self) -> bool {
        self.state().is_ended
    }

    /// The segment in which a record is, or ought to be.
    pub(super) fn segment_of(&self, sequence: u64) -> Option<Segment> {
        let state = self.state();
        let found = state
            .segments
            .iter()
            .find(|segment| segment.last >= sequence);
        found.cloned()
    }

    /// A sink has all records up to this one; or begins behind it.
    pub(super) fn acknowledge(&self, sink: &str, through: u64) {
        let mut state = self.state();
        let known = state.acknowledged.entry(sink.to_owned()).or_default();
        *known = through.max(*known);
    }

    /// Deletes segments whose records all sinks have, those that are to be kept for longer only
    /// if room is needed. Gives whether any was.
    pub(super) fn delete_delivered(&self, room_is_needed: bool) -> bool {
        let mut is_any = false;
        while let Some(segment) = self.delivered(room_is_needed) {
            if let Err(cause) = self.disk.remove(&segment.path)
                && cause.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(file = %segment.path.display(), %cause, "a delivered segment of the decision log cannot be deleted");
                break;
            }
            self.forget(segment.number);
            is_any = true;
        }
        is_any
    }

    fn delivered(&self, room_is_needed: bool) -> Option<Segment> {
        let state = self.state();
        // The last segment stays, for the numbering goes on behind it.
        if state.segments.len() < 2 {
            return None;
        }
        let through = *state.acknowledged.values().min()?;
        let first = state.segments.front()?;
        if first.last > through {
            return None;
        }
        (room_is_needed || is_older(first, self.settings.retention)).then(|| first.clone())
    }

    pub(super) fn standing(&self) -> SpoolStanding {
        let state = self.state();
        let last = *self.last.borrow();
        let through = state.acknowledged.values().min().copied();
        SpoolStanding {
            bytes: state.segments.iter().map(|segment| segment.bytes).sum(),
            limit: self.settings.max_bytes,
            segments: state.segments.len(),
            last_sequence: last,
            undelivered: through.map(|through| last.saturating_sub(through)),
            queued_bytes: state.queued_bytes,
            records: state.counts.records,
            groups: state.counts.groups,
            written_bytes: state.counts.bytes,
            writing: state.counts.writing,
            refused: state.counts.refused,
            damaged: state.counts.damaged,
            refusal: state.refusal.as_ref().map(|(error, _)| error.clone()),
        }
    }
}

/// Whether a segment was last written to so long ago.
fn is_older(segment: &Segment, age: Duration) -> bool {
    if age.is_zero() {
        return true;
    }
    let written = segment.path.metadata().and_then(|known| known.modified());
    written.is_ok_and(|written| {
        SystemTime::now()
            .duration_since(written)
            .is_ok_and(|since| since >= age)
    })
}
