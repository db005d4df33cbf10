//! What is looked at when somebody asks: what judges, what the workers are at, the decision log, the
//! process. Nothing is paid for it otherwise.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use crate::reload::{Active, Present, ReloadState};
use crate::tls::Tls;
use crate::transport::Drain;
use crate::workers::{Judges, Occupation};

use super::catalogue::{
    BUILD, CERTIFICATE, CPU, DEGRADED, DRAINING, LOG_DROPPED, LOG_ENTRIES, LOG_FAILURES, LOG_LAG,
    LOG_LEFT_OUT, LOG_PENDING, LOG_SPOOL, LOG_SPOOL_LIMIT, LOG_WITHHELD, LOG_WRITTEN, Metric,
    MetricKind, OPEN_FILES, POLICIES_BARRED, QUEUE_JOBS, READY, RESIDENT, SNAPSHOT,
    SNAPSHOT_ACTIVATED, SNAPSHOT_AGE, SNAPSHOT_GENERATION, SNAPSHOT_INSTRUMENTS, SNAPSHOT_POLICIES,
    SNAPSHOT_PRODUCTS, SNAPSHOT_RECALLED, START_TIME, WORKERS, WORKERS_BUSY, WORKERS_LONG,
    WORKERS_LOST,
};
use super::decision_log::{DecisionLogCounts, DecisionLogReading, SinkReading};
use super::process::Process;
use super::register::{Labels, base, labels};

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Observed(Arc<Sources>);

#[derive(Debug, Default)]
struct Sources {
    present: OnceLock<watch::Receiver<Present>>,
    judges: OnceLock<Judges>,
    decision_log: OnceLock<Arc<dyn DecisionLogCounts>>,
    drain: OnceLock<Drain>,
    tls: OnceLock<Tls>,
    /// Of the bundle that the snapshot came from.
    revision: Mutex<String>,
}

impl Sources {
    fn revision(&self) -> MutexGuard<'_, String> {
        // No code that can panic runs under the lock.
        self.revision.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observed {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let observed = Self::default();
        registry.register_collector(Box::new(observed.clone()));
        observed
    }

    // Whoever comes first is looked at: a server has one of each.

    pub(super) fn present(&self, present: watch::Receiver<Present>) {
        let _ = self.0.present.set(present);
    }

    pub(super) fn judges(&self, judges: Judges) {
        let _ = self.0.judges.set(judges);
    }

    pub(super) fn decision_log(&self, counts: Arc<dyn DecisionLogCounts>) {
        let _ = self.0.decision_log.set(counts);
    }

    pub(super) fn drain(&self, drain: Drain) {
        let _ = self.0.drain.set(drain);
    }

    pub(super) fn tls(&self, tls: Tls) {
        let _ = self.0.tls.set(tls);
    }

    pub(super) fn revision(&self, revision: &str) {
        revision.clone_into(&mut self.0.revision());
    }

    fn is_draining(&self) -> bool {
        self.0.drain.get().is_some_and(Drain::has_begun)
    }

    fn at_present(&self) -> Present {
        let present = self.0.present.get();
        present.map_or_else(Present::default, |present| present.borrow().clone())
    }

    /// Why no call is answered, if none is.
    pub(super) fn unready(&self) -> Option<&'static str> {
        if self.is_draining() {
            return Some("the server is shutting down");
        }
        self.at_present().active.is_none().then_some(
            "no policies are active yet\n  hint: the server's log says what keeps them from it",
        )
    }
}

impl Collector for Observed {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Out(&mut encoder);
        let present = self.at_present();
        out.gauge(READY, flag(self.unready().is_none()))?;
        out.gauge(DRAINING, flag(self.is_draining()))?;
        let is_degraded = present.active.is_some()
            && present
                .last_reload
                .as_ref()
                .is_some_and(|report| report.state == ReloadState::Rejected);
        out.gauge(DEGRADED, flag(is_degraded))?;
        if let Some(active) = &present.active {
            out.snapshot(active, self.0.revision().clone())?;
        }
        if let Some(judges) = self.0.judges.get() {
            out.judges(judges)?;
        }
        let expires = self.0.tls.get().map_or(0, Tls::expires);
        let expires = u64::try_from(expires).unwrap_or(0);
        out.gauge(CERTIFICATE, number(expires))?;
        let log = self.0.decision_log.get().map(|counts| counts.read());
        out.decision_log(&log.unwrap_or_default())?;
        out.process(Process::look())
    }
}

fn flag(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

#[expect(
    clippy::as_conversions,
    reason = "expositions have numbers of 64 bits with a point; these are exact up to 2^53"
)]
fn number(count: u64) -> f64 {
    count as f64
}

