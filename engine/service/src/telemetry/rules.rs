//! How long each policy takes, measured when somebody asks for it and at no cost otherwise.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use embargo_core::decision::PolicyTime;
use thiserror::Error;

/// Times of policies while they are measured.
#[derive(Debug, Default)]
pub(crate) struct RuleTimes {
    are_measured: AtomicBool,
    times: Mutex<HashMap<Arc<str>, PolicyTime>>,
}

/// They are being measured for somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("somebody else has the times of policies measured\n  hint: try again when that has ended")]
pub(crate) struct Busy;

impl RuleTimes {
    /// Whether they are measured at this moment.
    pub(super) fn are_measured(&self) -> bool {
        self.are_measured.load(Ordering::Relaxed)
    }

    /// Adds what was measured of one decision.
    pub(super) fn add(&self, measured: &[(&Arc<str>, PolicyTime)]) {
        if !self.are_measured() {
            return;
        }
        let mut times = self.times();
        for (policy, time) in measured {
            times
                .entry(Arc::clone(policy))
                .or_insert(PolicyTime {
                    policy: time.policy,
                    ..PolicyTime::default()
                })
                .add(*time);
        }
    }

    /// Measures for so long, for one who asks at a time. The policies come with the one first that
    /// took most.
    ///
    /// # Errors
    /// If somebody else asks.
    pub(crate) async fn measure(
        &self,
        length: Duration,
    ) -> Result<Vec<(Arc<str>, PolicyTime)>, Busy> {
        if self.are_measured.swap(true, Ordering::AcqRel) {
            return Err(Busy);
        }
        // Also when whoever asks goes away.
        let measuring = Measuring(self);
        self.times().clear();
        tokio::time::sleep(length).await;
        drop(measuring);
        let mut times: Vec<_> = self.times().drain().collect();
        times.sort_by(|(one, a), (other, b)| b.total.cmp(&a.total).then_with(|| one.cmp(other)));
        Ok(times)
    }

    fn times(&self) -> MutexGuard<'_, HashMap<Arc<str>, PolicyTime>> {
        // No code that can panic runs under the lock.
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Measuring<'a>(&'a RuleTimes);

impl Drop for Measuring<'_> {
    fn drop(&mut self) {
        self.0.are_measured.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(ms: u64) -> PolicyTime {
        PolicyTime {
            policy: 0,
            evaluations: 1,
            failures: 0,
            total: Duration::from_millis(ms),
            longest: Duration::from_millis(ms),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_kept_unless_somebody_asks_and_one_asks_at_a_time() {
        let times = Arc::new(RuleTimes::default());
        let (quick, slow): (Arc<str>, Arc<str>) = ("quick".into(), "slow".into());
        times.add(&[(&quick, time(1))]);
        let asked = tokio::spawn({
            let times = Arc::clone(&times);
            async move { times.measure(Duration::from_secs(5)).await }
        });
        while !times.are_measured() {
            tokio::task::yield_now().await;
        }
        assert_eq!(times.measure(Duration::from_secs(1)).await, Err(Busy));
        for _ in 0..3 {
            times.add(&[(&quick, time(1)), (&slow, time(7))]);
        }
        let measured = asked.await.unwrap().unwrap();
        let told: Vec<_> = measured
            .iter()
            .map(|(policy, time)| (&**policy, time.evaluations, time.total.as_millis()))
            .collect();
        assert_eq!(told, [("slow", 3, 21), ("quick", 3, 3)]);
        assert!(!times.are_measured());
        assert_eq!(times.measure(Duration::ZERO).await, Ok(Vec::new()));
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_ends_the_measuring() {
        let times = RuleTimes::default();
        let asking = tokio::time::timeout(
            Duration::from_millis(1),
            times.measure(Duration::from_secs(60)),
        );
        assert!(asking.await.is_err());
        assert!(!times.are_measured());
    }
}
