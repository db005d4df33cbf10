//! Patterns for the names of processes and services.
//!
//! A pattern is tried only on names that begin as it must. The beginnings stand in a trie,
//! two letters a step, so that most names are done with after a step or two however many
//! patterns there are. Patterns without a beginning are tried all at once.

use regex::{Regex, RegexSet, RegexSetBuilder};

use super::sign::Sign;
use super::trie::{ROOT, Trie};

/// Letters of a beginning that are compared in one step.
const STEP: usize = 2;

/// Patterns, and what a name says that one of them matches.
#[derive(Debug, Default)]
pub(super) struct ProcessPatterns {
    begun: Trie<(Regex, Sign)>,
    loose: Vec<(String, Sign)>,
    /// The patterns of `loose` in the same order, once all are known.
    loose_set: RegexSet,
}

impl ProcessPatterns {
    /// Adds a pattern for a whole name, blind to case.
    ///
    /// # Errors
    /// If it is not a regular expression.
    pub(super) fn insert(&mut self, pattern: &str, sign: Sign) -> Result<(), regex::Error> {
        let whole = format!("^(?i:{pattern})$");
        let regex = Regex::new(&whole)?;
        let beginning = beginning(pattern);
        let steps = beginning.as_bytes().chunks_exact(STEP);
        if steps.len() == 0 {
            self.loose.push((whole, sign));
        } else {
            self.begun.insert(steps, (regex, sign));
        }
        Ok(())
    }

    /// Makes ready what is tried all at once.
    ///
    /// # Errors
    /// If the patterns without a beginning are too large together.
    pub(super) fn finish(&mut self) -> Result<(), regex::Error> {
        let patterns = self.loose.iter().map(|(pattern, _)| pattern);
        self.loose_set = RegexSetBuilder::new(patterns).build()?;
        self.begun.shrink();
        Ok(())
    }

    /// What a name says, which is in lower case or in ASCII.
    pub(super) fn matching(&self, name: &str) -> Vec<&Sign> {
        let mut matching = Vec::new();
        if !self.begun.is_empty() {
            // The one letter in lower case that is taken for an ASCII letter by a pattern.
            let unfolded = (!name.is_ascii()).then(|| name.replace('ſ', "s"));
            let steps = unfolded.as_deref().unwrap_or(name).as_bytes();
            let mut node = ROOT;
            for step in steps.chunks_exact(STEP) {
                let Some(next) = self.begun.step(node, step) else {
                    break;
                };
                node = next;
                let here = self.begun.values(node);
                matching.extend(
                    here.filter(|(regex, _)| regex.is_match(name))
                        .map(|(_, sign)| sign),
                );
            }
        }
        if !self.loose.is_empty() {
            let matched = self.loose_set.matches(name).into_iter();
            matching.extend(
                matched
                    .filter_map(|at| self.loose.get(at))
                    .map(|(_, sign)| sign),
            );
        }
        matching
    }
}

/// The letters that every match of a pattern begins with, as far as they are plain to see.
/// Rather too few than too many: a pattern with alternatives or flags has none.
fn beginning(pattern: &str) -> String {
    let mut beginning = String::new();
    if pattern.contains('|') || pattern.contains("(?") {
        return beginning;
    }
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        let literal = match letter {
            // `\<` and `\>` are the bounds of words.
            '\\' => letters
                .next()
                .filter(|escaped| escaped.is_ascii_punctuation() && !"<>".contains(*escaped)),
            _ => Some(letter)
                .filter(|letter| letter.is_ascii_alphanumeric() || " -_".contains(*letter)),
        };
        // A letter that is repeated need not be there.
        let Some(literal) = literal.filter(|_| !matches!(letters.peek(), Some('?' | '*' | '{')))
        else {
            break;
        };
        beginning.push(literal);
    }
    beginning
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::evidence::EvidenceKind;
    use super::*;

    #[test]
    fn a_beginning_is_what_every_match_begins_with() {
        for (pattern, wanted) in [
            (r"acm\d+\.exe", "acm"),
            (r"^AVP(\d+\.\d+)?$", "AVP"),
            (r"KLIF\.[\w-]+\.sys", "KLIF."),
            (r"klupd_[\w-]+_(arkmon|klbg)\.sys", ""),
            ("ab?c", "a"),
            ("ab+c", "ab"),
            ("ab{0,1}c", "a"),
            (r"a\.?c", "a"),
            ("ab|c", ""),
            ("(?x) a b", ""),
            (r"\w+", ""),
            (".*kav", ""),
            (r"\<kav", ""),
        ] {
            assert_eq!(beginning(pattern), wanted, "{pattern}");
        }
    }

    fn sign(product: usize) -> Sign {
        Sign {
            product,
            kind: EvidenceKind::ProcessName,
            verified: true,
            sources: None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is a pattern matches what it matches by itself.
        #[test]
        fn a_name_matches_what_it_matches_by_itself(
            patterns in prop::collection::vec(r"\^?[abKs]{0,3}(\.|\\\.|[abKs][?*+]|\(a\|b\)|\|)?[absſ]{0,2}", 1..6),
            names in prop::collection::vec("[abksKſ.]{0,6}", 1..20),
        ) {
            let mut all = ProcessPatterns::default();
            for (product, pattern) in patterns.iter().enumerate() {
                all.insert(pattern, sign(product)).unwrap();
            }
            all.finish().unwrap();
            for name in names.iter().map(|name| name.to_lowercase()) {
                let mut found: Vec<usize> = all.matching(&name).iter().map(|sign| sign.product).collect();
                found.sort_unstable();
                let wanted: Vec<usize> = (0..patterns.len())
                    .filter(|at| Regex::new(&format!("^(?i:{})$", patterns[*at])).unwrap().is_match(&name))
                    .collect();
                prop_assert_eq!(found, wanted, "{} {:?}", name, patterns);
            }
        }
    }
}
