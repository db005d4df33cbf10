//! Many hosts at a time: they are cut into parts so that all workers have their share. Only a
//! few parts are under way at a time, which bounds what is kept of their answers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use embargo_core::decision::Evaluator;
use embargo_proto::v1 as pb;

use super::super::arrival::Arrival;
use super::super::desk::{Desk, ticket};
use super::super::record::{Pen, Unrecorded, file, settled};
use super::super::status::Refusal;
use super::tally::{Tally, decided, refused};
use crate::reload::Active;

/// Hosts of a part, at most.
const PART: usize = 32;
/// Parts for each worker, at least, if there are hosts for them.
const PARTS_PER_WORKER: usize = 4;
/// Parts under way at a time, for each worker.
const UNDER_WAY_PER_WORKER: usize = 2;

/// The call that asks about them.
pub(super) struct Call<'a> {
    pub(super) desk: &'a Desk,
    pub(super) active: &'a Active,
    pub(super) arrival: &'a Arrival,
    pub(super) method: &'static str,
}

/// Judges hosts, each with the id of its answer. The answers come in the order of the hosts, once
/// all of them are recorded.
pub(super) async fn judge<T: Send + 'static>(
    call: &Call<'_>,
    hosts: Vec<(String, T)>,
    judge: impl Fn(&mut Evaluator, &Pen, &str, T) -> Result<Unrecorded<pb::Decision>, Refusal>
    + Clone
    + Send
    + 'static,
) -> Result<Vec<pb::DecideResult>, Refusal> {
    let Call {
        desk,
        active,
        arrival,
        method,
    } = *call;
    arrival.pay(hosts.len());
    let pen = desk.pen(arrival, active, method);
    let mut receipts = Vec::new();
    let workers = desk.judge.workers();
    let size = hosts.len() / (workers * PARTS_PER_WORKER);
    let mut tally = Tally::new(hosts.len(), desk.answer_bytes);
    let mut parts = parts(hosts, size.clamp(1, PART));
    let is_full = Arc::new(AtomicBool::new(false));
    let mut under_way = VecDeque::new();
    loop {
        while under_way.len() < workers * UNDER_WAY_PER_WORKER
            && let Some(part) = parts.pop_front()
        {
            let is_full = Arc::clone(&is_full);
            let judge = judge.clone();
            let pen = pen.clone();
            let most = desk.answer_bytes;
            let ticket = ticket(active, arrival);
            let terms = desk.judge.terms(ticket.deadline);
            let wait = arrival.meter.wait();
            let work = move |evaluator: &mut Evaluator| {
                wait.end();
                judge_part(part, &pen, &is_full, most, |id, host| {
                    let judged =
                        terms.judge(evaluator, |evaluator| judge(evaluator, &pen, id, host));
                    judged.unwrap_or_else(|why| Err(why.into()))
                })
            };
            under_way.push_back(desk.judge.submit_part(ticket, work).await);
        }
        let Some(first) = under_way.pop_front() else {
            break;
        };
        let judged = first.await?;
        let fitting = judged.into_iter().map(|result| tally.fit(result));
        let (results, receipt) = file(fitting.collect());
        tally.add(results);
        receipts.push(receipt);
        is_full.store(tally.is_full(), Ordering::Relaxed);
    }
    for receipt in receipts {
        settled(receipt).await?;
    }
    Ok(tally.finish())
}

fn parts<T>(hosts: Vec<T>, size: usize) -> VecDeque<Vec<T>> {
    let mut parts = VecDeque::new();
    let mut hosts = hosts.into_iter().peekable();
    while hosts.peek().is_some() {
        parts.push_back(hosts.by_ref().take(size).collect());
    }
    parts
}

fn judge_part<T>(
    part: Vec<(String, T)>,
    pen: &Pen,
    is_full: &AtomicBool,
    most: usize,
    mut judge: impl FnMut(&str, T) -> Result<Unrecorded<pb::Decision>, Refusal>,
) -> Vec<Unrecorded<pb::DecideResult>> {
    part.into_iter()
        .map(|(id, host)| {
            // Where no decision fits any more, judging would be in vain.
            let judged = if is_full.load(Ordering::Relaxed) {
                Err(Refusal::AnswerTooLarge { most })
            } else {
                judge(&id, host)
            };
            match judged {
                Ok(decision) => decision.map(|decision| decided(id, decision)),
                Err(refusal) => {
                    pen.refused_item(&refusal, &id);
                    pen.undecided(refused(id, refusal))
                }
            }
        })
        .collect()
}
