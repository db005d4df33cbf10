//! Workers: the threads that judge.
//!
//! Rules recurse on the stack, so they run on threads of their own with large stacks, never
//! on tokio's. A job brings its snapshot, so that one request sees one snapshot from start to
//! end. The queue is bounded; whoever comes when it is full is told so at once.
//!
//! A policy that takes long does not hold up the others: the overseer lets another worker in
//! its place, answers for one that is overdue, and gives up one that does not come back.

mod bench;
mod overseer;
mod pending;
mod post;
mod queue;
mod ran;
mod terms;
mod worker;

use std::io;
use std::sync::Arc;
use std::time::Instant;

use embargo_core::decision::Evaluator;
use embargo_core::snapshot::Snapshot;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use crate::config::Config;

pub use self::pending::{Pending, Unjudged};
use self::post::Posts;
use self::queue::{Job, Queue};
use self::terms::Limits;
pub(crate) use self::terms::Terms;

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

/// Who decides, and who explains. Explaining takes many times as long, so that it has a
/// worker of its own and no decision waits for it.
#[derive(Clone, Debug)]
pub(crate) struct Judges {
    pub(crate) decisions: Judge,
    pub(crate) explanations: Judge,
}

impl Judges {
    /// Starts the workers.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub(crate) fn start(config: &Config) -> io::Result<Self> {
        let queued = config.settings().limits.queued_explanations;
        Ok(Self {
            decisions: Judge::start(config)?,
            explanations: Judge::with(config, 1, queued)?,
        })
    }

    /// Waits until so many workers of either have not come back that the process had better
    /// end.
    pub(crate) async fn too_many_are_lost(&self) {
        tokio::select! {
            () = self.decisions.too_many_are_lost() => {}
            () = self.explanations.too_many_are_lost() => {}
        }
    }
}

/// What a pool is at, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Occupation {
    /// Jobs done at a time that are not long.
    pub(crate) workers: usize,
    /// Workers that have a job.
    pub(crate) busy: usize,
    /// Those of them whose job is long.
    pub(crate) long: usize,
    /// Workers that were given up and have not come back.
    pub(crate) lost: usize,
    /// Jobs that wait.
    pub(crate) waiting: usize,
}

/// A pool of workers. Clones share it; it ends with the last of them.
#[derive(Clone, Debug)]
pub struct Judge(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    queue: Arc<Queue>,
    workers: usize,
    limits: Limits,
    lost: watch::Receiver<usize>,
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
        Self::with(config, settings.workers, settings.limits.queued_calls)
    }

    fn with(config: &Config, workers: usize, queued_calls: usize) -> io::Result<Self> {
        let settings = config.settings();
        let queue = Arc::new(Queue::new(workers));
        let limits = Limits::of(settings);
        let plan = worker::Plan {
            queue: Arc::clone(&queue),
            stack_bytes: settings.worker_stack_bytes,
            limits,
            posts: Posts::default(),
        };
        for _ in 0..workers {
            worker::start(&plan)?;
        }
        let lost = overseer::start(plan, workers)?;
        Ok(Self(Arc::new(Pool {
            queue,
            workers,
            limits,
            lost,
            room: Arc::new(Semaphore::new(queued_calls)),
            room_of_large: Arc::new(Semaphore::new(
                workers.saturating_mul(LARGE_JOBS_PER_WORKER),
            )),
        })))
    }

    /// Waits until so many workers have not come back from a policy that the process had
    /// better be ended by whoever started it.
    pub(crate) async fn too_many_are_lost(&self) {
        let mut lost = self.0.lost.clone();
        let too_many = lost.wait_for(|lost| *lost >= overseer::LOST);
        if too_many.await.is_err() {
            // The overseer has gone with the pool.
            std::future::pending::<()>().await;
        }
    }

    /// What it is at.
    pub(crate) fn occupation(&self) -> Occupation {
        Occupation {
            workers: self.0.workers,
            lost: *self.0.lost.borrow(),
            ..self.0.queue.occupation()
        }
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
            limits: self.0.limits,
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
            work: Box::new(pending::Work::new(work, sender)),
        });
        Pending::new(pending)
    }
}

#[cfg(test)]
mod tests;
