//! Instants as `google.protobuf.Timestamp`, to the nanosecond both ways.

use embargo_core::instant::{Instant, InstantError};
use prost_types::Timestamp;

pub(super) fn instant(timestamp: Timestamp) -> Result<Instant, InstantError> {
    Instant::from_unix(timestamp.seconds, timestamp.nanos)
}

pub(super) fn timestamp(instant: Instant) -> Timestamp {
    let (seconds, nanos) = instant.to_unix();
    Timestamp { seconds, nanos }
}

/// What is said about a timestamp that is none.
pub(super) const NOT_AN_INSTANT: &str =
    "is not an instant: `seconds` lie in the years 0001 to 9999 and `nanos` are 0 to 999999999";
