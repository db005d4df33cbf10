//! Android's version code: a whole number, in 63 bits since there is a `longVersionCode`.

use std::cmp::Ordering;

use super::number::Number;

pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    Some(code(left)?.cmp(&code(right)?))
}

fn code(text: &str) -> Option<i64> {
    // `parse` by itself also takes a sign.
    Number::parse(text)?;
    text.parse().ok()
}
