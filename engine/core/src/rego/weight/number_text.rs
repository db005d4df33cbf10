//! Numbers in texts: what may be read as a number, and how wide a format asks to be.
//!
//! The evaluator computes integers exactly, so that `1e999999999` is a number of a billion
//! digits, which it would try to write down.

use super::WeightExceeded;

/// Characters of a number that is read from a text.
const CHARACTERS: usize = 400;
/// The largest exponent; beyond it there is no double.
const EXPONENT: u32 = 400;

/// Whether a text can be read as a number at little cost.
pub(in crate::rego) fn is_modest(text: &str) -> Result<(), WeightExceeded> {
    if text.len() > CHARACTERS {
        return Err(WeightExceeded::Number);
    }
    let Some((_, exponent)) = text.split_once(['e', 'E']) else {
        return Ok(());
    };
    let digits = exponent.trim_start_matches(['+', '-']);
    match digits.trim().replace('_', "").parse::<u32>() {
        Ok(exponent) if exponent > EXPONENT => Err(WeightExceeded::Number),
        // What has more digits than that is larger still; what has none is no number.
        Err(_) if digits.bytes().any(|byte| byte.is_ascii_digit()) => Err(WeightExceeded::Number),
        _ => Ok(()),
    }
}

/// The same for each number of a JSON text.
pub(in crate::rego) fn in_json(text: &str) -> Result<(), WeightExceeded> {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c.is_ascii_digit()) {
        rest = rest.get(at..).unwrap_or_default();
        if let Some(inside) = rest.strip_prefix('"') {
            rest = after_string(inside);
            continue;
        }
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '+' | '-'))
            .unwrap_or(rest.len());
        is_modest(rest.get(..end).unwrap_or_default())?;
        rest = rest.get(end..).unwrap_or_default();
    }
    Ok(())
}

fn after_string(inside: &str) -> &str {
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return inside.get(at + 1..).unwrap_or_default(),
            _ => {}
        }
    }
    ""
}

/// The bytes of a format and of all the widths that it names.
pub(in crate::rego) fn widths(format: &str) -> usize {
    let mut all = format.len();
    for part in format.split('%').skip(1) {
        let digits = part.trim_start_matches('.');
        let end = digits
            .find(|c: char| !c.is_numeric())
            .unwrap_or(digits.len());
        let digits = digits.get(..end).unwrap_or_default();
        if !digits.is_empty() {
            all = all.saturating_add(digits.parse().unwrap_or(usize::MAX));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_a_double_are_not_read() {
        for text in ["1", "-1.5e308", "1e-400", "0x", "e", "word", "1_000e3"] {
            assert_eq!(is_modest(text), Ok(()), "{text}");
        }
        let long = "9".repeat(401);
        for text in ["1e401", "1E+999999999", "1e99999999999", "1e9_99", &long] {
            assert_eq!(is_modest(text), Err(WeightExceeded::Number), "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_number_inside_of_a_text_is_none() {
        for text in [
            "[1, \"1e999999999\", \"a\\\"1e999999999\"]",
            "{\"1e9999\": 1e3}",
        ] {
            assert_eq!(in_json(text), Ok(()), "{text}");
        }
        for text in [
            "[1e999999999]",
            "[\"\\\\\", 1e999999999]",
            "{\"a\":-1E9999}",
        ] {
            assert_eq!(in_json(text), Err(WeightExceeded::Number), "{text}");
        }
    }

    #[test]
    fn widths_are_added_up() {
        assert_eq!(widths("%s and %d"), 9);
        assert_eq!(widths("%5d%.20f%%"), 10 + 25);
        assert!(widths("%99999999999999999999999d") > 1_000_000_000);
    }
}
