//! The fields that requests share, besides facts: action, instants, the required snapshot.

use std::fmt::Display;

use embargo_core::facts::{Violation, limits};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;
use embargo_core::snapshot::Snapshot;
use embargo_proto::v1 as pb;
use prost_types::Timestamp;

use super::status::Refusal;
use super::time::{NOT_AN_INSTANT, instant};

/// Bytes of a snapshot id that a caller may require.
pub(super) const SNAPSHOT_ID_BYTES: usize = 64;
/// Bytes of a correlation id, at least 1.
pub(super) const CORRELATION_ID_BYTES: usize = 64;

/// Gathers the fields of a request that break a rule.
#[derive(Default)]
pub(super) struct Faults(Vec<Violation>);

impl Faults {
    pub(super) fn add(&mut self, field: impl Display, description: impl Into<String>) {
        if self.0.len() < limits::NAMED_VIOLATIONS {
            self.0.push(Violation::new(field.to_string(), description));
        }
    }

    /// The action of a number; presence if it is unspecified.
    pub(super) fn action(&mut self, number: i32) -> Action {
        action(number).unwrap_or_else(|| {
            self.add(
                "action",
                format!("is {number}, which this server does not know: use one of its release"),
            );
            Action::Presence
        })
    }

    /// The instant of a timestamp, or `present` if there is none.
    pub(super) fn instant(
        &mut self,
        field: &str,
        timestamp: Option<Timestamp>,
        present: Instant,
    ) -> Instant {
        match timestamp.map(instant) {
            None => present,
            Some(Ok(instant)) => instant,
            Some(Err(_)) => {
                self.add(field, NOT_AN_INSTANT);
                present
            }
        }
    }

    /// Checks the form of a required snapshot id.
    pub(super) fn required(&mut self, id: &str) {
        if id.len() > SNAPSHOT_ID_BYTES {
            self.add("require_snapshot_id", too_long(id, SNAPSHOT_ID_BYTES));
        }
    }

    /// Checks the form of a correlation id.
    pub(super) fn correlation_id(&mut self, field: impl Display, id: &str) {
        if id.is_empty() {
            self.add(
                field,
                format!("is required: give 1 to {CORRELATION_ID_BYTES} bytes"),
            );
        } else if id.len() > CORRELATION_ID_BYTES {
            self.add(field, too_long(id, CORRELATION_ID_BYTES));
        }
    }

    /// Nothing, if no field breaks a rule.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Refusal::RequestInvalid(self.0))
    }
}

pub(super) fn too_long(value: &str, most: usize) -> String {
    format!("has {} bytes, and may have {most}: shorten it", value.len())
}

fn action(number: i32) -> Option<Action> {
    let action = match pb::Action::try_from(number).ok()? {
        pb::Action::Unspecified | pb::Action::Presence => Action::Presence,
        pb::Action::Install => Action::Install,
        pb::Action::Update => Action::Update,
        pb::Action::Use => Action::Use,
        pb::Action::Acquire => Action::Acquire,
        pb::Action::Distribute => Action::Distribute,
        pb::Action::Connect => Action::Connect,
    };
    Some(action)
}

/// Refuses if the caller requires another snapshot.
pub(super) fn require(snapshot: &Snapshot, required: String) -> Result<(), Refusal> {
    if required.is_empty() || *required == **snapshot.id() {
        return Ok(());
    }
    Err(Refusal::SnapshotMismatch {
        required,
        active: snapshot.id().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_the_core_has_its_number() {
        for (number, wanted) in (1..).zip(Action::ALL) {
            assert_eq!(action(number), Some(wanted));
        }
        assert_eq!(action(0), Some(Action::Presence));
        assert_eq!(action(8), None);
        assert_eq!(action(-1), None);
    }

    #[test]
    fn every_field_at_fault_is_named() {
        let mut faults = Faults::default();
        let late = Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        };
        faults.action(99);
        faults.instant("evaluate_time", Some(late), Instant::MIN);
        faults.required(&"a".repeat(65));
        let Err(Refusal::RequestInvalid(violations)) = faults.finish() else {
            panic!("no refusal");
        };
        let fields: Vec<&str> = violations.iter().map(|v| v.field.as_str()).collect();
        assert_eq!(fields, ["action", "evaluate_time", "require_snapshot_id"]);
    }
}
