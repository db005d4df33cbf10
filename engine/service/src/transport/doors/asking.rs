//! Asking: a question as the doors beside the native API are given it, in the words of fact files.
//!
//! It is the facts of a host, or an object with `facts` and what else is asked. Keys that nobody
//! knows are errors, because a fact that is misspelt would be missed in silence. What is said about
//! a value that does not fit names its place and never the value, which may be personal.

use std::collections::BTreeMap;

use embargo_core::facts::{HostRecord, Violation};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;
use serde_json::value::RawValue;

use super::super::request::{SNAPSHOT_ID_BYTES, too_long};
use super::super::status::Refusal;
use super::judging::{Asked, checked, record};

/// The parts of an object, by key.
pub(super) type Parts<'a> = BTreeMap<String, &'a RawValue>;

/// Bytes of a key of the caller's that are repeated.
const SHOWN: usize = 64;

/// What is asked besides the facts.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    pub(super) action: Option<Action>,
    pub(super) at: Option<Instant>,
    pub(super) required: String,
}

impl Terms {
    /// Takes one part of a question. Whether it is one.
    ///
    /// # Errors
    /// If its value does not fit.
    pub(super) fn take(
        &mut self,
        key: &str,
        value: &RawValue,
        place: &str,
    ) -> Result<bool, Refusal> {
        let place = format!("{place}.{key}");
        match key {
            "evaluate_time" => self.at = text(value, &place)?.map(instant(&place)).transpose()?,
            "require_snapshot_id" => {
                self.required = text(value, &place)?.unwrap_or_default();
                if self.required.len() > SNAPSHOT_ID_BYTES {
                    let long = too_long(&self.required, SNAPSHOT_ID_BYTES);
                    return Err(Refusal::field(&place, long));
                }
            }
            "action" => self.action = text(value, &place)?.map(action(&place)).transpose()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The question about a host.
    ///
    /// # Errors
    /// If the record is none of facts.
    pub(super) fn about(self, record: HostRecord, place: &str) -> Result<Asked, Refusal> {
        Ok(Asked {
            facts: checked(record, place)?,
            action: self.action.unwrap_or(Action::Presence),
            at: self.at,
            required: self.required,
        })
    }
}

/// Reads a question that stands in a request at `place`.
///
/// # Errors
/// If it is none.
pub(super) fn asked(value: &RawValue, place: &str) -> Result<Asked, Refusal> {
    let parts = object(value, place)?;
    let Some(facts) = parts.get("facts") else {
        let record = record(value.get(), place)?;
        return Terms::default().about(record, place);
    };
    let mut terms = Terms::default();
    for (key, part) in &parts {
        if key != "facts" && !terms.take(key, part, place)? {
            return Err(Refusal::field(
                &format!("{place}.{}", shown(key)),
                "is no part of a question: it has `facts`, `action`, `evaluate_time` and `require_snapshot_id`",
            ));
        }
    }
    let place = format!("{place}.facts");
    object(facts, &place)?;
    terms.about(record(facts.get(), &place)?, &place)
}

/// The parts of an object.
///
/// # Errors
/// If it is none.
pub(super) fn object<'a>(value: &'a RawValue, place: &str) -> Result<Parts<'a>, Refusal> {
    serde_json::from_str(value.get())
        .map_err(|_| Refusal::field(place, "is no object: write it in braces"))
}

/// A text, or nothing if it is null.
///
/// # Errors
/// If it is neither.
pub(super) fn text(value: &RawValue, place: &str) -> Result<Option<String>, Refusal> {
    serde_json::from_str(value.get())
        .map_err(|_| Refusal::field(place, "is no text: write it in quotes"))
}

/// The action of a word.
pub(super) fn action(place: &str) -> impl Fn(String) -> Result<Action, Refusal> {
    move |word| {
        Action::from_word(&word).ok_or_else(|| {
            let words: Vec<String> = Action::ALL
                .into_iter()
                .map(|action| format!("`{}`", action.word()))
                .collect();
            Refusal::field(place, format!("is none of {}", words.join(", ")))
        })
    }
}

fn instant(place: &str) -> impl Fn(String) -> Result<Instant, Refusal> {
    move |text| {
        text.parse().map_err(|_| {
            Refusal::field(
                place,
                "is not an instant: write RFC 3339 with a zone, such as `2024-09-29T04:00:00Z`",
            )
        })
    }
}

/// Facts that do not fit, at one place.
pub(super) fn misfit(place: &str, said: impl Into<String>) -> Refusal {
    Refusal::FactsInvalid {
        violations: vec![Violation::new(place, said)],
        total: 1,
    }
}

/// As much of a key as may be repeated.
pub(super) fn shown(key: &str) -> String {
    key.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Asked, Refusal> {
        asked(serde_json::from_str(text).unwrap(), "input")
    }

    #[test]
    fn facts_alone_and_facts_with_what_else_is_asked_are_questions() {
        let alone = read(r#"{"host_id": "h", "owner": {"kind": "government"}}"#).unwrap();
        assert_eq!(alone.facts.record().host_id, "h");
        assert_eq!(
            (alone.action, alone.at, alone.required.as_str()),
            (Action::Presence, None, "")
        );
        let more = r#"{"facts": {"host_id": "h"}, "action": "install",
            "evaluate_time": "2024-06-01T00:00:00Z", "require_snapshot_id": "s"}"#;
        let more = read(more).unwrap();
        assert_eq!(more.action, Action::Install);
        assert_eq!(more.at, Some("2024-06-01T00:00:00Z".parse().unwrap()));
        assert_eq!(more.required, "s");
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_place_and_never_repeated() {
        for (unsound, place) in [
            (r#"["secret"]"#, "`input`"),
            (r#""secret""#, "`input`"),
            (r#"{"host_id": "h", "secret_plan": 1}"#, "`input`"),
            (r#"{"host_id": ["secret"]}"#, "`input`"),
            (r#"{"facts": "secret"}"#, "`input.facts`"),
            (r#"{"facts": {"sofware": []}}"#, "`input.facts`"),
            (r#"{"facts": {"host_id": ""}}"#, "`input.facts.host_id`"),
            (
                r#"{"facts": {"host_id": "h"}, "host_id": "h"}"#,
                "`input.host_id`",
            ),
            (
                r#"{"facts": {"host_id": "h"}, "action": "secret"}"#,
                "`input.action`",
            ),
            (
                r#"{"facts": {"host_id": "h"}, "action": 5}"#,
                "`input.action`",
            ),
            (
                r#"{"facts": {"host_id": "h"}, "evaluate_time": "secret"}"#,
                "`input.evaluate_time`",
            ),
        ] {
            let said = read(unsound).unwrap_err().to_string();
            assert!(said.contains(place), "{unsound}: {said}");
            assert!(!said.contains("secret\""), "{unsound}: {said}");
            assert!(!said.contains("`secret`"), "{unsound}: {said}");
        }
    }
}
