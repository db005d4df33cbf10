//! Semantic Versioning 2.0.0, section 11, by the `semver` crate.
//!
//! Build metadata has no part in the order, and a number beyond 64 bits is unknown.

use std::cmp::Ordering;

use semver::Version;

pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let left = Version::parse(left).ok()?;
    let right = Version::parse(right).ok()?;
    Some(left.cmp_precedence(&right))
}
