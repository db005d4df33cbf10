//! Weights: how large a text a value would give, without making it.
//!
//! A value may hold the same part many times at the cost of one, so that a few hundred bytes
//! can stand for gigabytes of text. Counting stops at the limit.

pub(super) mod number_text;

use regorus::Value;

/// What is beyond a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WeightExceeded {
    Bytes,
    Items,
    Number,
}

/// What is left of a number of bytes.
pub(super) struct Weight(usize);

/// Bits of an integer that may be written out: some 1,200 digits.
const BITS: u64 = 4_096;

impl Weight {
    pub(super) const fn of(bytes: usize) -> Self {
        Self(bytes)
    }

    pub(super) fn add(&mut self, bytes: usize) -> Result<(), WeightExceeded> {
        self.0 = self.0.checked_sub(bytes).ok_or(WeightExceeded::Bytes)?;
        Ok(())
    }

    /// Adds what a value takes as text.
    pub(super) fn value(&mut self, value: &Value) -> Result<(), WeightExceeded> {
        // What separates members, and the quotes of a text.
        self.add(2)?;
        match value {
            Value::Null | Value::Bool(_) | Value::Undefined => self.add(8),
            Value::Number(number) => {
                if number.as_big().is_some_and(|big| big.bits() > BITS) {
                    return Err(WeightExceeded::Number);
                }
                self.add(24)
            }
            Value::String(text) => self.add(text.len()),
            Value::Array(items) => items.iter().try_for_each(|item| self.value(item)),
            Value::Set(items) => items.iter().try_for_each(|item| self.value(item)),
            Value::Object(fields) => fields.iter_sorted().try_for_each(|(key, value)| {
                self.value(key)?;
                self.value(value)
            }),
        }
    }
}

/// A sum that stays at the largest number instead of passing it.
pub(super) fn sum(parts: impl Iterator<Item = usize>) -> usize {
    parts.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_shares_its_parts_is_weighed_as_if_it_did_not() {
        let mut value = Value::from("some text");
        for _ in 0..40 {
            value = Value::from(vec![value.clone(), value]);
        }
        assert_eq!(Weight::of(1_024).value(&value), Err(WeightExceeded::Bytes));
    }

    #[test]
    fn the_weight_is_at_least_the_length_of_the_text() {
        for text in [
            "null",
            "true",
            "-1234567890123456789",
            "1.7976931348623157e308",
            "\"some text\"",
            "[1,[2,\"x\"],{\"a\":false}]",
        ] {
            let value = Value::from_json_str(text).unwrap();
            let mut weight = Weight::of(1_000);
            weight.value(&value).unwrap();
            assert!(1_000 - weight.0 >= text.len(), "{text}");
        }
    }
}
