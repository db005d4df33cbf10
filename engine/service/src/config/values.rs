//! Values of settings as people write them: times, sizes, and secrets that are never shown.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Units of times with their nanoseconds, the largest first.
const TIMES: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];
/// Units of sizes with their bytes, the largest first.
const SIZES: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// A span of time, written as a whole number with its unit: `250ms`, `2s`, `5m`, `1h`, `30d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// So many milliseconds.
    #[must_use]
    pub const fn ms(count: u64) -> Self {
        Self(Duration::from_millis(count))
    }

    /// So many seconds.
    #[must_use]
    pub const fn s(count: u64) -> Self {
        Self(Duration::from_secs(count))
    }

    /// What is written for it.
    ///
    /// # Errors
    /// If it is no whole number with a unit, or longer than 500 years.
    pub fn of(text: &str) -> Result<Self, String> {
        let nanos = counted(text, &TIMES).ok_or_else(|| {
            format!("`{text}` is no time: write a whole number and its unit, such as `250ms`, `2s`, `5m` or `1h`")
        })?;
        Ok(Self(Duration::from_nanos(nanos)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX);
        if nanos == 0 {
            return f.write_str("0s");
        }
        written(f, nanos, &TIMES)
    }
}

/// A number of bytes, written as such or with a unit: `65536`, `64KiB`, `16MiB`, `1GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl Size {
    /// What is written for it.
    ///
    /// # Errors
    /// If it is no whole number, or has another unit.
    pub fn of(text: &str) -> Result<Self, String> {
        if let Ok(bytes) = text.parse() {
            return Ok(Self(bytes));
        }
        counted(text, &SIZES).map(Self).ok_or_else(|| {
            format!("`{text}` is no size: write bytes, or a whole number and `KiB`, `MiB` or `GiB`")
        })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0B");
        }
        written(f, self.0, &SIZES)
    }
}

fn counted(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, each) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*each)
}

fn written(f: &mut fmt::Formatter<'_>, count: u64, units: &[(&str, u64)]) -> fmt::Result {
    let whole = units
        .iter()
        .find(|(_, each)| count.is_multiple_of(*each))
        .copied();
    let (unit, each) = whole.unwrap_or(("", 1));
    write!(f, "{}{unit}", count / each)
}

/// What nobody but its user shall read. It is not part of any text: where it would be, stands `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What stands for a secret.
pub(crate) const HIDDEN: &str = "***";

impl Secret {
    /// The secret itself, for what it is made for.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretText)
    }
}

/// Takes a text for a secret. What else is there may be one, too, and is not said.
struct SecretText;

impl Visitor<'_> for SecretText {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret(text.to_owned()))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a truth value"), &self))
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "writeOnly": true})
    }
}

macro_rules! as_text {
    ($name:ident, $word:literal, $schema:expr, $number:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match Written::deserialize(deserializer)? {
                    Written::Text(text) => Self::of(&text).map_err(D::Error::custom),
                    Written::Number(number) => $number(number).map_err(D::Error::custom),
                }
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $word.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

/// A value as it may stand in a file.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a text")]
enum Written {
    Number(u64),
    Text(String),
}

as_text!(
    Span,
    "Span",
    json_schema!({"type": "string", "pattern": "^[0-9]+(d|h|m|s|ms|us|ns)$"}),
    |number: u64| Span::of(&number.to_string())
);
as_text!(
    Size,
    "Size",
    json_schema!({"type": ["string", "integer"], "pattern": "^[0-9]+(B|KiB|MiB|GiB)?$", "minimum": 0}),
    |number: u64| Ok::<Size, String>(Size(number))
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read_as_they_are_written() {
        for text in ["0s", "1ns", "250ms", "2s", "90s", "5m", "36h", "30d"] {
            assert_eq!(Span::of(text).unwrap().to_string(), text);
        }
        for text in ["0B", "1B", "64KiB", "1025KiB", "16MiB", "1GiB"] {
            assert_eq!(Size::of(text).unwrap().to_string(), text);
        }
        assert_eq!(Size::of("65536").unwrap().to_string(), "64KiB");
        assert_eq!(Span::of("120s").unwrap().to_string(), "2m");
    }

    #[test]
    fn what_is_no_time_or_size_is_refused() {
        for text in ["", "2", "s", "-1s", "1.5s", "2 s", "2S", "99999999999999d"] {
            assert!(Span::of(text).is_err(), "{text}");
        }
        for text in ["", "KiB", "-1", "1KB", "1 MiB", "99999999999GiB"] {
            assert!(Size::of(text).is_err(), "{text}");
        }
        let refused = serde_json::from_str::<Span>("2").unwrap_err().to_string();
        assert!(refused.starts_with("`2` is no time: write"), "{refused}");
    }

    #[test]
    fn a_secret_is_in_no_text() {
        let secret: Secret = serde_json::from_str("\"hunter2\"").unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(format!("{secret:?}"), "***");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"***\"");
        for text in ["123456", "1.5", "[\"hunter2\"]", "{\"hunter2\": 1}"] {
            let refused = serde_json::from_str::<Secret>(text)
                .unwrap_err()
                .to_string();
            for part in ["123456", "hunter2"] {
                assert!(!refused.contains(part), "{refused}");
            }
        }
    }
}
