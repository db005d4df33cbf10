//! Randomness that is good enough to spread retries, from what the standard library seeds its hash
//! maps with.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hasher as _},
    time::Duration,
};

/// A random duration from nothing up to, and without, `bound`.
pub(super) fn up_to(bound: Duration) -> Duration {
    // Each `RandomState` differs from the one before, so that each hash of nothing does.
    let random = u128::from(RandomState::new().build_hasher().finish());
    // The product of 64 random bits and fewer than 64 bits of nanoseconds does not overflow.
    let bound = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
    let scaled = (random * u128::from(bound)) >> 64;
    Duration::from_nanos(u64::try_from(scaled).unwrap_or(bound))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn pauses_stay_below_the_bound_and_differ() {
        let bound = Duration::from_secs(1);
        let pauses: HashSet<Duration> = (0..100).map(|_| up_to(bound)).collect();
        assert!(pauses.iter().all(|pause| *pause < bound));
        assert!(pauses.len() > 90, "{} of 100 pauses differ", pauses.len());
        assert!(pauses.iter().any(|pause| *pause < bound / 2));
        assert!(pauses.iter().any(|pause| *pause > bound / 2));
    }

    #[test]
    fn no_bound_is_too_small_or_too_large() {
        assert_eq!(up_to(Duration::ZERO), Duration::ZERO);
        assert!(up_to(Duration::MAX) <= Duration::from_nanos(u64::MAX));
    }
}
