//! A trie of words, blind to ASCII case: from identifiers to what they say.
//!
//! An identifier is a sequence of words: a package id is one word, a name or a path is
//! several. All edges stand in one hash table, so that a step costs the same whatever the
//! trie holds, and a walk ends at the first word that leads nowhere. A step allocates
//! nothing and reads eight bytes at a time, because steps are taken for every identifier of
//! every item of every host.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::iter;

/// A place in a trie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node(u32);

/// Where every walk begins. Nothing is held here.
pub(super) const ROOT: Node = Node(NONE);

#[cfg(test)]
thread_local! {
    /// The steps and the looks at values of this thread, which is what asking costs.
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// No edge and no value stands here: there is no room for so many.
const NONE: u32 = u32::MAX;

/// Values by sequences of words. A sequence may hold several.
#[derive(Debug)]
pub(super) struct Trie<V> {
    /// The last edge of each hash; edges of one hash follow each other.
    heads: HashMap<u64, u32, BuildHasherDefault<Ready>>,
    edges: Vec<Edge>,
    /// The words of all edges, one behind the other, in lower case.
    letters: Vec<u8>,
    values: Vec<Held<V>>,
}

/// A word that leads from a node to the node that is named like the edge.
#[derive(Debug)]
struct Edge {
    from: Node,
    start: u32,
    length: u32,
    next: u32,
    value: u32,
}

#[derive(Debug)]
struct Held<V> {
    value: V,
    next: u32,
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self {
            heads: HashMap::default(),
            edges: Vec::new(),
            letters: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<V> Trie<V> {
    /// Adds a value; says no if there is no word to hold it by.
    pub(super) fn insert<W: AsRef<[u8]>>(
        &mut self,
        words: impl IntoIterator<Item = W>,
        value: V,
    ) -> bool {
        let end = words
            .into_iter()
            .fold(ROOT, |node, word| self.grow(node, word.as_ref()));
        let at = position(self.values.len());
        let Some(edge) = at_mut(&mut self.edges, end.0) else {
            return false;
        };
        let next = std::mem::replace(&mut edge.value, at);
        self.values.push(Held { value, next });
        true
    }

    /// Adds a value under a single word.
    pub(super) fn insert_word(&mut self, word: &str, value: V) {
        self.insert([word], value);
    }

    fn grow(&mut self, from: Node, word: &[u8]) -> Node {
        if let Some(known) = self.step(from, word) {
            return known;
        }
        let at = position(self.edges.len());
        let next = self.heads.insert(hash(from, word), at).unwrap_or(NONE);
        self.edges.push(Edge {
            from,
            start: position(self.letters.len()),
            length: position(word.len()),
            next,
            value: NONE,
        });
        self.letters.extend(word.iter().map(u8::to_ascii_lowercase));
        Node(at)
    }

    /// Where a word leads.
    pub(super) fn step(&self, from: Node, word: &[u8]) -> Option<Node> {
        #[cfg(test)]
        STEPS.set(STEPS.get() + 1);
        let mut at = *self.heads.get(&hash(from, word))?;
        loop {
            let edge = at_ref(&self.edges, at)?;
            if edge.from == from && self.word(edge)?.eq_ignore_ascii_case(word) {
                return Some(Node(at));
            }
            at = edge.next;
        }
    }

    /// Where words lead, one after the other.
    pub(super) fn walk<W: AsRef<[u8]>>(&self, words: impl IntoIterator<Item = W>) -> Option<Node> {
        words
            .into_iter()
            .try_fold(ROOT, |node, word| self.step(node, word.as_ref()))
    }

    fn word(&self, edge: &Edge) -> Option<&[u8]> {
        let start = usize::try_from(edge.start).ok()?;
        let length = usize::try_from(edge.length).ok()?;
        self.letters.get(start..)?.get(..length)
    }

    /// What is held at a node, the last first.
    pub(super) fn values(&self, node: Node) -> impl Iterator<Item = &V> {
        let mut at = at_ref(&self.edges, node.0).map_or(NONE, |edge| edge.value);
        iter::from_fn(move || {
            #[cfg(test)]
            STEPS.set(STEPS.get() + 1);
            let held = at_ref(&self.values, at)?;
            at = held.next;
            Some(&held.value)
        })
    }

    /// What is held under a single word.
    pub(super) fn get(&self, word: &str) -> impl Iterator<Item = &V> {
        self.step(ROOT, word.as_bytes())
            .into_iter()
            .flat_map(|node| self.values(node))
    }

    /// Whether anything is held under a single word.
    pub(super) fn contains(&self, word: &str) -> bool {
        self.get(word).next().is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Gives back the memory that growing has left over.
    pub(super) fn shrink(&mut self) {
        self.heads.shrink_to_fit();
        self.edges.shrink_to_fit();
        self.letters.shrink_to_fit();
        self.values.shrink_to_fit();
    }
}

/// The position of what is pushed next.
fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}

fn at_ref<T>(all: &[T], at: u32) -> Option<&T> {
    all.get(usize::try_from(at).ok()?)
}

fn at_mut<T>(all: &mut [T], at: u32) -> Option<&mut T> {
    all.get_mut(usize::try_from(at).ok()?)
}

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
/// Setting this bit of a byte folds ASCII letters; what it does to other bytes only makes
/// more words meet, which the comparison behind it settles.
const CASE_BITS: u64 = 0x2020_2020_2020_2020;

fn hash(from: Node, word: &[u8]) -> u64 {
    let length = u64::from(position(word.len()));
    let mut state = ((u64::from(from.0) << 32) | length).wrapping_mul(MULTIPLIER);
    let mut add = |part: u64| {
        state = (state.rotate_left(5) ^ (part | CASE_BITS)).wrapping_mul(MULTIPLIER);
    };
    // The last part may overlap the one before it.
    if let Some(last) = word.last_chunk::<8>() {
        let parts = word.chunks_exact(8);
        parts.for_each(|part| add(part.try_into().map_or(0, u64::from_le_bytes)));
        add(u64::from_le_bytes(*last));
    } else if let (Some(first), Some(last)) = (word.first_chunk::<4>(), word.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        add(u64::from(first) << 32 | u64::from(last));
    } else {
        add(word
            .iter()
            .fold(0, |part, byte| part << 8 | u64::from(*byte)));
    }
    state ^ (state >> 29)
}

/// Takes a hash that is ready as it is.
#[derive(Default)]
struct Ready(u64);

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
    fn words_differ_by_more_than_ascii_case() {
        let mut trie = Trie::<u32>::default();
        trie.insert_word("com.Kaspersky.kav", 1);
        trie.insert_word("com.kaspersky.kav.", 2);
        let get = |word| trie.get(word).copied().collect::<Vec<_>>();
        assert_eq!(get("COM.KASPERSKY.KAV"), [1]);
        assert_eq!(get("com.kaspersky.kav."), [2]);
        assert!(get("com.kaspersky.ka").is_empty());
        assert!(get("com\u{e}kaspersky\u{e}kav").is_empty());
    }

    #[test]
    fn a_walk_follows_whole_words_from_the_first() {
        let mut trie = Trie::default();
        assert!(trie.insert(["acme", "shield"], 1));
        assert!(trie.insert(["Acme", "Shield"], 2));
        assert!(trie.insert(["acme"], 3));
        assert!(!trie.insert([""; 0], 4));
        let acme = trie.step(ROOT, b"ACME").unwrap();
        let shield = trie.step(acme, b"shield").unwrap();
        assert_eq!(trie.values(acme).collect::<Vec<_>>(), [&3]);
        assert_eq!(trie.values(shield).collect::<Vec<_>>(), [&2, &1]);
        assert_eq!(trie.step(ROOT, b"shield"), None);
        assert_eq!(trie.step(acme, b"shiel"), None);
        assert_eq!(trie.values(ROOT).next(), None);
    }

    /// Words of every length, and words that differ in one byte only, each found again.
    #[test]
    fn no_two_words_are_taken_for_each_other() {
        let mut words: Vec<Vec<u8>> = vec![Vec::new()];
        for length in 1..40 {
            words.extend((0..length).map(|at| {
                let mut word = vec![b'a'; length];
                word[at] = b'b';
                word
            }));
        }
        let mut trie = Trie::default();
        for (number, word) in words.iter().enumerate() {
            assert!(trie.insert([word], number));
        }
        for (number, word) in words.iter().enumerate() {
            let node = trie.step(ROOT, word).unwrap();
            assert_eq!(trie.values(node).collect::<Vec<_>>(), [&number]);
        }
    }
}
