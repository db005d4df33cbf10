//! DecideInventory: the hosts of which a document tells, under one snapshot and at one instant.

use std::sync::Arc;

use embargo_core::decision::Evaluator;
use embargo_core::facts::inventory::{self, About, Format, InventoriedHost, Remark, RemarkKind};
use embargo_core::facts::{HostFacts, HostRecord, Violation};
use embargo_proto::v1 as pb;
use pb::inventory_result::Result as Answer;

use super::super::arrival::Arrival;
use super::super::desk::{Desk, fitting};
use super::super::record::{Case, Pen};
use super::super::request::{Faults, require, too_long};
use super::super::status::Refusal;
use super::super::time::timestamp;
use super::super::{decision, facts, policy};
use super::batch::ITEMS;
use super::parts;

/// Bytes of a path, at most.
const PATH_BYTES: usize = 4_096;

const METHOD: &str = "DecideInventory";

pub(super) async fn decide(
    desk: &Desk,
    arrival: &Arrival,
    message: pb::DecideInventoryRequest,
) -> Result<pb::DecideInventoryResponse, Refusal> {
    let place = desk.inventories.take()?;
    let active = desk.active()?;
    let mut faults = Faults::default();
    let format = format(&mut faults, &message.format);
    if message.document.is_empty() {
        faults.add("document", "is required");
    }
    if message.path.len() > PATH_BYTES {
        faults.add("path", too_long(&message.path, PATH_BYTES));
    }
    let about = Arc::new(about(message.about)?);
    let action = faults.action(message.action);
    let at = faults.instant("evaluate_time", message.evaluate_time, desk.clock.now());
    faults.required(&message.require_snapshot_id);
    faults.finish()?;
    require(&active.snapshot, message.require_snapshot_id)?;

    // Reading may take some hundred milliseconds, which the threads of the runtime have not.
    let (document, path) = (message.document, message.path);
    let read =
        tokio::task::spawn_blocking(move || (inventory::read(&path, &document, format), place));
    // The place is kept until the answer is there: what was read takes memory until then.
    let (read, _reading) = read.await.map_err(|_| Refusal::ServerFault)?;
    let inventory = read.map_err(|fault| Refusal::inventory(&fault))?;
    if inventory.hosts.len() > ITEMS {
        return Err(Refusal::BatchTooLarge {
            items: inventory.hosts.len(),
            most: ITEMS,
        });
    }
    let unnamed = inventory.unnamed();
    if about.names_host() && unnamed > 1 {
        let description = format!(
            "names one host, and the document leaves {unnamed} without a name: send each in a document of its own"
        );
        return Err(Refusal::FactsInvalid {
            violations: vec![Violation::new("about.host_id", description)],
            total: 1,
        });
    }
    let _place = desk.batches.take()?;
    let mut told = Vec::with_capacity(inventory.hosts.len());
    let mut hosts = Vec::with_capacity(inventory.hosts.len());
    for mut host in inventory.hosts {
        let records = host.records;
        let remarks = std::mem::take(&mut host.remarks);
        told.push(tell(about.name_of(&host, ""), &host, records, remarks));
        hosts.push((String::new(), host));
    }
    // What is said of all hosts is put to each when its turn comes, not to all at once.
    let judge = move |evaluator: &mut Evaluator, pen: &Pen, _: &str, host: InventoriedHost| {
        let case = Case {
            facts: facts::checked_record(about.complete(host, ""))?,
            action,
            at,
            correlation_id: "",
        };
        Ok(pen.decide(evaluator, case).map(decision::decision))
    };
    let call = parts::Call {
        desk,
        active: &active,
        arrival,
        method: METHOD,
    };
    let answers = parts::judge(&call, hosts, judge).await?;
    for (told, answer) in told.iter_mut().zip(answers) {
        told.result = answer.result.map(|result| match result {
            pb::decide_result::Result::Decision(decision) => Answer::Decision(decision),
            pb::decide_result::Result::Error(status) => Answer::Error(status),
        });
    }
    let answer = pb::DecideInventoryResponse {
        format: inventory.format.word().to_owned(),
        results: told,
        snapshot: Some(policy::snapshot_ref(&active)),
        evaluate_time: Some(timestamp(at)),
    };
    fitting(answer, desk.answer_bytes)
}

fn format(faults: &mut Faults, word: &str) -> Option<Format> {
    let format = Format::from_word(word);
    if format.is_none() && !word.is_empty() {
        let known = Format::words();
        faults.add(
            "format",
            format!("is not a known format: leave it out, or write one of {known}"),
        );
    }
    format
}

fn about(message: Option<pb::HostFacts>) -> Result<About, Refusal> {
    let Some(message) = message else {
        return Ok(About::default());
    };
    let record = facts::record(message, "about.")?;
    within_limits(&record)?;
    About::new(record).map_err(|invalid| Refusal::FactsInvalid {
        violations: vec![Violation::new("about", invalid.to_string())],
        total: 1,
    })
}

/// What is said of all hosts is copied to each, so that it keeps the limits on facts before it
/// is. It need not name a host.
fn within_limits(record: &HostRecord) -> Result<(), Refusal> {
    let mut record = record.clone();
    if record.host_id.is_empty() {
        "unnamed".clone_into(&mut record.host_id);
    }
    let checked = HostFacts::check(record);
    checked.map_or_else(|refused| Err(Refusal::facts(refused, "about.")), |_| Ok(()))
}

fn tell(
    host_id: &str,
    host: &InventoriedHost,
    records: usize,
    remarks: Vec<Remark>,
) -> pb::InventoryResult {
    let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
    pb::InventoryResult {
        host_id: host_id.to_owned(),
        record_count: count(records),
        software_count: count(host.record.software.len()),
        remarks: remarks.into_iter().map(remark).collect(),
        result: None,
    }
}

fn remark(remark: Remark) -> pb::InventoryRemark {
    use pb::inventory_remark::Kind;
    let kind = match remark.kind {
        RemarkKind::Unread => Kind::Unread,
        RemarkKind::Skipped => Kind::Skipped,
        RemarkKind::Changed => Kind::Changed,
    };
    pb::InventoryRemark {
        kind: kind.into(),
        place: remark.place,
        message: remark.message,
    }
}
