//! Whole numbers of any length, compared as they are written.

use std::cmp::Ordering;

/// A whole number without leading zeros. The order of the fields is what makes the derived
/// order that of numbers: more digits are more, and as many compare digit by digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number<'a> {
    digits: usize,
    text: &'a str,
}

impl<'a> Number<'a> {
    pub(super) const ZERO: Self = Self {
        digits: 0,
        text: "",
    };

    /// A number of ASCII digits, of which there is at least one.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Self::of(text))
    }

    /// A number whose text is known to be digits or nothing, which is zero.
    pub(super) fn of(digits: &'a str) -> Self {
        let text = digits.trim_start_matches('0');
        Self {
            digits: text.len(),
            text,
        }
    }
}

/// Compares lists of numbers; missing ones at the end are zero.
pub(super) fn compare_lists<'a>(
    left: impl Iterator<Item = Number<'a>>,
    right: impl Iterator<Item = Number<'a>>,
) -> Ordering {
    let mut left = left.fuse();
    let mut right = right.fuse();
    loop {
        let pair = (left.next(), right.next());
        if pair == (None, None) {
            return Ordering::Equal;
        }
        let order = pair
            .0
            .unwrap_or(Number::ZERO)
            .cmp(&pair.1.unwrap_or(Number::ZERO));
        if order.is_ne() {
            return order;
        }
    }
}

/// The text before and from the first character that is no ASCII digit.
pub(super) fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}
