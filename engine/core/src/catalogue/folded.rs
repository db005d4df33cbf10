//! A map from identifiers to what they say, blind to ASCII case.
//!
//! Looking up allocates nothing and reads eight bytes at a time, because it happens for
//! every identifier of every item of every host.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map with ASCII-case-blind keys.
#[derive(Debug)]
pub(super) struct FoldedMap<V> {
    entries: HashMap<u64, Vec<(String, V)>, BuildHasherDefault<Ready>>,
}

impl<V> Default for FoldedMap<V> {
    fn default() -> Self {
        Self {
            entries: HashMap::default(),
        }
    }
}

impl<V: Default> FoldedMap<V> {
    /// The value of `key`, made if there is none.
    pub(super) fn entry(&mut self, key: &str) -> &mut V {
        let bucket = self.entries.entry(hash(key)).or_default();
        let at = bucket
            .iter()
            .position(|(known, _)| known.eq_ignore_ascii_case(key));
        let at = at.unwrap_or_else(|| {
            bucket.push((key.to_ascii_lowercase(), V::default()));
            bucket.len() - 1
        });
        #[expect(
            clippy::indexing_slicing,
            reason = "the position was found or made above"
        )]
        &mut bucket[at].1
    }
}

impl<V> FoldedMap<V> {
    pub(super) fn get(&self, key: &str) -> Option<&V> {
        let bucket = self.entries.get(&hash(key))?;
        bucket
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(key))
            .map(|(_, value)| value)
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
/// Setting this bit of a byte folds ASCII letters; what it does to other bytes only makes
/// more keys meet, which the comparison behind it settles.
const CASE_BITS: u64 = 0x2020_2020_2020_2020;

fn hash(key: &str) -> u64 {
    let mut state = u64::try_from(key.len()).unwrap_or(u64::MAX);
    let mut add = |word: u64| {
        state = (state.rotate_left(5) ^ (word | CASE_BITS)).wrapping_mul(MULTIPLIER);
    };
    let mut words = key.as_bytes().chunks_exact(8);
    for word in words.by_ref() {
        add(word.try_into().map_or(0, u64::from_le_bytes));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(words.remainder()) {
        *to = *from;
    }
    add(u64::from_le_bytes(last));
    state ^ (state >> 29)
}

/// Takes a hash that is ready as it is.
#[derive(Default)]
pub(super) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(MULTIPLIER);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_more_than_ascii_case() {
        let mut map = FoldedMap::<u32>::default();
        *map.entry("com.Kaspersky.kav") = 1;
        *map.entry("com.kaspersky.kav.") = 2;
        assert_eq!(map.get("COM.KASPERSKY.KAV"), Some(&1));
        assert_eq!(map.get("com.kaspersky.kav."), Some(&2));
        assert_eq!(map.get("com.kaspersky.ka"), None);
        assert_eq!(map.get("com\u{e}kaspersky\u{e}kav"), None);
    }
}
