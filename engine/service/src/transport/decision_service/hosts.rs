//! DecideHost, and what it shares with the items of batches and streams.

use embargo_core::decision::Evaluator;
use embargo_proto::v1 as pb;

use super::super::arrival::Arrival;
use super::super::decision;
use super::super::desk::{Desk, fitting};
use super::super::facts;
use super::super::record::{Case, Pen, Unrecorded};
use super::super::request::{Faults, require};
use super::super::status::Refusal;
use crate::clock::Clock;

const METHOD: &str = "DecideHost";

pub(super) async fn decide(
    desk: &Desk,
    arrival: &Arrival,
    message: pb::DecideHostRequest,
) -> Result<pb::DecideHostResponse, Refusal> {
    let active = desk.active()?;
    let clock = desk.clock.clone();
    let items = items(message.facts.as_ref());
    let most = desk.answer_bytes;
    arrival.pay(1);
    desk.on_worker(&active, arrival, METHOD, items, move |evaluator, pen| {
        let decision = judge(evaluator, pen, message, &clock, "")?;
        decision.and_then(|decision| {
            let answer = pb::DecideHostResponse {
                decision: Some(decision),
            };
            fitting(answer, most)
        })
    })
    .await
}

/// How many items of software there are.
pub(super) fn items(facts: Option<&pb::HostFacts>) -> usize {
    facts.map_or(0, |facts| facts.software.len())
}

/// Judges one host. Facts are refused before anything else is looked at, as the API says.
pub(super) fn judge(
    evaluator: &mut Evaluator,
    pen: &Pen,
    message: pb::DecideHostRequest,
    clock: &Clock,
    correlation_id: &str,
) -> Result<Unrecorded<pb::Decision>, Refusal> {
    let facts = facts::checked(message.facts)?;
    let mut faults = Faults::default();
    let action = faults.action(message.action);
    let at = faults.instant("evaluate_time", message.evaluate_time, clock.now());
    faults.required(&message.require_snapshot_id);
    faults.finish()?;
    require(evaluator.snapshot(), message.require_snapshot_id)?;
    let case = Case {
        facts,
        action,
        at,
        correlation_id,
    };
    Ok(pen.decide(evaluator, case).map(decision::decision))
}
