//! Whether what came back is a decision on what was asked.
//!
//! Invariant: there is one way from a message to a decision that callers see, [`Asked::accept`],
//! and it refuses whatever it does not know.

use embargo_proto::v1::{Action, Decision, Effect, HostFacts, decide_result};
use prost_types::Timestamp;

use crate::{CallError, Place};

/// Why an answer without an error holds no decision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoDecision {
    /// There is none.
    #[error("the answer holds no decision")]
    Missing,
    /// Its effect is UNSPECIFIED.
    #[error("the decision has no effect")]
    NoEffect,
    /// Its effect is none that the API has.
    #[error("the decision has the unknown effect {number}")]
    UnknownEffect {
        /// The number that came.
        number: i32,
    },
    /// It is about another host, or the request named none. Which they are is not told, since it
    /// would stand in logs.
    #[error("the decision is on another host than was asked")]
    OtherHost,
    /// It is about another action.
    #[error("the decision is on action {answered}, asked was {asked}")]
    OtherAction {
        /// The number of the action that was asked about.
        asked: i32,
        /// The number that came.
        answered: i32,
    },
    /// It was judged at another instant.
    #[error("the decision is for another instant than was asked")]
    OtherInstant,
    /// It was judged by another snapshot.
    #[error("the decision is by snapshot `{answered}`, required was `{asked}`")]
    OtherSnapshot {
        /// The snapshot that was required.
        asked: String,
        /// The snapshot that came.
        answered: String,
    },
}

/// What was asked, as far as an answer repeats it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    host_id: String,
    action: i32,
    evaluate_time: Option<Timestamp>,
    snapshot_id: String,
}

impl Asked {
    pub(crate) fn new(
        facts: Option<&HostFacts>,
        action: i32,
        evaluate_time: Option<Timestamp>,
        snapshot_id: &str,
    ) -> Self {
        let unspecified = action == i32::from(Action::Unspecified);
        Self {
            host_id: facts.map(|facts| facts.host_id.clone()).unwrap_or_default(),
            action: if unspecified {
                Action::Presence.into()
            } else {
                action
            },
            evaluate_time,
            snapshot_id: snapshot_id.into(),
        }
    }

    /// The same question about a host that the answer names.
    pub(crate) fn about(&self, host_id: &str) -> Self {
        Self {
            host_id: host_id.into(),
            ..self.clone()
        }
    }

    /// The same question at another instant.
    pub(crate) fn at(&self, instant: Timestamp) -> Self {
        Self {
            evaluate_time: Some(instant),
            ..self.clone()
        }
    }

    pub(crate) fn accept(&self, decision: Option<Decision>) -> Result<Decision, NoDecision> {
        let decision = decision.ok_or(NoDecision::Missing)?;
        match Effect::try_from(decision.effect) {
            Err(_) => {
                return Err(NoDecision::UnknownEffect {
                    number: decision.effect,
                });
            }
            Ok(Effect::Unspecified) => return Err(NoDecision::NoEffect),
            Ok(
                Effect::Allow
                | Effect::Warn
                | Effect::Review
                | Effect::Indeterminate
                | Effect::Deny,
            ) => {}
        }
        // A question about no host has no answer, even if the answer names none either.
        if self.host_id.is_empty() || self.host_id != decision.host_id {
            return Err(NoDecision::OtherHost);
        }
        if self.action != decision.action {
            return Err(NoDecision::OtherAction {
                asked: self.action,
                answered: decision.action,
            });
        }
        if self.evaluate_time.is_some() && self.evaluate_time != decision.evaluate_time {
            return Err(NoDecision::OtherInstant);
        }
        if !self.snapshot_id.is_empty() && self.snapshot_id != decision.snapshot_id {
            return Err(NoDecision::OtherSnapshot {
                asked: self.snapshot_id.clone(),
                answered: decision.snapshot_id,
            });
        }
        Ok(decision)
    }

    /// The same for an item of a batch or stream.
    pub(crate) fn accept_item(
        &self,
        result: Option<decide_result::Result>,
        place: Place,
    ) -> Result<Decision, CallError> {
        let decision = match result {
            Some(decide_result::Result::Decision(decision)) => Some(decision),
            Some(decide_result::Result::Error(status)) => {
                return Err(CallError::Status {
                    status: Box::new((&status).into()),
                    place,
                });
            }
            None => None,
        };
        self.accept(decision)
            .map_err(|cause| CallError::NoDecision { cause, place })
    }
}

#[cfg(test)]
mod tests;
