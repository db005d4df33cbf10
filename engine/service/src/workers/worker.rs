//! One worker: takes jobs, judges, survives panics, and is replaced if it is lost.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::budget;
use super::pending::Unjudged;
use super::queue::{Job, Next, Queue};

/// How long a worker waits for a job before it tidies up.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a worker needs to know.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) queue: Arc<Queue>,
    pub(super) stack_bytes: usize,
    pub(super) budget: Duration,
}

/// Starts a worker.
///
/// # Errors
/// If no thread can be started.
pub(super) fn start(plan: &Plan, number: usize) -> io::Result<()> {
    let presence = Presence {
        plan: plan.clone(),
        number,
    };
    thread::Builder::new()
        .name(format!("embargo-worker-{number}"))
        .stack_size(plan.stack_bytes)
        .spawn(move || work(&presence.plan))?;
    Ok(())
}

/// Sees to it that another worker comes when this one is lost.
struct Presence {
    plan: Plan,
    number: usize,
}

impl Drop for Presence {
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        match start(&self.plan, self.number) {
            Ok(()) => tracing::error!(worker = self.number, "a worker was lost and replaced"),
            Err(cause) => tracing::error!(
                worker = self.number,
                cause = %cause,
                "a worker was lost and cannot be replaced"
            ),
        }
    }
}

fn work(plan: &Plan) {
    let mut bench = Bench::new(plan.budget);
    loop {
        match plan.queue.next(PATIENCE) {
            Next::Job(job) => run(job, plan, &mut bench),
            Next::Idle => bench.tidy(),
            Next::Closed => return,
        }
    }
}

fn run(job: Job, plan: &Plan, bench: &mut Bench) {
    let Job { ticket, room, work } = job;
    drop(room);
    if work.is_cancelled() {
        return;
    }
    if ticket
        .deadline
        .is_some_and(|deadline| deadline <= Instant::now())
    {
        work.refuse(Unjudged::DeadlinePassed);
        return;
    }
    // Invariant: an evaluator that a panic went through is never used again; it is inside of
    // the closure and goes with it.
    let done = catch_unwind(AssertUnwindSafe(|| {
        let mut evaluator = bench.take(&ticket.snapshot);
        evaluator.set_budget(budget(plan.budget, ticket.deadline));
        work.run(&mut evaluator, ticket.deadline);
        evaluator
    }));
    match done {
        Ok(evaluator) => bench.put_back(evaluator),
        Err(_) => tracing::error!(
            snapshot = %ticket.snapshot.id(),
            "a job panicked; its evaluator is dropped"
        ),
    }
}
