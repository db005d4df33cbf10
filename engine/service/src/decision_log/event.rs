//! The id of an entry, and what of the entries is kept by chance.
//!
//! An id is a UUID of version 7, so that ids sort by time. Its last twelve hexadecimal digits are
//! evenly spread, and sampling goes by them alone: whoever has an id can tell whether a share keeps
//! it, and every sink and every server tells the same.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom as _, SystemRandom};

/// The values that sampling goes by.
const SHARES: u64 = 1 << 48;

/// The id of an entry, unique over all servers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EventId([u8; 16]);

/// Makes ids.
#[derive(Debug)]
pub(super) struct EventIds {
    next: AtomicU64,
    seed: u64,
}

/// The share of entries that is kept, from none to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(u64);

impl Share {
    /// All of them.
    pub const ALL: Self = Self(SHARES);

    /// A share of 0 to 1. None for any other number.
    #[must_use]
    pub fn new(share: f64) -> Option<Self> {
        if !(0.0..=1.0).contains(&share) {
            return None;
        }
        // A Duration turns fractions into whole numbers without a cast.
        let parts = Duration::from_secs_f64(share).as_nanos();
        let kept = parts.saturating_mul(u128::from(SHARES)) / 1_000_000_000;
        u64::try_from(kept).ok().map(Self)
    }

    pub(super) const fn keeps(self, id: EventId) -> bool {
        id.chance() < self.0
    }
}

impl EventIds {
    pub(super) fn new() -> Self {
        let mut seed = [0; 8];
        // Without chance ids are still unique for the time at which a server started.
        let seed = match SystemRandom::new().fill(&mut seed) {
            Ok(()) => u64::from_be_bytes(seed),
            Err(_) => u64::try_from(now().as_nanos() & u128::from(u64::MAX)).unwrap_or_default(),
        };
        Self {
            next: AtomicU64::new(0),
            seed,
        }
    }

    pub(super) fn next(&self) -> EventId {
        let ms = u64::try_from(now().as_millis()).unwrap_or(u64::MAX);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let [_, _, a, b, c, d, e, f] = ms.to_be_bytes();
        // Two numbers that are spread by the seed, of which the second never repeats.
        let [g, h, ..] = mixed(number ^ self.seed.rotate_left(32)).to_be_bytes();
        let [i, j, k, l, m, n, o, p] = mixed(number.wrapping_add(self.seed)).to_be_bytes();
        EventId([
            a,
            b,
            c,
            d,
            e,
            f,
            0x70 | (g & 0x0f),
            h,
            0x80 | (i & 0x3f),
            j,
            k,
            l,
            m,
            n,
            o,
            p,
        ])
    }
}

impl EventId {
    /// A number below 2^48 that is evenly spread.
    const fn chance(self) -> u64 {
        let [.., k, l, m, n, o, p] = self.0;
        u64::from_be_bytes([0, 0, k, l, m, n, o, p])
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Spreads numbers evenly, no two of them to the same (the finalizer of SplitMix64).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_uuids_of_version_7_and_never_repeat() {
        let ids = EventIds::new();
        let other = EventIds::new();
        let mut seen = HashSet::new();
        for _ in 0..100_000 {
            assert!(seen.insert(ids.next()) && seen.insert(other.next()));
        }
        let text = ids.next().to_string();
        assert_eq!(text.len(), 36);
        assert_eq!(text.get(14..15), Some("7"));
        assert!(matches!(text.get(19..20), Some("8" | "9" | "a" | "b")));
    }

    #[test]
    fn a_share_keeps_as_many_as_it_says_and_always_the_same() {
        let ids: Vec<EventId> = {
            let ids = EventIds::new();
            (0..100_000).map(|_| ids.next()).collect()
        };
        let kept = |share| {
            let share = Share::new(share).unwrap();
            ids.iter().filter(|id| share.keeps(**id)).count()
        };
        assert_eq!((kept(0.0), kept(1.0)), (0, ids.len()));
        for (share, least, most) in [(0.01, 800, 1_200), (0.5, 49_000, 51_000)] {
            let count = kept(share);
            assert!((least..=most).contains(&count), "{share}: {count}");
            assert_eq!(count, kept(share));
        }
        // What a smaller share keeps, a larger one keeps, too.
        let (small, large) = (Share::new(0.1).unwrap(), Share::new(0.2).unwrap());
        assert!(ids.iter().all(|id| !small.keeps(*id) || large.keeps(*id)));
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Share::new(wrong), None, "{wrong}");
        }
        assert_eq!(Share::new(1.0), Some(Share::ALL));
    }
}
