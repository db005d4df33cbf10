//! ComputeDecisionTimeline.

use embargo_core::decision::Evaluator;
use embargo_core::timeline::{IntervalInvalid, Timeline};
use embargo_proto::v1 as pb;
use prost::Message as _;

use super::super::arrival::Arrival;
use super::super::decision;
use super::super::desk::Desk;
use super::super::facts;
use super::super::record::{Case, Pen, Unrecorded};
use super::super::request::{Faults, require};
use super::super::status::Refusal;
use super::super::time::timestamp;
use super::hosts::items;
use super::tally::in_list;
use crate::clock::Clock;

/// Room for `truncate_time`.
const REST_BYTES: usize = 64;

const METHOD: &str = "ComputeDecisionTimeline";

pub(super) async fn compute(
    desk: &Desk,
    arrival: &Arrival,
    message: pb::ComputeDecisionTimelineRequest,
) -> Result<pb::ComputeDecisionTimelineResponse, Refusal> {
    let active = desk.active()?;
    let clock = desk.clock.clone();
    let items = items(message.facts.as_ref());
    let terms = desk.judge.terms(arrival.deadline);
    let most = desk.answer_bytes;
    arrival.pay(1);
    desk.on_worker(&active, arrival, METHOD, items, move |evaluator, pen| {
        evaluator.set_budget(terms.of_many_instants());
        judge(evaluator, pen, message, &clock, most)
    })
    .await
}

fn judge(
    evaluator: &mut Evaluator,
    pen: &Pen,
    message: pb::ComputeDecisionTimelineRequest,
    clock: &Clock,
    most: usize,
) -> Result<Unrecorded<pb::ComputeDecisionTimelineResponse>, Refusal> {
    let facts = facts::checked(message.facts)?;
    let mut faults = Faults::default();
    let action = faults.action(message.action);
    let start = faults.instant("start_time", message.start_time, clock.now());
    if message.end_time.is_none() {
        faults.add("end_time", "is required: say where the timeline ends");
    }
    let end = faults.instant("end_time", message.end_time, start);
    faults.required(&message.require_snapshot_id);
    faults.finish()?;
    require(evaluator.snapshot(), message.require_snapshot_id)?;
    let case = Case {
        facts,
        action,
        at: start,
        correlation_id: "",
    };
    let timeline = pen.timeline(evaluator, case, end).map_err(|invalid| {
        let why = match invalid {
            IntervalInvalid::NotLater => "must be later than `start_time`",
            IntervalInvalid::TooLong => {
                "is later than `start_time` by more than 10 years of 366 days: ask in parts"
            }
        };
        Refusal::field("end_time", why)
    })?;
    timeline.and_then(|timeline| answer(timeline, most))
}

/// The answer, cut where it would no longer fit into a message.
fn answer(timeline: Timeline, most: usize) -> Result<pb::ComputeDecisionTimelineResponse, Refusal> {
    let mut left = most.saturating_sub(REST_BYTES);
    let mut truncated_at = timeline.truncated_at;
    let mut segments = Vec::with_capacity(timeline.segments.len());
    for segment in timeline.segments {
        let start = segment.start;
        let message = decision::segment(segment);
        match left.checked_sub(in_list(message.encoded_len())) {
            Some(rest) => left = rest,
            None if segments.is_empty() => return Err(Refusal::AnswerTooLarge { most }),
            None => {
                truncated_at = Some(start);
                break;
            }
        }
        segments.push(message);
    }
    Ok(pb::ComputeDecisionTimelineResponse {
        segments,
        truncate_time: truncated_at.map(timestamp),
    })
}
