//! The queue before the workers: first come, first served.
//!
//! Its length is bounded by the room that each job brings with it. Jobs are handed out to as
//! many workers at a time as there should be, not counting those that are at something long.
//!
//! Of the workers that wait, the one that joined first is called. What is asked of a server that
//! has little to do stays on one thread, whose caches are warm; and so do policies that run away
//! one after the other. A scheduler learns within some 30 ms that a thread takes a core for itself,
//! and places others beside it from there on. It would have to learn that anew for each thread, and
//! meanwhile lets others wait behind it for its next tick.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
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
    /// Workers that wait for one, called or not.
    waiting: usize,
    /// Those of them that nobody called, by their seniority.
    uncalled: BTreeMap<u64, Arc<Condvar>>,
    /// Workers that have joined so far.
    joined: u64,
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

    /// Calls the most senior worker that waits.
    fn call(&mut self) {
        if let Some((_, worker)) = self.uncalled.pop_first() {
            worker.notify_one();
        }
    }
}

/// A worker's place among the others.
pub(super) struct Seat {
    /// The lower, the more senior.
    seniority: u64,
    called: Arc<Condvar>,
}

impl Queue {
    pub(super) fn new(workers: usize) -> Self {
        Self {
            state: Mutex::default(),
            begun: Condvar::new(),
            workers,
        }
    }

    /// A seat for a worker that begins: the last.
    pub(super) fn join(&self) -> Seat {
        let mut state = self.state();
        state.joined += 1;
        Seat {
            seniority: state.joined,
            called: Arc::default(),
        }
    }

    pub(super) fn push(&self, job: Job) {
        let mut state = self.state();
        state.jobs.push_back(job);
        state.call();
    }

    /// Waits for a job, or until nothing came for `patience`. Whoever takes a job must
    /// [`Queue::leave`] it.
    pub(super) fn next(&self, seat: &Seat, patience: Duration) -> Next {
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
            let called = Arc::clone(&seat.called);
            state.uncalled.insert(seat.seniority, called);
            let (locked, waited) = seat
                .called
                .wait_timeout(state, patience)
                .unwrap_or_else(PoisonError::into_inner);
            state = locked;
            state.waiting -= 1;
            state.uncalled.remove(&seat.seniority);
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
            state.call();
        }
    }

    /// Lets another worker in for one whose job is long. Yes, if there is a job and no worker
    /// that waits for one.
    pub(super) fn let_another_in(&self) -> bool {
        let mut state = self.state();
        state.long += 1;
        state.call();
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
        while !state.uncalled.is_empty() {
            state.call();
        }
        drop(state);
        self.begun.notify_all();
    }

    /// How many workers wait and were not called.
    #[cfg(test)]
    pub(super) fn uncalled(&self) -> usize {
        self.state().uncalled.len()
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
