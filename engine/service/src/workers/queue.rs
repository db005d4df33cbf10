//! The queue before the workers: first come, first served.
//!
//! Its length is bounded by the room that each job brings with it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::Ticket;
use super::pending::Doable;

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

#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    is_closed: bool,
}

impl Queue {
    pub(super) fn push(&self, job: Job) {
        self.state().jobs.push_back(job);
        self.arrived.notify_one();
    }

    /// Waits for a job, or until nothing came for `patience`.
    pub(super) fn next(&self, patience: Duration) -> Next {
        let mut state = self.state();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Next::Job(job);
            }
            if state.is_closed {
                return Next::Closed;
            }
            let (locked, waited) = self
                .arrived
                .wait_timeout(state, patience)
                .unwrap_or_else(PoisonError::into_inner);
            state = locked;
            if waited.timed_out() && state.jobs.is_empty() && !state.is_closed {
                return Next::Idle;
            }
        }
    }

    /// Lets the workers end. Jobs that nobody began are lost with those who waited for them.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.jobs.clear();
        drop(state);
        self.arrived.notify_all();
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
