//! The desk: what every method works with.

use std::sync::Arc;
use std::time::Duration;

use embargo_core::decision::Evaluator;
use prost::Message;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::{Program, Settings};
use crate::decision_log::DecisionLog;
use crate::reload::{Active, Present};
use crate::workers::{Judge, Judges, Ticket};

use super::arrival::Arrival;
use super::drain::Drain;
use super::places::Places;
use super::record::{Pen, Unrecorded};
use super::rooms::Rooms;
use super::status::Refusal;

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
    /// Bytes that an answer may have.
    pub(super) answer_bytes: usize,
    log: DecisionLog,
}

impl Desk {
    pub(super) fn new(
        present: watch::Receiver<Present>,
        judges: Judges,
        settings: &Settings,
        drain: Drain,
        rooms: &Rooms,
        log: DecisionLog,
    ) -> Self {
        Self {
            present,
            judge: judges.decisions,
            explainer: judges.explanations,
            clock: settings.clock.clone(),
            drain,
            compile_limit: settings.compile_limit,
            program: settings.confined.clone(),
            batches: rooms.batches.clone(),
            streams: rooms.streams.clone(),
            watches: rooms.watches.clone(),
            compilations: rooms.compilations.clone(),
            inventories: rooms.inventories.clone(),
            answers: rooms.leaving.clone(),
            software: rooms.software.clone(),
            answer_bytes: rooms.sizes.answer,
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
        let room = self.software.take_many(items.min(self.software.most()))?;
        let wait = arrival.meter.wait();
        let pending = judge.submit(ticket(active, arrival), move |evaluator| {
            let _room = room;
            wait.end();
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

/// The answer, if it has so many bytes at most.
pub(super) fn fitting<T: Message>(answer: T, most: usize) -> Result<T, Refusal> {
    if answer.encoded_len() > most {
        return Err(Refusal::AnswerTooLarge { most });
    }
    Ok(answer)
}
