//! Telemetry: how the server is doing, for those who run it.
//!
//! One registry holds every metric; the exposition for Prometheus and the export to a collector of
//! OpenTelemetry are both made from it, so that they cannot differ. No metric, no span and no line of
//! the log has a fact of a host in it, a host's name, or a caller's.
//!
//! What is counted for each decision is looked up once for each call; counting is an addition.

mod catalogue;
mod register;
mod outcome;
mod method;
mod calls;
mod meter;
mod edge;
mod reloads;
mod decision_log;
mod observed;
mod process;
mod rules;
mod spans;
mod otlp;
#[cfg(test)]
mod cost;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use crate::reload::Present;
use crate::tls::Tls;
use crate::transport::Drain;
use crate::workers::Judges;

use self::calls::Calls;
pub use self::catalogue::{METRICS, Metric, MetricKind};
pub use self::decision_log::{DecisionLogCounts, DecisionLogReading, SinkReading};
pub use self::edge::BundlePoll;
use self::edge::Edge;
pub(crate) use self::edge::Open;
pub(crate) use self::meter::{Ending, Meter};
pub(crate) use self::method::{Method, OTHER};
use self::observed::Observed;
pub(crate) use self::otlp::Exporting;
pub use self::otlp::{OtlpInvalid, OtlpSettings};
pub(crate) use self::outcome::Outcome;
use self::reloads::Reloads;
use self::rules::RuleTimes;
pub(crate) use self::spans::Incoming;
pub use self::spans::TraceIds;
use self::spans::Tracing;

/// Counts what a server does. Clones are the same.
#[derive(Clone)]
pub struct Telemetry(Arc<Inner>);

struct Inner {
    registry: Mutex<Registry>,
    calls: Calls,
    edge: Edge,
    reloads: Reloads,
    rules: RuleTimes,
    /// Set once spans are made.
    tracing: OnceLock<Tracing>,
    observed: Observed,
}

impl Telemetry {
    /// Counts from zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::default();
        let calls = Calls::register(&mut registry);
        let edge = Edge::register(&mut registry);
        let reloads = Reloads::register(&mut registry);
        let observed = Observed::register(&mut registry);
        Self(Arc::new(Inner {
            registry: Mutex::new(registry),
            calls,
            edge,
            reloads,
            rules: RuleTimes::default(),
            tracing: OnceLock::new(),
            observed,
        }))
    }

    /// Tells from here on what judges, too.
    pub(crate) fn observe_present(&self, present: watch::Receiver<Present>) {
        self.0.observed.present(present);
    }

    /// Tells from here on what the workers are at, too.
    pub(crate) fn observe_judges(&self, judges: Judges) {
        self.0.observed.judges(judges);
    }

    /// Tells from here on how the decision log is doing, too.
    pub fn observe_decision_log(&self, counts: Arc<dyn DecisionLogCounts>) {
        self.0.observed.decision_log(counts);
    }

    /// The bundle that the next snapshot is made of has this revision.
    pub fn bundle_revision(&self, revision: &str) {
        self.0.observed.revision(revision);
    }

    /// Tells from here on whether the server shuts down, too.
    pub(crate) fn observe_drain(&self, drain: Drain) {
        self.0.observed.drain(drain);
    }

    /// Tells from here on until when the certificate is valid, too.
    pub(crate) fn observe_tls(&self, tls: Tls) {
        self.0.observed.tls(tls);
    }

    /// Why the server is not ready, if it is not.
    pub(crate) fn unready(&self) -> Option<&'static str> {
        self.0.observed.unready()
    }

    /// Everything as `OpenMetrics` has it.
    #[must_use]
    pub fn open_metrics(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = text::encode(&mut text, &self.registry());
        text
    }

    /// Everything as Prometheus' own text format has it.
    #[must_use]
    pub fn prometheus_text(&self) -> String {
        let mut text = String::new();
        let _ = prometheus_text::encode(&mut text, &self.registry());
        text
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.0
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Per-policy times, which are measured on demand.
    pub(crate) fn rule_times(&self) -> &RuleTimes {
        &self.0.rules
    }

    /// A snapshot became active: the failures of policies that it does not have are forgotten.
    pub(crate) fn activated(&self, is_policy: impl Fn(&str) -> bool) {
        self.0.calls.forget_policies(is_policy);
    }

    pub(crate) fn reloads(&self) -> &Reloads {
        &self.0.reloads
    }

    /// What comes in before there is a call.
    pub(crate) fn edge(&self) -> &Edge {
        &self.0.edge
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}
