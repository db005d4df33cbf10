//! The desk: what every method works with.

use std::sync::Arc;
use std::time::Duration;

use embargo_core::decision::Evaluator;
use embargo_proto::MAX_MESSAGE_BYTES;
use prost::Message;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::clock::Clock;
use crate::config::{Program, Settings};
use crate::decision_log::DecisionLog;
use crate::reload::{Active, Present};
use crate::workers::{Judge, Judges, Ticket};

use super::arrival::Arrival;
use super::drain::Drain;
use super::record::{Pen, Unrecorded};
use super::status::{Limit, Refusal};

/// Items of software that may wait for workers, over all calls. It bounds memory where the
/// number of calls does not.
const QUEUED_SOFTWARE: u32 = 500_000;
/// Batches at a time. Each holds up to 16 MiB of facts.
const BATCHES: usize = 32;
/// Streams of hosts at a time.
const STREAMS: usize = 256;
/// Watches at a time, as the API says.
const WATCHES: usize = 1_000;
/// Bundles that are compiled for callers at a time.
const COMPILATIONS: usize = 2;

/// Inventories that are read and judged at a time. One may take some hundred megabytes.
const INVENTORIES: usize = 8;

/// What every method works with. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) present: watch::Receiver<Present>,
    pub(super) judge: Judge,
    /// Who explains.
    explainer: Judge,
    pub(super) clock: Clock,
    pub(super) drain: Drain,
    pub(super) compile_limit: Duration,
    /// What runs in a process of its own, if whoever started the server said so.
    pub(super) program: Option<Program>,
    pub(super) batches: Places,
    pub(super) streams: Places,
    pub(super) watches: Places,
    pub(super) compilations: Places,
    pub(super) inventories: Places,
    /// KiB of answers that wait for their callers.
    pub(super) answers: Places,
    software: Places,
    log: DecisionLog,
}

/// Places under a limit on concurrent work.
#[derive(Clone, Debug)]
pub(super) struct Places {
    limit: Limit,
    free: Arc<Semaphore>,
}

impl Places {
    pub(super) fn new(limit: Limit, most: usize) -> Self {
        Self {
            limit,
            free: Arc::new(Semaphore::new(most)),
        }
    }

    /// Takes one, or refuses.
    pub(super) fn take(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        self.take_many(1)
    }

    /// How many are free.
    pub(super) fn free(&self) -> usize {
        self.free.available_permits()
    }

    /// Takes several at once, or refuses.
    pub(super) fn take_many(&self, count: u32) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.free)
            .try_acquire_many_owned(count)
            .map_err(|_| Refusal::Overloaded(self.limit))
    }
}

impl Desk {
    pub(super) fn new(
        present: watch::Receiver<Present>,
        judges: Judges,
        settings: &Settings,
        drain: Drain,
        answers: Places,
        log: DecisionLog,
    ) -> Self {
        let software = usize::try_from(QUEUED_SOFTWARE).unwrap_or(usize::MAX);
        Self {
            present,
            judge: judges.decisions,
            explainer: judges.explanations,
            clock: settings.clock.clone(),
            drain,
            compile_limit: settings.compile_limit,
            program: settings.confined.clone(),
            batches: Places::new(Limit::ConcurrentBatches, BATCHES),
            streams: Places::new(Limit::ConcurrentStreams, STREAMS),
            watches: Places::new(Limit::Watches, WATCHES),
            compilations: Places::new(Limit::BundleCompilations, COMPILATIONS),
            inventories: Places::new(Limit::ConcurrentInventories, INVENTORIES),
            answers,
            software: Places::new(Limit::QueuedSoftware, software),
            log,
        }
    }

    /// The snapshot that judges from here on.
    pub(super) fn active(&self) -> Result<Active, Refusal> {
        let active = self.present.borrow().active.clone();
        active.ok_or(Refusal::NoSnapshot)
    }

    /// What asks the evaluator for a call to a method, and records what is answered.
    pub(super) fn pen(&self, arrival: &Arrival, active: &Active, method: &'static str) -> Pen {
        Pen::new(&self.log, arrival, active, method)
    }

    /// Has a worker judge, and waits for the answer and its record. `items` are the items of
    /// software that wait with it.
    pub(super) async fn on_worker<T: Send + 'static>(
        &self,
        active: &Active,
        arrival: &Arrival,
        method: &'static str,
        items: usize,
        work: impl FnOnce(&mut Evaluator, &Pen) -> Result<Unrecorded<T>, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let pen = self.pen(arrival, active, method);
        self.record(&self.judge, pen, active, arrival, items, work)
            .await
    }

    /// The same on the worker that explains.
    pub(super) async fn on_explainer<T: Send + 'static>(
        &self,
        active: &Active,
        arrival: &Arrival,
        method: &'static str,
        items: usize,
        work: impl FnOnce(&mut Evaluator, &Pen) -> Result<Unrecorded<T>, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let pen = self.pen(arrival, active, method);
        self.record(&self.explainer, pen, active, arrival, items, work)
            .await
    }

    /// Has a worker do what decides nothing.
    pub(super) async fn without_decision<T: Send + 'static>(
        &self,
        active: &Active,
        arrival: &Arrival,
        items: usize,
        work: impl FnOnce(&mut Evaluator) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.on(&self.judge, active, arrival, items, work).await
    }

    async fn record<T: Send + 'static>(
        &self,
        judge: &Judge,
        pen: Pen,
        active: &Active,
        arrival: &Arrival,
        items: usize,
        work: impl FnOnce(&mut Evaluator, &Pen) -> Result<Unrecorded<T>, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let writing = pen.clone();
        let work = move |evaluator: &mut Evaluator| work(evaluator, &writing);
        let answer = match self.on(judge, active, arrival, items, work).await {
            Ok(answer) => answer.recorded().await,
            Err(refusal) => Err(refusal),
        };
        answer.inspect_err(|refusal| pen.refused(refusal, ""))
    }

    async fn on<T: Send + 'static>(
        &self,
        judge: &Judge,
        active: &Active,
        arrival: &Arrival,
        items: usize,
        work: impl FnOnce(&mut Evaluator) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let weight = u32::try_from(items).map_or(QUEUED_SOFTWARE, |n| n.min(QUEUED_SOFTWARE));
        let room = self.software.take_many(weight)?;
        let pending = judge.submit(ticket(active, arrival), move |evaluator| {
            let _room = room;
            work(evaluator)
        })?;
        pending.await?
    }
}

pub(super) fn ticket(active: &Active, arrival: &Arrival) -> Ticket {
    Ticket {
        snapshot: Arc::clone(&active.snapshot),
        deadline: arrival.deadline,
    }
}

/// The answer, if it fits into a message.
pub(super) fn fitting<T: Message>(answer: T) -> Result<T, Refusal> {
    if answer.encoded_len() > MAX_MESSAGE_BYTES {
        return Err(Refusal::AnswerTooLarge);
    }
    Ok(answer)
}
