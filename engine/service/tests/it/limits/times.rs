//! Timestamps at the edges of what is an instant, and beyond them.

use prost_types::Timestamp;

const fn time(seconds: i64, nanos: i32) -> Timestamp {
    Timestamp { seconds, nanos }
}

/// 0001-01-01T00:00:00Z, and 9999-12-31T23:59:59Z.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

/// The first and the last instants that there are, and the last of a second.
pub(super) const SOUND: [Timestamp; 4] = [
    time(FIRST, 0),
    time(LAST, 999_999_999),
    time(0, 999_999_999),
    time(-1, 1),
];

/// What is just none any more, and what would overflow.
pub(super) const UNSOUND: [Timestamp; 10] = [
    time(FIRST - 1, 0),
    time(FIRST - 1, 999_999_999),
    time(LAST + 1, 0),
    time(0, 1_000_000_000),
    time(0, -1),
    time(LAST, i32::MAX),
    time(1, i32::MIN),
    time(i64::MIN, 0),
    time(i64::MAX, 999_999_999),
    time(i64::MIN, i32::MIN),
];
