//! Likeness: of the names that are known, the one that was probably meant.

/// How much of a name must agree for it to be taken for a slip of another, from 0 to 1.
const LEAST: f64 = 0.6;
/// Bytes of a name that is compared, at most, since comparing takes the product of lengths.
const BYTES: usize = 256;
/// Names that are compared, at most.
const CANDIDATES: usize = 10_000;

/// The known name that is most like the written one; of equals the first.
#[must_use]
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > BYTES {
        return None;
    }
    let mut best: Option<(f64, &str)> = None;
    for name in known.into_iter().take(CANDIDATES) {
        if name == written || !may_be_alike(written.len(), name.len()) {
            continue;
        }
        let alike = strsim::normalized_damerau_levenshtein(written, name);
        if alike >= LEAST && best.is_none_or(|(most, _)| alike > most) {
            best = Some((alike, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Whether names of these lengths can agree enough; comparing them takes longer than asking.
fn may_be_alike(one: usize, other: usize) -> bool {
    let (less, more) = (one.min(other), one.max(other));
    // Characters can have up to four bytes.
    more <= BYTES && more <= less.saturating_mul(8)
}

/// A remedy that names the nearest of the known names, or else `otherwise`.
#[must_use]
pub fn did_you_mean<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(written, known) {
        Some(name) => format!("did you mean `{name}`?"),
        None => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_one_that_is_unlike_is_not() {
        let known = ["owner", "os", "purposes"];
        assert_eq!(nearest("ownr", known), Some("owner"));
        assert_eq!(nearest("porpuses", known), Some("purposes"));
        assert_eq!(nearest("groups", known), None);
        assert_eq!(nearest("aXc", ["abc", "adc"]), Some("abc"));
    }
}
