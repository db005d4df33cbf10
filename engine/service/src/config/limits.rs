//! Limits: how much of the server callers may take at a time.
//!
//! What is counted over all callers is named as refusals name it: the limit `concurrent-batches` is
//! `limits.concurrent_batches`. Those that hold for one connection follow, then times, and what one
//! caller may ask for in a second.

mod rate;
mod section;

use std::time::Duration;

pub use self::rate::RateSettings;
pub use self::section::{LimitsSection, RateSection};
use super::{ConfigInvalid, within};

const KIB: usize = 1_024;
const MIB: usize = 1_024 * KIB;

/// How much of the server callers may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsSettings {
    /// Bytes of a request: 64 KiB to 16 MiB.
    pub request_bytes: usize,
    /// Bytes of an answer: 1 to 16 MiB. The refusals of a whole batch take half a mebibyte.
    pub answer_bytes: usize,
    /// Calls at a time, over all connections: 1 to 1,000,000.
    pub concurrent_calls: usize,
    /// Batches at a time: 1 to 10,000.
    pub concurrent_batches: usize,
    /// Streams of hosts at a time: 1 to 100,000.
    pub concurrent_streams: usize,
    /// Inventories at a time: 1 to 1,000.
    pub concurrent_inventories: usize,
    /// Watches at a time: 1 to 100,000.
    pub watches: usize,
    /// Bundles that are compiled or tested for callers at a time: 1 to 64.
    pub bundle_compilations: usize,
    /// Large texts that are converted at a time, over all doors: 1 to 64.
    pub large_texts: usize,
    /// Large texts of Kubernetes and Envoy that may wait for it: 1 to 1,000.
    pub waiting_texts: usize,
    /// Bytes of messages that are not whole: 1 MiB to 64 GiB.
    pub arriving_messages: usize,
    /// Bytes of answers that are not taken: 1 MiB to 64 GiB.
    pub untaken_answers: usize,
    /// Calls that wait for a worker: 1 to 1,000,000.
    pub queued_calls: usize,
    /// Calls that wait for the worker that explains: 1 to 10,000.
    pub queued_explanations: usize,
    /// Items of software that wait for workers, over all calls: 20,000, which one host may have, to
    /// 100,000,000.
    pub queued_software: usize,
    /// Connections at a time: 1 to 1,000,000.
    pub connections: usize,
    /// Calls of one connection at a time: 1 to 10,000. Further ones wait on the caller's side.
    pub streams_per_connection: usize,
    /// Bytes of a call's headers in HTTP/2: 4 KiB to 1 MiB.
    pub header_bytes: usize,
    /// Bytes of one call that may be under way without being read: 64 KiB to 16 MiB.
    pub stream_window: usize,
    /// The same for a connection: 64 KiB to 1 GiB.
    pub connection_window: usize,
    /// Calls that were reset before they were looked at, after which a connection is closed: 1 to
    /// 10,000.
    pub pending_resets: usize,
    /// Calls that a connection may reset at once: 1 to 1,000,000.
    pub reset_burst: usize,
    /// And then in a second: 1 to 1,000,000. What it is answered earns it more.
    pub resets_per_second: usize,
    /// How long a connection may take to introduce itself, by TLS and by what HTTP begins with:
    /// 100 ms to 5 min.
    pub handshake_timeout: Duration,
    /// How long a head of HTTP/1.1 or a frame of HTTP/2 may take from its first byte to its last:
    /// 100 ms to 10 min.
    pub head_timeout: Duration,
    /// How long a message may take from its first byte to its last: 100 ms to 1 h.
    pub message_timeout: Duration,
    /// How long an answer may be there without any of it being taken: 100 ms to 1 h.
    pub answer_timeout: Duration,
    /// After how long a quiet connection is asked whether it is alive: 100 ms to 1 h.
    pub keepalive_interval: Duration,
    /// How long it may then be silent: 100 ms to 10 min.
    pub keepalive_timeout: Duration,
    /// What one caller may ask for in a second.
    pub rate: RateSettings,
}

impl Default for LimitsSettings {
    fn default() -> Self {
        Self {
            request_bytes: 16 * MIB,
            answer_bytes: 16 * MIB,
            concurrent_calls: 16_384,
            concurrent_batches: 32,
            concurrent_streams: 256,
            concurrent_inventories: 8,
            watches: 1_000,
            bundle_compilations: 2,
            large_texts: 2,
            waiting_texts: 32,
            arriving_messages: 128 * MIB,
            untaken_answers: 128 * MIB,
            queued_calls: 1_024,
            queued_explanations: 16,
            queued_software: 500_000,
            connections: 1_024,
            streams_per_connection: 256,
            header_bytes: 8 * KIB,
            stream_window: MIB,
            connection_window: 8 * MIB,
            pending_resets: 20,
            reset_burst: 512,
            resets_per_second: 100,
            handshake_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(20),
            message_timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(60),
            keepalive_interval: Duration::from_secs(30),
            keepalive_timeout: Duration::from_secs(20),
            rate: RateSettings::default(),
        }
    }
}

impl LimitsSettings {
    /// Whether every range is kept.
    ///
    /// # Errors
    /// The first setting that does not keep its own.
    pub(crate) fn check(&self) -> Result<(), ConfigInvalid> {
        for (setting, value, least, most) in self.counts() {
            within(setting, value, least, most)?;
        }
        for (setting, value, least, most) in self.times() {
            within(setting, value, least, most)?;
        }
        self.rate.check()
    }

