//! Damage: bytes that are nearly what a target reads.
//!
//! The same number and the same seeds give the same damage on every machine, so that what a
//! run finds, every run finds.

/// Bytes that a damaged input has at most.
const MOST_BYTES: usize = 64 * 1_024;
/// Times that a part is repeated at most.
const REPEATS: usize = 200;

/// Damages inputs.
#[derive(Clone, Debug)]
pub struct Mutator {
    state: u64,
    words: Vec<Vec<u8>>,
}

impl Mutator {
    /// A mutator that begins with a number and knows some words.
    #[must_use]
    pub fn new(seed: u64, words: &[&str]) -> Self {
        Self {
            state: seed,
            words: words.iter().map(|word| word.as_bytes().to_vec()).collect(),
        }
    }

    /// The next number below `most`; 0 if there is none. The generator is SplitMix64.
    pub fn below(&mut self, most: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let most = u64::try_from(most).unwrap_or(u64::MAX).max(1);
        usize::try_from((mixed ^ (mixed >> 31)) % most).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }

    /// A part of some length, mostly a short one.
    fn part(&mut self, length: usize) -> (usize, usize) {
        let start = self.below(length + 1);
        let most = match self.below(4) {
            0 => length - start,
            1 => 64,
            _ => 12,
        };
        (start, (start + self.below(most + 1)).min(length))
    }

    /// One to six damages to `bytes`, some of them with parts of `other`.
    #[must_use]
    pub fn damage(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut damaged = bytes.to_vec();
        for _ in 0..=self.below(6) {
            self.once(&mut damaged, other);
        }
        damaged.truncate(MOST_BYTES);
        damaged
    }

    fn once(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let (start, end) = self.part(bytes.len());
        let at = self.below(bytes.len() + 1);
        match self.below(10) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(start..end)),
            2 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            3 => {
                let byte = self.byte();
                bytes.insert(at, byte);
            }
            // A part elsewhere, and a part over and over.
            4 => {
                let part = bytes[start..end].to_vec();
                insert(bytes, at, &part);
            }
            5 => {
                let repeats = self.below(REPEATS);
                insert(bytes, end, &bytes[start..end].repeat(repeats));
            }
            6 => {
                let (start, end) = self.part(other.len());
                insert(bytes, at, &other[start..end]);
            }
            7 => {
                let (from, to) = self.part(other.len());
                let part = other[from..to].iter().copied();
                drop(bytes.splice(start..end, part));
            }
            _ if self.words.is_empty() => {
                let byte = self.byte();
                bytes.insert(at, byte);
            }
            8 => {
                let word = self.word();
                insert(bytes, at, &word);
            }
            _ => {
                let word = self.word();
                drop(bytes.splice(start..end, word));
            }
        }
    }

    fn word(&mut self) -> Vec<u8> {
        let at = self.below(self.words.len());
        self.words[at].clone()
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    if bytes.len() + part.len() <= MOST_BYTES {
        drop(bytes.splice(at..at, part.iter().copied()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_give_equal_damage_and_others_do_not() {
        let damaged = |seed| -> Vec<Vec<u8>> {
            let mut mutator = Mutator::new(seed, &["word"]);
            (0..100)
                .map(|_| mutator.damage(b"one two", b"three"))
                .collect()
        };
        assert_eq!(damaged(1), damaged(1));
        assert_ne!(damaged(1), damaged(2));
        assert!(
            damaged(1)
                .iter()
                .any(|bytes| bytes.windows(4).any(|part| part == b"word"))
        );
        assert!(damaged(1).iter().all(|bytes| bytes.len() <= MOST_BYTES));
    }
}
