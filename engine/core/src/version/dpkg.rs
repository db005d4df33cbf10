//! Versions of Debian packages: Debian Policy 5.6.12, `[epoch:]upstream[-revision]`.
//!
//! The algorithm is that of dpkg. What dpkg only warns of (an upstream version that begins
//! with no digit, a character that the policy does not know) is unknown here.

use std::cmp::Ordering;

use super::number::{Number, split_digits};

struct Version<'a> {
    epoch: u32,
    upstream: &'a str,
    revision: &'a str,
}

/// The largest epoch that dpkg takes.
const MAX_EPOCH: u32 = i32::MAX.unsigned_abs();

pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let left = parse(left)?;
    let right = parse(right)?;
    let order = left
        .epoch
        .cmp(&right.epoch)
        .then_with(|| compare_parts(left.upstream, right.upstream))
        .then_with(|| compare_parts(left.revision, right.revision));
    Some(order)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.trim_matches([' ', '\t']);
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => {
            Number::parse(epoch)?;
            (epoch.parse().ok()?, rest)
        }
        None => (0, text),
    };
    let (upstream, revision) = match rest.rsplit_once('-') {
        Some((_, "")) => return None,
        Some((upstream, revision)) => (upstream, revision),
        // Policy: an absent revision is as good as the revision 0.
        None => (rest, "0"),
    };
    let is_version = epoch <= MAX_EPOCH
        && upstream.starts_with(|first: char| first.is_ascii_digit())
        && upstream
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".+-~:".contains(&byte))
        && revision
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".+~".contains(&byte));
    is_version.then_some(Version {
        epoch,
        upstream,
        revision,
    })
}

/// Compares what is no digit, then the digits as a number, and so on by turns.
fn compare_parts(mut left: &str, mut right: &str) -> Ordering {
    while !(left.is_empty() && right.is_empty()) {
        let (left_text, left_rest) = split_text(left);
        let (right_text, right_rest) = split_text(right);
        let (left_digits, left_end) = split_digits(left_rest);
        let (right_digits, right_end) = split_digits(right_rest);
        let order = weights(left_text)
            .cmp(weights(right_text))
            .then_with(|| Number::of(left_digits).cmp(&Number::of(right_digits)));
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_end, right_end);
    }
    Ordering::Equal
}

/// The text before and from the first digit.
fn split_text(text: &str) -> (&str, &str) {
    let end = text
        .find(|character: char| character.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A tilde comes before the end, the end before letters, letters before all else.
fn weights(text: &str) -> impl Iterator<Item = i16> + '_ {
    text.bytes()
        .map(|byte| match byte {
            b'~' => -1,
            letter if letter.is_ascii_alphabetic() => i16::from(letter),
            other => i16::from(other) + 256,
        })
        .chain([0])
}
