//! BatchDecideHosts: many hosts under one snapshot and at one instant.
//!
//! The batch is cut into parts so that all workers have their share. Only a few parts are
//! under way at a time, which bounds what is kept of their answers.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use embargo_core::decision::{Evaluator, Question};
use embargo_core::instant::Instant;
use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;

use super::super::arrival::Arrival;
use super::super::desk::{Desk, ticket};
use super::super::request::{Faults, require};
use super::super::status::Refusal;
use super::super::time::timestamp;
use super::super::{decision, facts, policy};
use super::tally::{Tally, result};

/// Items of a batch, at most.
const ITEMS: usize = 1_000;
/// Items of a part, at most.
const PART: usize = 32;
/// Parts for each worker, at least, if there are items for them.
const PARTS_PER_WORKER: usize = 4;
/// Parts under way at a time, for each worker.
const UNDER_WAY_PER_WORKER: usize = 2;

pub(super) async fn decide(
    desk: &Desk,
    arrival: &Arrival,
    message: pb::BatchDecideHostsRequest,
) -> Result<pb::BatchDecideHostsResponse, Refusal> {
    let _place = desk.batches.take()?;
    if message.items.len() > ITEMS {
        return Err(Refusal::BatchTooLarge {
            items: message.items.len(),
            most: ITEMS,
        });
    }
    let active = desk.active()?;
    let mut faults = Faults::default();
    check_items(&mut faults, &message.items);
    let at = faults.instant("evaluate_time", message.evaluate_time, desk.clock.now());
    faults.required(&message.require_snapshot_id);
    faults.finish()?;
    require(&active.snapshot, message.require_snapshot_id)?;

    let workers = desk.judge.workers();
    let size = message.items.len() / (workers * PARTS_PER_WORKER);
    let mut tally = Tally::new(message.items.len());
    let mut parts = parts(message.items, size.clamp(1, PART));
    let is_full = Arc::new(AtomicBool::new(false));
    let mut under_way = VecDeque::new();
    loop {
        while under_way.len() < workers * UNDER_WAY_PER_WORKER
            && let Some(part) = parts.pop_front()
        {
            let is_full = Arc::clone(&is_full);
            let ticket = ticket(&active, arrival);
            let terms = desk.judge.terms(ticket.deadline);
            let work = move |evaluator: &mut Evaluator| {
                judge_part(part, &is_full, |item| {
                    let judged = terms.judge(evaluator, |evaluator| judge(evaluator, item, at));
                    judged.unwrap_or_else(|why| Err(why.into()))
                })
            };
            under_way.push_back(desk.judge.submit_part(ticket, work).await);
        }
        let Some(first) = under_way.pop_front() else {
            break;
        };
        for result in first.await? {
            tally.add(result);
        }
        is_full.store(tally.is_full(), Ordering::Relaxed);
    }
    Ok(pb::BatchDecideHostsResponse {
        results: tally.finish(),
        snapshot: Some(policy::snapshot_ref(&active)),
        evaluate_time: Some(timestamp(at)),
    })
}

fn check_items(faults: &mut Faults, items: &[BatchItem]) {
    if items.is_empty() {
        faults.add("items", "is required: give 1 to 1000 hosts");
    }
    let mut seen = HashSet::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let field = format_args!("items[{index}].correlation_id");
        faults.correlation_id(field, &item.correlation_id);
        if !seen.insert(item.correlation_id.as_str()) && !item.correlation_id.is_empty() {
            faults.add(field, "appears twice: give each item an id of its own");
        }
    }
}

fn parts(items: Vec<BatchItem>, size: usize) -> VecDeque<Vec<BatchItem>> {
    let mut parts = VecDeque::new();
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        parts.push_back(items.by_ref().take(size).collect());
    }
    parts
}

fn judge_part(
    part: Vec<BatchItem>,
    is_full: &AtomicBool,
    mut judge: impl FnMut(BatchItem) -> Result<pb::Decision, Refusal>,
) -> Vec<pb::DecideResult> {
    part.into_iter()
        .map(|item| {
            let id = item.correlation_id.clone();
            if is_full.load(Ordering::Relaxed) {
                // No decision fits any more, so that judging would be in vain.
                return result(id, Err(Refusal::AnswerTooLarge));
            }
            result(id, judge(item))
        })
        .collect()
}

fn judge(evaluator: &mut Evaluator, item: BatchItem, at: Instant) -> Result<pb::Decision, Refusal> {
    let facts = facts::checked(item.facts)?;
    let mut faults = Faults::default();
    let action = faults.action(item.action);
    faults.finish()?;
    let question = Question {
        facts: &facts,
        action,
        at,
    };
    Ok(decision::decision(evaluator.decide(question)))
}
