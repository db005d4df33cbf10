//! The record: what every decision passes on its way out.
//!
//! Whoever judges gets an answer that is not recorded yet, and the only way to open it is to file
//! its entry; so no method and no door can forget it. In strict mode an answer is there once its
//! entry is on disk, and a refusal is there instead if it cannot be. Nothing else asks the evaluator.

use std::sync::Arc;
use std::time::{Duration, Instant};

use embargo_core::decision::{Decision, Evaluator, Question};
use embargo_core::explain::{Explanation, Limits, explain};
use embargo_core::facts::HostFacts;
use embargo_core::instant;
use embargo_core::instrument::{Action, Effect};
use embargo_core::timeline::{IntervalInvalid, Timeline};

use crate::decision_log::{Call, Content, DecisionLog, Draft, Judged, Receipt, Refused, now};
use crate::reload::Active;
use crate::telemetry::Meter;

use super::arrival::Arrival;
use super::status::Refusal;

/// What asks the evaluator for one call, and notes what entries need. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Pen {
    log: DecisionLog,
    /// Counts what is decided for the call.
    meter: Meter,
    /// Nothing where nothing is logged.
    call: Option<Arc<Call>>,
    /// When the call went to the workers.
    asked: Instant,
}

/// What is asked about a host.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) facts: HostFacts,
    pub(super) action: Action,
    pub(super) at: instant::Instant,
    /// What the caller calls it. Empty if it has no name.
    pub(super) correlation_id: &'a str,
}

/// An answer whose entry is not filed yet.
#[derive(Debug)]
#[must_use = "an answer is given once its entry is filed"]
pub(super) struct Unrecorded<T> {
    content: T,
    draft: Option<Box<Draft>>,
    log: DecisionLog,
}

impl Pen {
    pub(super) fn new(
        log: &DecisionLog,
        arrival: &Arrival,
        active: &Active,
        method: &'static str,
    ) -> Self {
        let call = log.is_on().then(|| {
            Arc::new(Call {
                caller: arrival.caller.clone(),
                method,
                active: active.clone(),
                trace: arrival.meter.trace(),
            })
        });
        Self {
            log: log.clone(),
            meter: arrival.meter.clone(),
            call,
            asked: Instant::now(),
        }
    }

    /// Judges a host.
    pub(super) fn decide(&self, evaluator: &mut Evaluator, case: Case<'_>) -> Unrecorded<Decision> {
        let begun = Instant::now();
        let question = Question {
            facts: &case.facts,
            action: case.action,
            at: case.at,
        };
        let decision = self.meter.decide(evaluator, question);
        let effect = decision.judgement.effect;
        let draft = self.draft(begun, effect, case.correlation_id, || {
            (Arc::new(case.facts), vec![decision.clone()])
        });
        self.unrecorded(decision, draft)
    }

    /// Judges a host from an instant to another. All decisions of the timeline are one entry.
    ///
    /// # Errors
    /// If there is no timeline between the instants.
    pub(super) fn timeline(
        &self,
        evaluator: &mut Evaluator,
        case: Case<'_>,
        end: instant::Instant,
    ) -> Result<Unrecorded<Timeline>, IntervalInvalid> {
        let begun = Instant::now();
        let question = Question {
            facts: &case.facts,
            action: case.action,
            at: case.at,
        };
        let timeline = evaluator.timeline(question, end)?;
        let decisions = || timeline.segments.iter().map(|segment| &segment.decision);
        // What becomes a denial is kept by whatever keeps denials.
        let effects = decisions().map(|decision| decision.judgement.effect);
        let strongest = effects.max().unwrap_or(Effect::Indeterminate);
        let draft = self.draft(begun, strongest, case.correlation_id, || {
            (Arc::new(case.facts), decisions().cloned().collect())
        });
        Ok(self.unrecorded(timeline, draft))
    }

    /// Judges a host, and says why. The entry is about the decision.
    pub(super) fn explain(
        &self,
        evaluator: &mut Evaluator,
        case: Case<'_>,
        limits: &Limits<'_>,
    ) -> Unrecorded<(Explanation, Arc<HostFacts>)> {
        let begun = Instant::now();
        let facts = Arc::new(case.facts);
        let question = Question {
            facts: &facts,
            action: case.action,
            at: case.at,
        };
        let explanation = explain(evaluator, question, limits);
        let decision = &explanation.decision;
        let draft = self.draft(
            begun,
            decision.judgement.effect,
            case.correlation_id,
            || (Arc::clone(&facts), vec![decision.clone()]),
        );
        self.unrecorded((explanation, facts), draft)
    }

