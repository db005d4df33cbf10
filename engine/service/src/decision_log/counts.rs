//! What became of entries, counted for whoever watches the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    /// Entries that wait for it at this moment. This one number falls, too.
    pub waiting: u64,
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

    pub(super) fn waiting(&self, entries: usize) {
        let entries = u64::try_from(entries).unwrap_or(u64::MAX);
        self.0.waiting.store(entries, Ordering::Relaxed);
    }

    pub(super) fn present(&self) -> SinkCounts {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        SinkCounts {
            sink: self.0.sink,
            entries: read(&self.0.entries),
            bytes: read(&self.0.bytes),
            dropped: read(&self.0.dropped),
            failed_sends: read(&self.0.failed_sends),
            waiting: read(&self.0.waiting),
        }
    }
}

pub(super) fn add(number: &AtomicU64, more: usize) {
    number.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
}
