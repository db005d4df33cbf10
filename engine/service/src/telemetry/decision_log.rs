//! How the decision log is doing, as whoever keeps it tells.

use std::fmt;
use std::time::Duration;

/// Tells how the decision log is doing.
pub trait DecisionLogCounts: fmt::Debug + Send + Sync {
    /// What it counts at this moment.
    fn read(&self) -> DecisionLogReading;
}

/// What the decision log counts. Numbers only grow unless they say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionLogReading {
    /// Records that were handed to it.
    pub entries: u64,
    /// Those that filters and sampling left out.
    pub left_out: u64,
    /// Those that were lost before any sink had them.
    pub dropped: u64,
    /// Answers that were withheld because their record could not be kept.
    pub withheld: u64,
    /// Bytes of the spool at this moment, and how many it may have, if there is one.
    pub spool_bytes: Option<(u64, u64)>,
    /// Each way on which records leave.
    pub sinks: Vec<SinkReading>,
}

/// What became of records at one sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SinkReading {
    /// Its word, from a closed list.
    pub sink: &'static str,
    /// Records that it has taken.
    pub written: u64,
    /// Records that were lost on the way to it.
    pub dropped: u64,
    /// Attempts to write to it that failed.
    pub failures: u64,
    /// Records that wait for it at this moment.
    pub waiting: u64,
    /// The age of the oldest of them.
    pub lag: Duration,
}
