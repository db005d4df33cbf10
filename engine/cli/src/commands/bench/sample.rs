//! A sample of decisions: how long each took, and what it allocated.

use std::time::Duration;

use serde_json::{Value, json};

use super::allocations;

#[derive(Debug, Default)]
pub(super) struct Sample {
    /// Ascending once finished.
    times: Vec<Duration>,
    allocations: usize,
    failed: usize,
}

impl Sample {
    pub(super) fn of(expected: usize) -> Self {
        Self {
            times: Vec::with_capacity(expected),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, took: Duration, allocations: usize, has_failed: bool) {
        self.times.push(took);
        self.allocations = self.allocations.saturating_add(allocations);
        self.failed += usize::from(has_failed);
    }

    pub(super) fn finish(mut self) -> Self {
        self.times.sort_unstable();
        self
    }

    /// Decisions with a policy that failed.
    pub(super) const fn failed(&self) -> usize {
        self.failed
    }

    /// The time that so many of a hundred decisions do not exceed: the nearest rank.
    fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.times.len() * percent).div_ceil(100).max(1);
        self.times.get(rank - 1).copied().unwrap_or_default()
    }

    fn per_second(&self) -> u128 {
        let nanos: u128 = self.times.iter().map(Duration::as_nanos).sum();
        let count = u128::try_from(self.times.len()).unwrap_or(0);
        (count * 1_000_000_000).checked_div(nanos).unwrap_or(0)
    }

    fn allocations_each(&self) -> usize {
        self.allocations.checked_div(self.times.len()).unwrap_or(0)
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "decision_count": self.times.len(),
            "p50_us": micros(self.percentile(50)),
            "p90_us": micros(self.percentile(90)),
            "p99_us": micros(self.percentile(99)),
            "longest_us": micros(self.percentile(100)),
            "hosts_per_second": u64::try_from(self.per_second()).unwrap_or(u64::MAX),
            "failed_count": self.failed,
            "allocations_per_decision": allocations::ARE_COUNTED.then(|| self.allocations_each()),
        })
    }

    pub(super) fn row(&self) -> String {
        let mut row = format!(
            "{:>10} {:>10} {:>10} {:>10} {:>10}",
            readable(self.percentile(50)),
            readable(self.percentile(90)),
            readable(self.percentile(99)),
            readable(self.percentile(100)),
            self.per_second()
        );
        if allocations::ARE_COUNTED {
            row.push_str(&format!(" {:>10}", self.allocations_each()));
        }
        row
    }
}

/// Microseconds, with a digit behind the point.
pub(super) fn micros(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000_000.0).round() / 10.0
}

/// A time for people.
pub(super) fn readable(time: Duration) -> String {
    let micros = micros(time);
    if micros < 1_000.0 {
        format!("{micros:.1} us")
    } else if micros < 1_000_000.0 {
        format!("{:.1} ms", micros / 1_000.0)
    } else {
        format!("{:.2} s", micros / 1_000_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut sample = Sample::of(100);
        for micros in (1..=100).rev() {
            sample.add(Duration::from_micros(micros), 2, false);
        }
        let sample = sample.finish();
        let at = |percent| sample.percentile(percent).as_micros();
        assert_eq!([at(50), at(90), at(99), at(100)], [50, 90, 99, 100]);
        assert_eq!(sample.per_second(), 100 * 1_000_000 / 5_050);
        assert_eq!(sample.allocations_each(), 2);
    }

    #[test]
    fn times_are_readable() {
        assert_eq!(readable(Duration::from_nanos(1_250)), "1.3 us");
        assert_eq!(readable(Duration::from_micros(12_345)), "12.3 ms");
        assert_eq!(readable(Duration::from_millis(1_500)), "1.50 s");
    }
}
