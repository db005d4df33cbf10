//! The order of findings, so that equal decisions are equal byte by byte.

use std::cmp::Reverse;

use crate::instrument::Effect;

use super::{Disposition, Finding};

type Order<'a> = (
    u8,
    Reverse<Effect>,
    &'a str,
    &'a str,
    Option<usize>,
    &'a str,
    &'a str,
    &'a str,
);

/// Active before waived before exempt, strongest first, then by instrument, policy,
/// position with the whole host first, product, message and detail.
pub(super) fn order(finding: &Finding) -> Order<'_> {
    let disposition = match finding.disposition {
        Disposition::Active => 0,
        Disposition::Waived(_) => 1,
        Disposition::Exempt => 2,
    };
    (
        disposition,
        Reverse(finding.effect),
        finding.instrument_id(),
        &finding.policy_id,
        finding.software.as_ref().map(|software| software.index),
        &finding.product_id,
        &finding.message,
        &finding.detail,
    )
}
