//! The queue before the workers: first come, first served.
//!
//! Its length is bounded by the room that each job brings with it. Jobs are handed out to as
//! many workers at a time as there should be, not counting those that are at something long.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::pending::Doable;
use super::{Occupation, Ticket};

/// A job that waits.
pub(super) struct Job {
    pub(super) ticket: Ticket,
    /// Given back when the job is taken out.
    pub(super) room: OwnedSemaphorePermit,
    pub(super) work: Box<dyn Doable>,
}

/// What a worker finds.
pub(super) enum Next {
    Job(Job),
    /// Nothing came for a while.
    Idle,
    /// Nothing will come any more.
    Closed,
}

pub(super) struct Queue {
    state: Mutex<State>,
    /// Something to do for a worker.
    arrived: Condvar,
    /// Something to look at for the overseer.
    begun: Condvar,
    /// How many jobs are done at a time that are not long.
    workers: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Workers that have a job.
    running: usize,
    /// Those of them whose job is long.
    long: usize,
    /// Workers that wait for one.
    waiting: usize,
    /// Whether the overseer sleeps.
    is_unobserved: bool,
    is_closed: bool,
}

impl State {
    fn take(&mut self, workers: usize) -> Option<Job> {
        if self.running.saturating_sub(self.long) >= workers {
            return None;
        }
        let job = self.jobs.pop_front()?;
        self.running += 1;
        Some(job)
    }
}

impl Queue {
    pub(super) fn new(workers: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            begun: Condvar::new(),
            workers,
        }
    }

    pub(super) fn push(&self, job: Job) {
        self.state().jobs.push_back(job);
        self.arrived.notify_one();
    }

    /// Waits for a job, or until nothing came for `patience`. Whoever takes a job must
    /// [`Queue::leave`] it.
    pub(super) fn next(&self, patience: Duration) -> Next {
        let mut state = self.state();
        loop {
            if let Some(job) = state.take(self.workers) {
                if state.is_unobserved {
                    self.begun.notify_one();
                }
                return Next::Job(job);
            }
            if state.is_closed {
                return Next::Closed;
            }
            state.waiting += 1;
            let (locked, waited) = self
                .arrived
                .wait_timeout(state, patience)
                .unwrap_or_else(PoisonError::into_inner);
            state = locked;
            state.waiting -= 1;
            if waited.timed_out() && state.jobs.is_empty() && !state.is_closed {
                return Next::Idle;
            }
        }
    }

    /// Ends a job.
    pub(super) fn leave(&self, is_long: bool) {
        let mut state = self.state();
        state.running = state.running.saturating_sub(1);
        if is_long {
            state.long = state.long.saturating_sub(1);
        }
        if !state.jobs.is_empty() {
            self.arrived.notify_one();
        }
    }

    /// Lets another worker in for one whose job is long. Yes, if there is a job and no worker
    /// that waits for one.
    pub(super) fn let_another_in(&self) -> bool {
        let mut state = self.state();
        state.long += 1;
        self.arrived.notify_one();
        state.waiting == 0
    }

    /// Waits until a worker has a job. No, if none will have one any more.
    pub(super) fn wait_for_work(&self) -> bool {
        let mut state = self.state();
        while state.running == 0 && !state.is_closed {
            state.is_unobserved = true;
            state = self
                .begun
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.is_unobserved = false;
        }
        !state.is_closed
    }

    /// How many jobs wait, and how many are being done.
    pub(super) fn occupation(&self) -> Occupation {
        let state = self.state();
        Occupation {
            busy: state.running,
            long: state.long,
            waiting: state.jobs.len(),
            ..Occupation::default()
        }
    }

    /// Lets the workers end. Jobs that nobody began are lost with those who waited for them.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.jobs.clear();
        drop(state);
        self.arrived.notify_all();
        self.begun.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}
