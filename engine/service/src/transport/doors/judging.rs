//! What the doors beside the native API share: facts as files have them, in JSON, and the one way
//! to a decision.

use embargo_core::decision::{Decision, Question};
use embargo_core::facts::{self, HostFacts, HostRecord, Violation};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use crate::reload::Active;

use super::super::arrival::Arrival;
use super::super::desk::Desk;
use super::super::request::require;
use super::super::status::Refusal;

/// What is asked about one host.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) facts: HostFacts,
    pub(super) action: Action,
    /// The server's clock if absent.
    pub(super) at: Option<Instant>,
    /// The only snapshot that may answer. Any, if empty.
    pub(super) required: String,
}

/// Judges a host as every other way to ask does.
///
/// # Errors
/// If there is no decision.
pub(super) async fn judge(
    desk: &Desk,
    arrival: &Arrival,
    asked: Asked,
) -> Result<Decision, Refusal> {
    let active = desk.active()?;
    judge_by(desk, &active, arrival, asked).await
}

/// The same by a snapshot that the caller has in hand.
///
/// # Errors
/// If there is no decision.
pub(super) async fn judge_by(
    desk: &Desk,
    active: &Active,
    arrival: &Arrival,
    asked: Asked,
) -> Result<Decision, Refusal> {
    require(&active.snapshot, asked.required)?;
    let at = asked.at.unwrap_or_else(|| desk.clock.now());
    let (facts, action) = (asked.facts, asked.action);
    let items = facts.record().software.len();
    let answer = desk.on_worker(active, arrival, items, move |evaluator| {
        Ok(evaluator.decide(Question {
            facts: &facts,
            action,
            at,
        }))
    });
    arrival.within(answer).await
}

/// Reads facts, as files have them in JSON or YAML, that stand in a request at `place`.
///
/// # Errors
/// If they are no facts. The values are not part of what is said.
pub(super) fn record(text: &str, place: &str) -> Result<HostRecord, Refusal> {
    facts::read(place, text).map_err(|fault| {
        let at = fault.span.as_ref().map_or_else(String::new, |span| {
            format!(" at line {} column {}", span.start_line, span.start_column)
        });
        // What names no value is in back quotes.
        let said = if fault.message.contains('"') {
            "a value does not fit its field"
        } else {
            &fault.message
        };
        Refusal::FactsInvalid {
            violations: vec![Violation::new(place, format!("cannot be read: {said}{at}"))],
            total: 1,
        }
    })
}

/// Takes a record for facts if it keeps every limit.
///
/// # Errors
/// With the fields that break one, below `place`.
pub(super) fn checked(record: HostRecord, place: &str) -> Result<HostFacts, Refusal> {
    HostFacts::check(record).map_err(|refused| Refusal::facts(refused, &format!("{place}.")))
}
