//! Instants: points on the UTC time line with nanosecond precision.
//!
//! An [`Instant`] lies in the years 0001 to 9999 and has no zone of its own. It is
//! always an argument; nothing in this crate reads a clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de, ser};
use thiserror::Error;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A point in time, in the years 0001 to 9999, to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    /// Nanoseconds since 1970-01-01T00:00:00Z; negative before it.
    nanoseconds: i128,
}

const NANOS_PER_SECOND: i128 = 1_000_000_000;
/// 0001-01-01T00:00:00Z in seconds since 1970.
const FIRST_SECOND: i128 = -62_135_596_800;
/// 9999-12-31T23:59:59Z in seconds since 1970.
const LAST_SECOND: i128 = 253_402_300_799;

/// Why a text or number is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InstantError {
    /// The text is not an RFC 3339 date and time with a zone.
    #[error(
        "`{text}` is not an instant\n  hint: write RFC 3339 with a zone, such as `2024-09-29T04:00:00Z`"
    )]
    Unreadable {
        /// The text as it was given.
        text: String,
    },
    /// The instant lies outside of the years 0001 to 9999.
    #[error("the instant lies outside of the years 0001 to 9999")]
    OutOfRange,
    /// The nanoseconds of a second are not 0 to 999,999,999.
    #[error("nanoseconds are {nanos}, and must be 0 to 999999999")]
    NanosOutOfRange {
        /// The value as it was given.
        nanos: i32,
    },
}

impl Instant {
    /// The first instant, 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self {
        nanoseconds: FIRST_SECOND * NANOS_PER_SECOND,
    };
    /// The last instant, 9999-12-31T23:59:59.999999999Z.
    pub const MAX: Self = Self {
        nanoseconds: LAST_SECOND * NANOS_PER_SECOND + NANOS_PER_SECOND - 1,
    };

    /// From seconds since 1970-01-01T00:00:00Z and the nanoseconds of that second, as
    /// `google.protobuf.Timestamp` has them.
    ///
    /// # Errors
    /// If the nanoseconds are not 0 to 999,999,999, or the year is not 0001 to 9999.
    pub fn from_unix(seconds: i64, nanos: i32) -> Result<Self, InstantError> {
        if !(0..1_000_000_000).contains(&nanos) {
            return Err(InstantError::NanosOutOfRange { nanos });
        }
        Self::from_unix_nanoseconds(i128::from(seconds) * NANOS_PER_SECOND + i128::from(nanos))
    }

    /// From nanoseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// If the year is not 0001 to 9999.
    pub fn from_unix_nanoseconds(nanoseconds: i128) -> Result<Self, InstantError> {
        let instant = Self { nanoseconds };
        if instant < Self::MIN || instant > Self::MAX {
            return Err(InstantError::OutOfRange);
        }
        Ok(instant)
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_nanoseconds(self) -> i128 {
        self.nanoseconds
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, and the nanoseconds of that second.
    #[must_use]
    pub fn to_unix(self) -> (i64, i32) {
        let seconds = self.nanoseconds.div_euclid(NANOS_PER_SECOND);
        let nanos = self.nanoseconds.rem_euclid(NANOS_PER_SECOND);
        (
            i64::try_from(seconds).unwrap_or(i64::MAX),
            i32::try_from(nanos).unwrap_or(0),
        )
    }

    /// The instant one nanosecond later, or the last one.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            nanoseconds: self.nanoseconds + 1,
        }
        .min(Self::MAX)
    }

    /// The time from `earlier` to this instant in nanoseconds; negative if it is later.
    #[must_use]
    pub const fn nanoseconds_since(self, earlier: Self) -> i128 {
        self.nanoseconds - earlier.nanoseconds
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC with `Z`, with as many digits of a second as are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp_nanos(self.nanoseconds)
            .ok()
            .and_then(|instant| instant.format(&Rfc3339).ok());
        match text {
            Some(text) => f.write_str(&text),
            None => Err(fmt::Error),
        }
    }
}

impl FromStr for Instant {
    type Err = InstantError;

    fn from_str(text: &str) -> Result<Self, InstantError> {
        let parsed =
            OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InstantError::Unreadable {
                text: text.to_owned(),
            })?;
        Self::from_unix_nanoseconds(parsed.unix_timestamp_nanos())
    }
}

impl Serialize for Instant {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn the_whole_range_of_years_is_read_and_written() {
        for text in [
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
        ] {
            assert_eq!(at(text).to_string(), text);
        }
        assert_eq!(at("0001-01-01T00:00:00Z"), Instant::MIN);
        assert_eq!(at("9999-12-31T23:59:59.999999999Z"), Instant::MAX);
    }

    #[test]
    fn a_zone_is_taken_into_account() {
        assert_eq!(at("2024-09-29T00:00:00-04:00"), at("2024-09-29T04:00:00Z"));
    }

    #[test]
    fn what_is_not_an_instant_is_refused_with_a_remedy() {
        for text in [
            "2024-09-29",
            "2024-09-29T04:00:00",
            "tomorrow",
            "",
            "2024-13-01T00:00:00Z",
        ] {
            let error = text.parse::<Instant>().unwrap_err();
            assert!(error.to_string().contains("RFC 3339"), "{error}");
        }
        assert_eq!(
            "0001-01-01T00:00:00+01:00".parse::<Instant>(),
            Err(InstantError::OutOfRange)
        );
    }

    #[test]
    fn seconds_and_nanoseconds_survive_the_way_there_and_back() {
        let (first, last) = (-62_135_596_800, 253_402_300_799);
        for (seconds, nanos) in [(0, 0), (-1, 999_999_999), (first, 0), (last, 999_999_999)] {
            assert_eq!(
                Instant::from_unix(seconds, nanos).unwrap().to_unix(),
                (seconds, nanos)
            );
        }
        assert_eq!(
            Instant::from_unix(0, -1),
            Err(InstantError::NanosOutOfRange { nanos: -1 })
        );
        assert_eq!(
            Instant::from_unix(last + 1, 0),
            Err(InstantError::OutOfRange)
        );
        assert_eq!(
            Instant::from_unix(i64::MIN, 0),
            Err(InstantError::OutOfRange)
        );
    }
}
