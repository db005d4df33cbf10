//! Deciding here: the same evaluation as the server's, on the same kind of thread.

use std::sync::Arc;
use std::time::Duration;

use embargo_client::v1;
use embargo_core::decision::{Evaluator, Question};
use embargo_core::explain::{Limits, explain};
use embargo_core::facts::HostFacts;
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;
use embargo_core::snapshot::Snapshot;
use embargo_service::{Clock, Config, Judge, Pending, Settings, Ticket, codec};

use crate::commands::Failure;

/// What explaining may take here, where nobody else waits.
const EXPLAINING: Duration = Duration::from_secs(30);
/// What a policy may take where answers are compared: a hundred times what it may for a
/// request.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many workers a desk has.
pub(crate) enum Workers {
    One,
    OneForEachCore,
}

/// A snapshot with a worker of its own.
pub(crate) struct Desk {
    judge: Judge,
    snapshot: Arc<Snapshot>,
    /// How long work may take from when it is handed in.
    limit: Option<Duration>,
}

impl Desk {
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Result<Self, Failure> {
        Self::with(
            snapshot,
            Settings {
                workers: 1,
                ..Settings::default()
            },
        )
    }

    /// The same for answers that are compared with each other: a policy that is slow because
    /// the machine is busy must not look like a change.
    pub(crate) fn patient(snapshot: Arc<Snapshot>, workers: Workers) -> Result<Self, Failure> {
        let defaults = Settings::default();
        Self::with(
            snapshot,
            Settings {
                workers: match workers {
                    Workers::One => 1,
                    Workers::OneForEachCore => defaults.workers,
                },
                policy_budget: PATIENCE,
                decision_budget: PATIENCE.saturating_mul(6),
                ..defaults
            },
        )
    }

    /// The same with a worker for each core.
    pub(crate) fn for_many(snapshot: Arc<Snapshot>) -> Result<Self, Failure> {
        Self::with(snapshot, Settings::default())
    }

    fn with(snapshot: Arc<Snapshot>, settings: Settings) -> Result<Self, Failure> {
        let config = Config::new(settings).map_err(|refused| Failure::Said(refused.to_string()))?;
        let judge = Judge::start(&config)
            .map_err(|cause| Failure::Said(format!("no thread can be started: {cause}")))?;
        Ok(Self {
            judge,
            snapshot,
            limit: None,
        })
    }

    /// The same desk, whose work is of no use after `limit`.
    pub(crate) fn within(self, limit: Option<Duration>) -> Self {
        Self { limit, ..self }
    }

    /// Does work with the evaluator.
    pub(crate) fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Evaluator) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        settled(self.start(work)?)
    }

    /// Begins work with the evaluator.
    pub(crate) fn start<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Evaluator) -> T + Send + 'static,
    ) -> Result<Pending<T>, Failure> {
        let ticket = Ticket {
            snapshot: Arc::clone(&self.snapshot),
            deadline: self.limit.and_then(deadline),
        };
        self.judge
            .submit(ticket, work)
            .map_err(|full| Failure::Said(full.to_string()))
    }

    /// Begins to judge a host.
    pub(crate) fn submit(
        &self,
        facts: HostFacts,
        action: Action,
        at: Instant,
    ) -> Result<Judging, Failure> {
        let pending = self.start(move |evaluator| {
            codec::decision_message(evaluator.decide(Question {
                facts: &facts,
                action,
                at,
            }))
        })?;
        Ok(Judging(Progress::UnderWay(pending)))
    }

    pub(crate) fn explain(
        &self,
        facts: HostFacts,
        action: Action,
        at: Instant,
    ) -> Result<v1::ExplainDecisionResponse, Failure> {
        self.work(move |evaluator| {
            let begun = std::time::Instant::now();
            let question = Question {
                facts: &facts,
                action,
                at,
            };
            let explanation = explain(
                evaluator,
                question,
                &Limits {
                    policies: &[],
                    rest: &|| EXPLAINING.saturating_sub(begun.elapsed()),
                    clock: &|| begun.elapsed(),
                },
            );
            let catalogue = evaluator.snapshot().catalogue();
            codec::explanation_message(explanation, &facts.record().software, catalogue)
        })
    }

    pub(crate) fn timeline(
        &self,
        facts: HostFacts,
        action: Action,
        from: Instant,
        until: Instant,
    ) -> Result<v1::ComputeDecisionTimelineResponse, Failure> {
        let timeline = self.work(move |evaluator| {
            evaluator.timeline(
                Question {
                    facts: &facts,
                    action,
                    at: from,
                },
                until,
            )
        })?;
        timeline
            .map(codec::timeline_message)
            .map_err(|refused| Failure::Said(refused.to_string()))
    }
}

/// A host that is being judged.
pub(crate) struct Judging(Progress);

enum Progress {
    UnderWay(Pending<v1::Decision>),
    Done(Box<v1::Decision>),
}

impl Judging {
    /// One that has been judged already.
    pub(crate) fn done(decision: v1::Decision) -> Self {
        Self(Progress::Done(Box::new(decision)))
    }

    /// The decision, once it is there.
    pub(crate) fn wait(self) -> Result<v1::Decision, Failure> {
        match self.0 {
            Progress::Done(decision) => Ok(*decision),
            Progress::UnderWay(pending) => settled(pending),
        }
    }
}

/// What work gave, once it is done.
pub(crate) fn settled<T>(pending: Pending<T>) -> Result<T, Failure> {
    Ok(pending.wait()?)
}

/// The end of a time that begins now. None, if it lies beyond what the clock can hold.
fn deadline(limit: Duration) -> Option<std::time::Instant> {
    std::time::Instant::now().checked_add(limit)
}

/// The instant that it is.
pub(crate) fn now() -> Instant {
    Clock::system().now()
}
