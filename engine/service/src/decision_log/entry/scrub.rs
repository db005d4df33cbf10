//! What masks took away, and the texts of a decision that might repeat it.
//!
//! A rule may put a fact into its message. So a text of a decision is written without what was
//! masked in the facts of the same entry. Looking takes time; where it would take too much, the text
//! is left out.

use std::collections::HashSet;

/// What stands in the place of what was masked, and of a whole text.
const CUT: &str = "…";
/// Shorter texts are not looked for: they are in any text.
const LEAST: usize = 3;
/// Bytes that are looked through for an entry, at most.
const MOST_LOOKED_THROUGH: usize = 64 * 1_024 * 1_024;

/// The texts that were masked.
#[derive(Debug, Default)]
pub(super) struct Scrub {
    texts: HashSet<String>,
    /// The same, longest first, once there is something to look through.
    sorted: Vec<String>,
    looked_through: usize,
}

impl Scrub {
    /// A text that was masked.
    pub(super) fn note(&mut self, text: &str) {
        if text.len() < LEAST {
            return;
        }
        let text = text.to_ascii_lowercase();
        // Rules print lists and objects as JSON.
        let quoted = serde_json::to_string(&text).unwrap_or_default();
        let inner = quoted
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        if let Some(inner) = inner.filter(|inner| *inner != text) {
            self.texts.insert(inner.to_owned());
        }
        self.texts.insert(text);
    }

    /// A path of which a part was cut, and the names in that part.
    pub(super) fn note_path(&mut self, path: &str, cut: &str) {
        self.note(path);
        let kept = cut.strip_suffix(CUT).unwrap_or(cut);
        let below = path.get(kept.len()..).unwrap_or_default();
        // Whose home it is; the names of folders below are words of any text.
        let whose = below.split(['/', '\\']).next().unwrap_or_default();
        self.note(whose);
    }

    /// A text without what was masked, in whichever case.
    pub(super) fn clean(&mut self, text: &str) -> String {
        if self.sorted.len() != self.texts.len() {
            self.sorted = self.texts.iter().cloned().collect();
            self.sorted
                .sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
        }
        let mut clean = text.to_owned();
        for masked in &self.sorted {
            self.looked_through = self.looked_through.saturating_add(clean.len());
            if self.looked_through > MOST_LOOKED_THROUGH {
                return CUT.to_owned();
            }
            if masked.len() <= clean.len() {
                without(&mut clean, masked);
            }
        }
        clean
    }
}

/// Takes a text in lower case out of another. A letter of ASCII has as many bytes in either case, so
/// that places are the same.
fn without(text: &mut String, masked: &str) {
    let lower = text.to_ascii_lowercase();
    if !lower.contains(masked) {
        return;
    }
    let mut clean = String::with_capacity(text.len());
    let mut end = 0;
    for (at, found) in lower.match_indices(masked) {
        clean.push_str(text.get(end..at).unwrap_or_default());
        clean.push_str(CUT);
        end = at + found.len();
    }
    clean.push_str(text.get(end..).unwrap_or_default());
    *text = clean;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_masked_is_not_repeated() {
        let mut scrub = Scrub::default();
        scrub.note("laptop-7");
        scrub.note("laptop-71");
        scrub.note("of");
        assert_eq!(scrub.clean("laptop-71 of laptop-7"), "… of …");
        scrub.note_path("/Users/anna/Documents/x", "/Users/…");
        assert_eq!(scrub.clean("anna has /Users/anna/Documents/x"), "… has …");
        assert_eq!(scrub.clean("Documents"), "Documents");
        assert_eq!(scrub.clean("Ä LAPTOP-7, Anna"), "Ä …, …");
        scrub.note("a \"b\" c");
        assert_eq!(scrub.clean("[\"a \\\"b\\\" c\"]"), "[\"…\"]");
    }

    #[test]
    fn what_would_take_too_long_to_look_through_is_left_out() {
        let mut scrub = Scrub::default();
        for number in 0..20_000 {
            scrub.note(&format!("masked {number}"));
        }
        let text = "x".repeat(4_096);
        assert_eq!(scrub.clean(&text), CUT);
        assert_eq!(scrub.clean("y"), CUT);
    }
}
