//! Drafts: what an entry is made of, as the call leaves it behind. Nothing is written yet.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use embargo_core::decision::Decision;
use embargo_core::facts::{Attribute, HostFacts};

use crate::identity::Caller;
use crate::reload::Active;
use crate::telemetry::TraceIds;

use super::event::EventId;

/// Bytes that an entry takes besides facts and findings, that an item of software and that a finding
/// take, about.
const ENTRY: usize = 1_024;
const ITEM: usize = 256;
const FINDING: usize = 768;

/// What is known about a call, shared by all its entries.
#[derive(Debug)]
pub(crate) struct Call {
    /// Who asked, and through which door.
    pub(crate) caller: Caller,
    /// The method of the API, or what the door calls it.
    pub(crate) method: &'static str,
    /// What judged.
    pub(crate) active: Active,
    /// The trace that the call is a part of.
    pub(crate) trace: Option<TraceIds>,
}

/// One entry to be.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) event_id: EventId,
    pub(crate) time: SystemTime,
    pub(crate) call: Arc<Call>,
    /// What the caller calls the item. Empty if it has no name.
    pub(crate) correlation_id: String,
    pub(crate) content: Content,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Content {
    Judged(Box<Judged>),
    Refused(Refused),
}

/// What was decided, and from what.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) facts: Arc<HostFacts>,
    /// The decision, and for a timeline those of later instants behind it.
    pub(crate) decisions: Vec<Decision>,
    /// How long it waited for a worker, and how long it was judged.
    pub(crate) queued: Duration,
    pub(crate) evaluated: Duration,
}

/// Why there was no decision, in words that hold no facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The name of the code of gRPC.
    pub(crate) code: &'static str,
    /// The reason of the API.
    pub(crate) reason: &'static str,
}

impl Draft {
    /// About how many bytes it takes, in memory and as an entry.
    pub(super) fn weight(&self) -> usize {
        let Content::Judged(judged) = &self.content else {
            return ENTRY;
        };
        let record = judged.facts.record();
        let findings: usize = judged
            .decisions
            .iter()
            .map(|decision| decision.judgement.findings.len() + 1)
            .sum();
        let attributes = record.attributes.iter().flatten();
        let attributes: usize = attributes
            .map(|(key, value)| key.len() + weight(value))
            .sum();
        ENTRY
            + record.software.len() * ITEM
            + record.groups.len() * 64
            + findings * FINDING
            + attributes
    }
}

/// Facts hold 24 levels at most, so that this ends.
fn weight(value: &Attribute) -> usize {
    match value {
        Attribute::Null | Attribute::Bool(_) | Attribute::Number(_) => 16,
        Attribute::Text(text) => 16 + text.len(),
        Attribute::List(values) => 16 + values.iter().map(weight).sum::<usize>(),
        Attribute::Object(fields) => {
            let fields = fields.iter();
            16 + fields
                .map(|(key, value)| 16 + key.len() + weight(value))
                .sum::<usize>()
        }
    }
}
