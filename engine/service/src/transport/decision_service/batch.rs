//! BatchDecideHosts: many hosts under one snapshot and at one instant.

use std::collections::HashSet;

use embargo_core::decision::Evaluator;
use embargo_core::instant::Instant;
use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;

use super::super::arrival::Arrival;
use super::super::desk::Desk;
use super::super::record::{Case, Pen, Unrecorded};
use super::super::request::{Faults, require};
use super::super::status::Refusal;
use super::super::time::timestamp;
use super::super::{decision, facts, policy};
use super::parts;

/// Hosts of a batch or an inventory, at most.
pub(super) const ITEMS: usize = 1_000;

const METHOD: &str = "BatchDecideHosts";

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

    let items = message.items.into_iter();
    let items = items.map(|mut item| (std::mem::take(&mut item.correlation_id), item));
    let judge = move |evaluator: &mut Evaluator, pen: &Pen, id: &str, item| {
        judge(evaluator, pen, id, item, at)
    };
    let call = parts::Call {
        desk,
        active: &active,
        arrival,
        method: METHOD,
    };
    let results = parts::judge(&call, items.collect(), judge).await?;
    Ok(pb::BatchDecideHostsResponse {
        results,
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

fn judge(
    evaluator: &mut Evaluator,
    pen: &Pen,
    correlation_id: &str,
    item: BatchItem,
    at: Instant,
) -> Result<Unrecorded<pb::Decision>, Refusal> {
    let facts = facts::checked(item.facts)?;
    let mut faults = Faults::default();
    let action = faults.action(item.action);
    faults.finish()?;
    let case = Case {
        facts,
        action,
        at,
        correlation_id,
    };
    Ok(pen.decide(evaluator, case).map(decision::decision))
}
