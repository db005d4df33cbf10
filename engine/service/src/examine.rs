//! Examining: the tests of a set on threads of their own, with large stacks.
//!
//! What runs is a stranger's text. A test that outlasts its caller's patience is left alone,
//! since nothing can end it from outside; no further one begins, and its result is dropped.

mod bench;

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use embargo_core::diagnostic::Diagnostic;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{Coverage, Evaluated, Examiner, Fixtures, Limits, Trial};

use crate::compile::{self, STACK_BYTES};

pub use self::bench::{Bench, Timing, bench};

/// How long it may take to find out which lines of rules can be evaluated.
const COVERAGE_LIMIT: Duration = Duration::from_secs(30);

/// How tests are run.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The time that each may take.
    pub limits: Limits,
    /// Tests at a time, at least 1.
    pub threads: usize,
    /// What tests of rules see beside the set.
    pub fixtures: Option<Arc<Fixtures>>,
    /// Whether it is noted which lines of rules are evaluated. All takes longer then.
    pub notes_lines: bool,
}

impl Terms {
    /// So many tests at a time, within these limits, and nothing else.
    #[must_use]
    pub const fn plain(limits: Limits, threads: usize) -> Self {
        Self {
            limits,
            threads,
            fixtures: None,
            notes_lines: false,
        }
    }

    fn examiner(&self, snapshot: &Arc<Snapshot>) -> Examiner {
        let examiner = Examiner::new(Arc::clone(snapshot), self.limits);
        let examiner = match &self.fixtures {
            Some(fixtures) => examiner.with_fixtures(fixtures),
            None => examiner,
        };
        if self.notes_lines {
            examiner.noting_lines()
        } else {
            examiner
        }
    }
}

/// What became of a test.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The test, as a position.
    pub at: usize,
    /// What was wanted and what was got; nothing, if it passed.
    pub failure: Option<Diagnostic>,
    /// How long it took.
    pub took: Duration,
}

/// What the threads tell.
#[derive(Debug)]
enum Report {
    Ran(Ran),
    /// A thread has no more to do.
    Evaluated(Evaluated),
}

/// Tests that are being run. No further one begins once this is dropped.
#[derive(Debug)]
pub struct Examination {
    work: Arc<Work>,
    results: mpsc::Receiver<Report>,
    /// Which results have come.
    heard: BTreeSet<usize>,
    evaluated: Evaluated,
}

/// What comes next of an examination.
#[derive(Debug)]
pub enum Next {
    /// The result of a test.
    Result(Ran),
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
    terms: Terms,
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
    pub fn start(snapshot: Arc<Snapshot>, trials: Vec<Trial>, terms: Terms) -> io::Result<Self> {
        let threads = terms.threads;
        let work = Arc::new(Work {
            groups: groups(&trials),
            snapshot,
            terms,
            trials,
            next_group: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let (sender, results) = mpsc::channel();
        let examination = Self {
            work,
            results,
            heard: BTreeSet::new(),
            evaluated: Evaluated::default(),
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

    /// The set.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.work.snapshot
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
        loop {
            let received = match until {
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    self.results.recv_timeout(left)
                }
                None => self.results.recv().map_err(RecvTimeoutError::from),
            };
            match received {
                Ok(Report::Ran(ran)) => {
                    self.heard.insert(ran.at);
                    return Next::Result(ran);
                }
                Ok(Report::Evaluated(lines)) => self.evaluated.merge(lines),
                Err(RecvTimeoutError::Timeout) => return Next::TooLate,
                Err(RecvTimeoutError::Disconnected) => return Next::Lost,
            }
        }
    }

    /// Which lines of the set's rules were evaluated, once all results have come; nothing, if
    /// it cannot be found out. Lines are noted only if the terms say so.
    #[must_use]
    pub fn coverage(mut self) -> Option<Coverage> {
        while let Ok(report) = self.results.recv() {
            if let Report::Evaluated(lines) = report {
                self.evaluated.merge(lines);
            }
        }
        let snapshot = Arc::clone(&self.work.snapshot);
        let evaluated = std::mem::take(&mut self.evaluated);
        compile::within(COVERAGE_LIMIT, move || Coverage::of(&snapshot, &evaluated)).ok()
    }
}

impl Drop for Examination {
    fn drop(&mut self) {
        self.work.is_over.store(true, Ordering::Relaxed);
    }
}

impl Work {
    fn run(&self, results: &mpsc::Sender<Report>) {
        let mut examiner = self.terms.examiner(&self.snapshot);
        loop {
            let group = self.next_group.fetch_add(1, Ordering::Relaxed);
            let Some(group) = self.groups.get(group) else {
                break;
            };
            for at in group.clone() {
                let Some(trial) = self.trials.get(at) else {
                    return;
                };
                if self.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let start = Instant::now();
                let failure = examiner.run(trial);
                let took = start.elapsed();
                let ran = Report::Ran(Ran { at, failure, took });
                if results.send(ran).is_err() {
                    return;
                }
            }
        }
        // Nobody may listen any longer.
        let _ = results.send(Report::Evaluated(examiner.into_evaluated()));
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
