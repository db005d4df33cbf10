//! What became of entries, counted for whoever watches the server.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::spool::SpoolStanding;

/// What became of entries since the log began. Every number only grows.
#[derive(Clone, Debug, Default)]
pub struct LogCounts {
    /// Decisions, and refusals where they are logged, that were handed to the log.
    pub entries: u64,
    /// Those that filters and sampling left out.
    pub left_out: u64,
    /// Those that were dropped because too many waited to be written. None in strict mode.
    pub dropped: u64,
    /// Answers that were withheld because their entry could not be kept. Strict mode alone.
    pub withheld: u64,
    /// Each way on which entries leave.
    pub sinks: Vec<SinkCounts>,
    /// How the spool is doing. Strict mode alone.
    pub spool: Option<SpoolStanding>,
}

/// What became of entries at one sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SinkCounts {
    /// `stdout`, `file`, `http` or `otlp`.
    pub sink: &'static str,
    /// Entries that it has taken.
    pub entries: u64,
    /// Bytes of them, before compression.
    pub bytes: u64,
    /// Entries that were dropped: too many waited, or the sink will never take them.
    pub dropped: u64,
    /// Attempts to send that failed. What they were to send is tried again, or counted as dropped.
    pub failed_sends: u64,
    /// Entries that wait for it at this moment. This number falls, too, and so does the next one.
    pub waiting: u64,
    /// How old the oldest entry is that waits for it or is being sent. Zero if there is none.
    pub lag: Duration,
}

/// The same while it counts. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Counter(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    sink: &'static str,
    entries: AtomicU64,
    bytes: AtomicU64,
    dropped: AtomicU64,
    failed_sends: AtomicU64,
    waiting: AtomicU64,
    /// Since when the oldest waits, and the oldest of those that are being sent.
    oldest: Mutex<[Option<Instant>; 2]>,
}

impl Counter {
    pub(super) fn new(sink: &'static str) -> Self {
        Self(Arc::new(Counters {
            sink,
            entries: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            failed_sends: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
            oldest: Mutex::default(),
        }))
    }

    pub(super) fn sink(&self) -> &'static str {
        self.0.sink
    }

    /// The sink has taken so many entries of so many bytes.
    pub(super) fn taken(&self, entries: usize, bytes: usize) {
        add(&self.0.entries, entries);
        add(&self.0.bytes, bytes);
    }

    pub(super) fn dropped(&self, entries: usize) {
        add(&self.0.dropped, entries);
    }

    pub(super) fn failed(&self) {
        add(&self.0.failed_sends, 1);
    }

    /// So many wait, the oldest since then.
    pub(super) fn waiting(&self, entries: usize, oldest: Option<Instant>) {
        let entries = u64::try_from(entries).unwrap_or(u64::MAX);
        self.0.waiting.store(entries, Ordering::Relaxed);
        let [waiting, _] = &mut *self.oldest();
        *waiting = oldest;
    }

    /// Some are being sent, the oldest from then; or none are.
    pub(super) fn sending(&self, oldest: Option<Instant>) {
        let [_, sending] = &mut *self.oldest();
        *sending = oldest;
    }

    fn oldest(&self) -> MutexGuard<'_, [Option<Instant>; 2]> {
        self.0.oldest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn present(&self) -> SinkCounts {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let oldest = self.oldest().iter().flatten().min().copied();
        SinkCounts {
            sink: self.0.sink,
            entries: read(&self.0.entries),
            bytes: read(&self.0.bytes),
            dropped: read(&self.0.dropped),
            failed_sends: read(&self.0.failed_sends),
            waiting: read(&self.0.waiting),
            lag: oldest.map_or(Duration::ZERO, |oldest| oldest.elapsed()),
        }
    }
}

pub(super) fn add(number: &AtomicU64, more: usize) {
    number.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
}
