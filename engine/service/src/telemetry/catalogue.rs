//! The catalogue of metrics: each by its name, with its labels and what it says. What is registered,
//! what the documents list and what a test looks for is this list.
//!
//! No label has a value that a caller chose, or that says which host or whose it is.

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows, until the process ends.
    Counter,
    /// It is what it is at this moment.
    Gauge,
    /// How many measured values are at most so large, for each of some bounds.
    Histogram,
}

impl MetricKind {
    /// The word that expositions use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name, as it stands in queries; that of a histogram without `_bucket` and its like.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says, in a sentence without a full stop.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($constant:ident = $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(pub(super) const $constant: Metric = Metric {
            name: $name,
            kind: MetricKind::$kind,
            labels: &[$($label),*],
            help: $help,
        };)*

        /// Every metric that a server exports, in the order in which it does.
        pub const METRICS: &[Metric] = &[$($constant),*];
    };
}

metrics! {
    DECISIONS = Counter "embargo_decisions_total" ["door", "method", "effect"]
        "Decisions that were made, by effect";
    EVALUATION = Histogram "embargo_evaluation_duration_seconds" []
        "How long deciding on one host took on a worker, without waiting";
    QUEUE_WAIT = Histogram "embargo_queue_wait_seconds" []
        "How long a job waited for a worker";
    POLICY_FAILURES = Counter "embargo_policy_failures_total" ["policy", "kind"]
        "Policies that could not be evaluated for a decision, of the active snapshot";
    CALLS = Counter "embargo_calls_total" ["door", "method", "code", "reason"]
        "Calls that have ended, by the code of gRPC that says how, and the reason of the API where there was no answer";
    CALL_DURATION = Histogram "embargo_call_duration_seconds" ["door", "method"]
        "How long a call took from its head to its answer, or to its end if it is a stream";
    CALLS_RUNNING = Gauge "embargo_calls_in_progress" ["door"]
        "Calls and streams that have not ended";
    REFUSED_ITEMS = Counter "embargo_refused_items_total" ["door", "method", "reason"]
        "Hosts of batches, inventories and streams that were refused while others were answered";
    SHEDS = Counter "embargo_sheds_total" ["limit"]
        "Calls that were refused at once because a limit on concurrent work, or a caller's rate, was reached";
    READY = Gauge "embargo_ready" []
        "Whether a snapshot judges and the server takes calls";
    DRAINING = Gauge "embargo_draining" []
        "Whether the server is shutting down";
    SNAPSHOT = Gauge "embargo_snapshot_info" ["snapshot", "revision"]
        "Always 1; says which snapshot judges, and the revision of the bundle it came from";
    SNAPSHOT_POLICIES = Gauge "embargo_snapshot_policies" []
        "Policies of the snapshot that judges";
    SNAPSHOT_INSTRUMENTS = Gauge "embargo_snapshot_instruments" []
        "Instruments of the snapshot that judges";
    SNAPSHOT_PRODUCTS = Gauge "embargo_snapshot_products" []
        "Products in the catalogue of the snapshot that judges";
    SNAPSHOT_GENERATION = Gauge "embargo_snapshot_generation" []
        "How many snapshots have been active since the start";
    SNAPSHOT_ACTIVATED = Gauge "embargo_snapshot_activate_timestamp_seconds" []
        "When the snapshot that judges became active, in seconds since 1970";
    SNAPSHOT_AGE = Gauge "embargo_snapshot_age_seconds" []
        "How long the snapshot that judges has been active";
    SNAPSHOT_RECALLED = Gauge "embargo_snapshot_recalled" []
        "Whether the last good set from before the start judges, because the policies have not loaded since";
    POLICIES_BARRED = Gauge "embargo_policies_barred" []
        "Policies that are not evaluated any more because they did not come back from an evaluation";
    DEGRADED = Gauge "embargo_degraded" []
        "Whether what judges is not what the source holds, because the last attempt to load it failed";
    RELOADS = Counter "embargo_reloads_total" ["outcome"]
        "Attempts to take up policies, by what came of them";
    RELOAD_DURATION = Histogram "embargo_reload_duration_seconds" []
        "How long an attempt took from what was read to its outcome, with the set's own tests";
    RELOAD_ATTEMPTED = Gauge "embargo_reload_last_attempt_timestamp_seconds" []
        "When policies were last tried to be taken up, in seconds since 1970; 0 if never";
    RELOAD_SUCCEEDED = Gauge "embargo_reload_last_success_timestamp_seconds" []
        "When policies were last found sound, in seconds since 1970; 0 if never";
    RELOAD_TESTS = Counter "embargo_reload_tests_run_total" []
        "Tests of sets that were run before these went live; what passed before and did not change is not run again";
    BUNDLE_POLLS = Counter "embargo_bundle_polls_total" ["outcome"]
        "How often a server of bundles was asked whether there is another one, by what came of it";
    WORKERS = Gauge "embargo_workers" ["pool"]
        "Threads that judge at a time, not counting those that are at something long";
    WORKERS_BUSY = Gauge "embargo_workers_busy" ["pool"]
        "Threads that are at something";
    WORKERS_LONG = Gauge "embargo_workers_long" ["pool"]
        "Threads that are at something that takes long, in whose place others were let in";
    WORKERS_LOST = Gauge "embargo_workers_lost" ["pool"]
        "Threads that were given up because a policy did not come back; at 4 the process ends";
    QUEUE_JOBS = Gauge "embargo_queue_jobs" ["pool"]
        "Jobs that wait for a worker";
    CONNECTIONS = Counter "embargo_connections_total" []
        "Connections that were accepted";
    CONNECTIONS_OPEN = Gauge "embargo_connections_open" []
        "Connections that are open";
    CONNECTIONS_CLOSED = Counter "embargo_connections_closed_total" ["reason"]
        "Connections that the server closed because they took more than their share";
    HANDSHAKES_FAILED = Counter "embargo_tls_handshake_failures_total" ["reason"]
        "Connections that ended before TLS was agreed upon";
    CERTIFICATE = Gauge "embargo_tls_certificate_expire_timestamp_seconds" []
        "When the certificate of the server is no longer valid, in seconds since 1970; 0 without TLS";
    LOG_ENTRIES = Counter "embargo_decision_log_entries_total" []
        "Records that were handed to the decision log";
    LOG_LEFT_OUT = Counter "embargo_decision_log_left_out_total" []
        "Records that filters and sampling left out of the decision log";
    LOG_WITHHELD = Counter "embargo_decision_log_withheld_total" []
        "Answers that were withheld because their record could not be kept";
    LOG_SPOOL = Gauge "embargo_decision_log_spool_bytes" []
        "Bytes of the spool of the decision log; 0 without one";
    LOG_SPOOL_LIMIT = Gauge "embargo_decision_log_spool_limit_bytes" []
        "Bytes that the spool of the decision log may have; 0 without one";
    LOG_WRITTEN = Counter "embargo_decision_log_written_total" ["sink"]
        "Records that a sink of the decision log has taken";
    LOG_DROPPED = Counter "embargo_decision_log_dropped_total" ["sink"]
        "Records that were lost, because a sink did not keep up or refused them; `queue` for those that none has seen";
    LOG_FAILURES = Counter "embargo_decision_log_failures_total" ["sink"]
        "Attempts to write to a sink of the decision log that failed";
    LOG_PENDING = Gauge "embargo_decision_log_pending_entries" ["sink"]
        "Records that wait for a sink";
    LOG_LAG = Gauge "embargo_decision_log_lag_seconds" ["sink"]
        "The age of the oldest record that a sink has not taken; 0 if there is none";
    OTLP_EXPORTS = Counter "embargo_otlp_exports_total" ["signal", "outcome"]
        "Messages to the collector of OpenTelemetry, by what came of them";
    SPANS_DROPPED = Counter "embargo_otlp_spans_dropped_total" []
        "Spans that were lost because the collector did not keep up";
    SCRAPES = Counter "embargo_management_requests_total" ["path", "status"]
        "Requests to the management listener";
    BUILD = Gauge "embargo_build_info" ["version"]
        "Always 1; says which build runs";
    START_TIME = Gauge "process_start_time_seconds" []
        "When the process started, in seconds since 1970";
    RESIDENT = Gauge "process_resident_memory_bytes" []
        "Memory of the process that is resident; where Linux tells it";
    OPEN_FILES = Gauge "process_open_fds" []
        "Files and sockets that the process has open; where Linux tells it";
    CPU = Counter "process_cpu_seconds_total" []
        "Time that the process has spent on cores; where Linux tells it";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_those_of_the_field_and_stand_there_once() {
        let names: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len());
        for metric in METRICS {
            let ours = metric.name.starts_with("embargo_") || metric.name.starts_with("process_");
            assert!(ours, "{}", metric.name);
            let is_counter = metric.kind == MetricKind::Counter;
            assert_eq!(
                is_counter,
                metric.name.ends_with("_total"),
                "{}",
                metric.name
            );
            assert!(!metric.help.ends_with('.'), "{}", metric.name);
        }
    }

    #[test]
    fn no_label_could_tell_a_host_or_a_caller() {
        let known = [
            "code", "door", "effect", "kind", "limit", "method", "outcome", "path", "policy",
            "pool", "reason", "revision", "signal", "sink", "snapshot", "status", "version",
        ];
        for label in METRICS.iter().flat_map(|metric| metric.labels) {
            assert!(known.contains(label), "{label}");
        }
    }
}
