//! ExplainDecision.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use embargo_core::decision::Evaluator;
use embargo_core::explain::Limits;
use embargo_proto::v1 as pb;

use super::super::arrival::Arrival;
use super::super::desk::{Desk, fitting};
use super::super::explanation;
use super::super::facts;
use super::super::record::{Case, Pen, Unrecorded};
use super::super::request::{Faults, require, too_long};
use super::super::status::Refusal;
use super::hosts::items;
use crate::clock::Clock;

/// Policies that may be named.
const POLICIES: usize = 100;
/// Bytes of a policy's id.
const ID_BYTES: usize = 256;
/// What explaining may take, beyond the decision. What then has no reasons has none.
const LONGEST: Duration = Duration::from_secs(5);

const METHOD: &str = "ExplainDecision";

pub(super) async fn explain(
    desk: &Desk,
    arrival: &Arrival,
    message: pb::ExplainDecisionRequest,
) -> Result<pb::ExplainDecisionResponse, Refusal> {
    let active = desk.active()?;
    let clock = desk.clock.clone();
    let items = items(message.facts.as_ref());
    let due = arrival.deadline;
    let most = desk.answer_bytes;
    arrival.pay(1);
    desk.on_explainer(&active, arrival, METHOD, items, move |evaluator, pen| {
        let answer = answer(evaluator, pen, message, &clock, due)?;
        answer.and_then(|answer| fitting(answer, most))
    })
    .await
}

fn answer(
    evaluator: &mut Evaluator,
    pen: &Pen,
    message: pb::ExplainDecisionRequest,
    clock: &Clock,
    due: Option<Instant>,
) -> Result<Unrecorded<pb::ExplainDecisionResponse>, Refusal> {
    let facts = facts::checked(message.facts)?;
    let mut faults = Faults::default();
    let action = faults.action(message.action);
    let at = faults.instant("evaluate_time", message.evaluate_time, clock.now());
    faults.required(&message.require_snapshot_id);
    if message.policy_ids.len() > POLICIES {
        let count = message.policy_ids.len();
        faults.add(
            "policy_ids",
            format!("names {count} policies, and may name {POLICIES}"),
        );
    }
    for (at, id) in message.policy_ids.iter().enumerate().take(POLICIES) {
        if id.len() > ID_BYTES {
            faults.add(format!("policy_ids[{at}]"), too_long(id, ID_BYTES));
        }
    }
    faults.finish()?;
    require(evaluator.snapshot(), message.require_snapshot_id)?;
    // Left out in silence, a policy would seem to have no rules.
    let snapshot = evaluator.snapshot();
    let gone = |id: &&String| snapshot.policy(id).is_none();
    if let Some(policy_id) = message.policy_ids.iter().find(gone).cloned() {
        return Err(Refusal::PolicyNotFound { policy_id });
    }
    let asked: BTreeSet<&str> = message.policy_ids.iter().map(String::as_str).collect();
    let asked: Vec<&str> = asked.into_iter().collect();
    let begun = Instant::now();
    let case = Case {
        facts,
        action,
        at,
        correlation_id: "",
    };
    let explained = pen.explain(
        evaluator,
        case,
        &Limits {
            policies: &asked,
            rest: &move || {
                let left = LONGEST.saturating_sub(begun.elapsed());
                let until = due.map(|due| due.saturating_duration_since(Instant::now()));
                until.map_or(left, |until| until.min(left))
            },
            clock: &move || begun.elapsed(),
        },
    );
    let catalogue = evaluator.snapshot().catalogue();
    Ok(explained.map(|(explanation, facts)| {
        let items = &facts.record().software;
        explanation::explanation(explanation, items, catalogue)
    }))
}
