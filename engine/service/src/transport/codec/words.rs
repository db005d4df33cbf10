//! Words: the short lower-case form of the API's enums, and instants in RFC 3339.

use embargo_core::instant::Instant;
use embargo_proto::v1;
use prost_types::Timestamp;

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

/// The word of an effect.
#[must_use]
pub fn effect(number: i32) -> String {
    word(number, v1::Effect::as_str_name, "EFFECT_")
}

/// The word of an action.
#[must_use]
pub fn action(number: i32) -> String {
    word(number, v1::Action::as_str_name, "ACTION_")
}

/// The word of a disposition.
#[must_use]
pub fn disposition(number: i32) -> String {
    word(
        number,
        v1::finding::Disposition::as_str_name,
        "DISPOSITION_",
    )
}

/// The word of a strength.
#[must_use]
pub fn strength(number: i32) -> String {
    word(number, v1::evidence::Strength::as_str_name, "STRENGTH_")
}

/// The word of the outcome of a rule.
#[must_use]
pub fn outcome(number: i32) -> String {
    word(
        number,
        v1::rule_explanation::Outcome::as_str_name,
        "OUTCOME_",
    )
}

/// The word of the kind of a failure.
#[must_use]
pub fn failure_kind(number: i32) -> String {
    word(number, v1::FailureKind::as_str_name, "FAILURE_KIND_")
}

/// The word of a severity.
#[must_use]
pub fn severity(number: i32) -> String {
    word(number, v1::diagnostic::Severity::as_str_name, "SEVERITY_")
}

/// The instant in RFC 3339.
#[must_use]
pub fn instant(timestamp: &Timestamp) -> String {
    Instant::from_unix(timestamp.seconds, timestamp.nanos)
        .map_or_else(|_| "out of range".to_owned(), |instant| instant.to_string())
}
