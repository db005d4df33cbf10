//! Admission that fails closed: a permit on an explicit ALLOW or WARN, and a reason for everything
//! else.
//!
//! Invariant: [`Passed`] is made in one place, [`admit`], from a decision that was checked against
//! its question. Nothing else in this crate or outside of it can make one.

use std::time::Duration;

use embargo_proto::v1::{DecideHostRequest, Decision, Effect};

use crate::{CallError, Client};

/// Lets an action through only if a server says so in time.
#[derive(Clone, Debug)]
pub struct Gate {
    client: Client,
}

/// What the gate says. There is no third state.
#[derive(Debug)]
#[must_use = "an action may go ahead only if the gate is open"]
pub enum GateOutcome {
    /// The action may go ahead.
    Open(Passed),
    /// The action must not go ahead.
    Closed(ClosedReason),
}

/// The permit: a server decided ALLOW or WARN on exactly what was asked.
///
/// It holds for one passage and has no copy. Ask for it in the signature of what the gate protects.
#[derive(Debug)]
#[must_use = "a permit that is dropped was asked for in vain"]
pub struct Passed {
    decision: Box<Decision>,
}

/// Why the gate is closed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClosedReason {
    /// An instrument in force forbids it.
    #[error("denied{}", because(.0))]
    Denied(Box<Decision>),
    /// A person must decide.
    #[error("a person must decide{}", because(.0))]
    Review(Box<Decision>),
    /// A policy could not be evaluated, or software not be read, so that a denial cannot be ruled out.
    #[error("a denial cannot be ruled out{}", because(.0))]
    Indeterminate(Box<Decision>),
    /// There is no decision, for whatever reason.
    #[error("no decision: {0}")]
    NoDecision(CallError),
}

impl Gate {
    /// A gate with a deadline of its own for each check, retries included.
    #[must_use]
    pub fn new(client: &Client, deadline: Duration) -> Self {
        Self {
            client: client.with_deadline(deadline),
        }
    }

    /// Asks whether an action may go ahead. Takes no longer than the gate's deadline.
    pub async fn check(&self, request: DecideHostRequest) -> GateOutcome {
        match self.client.decide_host(request).await {
            Ok(decision) => admit(decision),
            Err(error) => GateOutcome::Closed(ClosedReason::NoDecision(error)),
        }
    }
}

/// The only maker of permits. The decision is one that `Client` has checked against its question.
fn admit(decision: Decision) -> GateOutcome {
    let effect = decision.effect();
    let decision = Box::new(decision);
    match effect {
        Effect::Allow | Effect::Warn => GateOutcome::Open(Passed { decision }),
        Effect::Review => GateOutcome::Closed(ClosedReason::Review(decision)),
        Effect::Deny => GateOutcome::Closed(ClosedReason::Denied(decision)),
        // UNSPECIFIED is what an effect reads as that this release does not know.
        Effect::Indeterminate | Effect::Unspecified => {
            GateOutcome::Closed(ClosedReason::Indeterminate(decision))
        }
    }
}

impl GateOutcome {
    /// Whether the action may go ahead.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// The permit, or why there is none.
    ///
    /// # Errors
    ///
    /// Every closed gate.
    pub fn into_result(self) -> Result<Passed, ClosedReason> {
        match self {
            Self::Open(passed) => Ok(passed),
            Self::Closed(reason) => Err(reason),
        }
    }
}

impl Passed {
    /// The decision that opened the gate.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Whether the decision is WARN, so that its findings are worth showing.
    #[must_use]
    pub fn has_warnings(&self) -> bool {
        self.decision.effect() == Effect::Warn
    }

    /// Uses the permit up and keeps its decision.
    #[must_use]
    pub fn into_decision(self) -> Decision {
        *self.decision
    }
}

impl ClosedReason {
    /// The decision that closed the gate, if there is one.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Denied(decision) | Self::Review(decision) | Self::Indeterminate(decision) => {
                Some(decision)
            }
            Self::NoDecision(_) => None,
        }
    }
}

/// The first finding, which is the strongest, or else the first failure. Not the host, which the
/// caller knows and a log need not.
fn because(decision: &Decision) -> String {
    if let Some(finding) = decision.findings.first() {
        return format!(": {} ({})", finding.message, finding.instrument_id);
    }
    match decision.failures.first() {
        Some(failure) => format!(": policy `{}` failed", failure.policy_id),
        None if !decision.missing_facts.is_empty() => {
            format!(": facts are missing: {}", decision.missing_facts.join(", "))
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests;