    fn counts(&self) -> [(&'static str, usize, usize, usize); 23] {
        let gib = 1_024 * MIB;
        [
            (
                "limits.request_bytes",
                self.request_bytes,
                64 * KIB,
                16 * MIB,
            ),
            ("limits.answer_bytes", self.answer_bytes, MIB, 16 * MIB),
            (
                "limits.concurrent_calls",
                self.concurrent_calls,
                1,
                1_000_000,
            ),
            (
                "limits.concurrent_batches",
                self.concurrent_batches,
                1,
                10_000,
            ),
            (
                "limits.concurrent_streams",
                self.concurrent_streams,
                1,
                100_000,
            ),
            (
                "limits.concurrent_inventories",
                self.concurrent_inventories,
                1,
                1_000,
            ),
            ("limits.watches", self.watches, 1, 100_000),
            (
                "limits.bundle_compilations",
                self.bundle_compilations,
                1,
                64,
            ),
            ("limits.large_texts", self.large_texts, 1, 64),
            ("limits.waiting_texts", self.waiting_texts, 1, 1_000),
            (
                "limits.arriving_messages",
                self.arriving_messages,
                MIB,
                64 * gib,
            ),
            (
                "limits.untaken_answers",
                self.untaken_answers,
                MIB,
                64 * gib,
            ),
            ("limits.queued_calls", self.queued_calls, 1, 1_000_000),
            (
                "limits.queued_explanations",
                self.queued_explanations,
                1,
                10_000,
            ),
            (
                "limits.queued_software",
                self.queued_software,
                20_000,
                100_000_000,
            ),
            ("limits.connections", self.connections, 1, 1_000_000),
            (
                "limits.streams_per_connection",
                self.streams_per_connection,
                1,
                10_000,
            ),
            ("limits.header_bytes", self.header_bytes, 4 * KIB, MIB),
            (
                "limits.stream_window",
                self.stream_window,
                64 * KIB,
                16 * MIB,
            ),
            (
                "limits.connection_window",
                self.connection_window,
                64 * KIB,
                gib,
            ),
            ("limits.pending_resets", self.pending_resets, 1, 10_000),
            ("limits.reset_burst", self.reset_burst, 1, 1_000_000),
            (
                "limits.resets_per_second",
                self.resets_per_second,
                1,
                1_000_000,
            ),
        ]
    }

    fn times(&self) -> [(&'static str, Duration, Duration, Duration); 6] {
        let least = Duration::from_millis(100);
        let minutes = |count: u64| Duration::from_secs(60 * count);
        [
            (
                "limits.handshake_timeout",
                self.handshake_timeout,
                least,
                minutes(5),
            ),
            ("limits.head_timeout", self.head_timeout, least, minutes(10)),
            (
                "limits.message_timeout",
                self.message_timeout,
                least,
                minutes(60),
            ),
            (
                "limits.answer_timeout",
                self.answer_timeout,
                least,
                minutes(60),
            ),
            (
                "limits.keepalive_interval",
                self.keepalive_interval,
                least,
                minutes(60),
            ),
            (
                "limits.keepalive_timeout",
                self.keepalive_timeout,
                least,
                minutes(10),
            ),
        ]
    }

    /// The settings that differ from `other`, and hold from the next start only.
    pub(crate) fn fixed_that_differ(&self, other: &Self) -> Vec<&'static str> {
        let mut differing = self.differing(other);
        differing.retain(|setting| !LIVE_LIMITS.contains(setting));
        differing
    }

    /// The settings that differ from `other`, besides the rate.
    fn differing(&self, other: &Self) -> Vec<&'static str> {
        let mut differing = Vec::new();
        let counts = self.counts().into_iter().zip(other.counts());
        differing.extend(counts.filter_map(|(one, two)| (one.1 != two.1).then_some(one.0)));
        let times = self.times().into_iter().zip(other.times());
        differing.extend(times.filter_map(|(one, two)| (one.1 != two.1).then_some(one.0)));
        differing
    }
}

/// What takes effect while the server runs.
pub(super) const LIVE_LIMITS: [&str; 10] = [
    "limits.concurrent_calls",
    "limits.concurrent_batches",
    "limits.concurrent_streams",
    "limits.concurrent_inventories",
    "limits.watches",
    "limits.bundle_compilations",
    "limits.arriving_messages",
    "limits.untaken_answers",
    "limits.queued_software",
    "limits.rate",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_keep_their_ranges_and_what_does_not_is_named_with_its_own() {
        assert_eq!(LimitsSettings::default().check(), Ok(()));
        let beyond = LimitsSettings {
            request_bytes: 16 * MIB + 1,
            ..LimitsSettings::default()
        };
        assert_eq!(
            beyond.check().unwrap_err().to_string(),
            "`limits.request_bytes` is 16777217, and must be 65536 to 16777216"
        );
        let short = LimitsSettings {
            head_timeout: Duration::from_millis(99),
            ..LimitsSettings::default()
        };
        assert_eq!(short.check().unwrap_err().setting, "limits.head_timeout");
    }

    #[test]
    fn what_is_changed_while_the_server_runs_is_told_apart_from_what_is_not() {
        let now = LimitsSettings::default();
        let next = LimitsSettings {
            concurrent_calls: 1,
            watches: 2,
            connections: 3,
            head_timeout: Duration::from_secs(4),
            ..LimitsSettings::default()
        };
        assert_eq!(
            next.fixed_that_differ(&now),
            ["limits.connections", "limits.head_timeout"]
        );
        let known: Vec<&str> = now.counts().iter().map(|row| row.0).collect();
        let (rate, counts) = LIVE_LIMITS.split_last().unwrap();
        assert_eq!(*rate, "limits.rate");
        assert!(counts.iter().all(|name| known.contains(name)));
    }
}
