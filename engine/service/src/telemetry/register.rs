//! Registering metrics of the catalogue under its names.

use std::borrow::Cow;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric as Registrable, Registry};

use super::catalogue::{Metric, MetricKind};

/// Labels with their values, in the order of the catalogue.
pub(super) type Labels = Vec<(&'static str, Cow<'static, str>)>;
/// Counters that differ by labels.
pub(super) type Counters = Family<Labels, Counter>;

/// Bounds for what takes from microseconds to seconds, in seconds.
const SHORT: [f64; 18] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0, 30.0,
];
/// Bounds for what takes from milliseconds to minutes, in seconds.
const LONG: [f64; 12] = [
    0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// A histogram of what takes from microseconds to seconds.
pub(super) fn short_times() -> Histogram {
    Histogram::new(SHORT)
}

/// A histogram of what takes from milliseconds to minutes.
pub(super) fn long_times() -> Histogram {
    Histogram::new(LONG)
}

/// The values of a metric's labels, with their names.
pub(super) fn labels<const N: usize>(metric: Metric, values: [Cow<'static, str>; N]) -> Labels {
    metric.labels.iter().copied().zip(values).collect()
}

/// Registers a metric that was made.
pub(super) fn register<M: Registrable + Clone>(
    registry: &mut Registry,
    metric: Metric,
    made: M,
) -> M {
    registry.register(base(metric), metric.help, made.clone());
    made
}

/// The name without what an exposition adds.
pub(super) fn base(metric: Metric) -> &'static str {
    match metric.kind {
        MetricKind::Counter => metric.name.strip_suffix("_total").unwrap_or(metric.name),
        MetricKind::Gauge | MetricKind::Histogram => metric.name,
    }
}

/// A counter of the catalogue.
pub(super) fn counter(registry: &mut Registry, metric: Metric) -> Counter {
    register(registry, metric, Counter::default())
}

/// Counters of the catalogue that differ by labels. Those whose only label has one of these values
/// are there from the start, so that the first of them is seen as a change.
pub(super) fn counters(
    registry: &mut Registry,
    metric: Metric,
    known: impl IntoIterator<Item = &'static str>,
) -> Counters {
    let counters = register(registry, metric, Counters::default());
    for value in known {
        drop(counters.get_or_create(&labels(metric, [value.into()])));
    }
    counters
}
