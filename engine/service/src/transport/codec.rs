//! Messages for those who do not come over the wire: the command line, which writes what a
//! server would answer, and benches, which measure the way from message to message. And messages as
//! JSON with short words, for the command line and for the doors that speak so.

pub mod json;
pub mod words;

use embargo_core::catalogue::{Catalogue, Identification};
use embargo_core::decision::Decision;
use embargo_core::diagnostic::Diagnostic;
use embargo_core::explain::Explanation;
use embargo_core::facts::{HostFacts, Software};
use embargo_core::timeline::Timeline;
use embargo_proto::v1 as pb;
use prost::Message as _;
use thiserror::Error;

use super::doors::{Converted, Schema};
use super::time::timestamp;
use super::{catalogue, decision, explanation, facts, policy, prescan};

/// The method whose requests [`request_facts`] reads.
const DECIDE_HOST: &str = "/embargo.v1.DecisionService/DecideHost";

/// Why bytes are not the facts of a host.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FactsUnreadable {
    /// They are not a message of this schema.
    #[error("the bytes are not an `embargo.v1.HostFacts` message")]
    NotAMessage,
    /// A field has far more entries than it may have.
    #[error("`{0}` has far more entries than a request may have")]
    TooMuch(String),
    /// A field is nested deeper than the decoder follows.
    #[error("`{0}` is nested too deep")]
    TooDeep(String),
    /// The facts break a rule; the text names the first field.
    #[error("{0}")]
    Invalid(String),
}

/// The facts of an encoded `HostFacts` message, if they keep every rule.
///
/// # Errors
/// If the bytes are no such message, or the facts break a rule.
pub fn facts(bytes: &[u8]) -> Result<HostFacts, FactsUnreadable> {
    let message = pb::HostFacts::decode(bytes).map_err(|_| FactsUnreadable::NotAMessage)?;
    facts::checked(Some(message)).map_err(|refusal| FactsUnreadable::Invalid(refusal.to_string()))
}

/// The facts of an encoded `DecideHostRequest` message, on the way that they take when they
/// come over the wire in pieces of at most `piece` bytes: scanned, decoded, checked.
///
/// # Errors
/// If the bytes are no such message, or the facts break a rule.
pub fn request_facts(bytes: &[u8], piece: usize) -> Result<HostFacts, FactsUnreadable> {
    prescan::scan(DECIDE_HOST, bytes, piece)?;
    let request = pb::DecideHostRequest::decode(bytes).map_err(|_| FactsUnreadable::NotAMessage)?;
    facts::checked(request.facts).map_err(|refusal| FactsUnreadable::Invalid(refusal.to_string()))
}

/// A decision as an encoded `Decision` message.
#[must_use]
pub fn decision(decision: Decision) -> Vec<u8> {
    decision_message(decision).encode_to_vec()
}

/// A decision as a message.
#[must_use]
pub fn decision_message(decision: Decision) -> pb::Decision {
    decision::decision(decision)
}

/// A timeline as the message that answers a call.
#[must_use]
pub fn timeline_message(timeline: Timeline) -> pb::ComputeDecisionTimelineResponse {
    let segments = timeline.segments.into_iter().map(decision::segment);
    pb::ComputeDecisionTimelineResponse {
        segments: segments.collect(),
        truncate_time: timeline.truncated_at.map(timestamp),
    }
}

/// An explanation as the message that answers a call.
#[must_use]
pub fn explanation_message(
    explanation: Explanation,
    items: &[Software],
    catalogue: &Catalogue,
) -> pb::ExplainDecisionResponse {
    explanation::explanation(explanation, items, catalogue)
}

/// A remark as a message.
#[must_use]
pub fn diagnostic_message(remark: Diagnostic) -> pb::Diagnostic {
    policy::diagnostic(remark)
}

/// An identification as a message.
#[must_use]
pub fn identification_message(
    found: &Identification,
    items: &[Software],
    catalogue: &Catalogue,
) -> pb::Identification {
    catalogue::identification(found, items, catalogue)
}

/// The JSON of requests and answers, as the HTTP door reads and writes it.
#[derive(Debug)]
pub struct Json(Schema);

impl Json {
    /// Reads the descriptors of the API. None if they are not sound, which is a defect of the build.
    #[must_use]
    pub fn load() -> Option<Self> {
        Schema::load_alone().ok().map(Self)
    }

    /// A request to a method, such as `/embargo.v1.DecisionService/DecideHost`, as an encoded
    /// message. None if the text is not the JSON of one.
    #[must_use]
    pub fn read_request(&self, method: &str, text: &[u8]) -> Option<Vec<u8>> {
        self.0.convert(method, Converted::Request(text))
    }

    /// The encoded answer of a method as JSON. None if it is no such answer.
    #[must_use]
    pub fn write_answer(&self, method: &str, message: &[u8]) -> Option<Vec<u8>> {
        self.0.convert(method, Converted::Answer(message))
    }
}
