//! Sending metrics: every so often all of them, as they stand since the start.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1 as pb;
use opentelemetry_proto::tonic::resource::v1::Resource as ResourceMessage;
use opentelemetry_sdk::Resource;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::super::Telemetry;
use super::super::catalogue::MetricKind;
use super::readings::{self, Reading, Series};
use super::wire::Wire;

/// What is sent where.
pub(super) struct Sending {
    pub(super) telemetry: Telemetry,
    pub(super) wire: Wire,
    pub(super) interval: Duration,
    pub(super) resource: Resource,
    pub(super) begun: SystemTime,
}

impl Sending {
    /// Sends until it is told to stop, and then once more.
    pub(super) async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        let mut fails = false;
        loop {
            let is_last = tokio::select! {
                _ = ticks.tick() => false,
                _ = stopped.wait_for(|stopped| *stopped) => true,
            };
            let sent = self.wire.metrics(self.message()).await;
            self.telemetry.edge().exported("metrics", sent.is_ok());
            super::traces::say(self.wire.signal, &sent, &mut fails);
            if is_last {
                return;
            }
        }
    }

    fn message(&self) -> ExportMetricsServiceRequest {
        let attribute = |(key, value): (&opentelemetry::Key, &opentelemetry::Value)| {
            attribute(key.as_str(), value.to_string())
        };
        let now = nanoseconds(SystemTime::now());
        let begun = nanoseconds(self.begun);
        let metrics = readings::of(&self.telemetry.open_metrics());
        ExportMetricsServiceRequest {
            resource_metrics: vec![pb::ResourceMetrics {
                resource: Some(ResourceMessage {
                    attributes: self.resource.iter().map(attribute).collect(),
                    ..ResourceMessage::default()
                }),
                scope_metrics: vec![pb::ScopeMetrics {
                    scope: Some(InstrumentationScope {
                        name: "embargo".to_owned(),
                        version: env!("CARGO_PKG_VERSION").to_owned(),
                        ..InstrumentationScope::default()
                    }),
                    metrics: metrics
                        .into_iter()
                        .map(|reading| metric(reading, begun, now))
                        .collect(),
                    schema_url: String::new(),
                }],
                schema_url: String::new(),
            }],
        }
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn attribute(key: &str, value: String) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(value)),
        }),
        ..KeyValue::default()
    }
}

fn attributes(labels: Vec<(String, String)>) -> Vec<KeyValue> {
    labels
        .into_iter()
        .map(|(name, value)| attribute(&name, value))
        .collect()
}

fn metric(reading: Reading, begun: u64, now: u64) -> pb::Metric {
    let Reading { metric, series } = reading;
    let temporality = i32::from(pb::AggregationTemporality::Cumulative);
    let number = |series: Series| pb::NumberDataPoint {
        attributes: attributes(series.labels),
        start_time_unix_nano: begun,
        time_unix_nano: now,
        value: Some(pb::number_data_point::Value::AsDouble(series.value)),
        ..pb::NumberDataPoint::default()
    };
    let data = match metric.kind {
        MetricKind::Counter => pb::metric::Data::Sum(pb::Sum {
            data_points: series.into_iter().map(number).collect(),
            aggregation_temporality: temporality,
            is_monotonic: true,
        }),
        MetricKind::Gauge => pb::metric::Data::Gauge(pb::Gauge {
            data_points: series.into_iter().map(number).collect(),
        }),
        MetricKind::Histogram => pb::metric::Data::Histogram(pb::Histogram {
            data_points: series
                .into_iter()
                .map(|series| histogram(series, begun, now))
                .collect(),
            aggregation_temporality: temporality,
        }),
    };
    let unit = if metric.name.ends_with("_seconds") {
        "s"
    } else if metric.name.ends_with("_bytes") {
        "By"
    } else {
        ""
    };
    pb::Metric {
        name: metric.name.to_owned(),
        description: metric.help.to_owned(),
        unit: unit.to_owned(),
        data: Some(data),
        ..pb::Metric::default()
    }
}

fn histogram(series: Series, begun: u64, now: u64) -> pb::HistogramDataPoint {
    let mut before = 0;
    let mut bounds = Vec::with_capacity(series.buckets.len());
    let mut counts = Vec::with_capacity(series.buckets.len());
    for (bound, most) in series.buckets {
        counts.push(most.saturating_sub(before));
        before = most;
        if bound.is_finite() {
            bounds.push(bound);
        }
    }
    pb::HistogramDataPoint {
        attributes: attributes(series.labels),
        start_time_unix_nano: begun,
        time_unix_nano: now,
        count: series.count,
        sum: Some(series.value),
        bucket_counts: counts,
        explicit_bounds: bounds,
        ..pb::HistogramDataPoint::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_up_to_a_bound_become_counts_between_bounds() {
        let series = Series {
            labels: vec![("door".to_owned(), "grpc".to_owned())],
            value: 1.5,
            count: 9,
            buckets: vec![(0.1, 2), (1.0, 7), (f64::INFINITY, 9)],
        };
        let point = histogram(series, 1, 2);
        assert_eq!(point.bucket_counts, [2, 5, 2]);
        assert_eq!(point.explicit_bounds, [0.1, 1.0]);
        assert_eq!((point.count, point.sum), (9, Some(1.5)));
        assert_eq!(point.attributes, [attribute("door", "grpc".to_owned())]);
    }
}
