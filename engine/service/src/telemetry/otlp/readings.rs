//! Readings: every value of the registry, taken from its own exposition.
//!
//! What is sent to a collector is so what a scrape shows, under the same names.

use super::super::catalogue::{METRICS, Metric, MetricKind};

/// The values of a metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) metric: Metric,
    pub(super) series: Vec<Series>,
}

/// What was read under some labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Series {
    pub(super) labels: Vec<(String, String)>,
    /// Of a counter or a gauge; of a histogram the sum of all that was measured.
    pub(super) value: f64,
    /// How many values were measured.
    pub(super) count: u64,
    /// How many of them are at most so large, for each bound; the last has none.
    pub(super) buckets: Vec<(f64, u64)>,
}

/// One line of an exposition.
struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

/// Reads what the exposition of `OpenMetrics` says.
pub(super) fn of(exposition: &str) -> Vec<Reading> {
    let mut readings: Vec<Reading> = METRICS
        .iter()
        .map(|metric| Reading {
            metric: *metric,
            series: Vec::new(),
        })
        .collect();
    for sample in exposition.lines().filter_map(sample) {
        let found = readings
            .iter_mut()
            .find_map(|reading| Some((part(reading.metric, &sample.name)?, reading)));
        if let Some((part, reading)) = found {
            reading.take(part, sample);
        }
    }
    readings.retain(|reading| !reading.series.is_empty());
    readings
}

/// Which part of a metric a sample is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Value,
    Bucket,
    Sum,
    Count,
}

fn part(metric: Metric, name: &str) -> Option<Part> {
    let rest = name.strip_prefix(metric.name)?;
    match (metric.kind, rest) {
        (MetricKind::Counter | MetricKind::Gauge, "") => Some(Part::Value),
        (MetricKind::Histogram, "_bucket") => Some(Part::Bucket),
        (MetricKind::Histogram, "_sum") => Some(Part::Sum),
        (MetricKind::Histogram, "_count") => Some(Part::Count),
        _ => None,
    }
}

impl Reading {
    fn take(&mut self, part: Part, mut sample: Sample) {
        let bound = sample.labels.iter().position(|(name, _)| name == "le");
        let bound = bound.map(|at| sample.labels.remove(at).1);
        let at = self
            .series
            .iter()
            .position(|series| series.labels == sample.labels);
        let at = at.unwrap_or_else(|| {
            self.series.push(Series {
                labels: sample.labels,
                ..Series::default()
            });
            self.series.len() - 1
        });
        let Some(series) = self.series.get_mut(at) else {
            return;
        };
        match part {
            Part::Value | Part::Sum => series.value = sample.value,
            Part::Count => series.count = whole(sample.value),
            Part::Bucket => {
                let bound = bound.and_then(|text| number(&text));
                series
                    .buckets
                    .push((bound.unwrap_or(f64::INFINITY), whole(sample.value)));
            }
        }
    }
}

#[expect(
    clippy::as_conversions,
    reason = "counts are written as whole numbers, and a float that is out of range saturates"
)]
const fn whole(value: f64) -> u64 {
    value as u64
}

fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        other => other.parse().ok(),
    }
}

fn sample(line: &str) -> Option<Sample> {
    if line.starts_with('#') {
        return None;
    }
    let end = line.find(['{', ' '])?;
    let (name, rest) = line.split_at_checked(end)?;
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    Some(Sample {
        name: name.to_owned(),
        labels,
        value: number(rest.split_whitespace().next()?)?,
    })
}

/// Labels up to the brace that ends them, and what comes after it.
fn labels(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut labels = Vec::new();
    let mut rest = text;
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        rest = rest.strip_prefix(',').unwrap_or(rest);
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = quoted(after)?;
        labels.push((name.to_owned(), value));
        rest = after;
    }
}

/// A text up to the quote that ends it, and what comes after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut signs = text.chars();
    loop {
        match signs.next()? {
            '"' => return Some((value, signs.as_str())),
            '\\' => match signs.next()? {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_exposition_says_is_read_whole() {
        let text = r#"# HELP embargo_calls Calls.
# TYPE embargo_calls counter
embargo_calls_total{door="grpc",method="a\"b\\c\nd, e}f",code="OK",reason=""} 7
embargo_ready 1.0
embargo_call_duration_seconds_sum{door="http",method="DecideHost"} 0.75
embargo_call_duration_seconds_count{door="http",method="DecideHost"} 3
embargo_call_duration_seconds_bucket{le="0.5",door="http",method="DecideHost"} 2
embargo_call_duration_seconds_bucket{le="+Inf",door="http",method="DecideHost"} 3
something_else 4
# EOF
"#;
        let readings = of(text);
        let names: Vec<_> = readings.iter().map(|reading| reading.metric.name).collect();
        assert_eq!(
            names,
            [
                "embargo_calls_total",
                "embargo_call_duration_seconds",
                "embargo_ready"
            ]
        );
        let calls = &readings[0].series[0];
        assert_eq!(calls.value, 7.0);
        assert_eq!(calls.labels[1].1, "a\"b\\c\nd, e}f");
        let duration = &readings[1].series;
        assert_eq!(duration.len(), 1);
        assert_eq!((duration[0].value, duration[0].count), (0.75, 3));
        assert_eq!(duration[0].buckets, [(0.5, 2), (f64::INFINITY, 3)]);
        assert_eq!(duration[0].labels.len(), 2);
    }
}
