//! Examining: the tests of a set on threads of their own, with large stacks.
//!
//! What runs is a stranger's text. A test that outlasts its caller's patience is left alone,
//! since nothing can end it from outside; no further one begins, and its result is dropped.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use embargo_core::diagnostic::Diagnostic;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{Examiner, Limits, Trial};

use crate::compile::STACK_BYTES;

/// Tests that are being run. No further one begins once this is dropped.
#[derive(Debug)]
pub struct Examination {
    work: Arc<Work>,
    results: mpsc::Receiver<(usize, Option<Diagnostic>)>,
    /// Which results have come.
    heard: BTreeSet<usize>,
}

/// What comes next of an examination.
#[derive(Debug)]
pub enum Next {
    /// The result of a test, given by its position; nothing, if it passed.
    Result(usize, Option<Diagnostic>),
    /// All results have come.
    Finished,
    /// Nothing came in time.
    TooLate,
    /// A thread was lost, so that results are missing.
    Lost,
}

#[derive(Debug)]
struct Work {
    snapshot: Arc<Snapshot>,
    limits: Limits,
    trials: Vec<Trial>,
    /// Tests that go with each other.
    groups: Vec<Range<usize>>,
    next_group: AtomicUsize,
    is_over: AtomicBool,
}

impl Examination {
    /// Begins to run the tests of a set on some threads.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(
        snapshot: Arc<Snapshot>,
        trials: Vec<Trial>,
        limits: Limits,
        threads: usize,
    ) -> io::Result<Self> {
        let work = Arc::new(Work {
            groups: groups(&trials),
            snapshot,
            limits,
            trials,
            next_group: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let (sender, results) = mpsc::channel();
        let examination = Self {
            work,
            results,
            heard: BTreeSet::new(),
        };
        for number in 0..threads.clamp(1, examination.work.groups.len().max(1)) {
            let work = Arc::clone(&examination.work);
            let sender = sender.clone();
            let started = thread::Builder::new()
                .name("embargo-test".to_owned())
                .stack_size(STACK_BYTES)
                .spawn(move || {
                    // A thread that is lost leaves results missing, which is noticed.
                    let _ = catch_unwind(AssertUnwindSafe(|| work.run(&sender)));
                });
            match started {
                Ok(_) => {}
                Err(cause) if number == 0 => return Err(cause),
                // One is enough.
                Err(_) => break,
            }
        }
        Ok(examination)
    }

    /// The tests.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.work.trials
    }

    /// The name of the first test whose result has not come; empty if all have.
    #[must_use]
    pub fn unheard(&self) -> &str {
        let mut trials = self.work.trials.iter().enumerate();
        let first = trials.find(|(at, _)| !self.heard.contains(at));
        first.map_or("", |(_, trial)| trial.name())
    }

    /// What comes next, up to an instant. Results come in no particular order.
    pub fn next(&mut self, until: Option<Instant>) -> Next {
        if self.heard.len() == self.work.trials.len() {
            return Next::Finished;
        }
        let received = match until {
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                self.results.recv_timeout(left)
            }
            None => self.results.recv().map_err(RecvTimeoutError::from),
        };
        match received {
            Ok((at, failure)) => {
                self.heard.insert(at);
                Next::Result(at, failure)
            }
            Err(RecvTimeoutError::Timeout) => Next::TooLate,
            Err(RecvTimeoutError::Disconnected) => Next::Lost,
        }
    }
}

impl Drop for Examination {
    fn drop(&mut self) {
        self.work.is_over.store(true, Ordering::Relaxed);
    }
}

impl Work {
    fn run(&self, results: &mpsc::Sender<(usize, Option<Diagnostic>)>) {
        let mut examiner = Examiner::new(Arc::clone(&self.snapshot), self.limits);
        loop {
            let group = self.next_group.fetch_add(1, Ordering::Relaxed);
            let Some(group) = self.groups.get(group) else {
                return;
            };
            for at in group.clone() {
                let Some(trial) = self.trials.get(at) else {
                    return;
                };
                if self.is_over.load(Ordering::Relaxed) {
                    return;
                }
                if results.send((at, examiner.run(trial))).is_err() {
                    return;
                }
            }
        }
    }
}

fn groups(trials: &[Trial]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for slice in trials.chunk_by(Trial::goes_with) {
        let start = groups.last().map_or(0, |last| last.end);
        groups.push(start..start + slice.len());
    }
    groups
}