    /// Notes that there is no decision about one host among many.
    pub(super) fn refused_item(&self, refusal: &Refusal, correlation_id: &str) {
        self.meter.refused_item(refusal.reason());
        self.refused(refusal, correlation_id);
    }

    /// Notes that there is no decision, where that is wanted. It is never waited for.
    pub(super) fn refused(&self, refusal: &Refusal, correlation_id: &str) {
        let Some(call) = &self.call else { return };
        let Some(event_id) = self.log.wants_refusal(&call.caller) else {
            return;
        };
        let (code, reason) = refusal.kind();
        let reason = reason.as_str_name();
        let draft = Draft {
            event_id,
            time: now(),
            call: Arc::clone(call),
            correlation_id: correlation_id.to_owned(),
            content: Content::Refused(Refused {
                code: super::status::code_name(code),
                reason: reason.strip_prefix("ERROR_REASON_").unwrap_or(reason),
            }),
        };
        drop(self.log.file(vec![draft]));
    }

    fn draft(
        &self,
        begun: Instant,
        effect: Effect,
        correlation_id: &str,
        parts: impl FnOnce() -> (Arc<HostFacts>, Vec<Decision>),
    ) -> Option<Box<Draft>> {
        let call = self.call.as_ref()?;
        let event_id = self.log.wants(&call.caller, effect)?;
        let evaluated = begun.elapsed();
        let (facts, decisions) = parts();
        let queued: Duration = begun.saturating_duration_since(self.asked);
        Some(Box::new(Draft {
            event_id,
            time: now(),
            call: Arc::clone(call),
            correlation_id: correlation_id.to_owned(),
            content: Content::Judged(Box::new(Judged {
                facts,
                decisions,
                queued,
                evaluated,
            })),
        }))
    }

    fn unrecorded<T>(&self, content: T, draft: Option<Box<Draft>>) -> Unrecorded<T> {
        Unrecorded {
            content,
            draft,
            log: self.log.clone(),
        }
    }

    /// What holds no decision.
    pub(super) fn undecided<T>(&self, content: T) -> Unrecorded<T> {
        self.unrecorded(content, None)
    }
}

#[cfg(test)]
impl<T> Unrecorded<T> {
    /// An answer of a server without a log.
    pub(super) fn unlogged(content: T) -> Self {
        Self {
            content,
            draft: None,
            log: DecisionLog::off(),
        }
    }
}

impl<T> Unrecorded<T> {
    /// The same answer in other words.
    pub(super) fn map<U>(self, words: impl FnOnce(T) -> U) -> Unrecorded<U> {
        Unrecorded {
            content: words(self.content),
            draft: self.draft,
            log: self.log,
        }
    }

    /// The same, if it is an answer after all. If it is none, it has no entry.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn and_then<U>(
        self,
        words: impl FnOnce(T) -> Result<U, Refusal>,
    ) -> Result<Unrecorded<U>, Refusal> {
        Ok(Unrecorded {
            content: words(self.content)?,
            draft: self.draft,
            log: self.log,
        })
    }

    /// Something about the answer, such as its size.
    pub(super) fn measured<R>(&self, measure: impl FnOnce(&T) -> R) -> R {
        measure(&self.content)
    }

    /// Another answer in its place, which holds no decision.
    pub(super) fn replaced(self, instead: impl FnOnce(T) -> T) -> Self {
        Self {
            content: instead(self.content),
            draft: None,
            log: self.log,
        }
    }

    /// The answer, once its entry is where it must be.
    ///
    /// # Errors
    /// If it cannot be there.
    pub(super) async fn recorded(self) -> Result<T, Refusal> {
        let (content, receipt) = file(vec![self]);
        settled(receipt).await?;
        // One was given.
        content.into_iter().next().ok_or(Refusal::ServerFault)
    }
}

/// Files the entries of answers. The answers may be given once that is [`settled`].
pub(super) fn file<T>(answers: Vec<Unrecorded<T>>) -> (Vec<T>, Receipt) {
    let mut contents = Vec::with_capacity(answers.len());
    let mut drafts = Vec::new();
    let mut log = None;
    for answer in answers {
        contents.push(answer.content);
        if let Some(draft) = answer.draft {
            drafts.push(*draft);
            log.get_or_insert(answer.log);
        }
    }
    let receipt = log.map_or_else(Receipt::nothing, |log| log.file(drafts));
    (contents, receipt)
}

/// Waits until entries are where they must be.
///
/// # Errors
/// If one cannot be there.
pub(super) async fn settled(receipt: Receipt) -> Result<(), Refusal> {
    let settled = receipt.settled().await;
    settled.map_err(|_| Refusal::DecisionLogUnavailable)
}

#[cfg(test)]
mod tests;
