//! Decisions: the judgement of one host and action, under one snapshot, at one instant.
//!
//! A pure function of those four; nothing here knows what time it is. DENY and
//! INDETERMINATE are answers. No error, and nothing that is absent, becomes ALLOW.

mod assemble;
mod budget;
mod change;
mod digest;
mod evaluator;
mod memo;
mod missing;
mod order;
mod recall;
mod stopwatch;
mod wording;

use std::sync::Arc;

use crate::catalogue::Evidence;
use crate::diagnostic::{Diagnostic, Span};
use crate::instant::Instant;
use crate::instrument::{Action, Citation, Effect, Instrument};

pub use self::budget::{Budget, Progress, Step};
pub use self::evaluator::{Evaluator, Question};
pub use self::stopwatch::PolicyTime;

/// The most findings of a decision; the rest are counted.
pub const FINDINGS: usize = 1_000;
/// The most missing facts of a decision.
pub const MISSING_FACTS: usize = 100;

/// The judgement of one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// A digest of the four inputs.
    pub decision_id: String,
    /// The host that was judged.
    pub host_id: String,
    /// The action that was judged.
    pub action: Action,
    /// What was found, failed and missed.
    pub judgement: Judgement,
    /// The snapshot that judged.
    pub snapshot_id: Arc<str>,
    /// The instant at which the facts were judged.
    pub evaluate_time: Instant,
    /// The first later instant at which the judgement may differ.
    pub next_change_time: Option<Instant>,
}

/// The part of a decision that can change with time.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The overall effect.
    pub effect: Effect,
    /// What was found, at most 1,000: active before waived before exempt, strongest first,
    /// then by instrument, policy, position, product and message.
    pub findings: Vec<Finding>,
    /// How many findings were left out; they count all the same.
    pub omitted_findings: usize,
    /// The policies that could not be evaluated, by id.
    pub failures: Vec<PolicyFailure>,
    /// The paths below `input` that a rule needed and that were absent, ascending.
    pub missing_facts: Vec<String>,
}

/// What one rule found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The instrument that it rests on; none for a policy of its own.
    pub instrument: Option<InstrumentRef>,
    /// The policy whose rule raised it.
    pub policy_id: Arc<str>,
    /// The effect that the rule asks for.
    pub effect: Effect,
    /// Whether it stands.
    pub disposition: Disposition,
    /// The software concerned; nothing if it is about the whole host.
    pub software: Option<SoftwareRef>,
    /// The product, as the catalogue names it; empty if the rule did not go by it.
    pub product_id: String,
    /// Who makes it; empty likewise.
    pub vendor_id: String,
    /// Why the software is taken for that product, strongest first.
    pub evidence: Vec<Evidence>,
    /// One sentence for the owner of the host.
    pub message: String,
    /// What the administrator should know beyond that.
    pub detail: String,
    /// What the owner can do.
    pub remediation: String,
    /// When the instrument's present phase began.
    pub since_time: Option<Instant>,
    /// The next time the instrument makes this finding stronger or ends it.
    pub next: Option<NextEffect>,
    /// The place of the rule.
    pub rule_span: Option<Span>,
}

impl Finding {
    /// The id of the instrument, or an empty text.
    #[must_use]
    pub fn instrument_id(&self) -> &str {
        self.instrument
            .as_ref()
            .map_or("", |instrument| &instrument.0.id)
    }

    /// Where the instrument can be read.
    #[must_use]
    pub fn citations(&self) -> &[Citation] {
        self.instrument
            .as_ref()
            .map_or(&[], |instrument| &instrument.0.citations)
    }

    /// What the finding counts as.
    #[must_use]
    pub const fn counts_as(&self) -> Effect {
        match self.disposition {
            Disposition::Active => self.effect,
            Disposition::Waived(_) => Effect::Warn,
            Disposition::Exempt => Effect::Allow,
        }
    }
}

/// An instrument of the snapshot.
#[derive(Clone, Debug)]
pub struct InstrumentRef(pub Arc<Instrument>);

impl PartialEq for InstrumentRef {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

/// Whether a finding stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// It stands and counts as its effect.
    Active,
    /// The operator has set it aside for a time. It counts as WARN.
    Waived(WaiverRef),
    /// The instrument itself exempts the case. It counts as ALLOW.
    Exempt,
}

/// The waiver that sets a finding aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverRef {
    /// Its id.
    pub id: String,
    /// The first instant at which it no longer holds.
    pub expires: Instant,
    /// Who answers for it.
    pub owner: String,
    /// Why it was given.
    pub reason: String,
}

/// An item of the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftwareRef {
    /// The position, from 0.
    pub index: usize,
    /// The name at that position.
    pub name: String,
    /// The version at that position.
    pub version: Option<String>,
}

/// What a finding turns into and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextEffect {
    /// The effect from then on; ALLOW if the finding ends.
    pub effect: Effect,
    /// The first instant of it.
    pub time: Instant,
}

/// A policy that could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFailure {
    /// The policy.
    pub policy_id: Arc<str>,
    /// Why.
    pub kind: FailureKind,
    /// The reason in words, and the place if it is known.
    pub diagnostic: Diagnostic,
}

/// Why a policy could not be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A rule raised an error.
    RuntimeError,
    /// The policy ran past its budget.
    BudgetExceeded,
    /// A rule returned something that is not a finding.
    MalformedResult,
    /// The evaluator itself failed.
    EngineFault,
}

impl FailureKind {
    /// Whether it may go well another time with the same facts, instant and snapshot.
    #[must_use]
    pub const fn is_passing(self) -> bool {
        match self {
            Self::BudgetExceeded | Self::EngineFault => true,
            Self::RuntimeError | Self::MalformedResult => false,
        }
    }

    /// The word that files and messages use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RuntimeError => "runtime-error",
            Self::BudgetExceeded => "budget-exceeded",
            Self::MalformedResult => "malformed-result",
            Self::EngineFault => "engine-fault",
        }
    }
}
