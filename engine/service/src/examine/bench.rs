//! How long tests take: each is run again and again for a while, alone, on one thread.

use std::io;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use embargo_core::diagnostic::Diagnostic;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{Examiner, Trial};

use crate::compile;

use super::Terms;

/// Runs before the first that counts, in which engines are made.
const WARM_UP: usize = 3;
/// Runs that count, at least and at most.
const LEAST: usize = 10;
const MOST: usize = 1_000_000;

/// How long the runs of a test took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Runs that count.
    pub runs: usize,
    /// The time of one on average.
    pub mean: Duration,
    /// The time that half of them do not exceed.
    pub p50: Duration,
    /// The time that 99 in 100 do not exceed.
    pub p99: Duration,
}

/// Tests that are being timed, in their order.
#[derive(Debug)]
pub struct Bench {
    trials: Arc<Vec<Trial>>,
    timings: mpsc::Receiver<Result<Timing, Diagnostic>>,
}

impl Bench {
    /// The tests.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The next timing, or why the test has none: it fails. Nothing behind the last.
    pub fn next(&self) -> Option<Result<Timing, Diagnostic>> {
        self.timings.recv().ok()
    }
}

/// Begins to time the tests of a set, each for about as long as `each`. Nothing is remembered
/// from one run to the next.
///
/// # Errors
/// If no thread can be started.
pub fn bench(
    snapshot: &Arc<Snapshot>,
    trials: Vec<Trial>,
    terms: &Terms,
    each: Duration,
) -> io::Result<Bench> {
    let trials = Arc::new(trials);
    let (sender, timings) = mpsc::channel();
    let mut examiner = terms.examiner(snapshot).without_memory();
    let timed = Arc::clone(&trials);
    let work = move || {
        for trial in timed.iter() {
            if sender.send(time(&mut examiner, trial, each)).is_err() {
                return;
            }
        }
    };
    compile::spawn(work, |_| {})?;
    Ok(Bench { trials, timings })
}

fn time(examiner: &mut Examiner, trial: &Trial, each: Duration) -> Result<Timing, Diagnostic> {
    for _ in 0..WARM_UP {
        examiner.run(trial).map_or(Ok(()), Err)?;
    }
    let begun = Instant::now();
    let mut times = Vec::new();
    while times.len() < LEAST || (begun.elapsed() < each && times.len() < MOST) {
        let start = Instant::now();
        let failure = examiner.run(trial);
        times.push(start.elapsed());
        failure.map_or(Ok(()), Err)?;
    }
    Ok(summed_up(times))
}

fn summed_up(mut times: Vec<Duration>) -> Timing {
    times.sort_unstable();
    let runs = times.len();
    // The first time that at least so many in 100 do not exceed.
    let rank = |percent: usize| {
        let position = (runs * percent).div_ceil(100).saturating_sub(1);
        times.get(position).copied().unwrap_or_default()
    };
    let total: Duration = times.iter().sum();
    let count = u32::try_from(runs).unwrap_or(u32::MAX).max(1);
    Timing {
        runs,
        mean: total / count,
        p50: rank(50),
        p99: rank(99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_times_that_so_many_runs_do_not_exceed() {
        let timing = summed_up((1..=200).rev().map(Duration::from_millis).collect());
        let ms = Duration::from_millis;
        assert_eq!(
            (timing.runs, timing.p50, timing.p99),
            (200, ms(100), ms(198))
        );
        assert_eq!(timing.mean, Duration::from_micros(100_500));
        assert_eq!(summed_up(vec![ms(7)]).p99, ms(7));
    }
}
