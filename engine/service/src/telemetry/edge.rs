//! What is counted of connections, of bundles that are asked for, of the management listener and of
//! what is sent to a collector.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Telemetry;
use super::catalogue::{
    BUNDLE_POLLS, CONNECTIONS, CONNECTIONS_CLOSED, CONNECTIONS_OPEN, HANDSHAKES_FAILED,
    OTLP_EXPORTS, SCRAPES, SPANS_DROPPED,
};
use super::register::{Counters, counter, counters, labels, register};

pub(crate) struct Edge {
    connections: Counter,
    open: Gauge,
    closed: Counters,
    handshakes: Counters,
    polls: Counters,
    scrapes: Counters,
    pub(super) exports: Counters,
    pub(super) spans_dropped: Counter,
}

/// What came of asking whether there is another bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundlePoll {
    /// There is none.
    Unchanged,
    /// There is one, and it was taken.
    Fetched,
    /// There is one, and it was not taken: its signature, its revision or its form is not right.
    Refused,
    /// It could not be asked for.
    Failed,
}

impl BundlePoll {
    const ALL: [Self; 4] = [Self::Unchanged, Self::Fetched, Self::Refused, Self::Failed];

    const fn word(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Fetched => "fetched",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A connection that is open, until this is dropped.
#[derive(Debug)]
pub(crate) struct Open(Gauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Edge {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let exports = register(registry, OTLP_EXPORTS, Counters::default());
        for signal in ["traces", "metrics"] {
            for outcome in ["sent", "failed"] {
                drop(exports.get_or_create(&labels(OTLP_EXPORTS, [signal.into(), outcome.into()])));
            }
        }
        Self {
            connections: counter(registry, CONNECTIONS),
            open: register(registry, CONNECTIONS_OPEN, Gauge::default()),
            closed: counters(registry, CONNECTIONS_CLOSED, ["overdue", "flood"]),
            handshakes: counters(
                registry,
                HANDSHAKES_FAILED,
                ["protocol", "timeout", "closed"],
            ),
            polls: counters(
                registry,
                BUNDLE_POLLS,
                BundlePoll::ALL.map(BundlePoll::word),
            ),
            scrapes: register(registry, SCRAPES, Counters::default()),
            exports,
            spans_dropped: counter(registry, SPANS_DROPPED),
        }
    }

    /// A connection was accepted.
    pub(crate) fn accepted(&self) -> Open {
        self.connections.inc();
        self.open.inc();
        Open(self.open.clone())
    }

    /// A connection is closed by the server.
    pub(crate) fn closed(&self, reason: &'static str) {
        let labels = labels(CONNECTIONS_CLOSED, [reason.into()]);
        self.closed.get_or_create(&labels).inc();
    }

    /// The management listener has answered.
    pub(crate) fn managed(&self, path: &'static str, status: u16) {
        let labels = labels(SCRAPES, [path.into(), status.to_string().into()]);
        self.scrapes.get_or_create(&labels).inc();
    }

    pub(super) fn exported(&self, signal: &'static str, is_sent: bool) {
        let outcome = if is_sent { "sent" } else { "failed" };
        let labels = labels(OTLP_EXPORTS, [signal.into(), outcome.into()]);
        self.exports.get_or_create(&labels).inc();
    }
}

impl Telemetry {
    /// A server of bundles was asked whether there is another one.
    pub fn bundle_polled(&self, outcome: BundlePoll) {
        let labels = labels(BUNDLE_POLLS, [outcome.word().into()]);
        self.edge().polls.get_or_create(&labels).inc();
    }

    /// A connection ended before TLS was agreed upon. The reason is one of few words of the server.
    pub(crate) fn handshake_failed(&self, reason: &'static str) {
        let labels = labels(HANDSHAKES_FAILED, [reason.into()]);
        self.edge().handshakes.get_or_create(&labels).inc();
    }
}
