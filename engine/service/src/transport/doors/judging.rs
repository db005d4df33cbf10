//! What the doors beside the native API share: facts as files have them, in JSON, and the one way
//! to a decision.

use embargo_core::decision::Decision;
use embargo_core::diagnostic::Diagnostic;
use embargo_core::facts::inventory::About;
use embargo_core::facts::{self, HostFacts, HostRecord, Violation};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use crate::reload::Active;

use super::super::arrival::Arrival;
use super::super::desk::Desk;
use super::super::record::Case;
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
    method: &'static str,
    asked: Asked,
) -> Result<Decision, Refusal> {
    let active = desk.active()?;
    judge_by(desk, &active, arrival, method, asked).await
}

/// The same by a snapshot that the caller has in hand.
///
/// # Errors
/// If there is no decision.
pub(super) async fn judge_by(
    desk: &Desk,
    active: &Active,
    arrival: &Arrival,
    method: &'static str,
    asked: Asked,
) -> Result<Decision, Refusal> {
    arrival.is_within_rate()?;
    require(&active.snapshot, asked.required)?;
    arrival.pay(1);
    let at = asked.at.unwrap_or_else(|| desk.clock.now());
    let (facts, action) = (asked.facts, asked.action);
    let items = facts.record().software.len();
    let answer = desk.on_worker(active, arrival, method, items, move |evaluator, pen| {
        let case = Case {
            facts,
            action,
            at,
            correlation_id: "",
        };
        Ok(pen.decide(evaluator, case))
    });
    arrival.within(answer).await
}

/// Judges several hosts under one snapshot and at one instant. The decisions come in the order of
/// the hosts; `facts` makes them when their turn comes, not all at once.
///
/// # Errors
/// If there is no decision about one of them.
pub(super) async fn judge_each<T: Send + 'static>(
    desk: &Desk,
    arrival: &Arrival,
    method: &'static str,
    action: Action,
    hosts: Vec<(usize, T)>,
    facts: impl Fn(T) -> Result<HostFacts, Refusal> + Clone + Send + 'static,
) -> Result<Vec<Decision>, Refusal> {
    arrival.is_within_rate()?;
    let active = desk.active()?;
    let at = desk.clock.now();
    let _place = (hosts.len() > 1).then(|| desk.batches.take()).transpose()?;
    arrival.pay(hosts.len());
    let mut decisions = Vec::with_capacity(hosts.len());
    for (items, host) in hosts {
        let facts = facts.clone();
        let answer = desk.on_worker(&active, arrival, method, items, move |evaluator, pen| {
            let case = Case {
                facts: facts(host)?,
                action,
                at,
                correlation_id: "",
            };
            Ok(pen.decide(evaluator, case))
        });
        decisions.push(arrival.within(answer).await?);
    }
    Ok(decisions)
}

/// Reads facts, as files have them in JSON or YAML, that stand in a request at `place`.
///
/// # Errors
/// If they are no facts. The values are not part of what is said.
pub(super) fn record(text: &str, place: &str) -> Result<HostRecord, Refusal> {
    facts::read(place, text).map_err(|fault| unreadable(place, &fault))
}

/// The same where the host may be named beside the facts.
///
/// # Errors
/// As [`record`], and if they say nothing at all, as an empty text does.
pub(super) fn unnamed_record(text: &str, place: &str) -> Result<HostRecord, Refusal> {
    let record = facts::read_unnamed(place, text).map_err(|fault| unreadable(place, &fault))?;
    if record == HostRecord::default() && !text.contains("software") {
        let description = "says nothing about a host: leave it out, or say what is installed";
        return Err(Refusal::FactsInvalid {
            violations: vec![Violation::new(place, description)],
            total: 1,
        });
    }
    Ok(record)
}

/// Reads what holds for all hosts of a request.
///
/// # Errors
/// As [`record`], and if it states what only an inventory states or breaks a limit on facts.
pub(super) fn about(text: &str, place: &str) -> Result<About, Refusal> {
    let record = unnamed_record(text, place)?;
    let mut named = record.clone();
    if named.host_id.is_empty() {
        "unnamed".clone_into(&mut named.host_id);
    }
    checked(named, place)?;
    About::new(record).map_err(|invalid| Refusal::FactsInvalid {
        violations: vec![Violation::new(place, invalid.to_string())],
        total: 1,
    })
}

/// What is said about facts that cannot be read, without their values.
fn unreadable(place: &str, fault: &Diagnostic) -> Refusal {
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
}

/// Takes a record for facts if it keeps every limit.
///
/// # Errors
/// With the fields that break one, below `place`.
pub(super) fn checked(record: HostRecord, place: &str) -> Result<HostFacts, Refusal> {
    HostFacts::check(record).map_err(|refused| Refusal::facts(refused, &format!("{place}.")))
}
