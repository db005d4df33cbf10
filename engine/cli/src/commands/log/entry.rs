//! Entries: what a line of a decision log says, in either of the formats that servers write.
//!
//! An event in OPA's format is read as the entry that it was made from.

use embargo_core::instant::Instant;
use embargo_core::instrument::{Action, Effect};
use serde_json::{Map, Value};

/// An entry, with the names of `embargo.v1` in JSON.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Entry(Map<String, Value>);

const EFFECTS: [Effect; 5] = [
    Effect::Allow,
    Effect::Warn,
    Effect::Review,
    Effect::Indeterminate,
    Effect::Deny,
];

impl Entry {
    /// None if a text is no entry that a server of ours wrote.
    pub(in crate::commands) fn read(text: &[u8]) -> Option<Self> {
        let object: Map<String, Value> = serde_json::from_slice(text).ok()?;
        let object = if object.contains_key("decision_id") {
            of_opa(object)?
        } else {
            object
        };
        let is_entry = ["eventId", "timestamp"]
            .iter()
            .all(|key| object.get(*key).is_some_and(Value::is_string));
        is_entry.then_some(Self(object))
    }

    pub(in crate::commands) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// A text at a place such as `principal/name`; empty if there is none.
    pub(in crate::commands) fn text(&self, place: &str) -> &str {
        let mut keys = place.split('/');
        let first = keys.next().and_then(|key| self.0.get(key));
        let found = keys.fold(first, |value, key| value.and_then(|value| value.get(key)));
        found.and_then(Value::as_str).unwrap_or_default()
    }

    pub(in crate::commands) fn event_id(&self) -> &str {
        self.text("eventId")
    }

    /// When it was written. None if that is no instant.
    pub(in crate::commands) fn time(&self) -> Option<Instant> {
        self.text("timestamp").parse().ok()
    }

    /// The effect of its decision. None if there is none, or it is not known here.
    pub(in crate::commands) fn effect(&self) -> Option<Effect> {
        effect(self.text("decision/effect"))
    }

    /// What was asked about. None if it is not known here.
    pub(in crate::commands) fn action(&self) -> Option<Action> {
        let word = self.text("action").strip_prefix("ACTION_")?.to_lowercase();
        Action::from_word(&word)
    }

    /// The instant that it was judged at.
    pub(in crate::commands) fn evaluate_time(&self) -> Option<Instant> {
        self.text("evaluateTime").parse().ok()
    }

    /// Where masks took something away or changed it, as pointers in which `*` stands for any element.
    pub(in crate::commands) fn masked(&self) -> impl Iterator<Item = &str> {
        ["erased", "masked"]
            .into_iter()
            .filter_map(|key| self.0.get(key)?.as_array())
            .flatten()
            .filter_map(Value::as_str)
    }

    /// What was found, and could not be evaluated.
    pub(in crate::commands) fn listed(&self, place: &str) -> &[Value] {
        let list = self.0.get("decision").and_then(|known| known.get(place));
        list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// The effect that a name of the API stands for.
pub(in crate::commands) fn effect(name: &str) -> Option<Effect> {
    let word = name.strip_prefix("EFFECT_")?.to_lowercase();
    EFFECTS.into_iter().find(|effect| effect.word() == word)
}

/// The entry that an event of OPA's format was made from. None if it is not from a server of ours.
fn of_opa(mut event: Map<String, Value>) -> Option<Map<String, Value>> {
    let Some(Value::Object(mut entry)) = event.remove("custom") else {
        return None;
    };
    if let Some(Value::Object(input)) = event.remove("input") {
        entry.extend(input);
    }
    for (theirs, ours) in [
        ("result", "decision"),
        ("timestamp", "timestamp"),
        ("labels", "labels"),
        ("error", "error"),
        ("trace_id", "traceId"),
        ("span_id", "spanId"),
    ] {
        if let Some(value) = event.remove(theirs) {
            entry.insert(ours.to_owned(), value);
        }
    }
    for list in ["erased", "masked"] {
        if let Some(Value::Array(pointers)) = event.remove(list) {
            let pointers = pointers.iter().filter_map(Value::as_str).map(moved);
            entry.insert(list.to_owned(), pointers.collect());
        }
    }
    Some(entry)
}

/// A pointer into an event as one into the entry.
fn moved(pointer: &str) -> Value {
    for (theirs, ours) in [("/input", ""), ("/custom", ""), ("/result", "/decision")] {
        if let Some(rest) = pointer.strip_prefix(theirs)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return format!("{ours}{rest}").into();
        }
    }
    pointer.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = r#"{"eventId":"e","timestamp":"2026-01-02T03:04:05Z","door":"grpc",
        "principal":{"name":"mdm"},"action":"ACTION_INSTALL","evaluateTime":"2026-01-01T00:00:00Z",
        "facts":{"hostId":"h"},"decision":{"effect":"EFFECT_DENY","findings":[{"policyId":"p"}]},
        "erased":["/facts/attributes"],"masked":["/decision/hostId"]}"#;
    const OPA: &str = r#"{"decision_id":"d","timestamp":"2026-01-02T03:04:05Z","path":"embargo/decision",
        "input":{"facts":{"hostId":"h"},"action":"ACTION_INSTALL","evaluateTime":"2026-01-01T00:00:00Z"},
        "result":{"effect":"EFFECT_DENY","findings":[{"policyId":"p"}]},
        "erased":["/input/facts/attributes"],"masked":["/result/hostId"],
        "custom":{"eventId":"e","door":"grpc","principal":{"name":"mdm"}}}"#;

    #[test]
    fn both_formats_say_the_same() {
        for text in [OURS, OPA] {
            let entry = Entry::read(text.as_bytes()).unwrap();
            assert_eq!(entry.event_id(), "e");
            assert_eq!(entry.effect(), Some(Effect::Deny));
            assert_eq!(entry.action(), Some(Action::Install));
            assert_eq!(entry.text("principal/name"), "mdm");
            assert_eq!(entry.text("facts/hostId"), "h");
            assert!(entry.time().is_some() && entry.evaluate_time().is_some());
            assert_eq!(entry.listed("findings").len(), 1);
            let masked: Vec<&str> = entry.masked().collect();
            assert_eq!(masked, ["/facts/attributes", "/decision/hostId"]);
        }
    }

    #[test]
    fn what_another_program_wrote_is_no_entry() {
        for text in [
            "{}",
            "[]",
            r#"{"decision_id":"d","input":{},"result":true}"#,
            "{\"eventId\":1}",
        ] {
            assert!(Entry::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
