//! Words: the short lower-case form of the API's enums, and instants in RFC 3339.

use embargo_client::{Timestamp, v1};
use embargo_core::instant::Instant;

/// The word of an enum value: its name without the prefix, in lower case with `-`.
fn word<E: TryFrom<i32>>(number: i32, name: fn(&E) -> &'static str, prefix: &str) -> String {
    let Ok(known) = E::try_from(number) else {
        return "unknown".to_owned();
    };
    let name = name(&known);
    name.strip_prefix(prefix)
        .unwrap_or(name)
        .to_lowercase()
        .replace('_', "-")
}

pub(crate) fn effect(number: i32) -> String {
    word(number, v1::Effect::as_str_name, "EFFECT_")
}

pub(crate) fn action(number: i32) -> String {
    word(number, v1::Action::as_str_name, "ACTION_")
}

pub(crate) fn disposition(number: i32) -> String {
    word(
        number,
        v1::finding::Disposition::as_str_name,
        "DISPOSITION_",
    )
}

pub(crate) fn strength(number: i32) -> String {
    word(number, v1::evidence::Strength::as_str_name, "STRENGTH_")
}

pub(crate) fn outcome(number: i32) -> String {
    word(
        number,
        v1::rule_explanation::Outcome::as_str_name,
        "OUTCOME_",
    )
}

pub(crate) fn failure_kind(number: i32) -> String {
    word(number, v1::FailureKind::as_str_name, "FAILURE_KIND_")
}

pub(crate) fn severity(number: i32) -> String {
    word(number, v1::diagnostic::Severity::as_str_name, "SEVERITY_")
}

/// The instant in RFC 3339.
pub(crate) fn instant(timestamp: &Timestamp) -> String {
    Instant::from_unix(timestamp.seconds, timestamp.nanos)
        .map_or_else(|_| "out of range".to_owned(), |instant| instant.to_string())
}

/// A word for so many.
pub(crate) fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}
