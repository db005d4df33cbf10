//! Numbers with dots between them, as in the file and product versions of Windows.
//!
//! Any count of fields of any length; leading zeros mean nothing and missing fields are zero.

use std::cmp::Ordering;

use super::number::{Number, compare_lists};

pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    Some(compare_lists(fields(left)?, fields(right)?))
}

/// The fields, if each of them is a number.
pub(super) fn fields(text: &str) -> Option<impl Iterator<Item = Number<'_>>> {
    let are_numbers = text.split('.').all(|field| Number::parse(field).is_some());
    are_numbers.then(|| text.split('.').map(Number::of))
}