fn size(count: usize) -> f64 {
    number(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Where metrics are written.
struct Out<'a, 'b>(&'a mut DescriptorEncoder<'b>);

impl Out<'_, '_> {
    fn gauge(&mut self, metric: Metric, value: f64) -> fmt::Result {
        self.many(metric, [(Vec::new(), value)])
    }

    fn told(&mut self, metric: Metric, value: Option<f64>) -> fmt::Result {
        value.map_or(Ok(()), |value| self.gauge(metric, value))
    }

    fn many(
        &mut self,
        metric: Metric,
        values: impl IntoIterator<Item = (Labels, f64)>,
    ) -> fmt::Result {
        let kind = match metric.kind {
            MetricKind::Counter => MetricType::Counter,
            MetricKind::Gauge | MetricKind::Histogram => MetricType::Gauge,
        };
        let mut family = self
            .0
            .encode_descriptor(base(metric), metric.help, None, kind)?;
        for (labels, value) in values {
            let encoder = family.encode_family(&labels)?;
            Value(metric.kind, value).encode(encoder)?;
        }
        Ok(())
    }

    fn snapshot(&mut self, active: &Active, revision: String) -> fmt::Result {
        let snapshot = &active.snapshot;
        let policies = snapshot.policies().len();
        let named = labels(
            SNAPSHOT,
            [snapshot.id().to_string().into(), revision.into()],
        );
        self.many(SNAPSHOT, [(named, 1.0)])?;
        self.gauge(SNAPSHOT_POLICIES, size(policies))?;
        self.gauge(SNAPSHOT_INSTRUMENTS, size(snapshot.instruments().len()))?;
        self.gauge(
            SNAPSHOT_PRODUCTS,
            size(snapshot.catalogue().products().len()),
        )?;
        self.gauge(SNAPSHOT_GENERATION, number(active.generation))?;
        let (seconds, nanoseconds) = active.activate_time.to_unix();
        let seconds = f64::from(nanoseconds) / 1e9 + number(u64::try_from(seconds).unwrap_or(0));
        self.gauge(SNAPSHOT_ACTIVATED, seconds)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let age = now.map_or(0.0, |now| (now.as_secs_f64() - seconds).max(0.0));
        self.gauge(SNAPSHOT_AGE, age)?;
        self.gauge(SNAPSHOT_RECALLED, flag(active.is_recalled))?;
        let barred = (0..policies).filter(|at| snapshot.is_barred(*at)).count();
        self.gauge(POLICIES_BARRED, size(barred))
    }

    fn judges(&mut self, judges: &Judges) -> fmt::Result {
        let pools = [
            ("decisions", judges.decisions.occupation()),
            ("explanations", judges.explanations.occupation()),
        ];
        type Part = fn(&Occupation) -> usize;
        let parts: [(Metric, Part); 5] = [
            (WORKERS, |pool| pool.workers),
            (WORKERS_BUSY, |pool| pool.busy),
            (WORKERS_LONG, |pool| pool.long),
            (WORKERS_LOST, |pool| pool.lost),
            (QUEUE_JOBS, |pool| pool.waiting),
        ];
        for (metric, part) in parts {
            let values = pools
                .iter()
                .map(|(name, pool)| (labels(metric, [(*name).into()]), size(part(pool))));
            self.many(metric, values)?;
        }
        Ok(())
    }

    fn decision_log(&mut self, reading: &DecisionLogReading) -> fmt::Result {
        self.gauge(LOG_ENTRIES, number(reading.entries))?;
        self.gauge(LOG_LEFT_OUT, number(reading.left_out))?;
        self.gauge(LOG_WITHHELD, number(reading.withheld))?;
        let (bytes, limit) = reading.spool_bytes.unwrap_or_default();
        self.gauge(LOG_SPOOL, number(bytes))?;
        self.gauge(LOG_SPOOL_LIMIT, number(limit))?;
        type Part = fn(&SinkReading) -> f64;
        let parts: [(Metric, Part); 5] = [
            (LOG_WRITTEN, |sink| number(sink.written)),
            (LOG_DROPPED, |sink| number(sink.dropped)),
            (LOG_FAILURES, |sink| number(sink.failures)),
            (LOG_PENDING, |sink| number(sink.waiting)),
            (LOG_LAG, |sink| sink.lag.as_secs_f64()),
        ];
        let queue = SinkReading {
            sink: "queue",
            dropped: reading.dropped,
            ..SinkReading::default()
        };
        for (metric, part) in parts {
            let all = [&queue].into_iter().chain(&reading.sinks);
            let told = all.filter(|sink| metric == LOG_DROPPED || sink.sink != queue.sink);
            let values = told.map(|sink| (labels(metric, [sink.sink.into()]), part(sink)));
            self.many(metric, values)?;
        }
        Ok(())
    }

    fn process(&mut self, process: Process) -> fmt::Result {
        let version = labels(BUILD, [env!("CARGO_PKG_VERSION").into()]);
        self.many(BUILD, [(version, 1.0)])?;
        self.told(START_TIME, process.start_seconds)?;
        self.told(RESIDENT, process.resident_bytes.map(number))?;
        self.told(OPEN_FILES, process.open_files.map(number))?;
        self.told(CPU, process.cpu_seconds)
    }
}

/// A value of a kind.
struct Value(MetricKind, f64);

impl Value {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        match self.0 {
            MetricKind::Counter => encoder.encode_counter::<NoLabelSet, _, f64>(&self.1, None),
            MetricKind::Gauge | MetricKind::Histogram => encoder.encode_gauge(&self.1),
        }
    }
}
