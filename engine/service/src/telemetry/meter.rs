//! The meter of one call: it goes with the call, counts what is decided for it, and notes how it ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use embargo_core::decision::{Decision, Evaluator, PolicyTime, Question};

use super::Telemetry;
use super::calls::OfMethod;
use super::method::Method;
use super::outcome::Outcome;
use super::spans::{CallSpan, Decided, Incoming, TraceIds};

/// Counts for one call. Clones are the same; one of no call counts nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Option<Arc<Call>>);

#[derive(Debug)]
struct Call {
    telemetry: Telemetry,
    method: Method,
    counters: Arc<OfMethod>,
    begun: Instant,
    span: Option<CallSpan>,
    caller_s: Option<TraceIds>,
    /// What was noted beside the answer itself.
    noted: Mutex<Option<Outcome>>,
    has_ended: AtomicBool,
}

/// The end of a call, which is noted once: at the latest when this is dropped.
#[derive(Debug)]
pub(crate) struct Ending(Meter);

/// A wait for a worker.
#[derive(Debug)]
pub(crate) struct Wait {
    meter: Meter,
    since: Instant,
}

impl Telemetry {
    /// A call comes in.
    pub(crate) fn begin(&self, method: Method, incoming: &Incoming<'_>) -> Ending {
        let counters = self.0.calls.of(method);
        counters.running.inc();
        let tracing = self.0.tracing.get();
        Ending(Meter(Some(Arc::new(Call {
            telemetry: self.clone(),
            method,
            counters,
            begun: Instant::now(),
            span: tracing.and_then(|tracing| tracing.begin(method, incoming)),
            caller_s: incoming.trace(),
            noted: Mutex::new(None),
            has_ended: AtomicBool::new(false),
        }))))
    }
}

impl Meter {
    /// Judges, and counts what came of it. The one way to a decision of the service.
    pub(crate) fn decide(&self, evaluator: &mut Evaluator, question: Question<'_>) -> Decision {
        let Some(call) = &self.0 else {
            return evaluator.decide(question);
        };
        let rules = call.telemetry.rule_times();
        let is_timed = rules.are_measured() || call.span.is_some();
        let begun = Instant::now();
        if is_timed {
            evaluator.start_timing(move || begun.elapsed());
        }
        let decision = evaluator.decide(question);
        let taken = begun.elapsed();
        call.counters.decided(decision.judgement.effect, taken);
        if !decision.judgement.failures.is_empty() {
            call.telemetry.0.calls.failed(&decision);
        }
        if is_timed {
            call.tell(&decision, evaluator, taken);
        }
        decision
    }

    /// A job of the call begins to wait for a worker.
    pub(crate) fn wait(&self) -> Wait {
        Wait {
            meter: self.clone(),
            since: Instant::now(),
        }
    }

    /// One host among many was refused.
    pub(crate) fn refused_item(&self, reason: &'static str) {
        if let Some(call) = &self.0 {
            call.telemetry.0.calls.refused_item(call.method, reason);
        }
    }

    /// Notes how the call ends, where its answer does not tell.
    pub(crate) fn note(&self, outcome: Outcome) {
        if let Some(call) = &self.0 {
            *call.noted() = Some(outcome);
        }
    }

    /// The trace that the call belongs to, for records of it: its own span, or that of its caller if
    /// none is made here.
    #[must_use]
    pub(crate) fn trace(&self) -> Option<TraceIds> {
        let call = self.0.as_ref()?;
        call.span.as_ref().map(CallSpan::ids).or(call.caller_s)
    }
}

impl Wait {
    /// The job has a worker.
    pub(crate) fn end(self) {
        let waited = self.since.elapsed();
        if let Some(call) = &self.meter.0 {
            call.counters.waited(waited);
            if let Some(span) = &call.span {
                span.waited(waited);
            }
        }
    }
}

impl Call {
    fn tell(&self, decision: &Decision, evaluator: &mut Evaluator, taken: Duration) {
        let times = evaluator.stop_timing();
        let policies = evaluator.snapshot().policies();
        let named: Vec<(&Arc<str>, PolicyTime)> = times
            .into_iter()
            .filter_map(|time| Some((&policies.get(time.policy)?.id, time)))
            .collect();
        self.telemetry.rule_times().add(&named);
        if let Some(span) = &self.span {
            span.decided(&Decided {
                decision,
                taken,
                policies: &named,
            });
        }
    }

    fn noted(&self) -> std::sync::MutexGuard<'_, Option<Outcome>> {
        // No code that can panic runs under the lock.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, outcome: &Outcome, trace: Option<TraceIds>) {
        if self.has_ended.swap(true, Ordering::AcqRel) {
            return;
        }
        self.telemetry.0.calls.ended(self.method, outcome);
        if let Some(span) = &self.span {
            span.end(outcome);
        }
        if outcome.code != tonic::Code::Ok || !outcome.reason.is_empty() {
            tracing::debug!(
                door = self.method.door.word(),
                method = self.method.name,
                code = outcome.word(),
                reason = &*outcome.reason,
                limit = outcome.limit.as_deref(),
                taken_us = self.begun.elapsed().as_micros(),
                trace_id = trace.map(|trace| trace.trace_id()),
                "a call ended without an answer"
            );
        }
    }
}

impl Ending {
    /// What goes with the call.
    pub(crate) fn meter(&self) -> Meter {
        self.0.clone()
    }

    /// The answer is there, and says how the call ends unless something else was noted. That of a
    /// stream tells nothing yet, unless it says that there is none.
    pub(crate) fn answered(&self, outcome: Option<Outcome>) {
        let Some(call) = &self.0.0 else {
            return;
        };
        let is_over =
            !call.method.streams || outcome.as_ref().is_some_and(|end| *end != Outcome::OK);
        if is_over {
            call.counters.answered(call.begun.elapsed());
            if let Some(outcome) = outcome {
                self.ended(outcome);
            }
        }
    }

    /// The answer is gone, and ended so unless something else was noted.
    pub(crate) fn ended(&self, outcome: Outcome) {
        let Some(call) = &self.0.0 else {
            return;
        };
        let noted = call.noted().take();
        call.end(&noted.unwrap_or(outcome), self.0.trace());
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let Some(call) = &self.0.0 else {
            return;
        };
        call.counters.running.dec();
        if call.method.streams {
            call.counters.answered(call.begun.elapsed());
        }
        let noted = call.noted().take();
        call.end(&noted.unwrap_or(Outcome::CANCELLED), self.0.trace());
    }
}
