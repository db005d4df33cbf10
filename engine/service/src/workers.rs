//! Workers: the threads that judge.
//!
//! Rules recurse on the stack, so they run on threads of their own with large stacks, never
//! on tokio's. A job brings its snapshot, so that one request sees one snapshot from start to
//! end. The queue is bounded; whoever comes when it is full is told so at once.

mod bench;
mod pending;
mod queue;
mod worker;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use embargo_core::decision::Evaluator;
use embargo_core::snapshot::Snapshot;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::config::Config;

pub use self::pending::{Pending, Unjudged};
use self::queue::{Job, Queue};

/// Jobs of large calls that may wait, for each worker. Enough to keep it busy, and few enough
/// for a small call to come through between them.
const LARGE_JOBS_PER_WORKER: usize = 4;

/// What a job needs besides its work.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The snapshot to judge by.
    pub snapshot: Arc<Snapshot>,
    /// When the answer is of no use any longer.
    pub deadline: Option<Instant>,
}

/// There is no room for another job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the queue before the evaluators is full\n  hint: try again shortly")]
pub struct QueueFull;

/// A pool of workers. Clones share it; it ends with the last of them.
#[derive(Clone, Debug)]
pub struct Judge(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    queue: Arc<Queue>,
    workers: usize,
    budget: Duration,
    room: Arc<Semaphore>,
    room_of_large: Arc<Semaphore>,
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Judge {
    /// Starts the workers.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn start(config: &Config) -> io::Result<Self> {
        let settings = config.settings();
        let queue = Arc::new(Queue::default());
        let pool = Pool {
            queue: Arc::clone(&queue),
            workers: settings.workers,
            budget: settings.policy_budget,
            room: Arc::new(Semaphore::new(settings.queued_calls)),
            room_of_large: Arc::new(Semaphore::new(
                settings.workers.saturating_mul(LARGE_JOBS_PER_WORKER),
            )),
        };
        let plan = worker::Plan {
            queue,
            stack_bytes: settings.worker_stack_bytes,
            budget: settings.policy_budget,
        };
        for number in 0..settings.workers {
            worker::start(&plan, number)?;
        }
        Ok(Self(Arc::new(pool)))
    }

    /// How many workers there are.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.0.workers
    }

    /// Does `work` on a worker, as soon as one is free. Dropping what is returned takes the
    /// job back, unless it has begun.
    ///
    /// # Errors
    /// If the queue is full.
    pub fn submit<T: Send + 'static>(
        &self,
        ticket: Ticket,
        work: impl FnOnce(&mut Evaluator) -> T + Send + 'static,
    ) -> Result<Pending<T>, QueueFull> {
        let room = Arc::clone(&self.0.room)
            .try_acquire_owned()
            .map_err(|_| QueueFull)?;
        Ok(self.enqueue(ticket, room, work))
    }

    /// The same for a part of a large call: waits for room instead of giving up, and leaves
    /// room for small calls.
    pub async fn submit_part<T: Send + 'static>(
        &self,
        ticket: Ticket,
        work: impl FnOnce(&mut Evaluator) -> T + Send + 'static,
    ) -> Pending<T> {
        match Arc::clone(&self.0.room_of_large).acquire_owned().await {
            Ok(room) => self.enqueue(ticket, room, work),
            // Only a closed semaphore refuses, and nothing closes it.
            Err(_) => Pending::lost(),
        }
    }

    /// The terms on which each of many questions of a job is judged.
    pub(crate) fn terms(&self, deadline: Option<Instant>) -> Terms {
        Terms {
            budget: self.0.budget,
            deadline,
        }
    }

    fn enqueue<T: Send + 'static>(
        &self,
        ticket: Ticket,
        room: OwnedSemaphorePermit,
        work: impl FnOnce(&mut Evaluator) -> T + Send + 'static,
    ) -> Pending<T> {
        let (sender, pending) = oneshot::channel();
        self.0.queue.push(Job {
            ticket,
            room,
            work: Box::new(pending::Work { work, sender }),
        });
        Pending::new(pending)
    }
}

/// How each of many questions of one job is judged: for itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    budget: Duration,
    deadline: Option<Instant>,
}

impl Terms {
    /// Judges one question. A panic is the fault of that question alone, and the evaluator
    /// that it went through is replaced.
    pub(crate) fn judge<T>(
        self,
        evaluator: &mut Evaluator,
        work: impl FnOnce(&mut Evaluator) -> T,
    ) -> Result<T, Unjudged> {
        if self.deadline.is_some_and(|due| due <= Instant::now()) {
            return Err(Unjudged::DeadlinePassed);
        }
        evaluator.set_budget(budget(self.budget, self.deadline));
        catch_unwind(AssertUnwindSafe(|| work(evaluator))).map_err(|_| {
            tracing::error!(
                snapshot = %evaluator.snapshot().id(),
                "judging one of many hosts panicked; its evaluator is replaced"
            );
            *evaluator = Evaluator::new(Arc::clone(evaluator.snapshot()), self.budget);
            Unjudged::Fault
        })
    }
}

/// The time that one policy may take if the answer is due at `deadline`.
fn budget(usual: Duration, deadline: Option<Instant>) -> Duration {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    left.map_or(usual, |left| usual.min(left))
}

#[cfg(test)]
mod tests;
