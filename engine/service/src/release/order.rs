//! The order of revisions: numbers, instants, versions.

use std::cmp::Ordering;

use embargo_core::instant::Instant;

/// What a revision is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Revision<'a> {
    /// Digits, without zeros before them.
    Number(&'a str),
    /// RFC 3339.
    Instant(Instant),
    /// Two or more numbers with points between, a `v` before or not.
    Version(Vec<&'a str>),
    /// Such as the digest of a commit, or none.
    Other,
}

impl<'a> Revision<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        if let Some(digits) = number(text) {
            return Self::Number(digits);
        }
        if let Ok(instant) = text.parse() {
            return Self::Instant(instant);
        }
        let bare = text.strip_prefix('v').unwrap_or(text);
        // What is built from a version does not order it.
        let bare = bare.split_once('+').map_or(bare, |(bare, _)| bare);
        let parts: Option<Vec<&str>> = bare.split('.').map(number).collect();
        match parts {
            Some(parts) if parts.len() > 1 => Self::Version(parts),
            _ => Self::Other,
        }
    }
}

/// The digits of a number without zeros before them.
fn number(text: &str) -> Option<&str> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.trim_start_matches('0'))
}

/// Whether a revision comes after another; none if these two do not tell.
pub(super) fn compare(before: &Revision<'_>, after: &Revision<'_>) -> Option<bool> {
    let order = match (before, after) {
        (Revision::Number(before), Revision::Number(after)) => by_size(before, after),
        (Revision::Instant(before), Revision::Instant(after)) => before.cmp(after),
        (Revision::Version(before), Revision::Version(after)) => by_parts(before, after),
        _ => return None,
    };
    match order {
        Ordering::Less => Some(true),
        Ordering::Greater => Some(false),
        Ordering::Equal => None,
    }
}

fn by_size(before: &str, after: &str) -> Ordering {
    before
        .len()
        .cmp(&after.len())
        .then_with(|| before.cmp(after))
}

/// Part for part; a part that is missing is 0.
fn by_parts(before: &[&str], after: &[&str]) -> Ordering {
    let most = before.len().max(after.len());
    let part = |parts: &[&str], at: usize| parts.get(at).copied().unwrap_or_default().to_owned();
    (0..most)
        .map(|at| by_size(&part(before, at), &part(after, at)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(before: &str, after: &str) -> Option<bool> {
        compare(&Revision::of(before), &Revision::of(after))
    }

    #[test]
    fn revisions_of_one_kind_have_an_order_and_others_have_none() {
        for (before, later) in [
            ("9", "10"),
            ("0041", "42"),
            ("99999999999999999999999", "100000000000000000000000"),
            ("1.9.0", "1.10"),
            ("v1.2", "1.2.1+build.7"),
            ("2024.11.3", "2024.12"),
            ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+00:30"),
        ] {
            assert_eq!(after(before, later), Some(true), "{before} {later}");
            assert_eq!(after(later, before), Some(false), "{later} {before}");
        }
        for (one, other) in [
            ("1", "1.0"),
            ("1", "2024-01-01T00:00:00Z"),
            ("7864d60dd78d748dbce54b569e939f5b0dc07486", "8"),
            ("1.0.0-rc.1", "1.0.0"),
            ("", "1"),
            ("1.0", "v1.0.0"),
            ("01", "1"),
            ("-1", "1"),
        ] {
            assert_eq!(after(one, other), None, "{one} {other}");
            assert_eq!(after(other, one), None, "{other} {one}");
        }
    }
}
