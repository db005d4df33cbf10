//! The one table of refusals: gRPC code, `ErrorReason`, metadata and details for each.
//!
//! Whether a refusal ends a call or stands in a `DecideResult`, it comes from here. None of
//! them is a decision.

use std::collections::HashMap;
use std::time::Duration;

use embargo_core::bundle::{BundleInvalid, PATH_BYTES};
use embargo_core::diagnostic::{Diagnostic, cut, page};
use embargo_core::facts::{FactsInvalid, Violation, limits};
use embargo_proto::ERROR_DOMAIN;
use embargo_proto::v1::ErrorReason;
use prost::Message as _;
use thiserror::Error;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _, pb};

use crate::identity::{Cause, Scope, Unidentified};
use crate::telemetry::Outcome;
use crate::workers::{QueueFull, Unjudged};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("{}", summary(.violations, *.total))]
    FactsInvalid {
        violations: Vec<Violation>,
        total: usize,
    },
    #[error("{}", summary(.0, .0.len()))]
    RequestInvalid(Vec<Violation>),
    #[error(
        "the batch has {items} items, and may have {most}\n  hint: send smaller batches, or use StreamDecideHosts"
    )]
    BatchTooLarge { items: usize, most: usize },
    #[error(
        "the page token is not one of this server and its active snapshot\n  hint: list from the start"
    )]
    PageTokenInvalid,
    #[error("{message}")]
    InventoryInvalid {
        message: String,
        place: Option<(u32, u32)>,
    },
    #[error("{0}")]
    BundleInvalid(BundleInvalid),
    #[error(
        "the bundle has {errors} {}\n  hint: ValidateBundle says what is wrong", if *.errors == 1 { "error" } else { "errors" }
    )]
    BundleRejected { errors: usize },
    #[error(
        "the active snapshot has no policy `{policy_id}`\n  hint: ListPolicies lists those it has"
    )]
    PolicyNotFound { policy_id: String },
    #[error(
        "the active snapshot is `{active}`, and the caller requires `{required}`\n  hint: read GetSnapshot, and leave the requirement out if any snapshot may answer"
    )]
    SnapshotMismatch { required: String, active: String },
    #[error("no policies are active yet\n  hint: GetSnapshot says what keeps them from it")]
    NoSnapshot,
    #[error("the server is shutting down\n  hint: ask another")]
    Draining,
    #[error("the limit `{}` is reached\n  hint: try again after the delay that is given", .0.word())]
    Overloaded(Limit),
    #[error(
        "the entry of the decision log cannot be kept, and nothing is answered without it\n  hint: try again after the delay that is given; the server's log says more"
    )]
    DecisionLogUnavailable,
    #[error(
        "the caller asks for more {} than it may\n  hint: try again after the delay that is given, and ask about many hosts in one call", .rate.of()
    )]
    RateLimited { rate: Rate, wait: Duration },
    #[error("the answer would exceed {most} bytes\n  hint: ask for less at a time")]
    AnswerTooLarge { most: usize },
    #[error(
        "the deadline passed before there was an answer\n  hint: allow more time, or ask for less at a time"
    )]
    DeadlinePassed,
    #[error(
        "the call has no credential\n  hint: send `authorization: Bearer TOKEN`, or show a certificate that the server knows"
    )]
    CredentialsMissing,
    #[error("{}", .0.said())]
    CredentialsInvalid(Cause),
    #[error(
        "the caller may not do this, for which it needs the scope `{}`\n  hint: let whoever runs the server grant it to the caller in `identity`", .0.word()
    )]
    ScopeMissing(Scope),
    #[error("the server failed\n  hint: its log says more; report it to who runs the server")]
    ServerFault,
}

/// A limit on concurrent work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Calls before the workers.
    QueuedCalls,
    /// Items of software before the workers.
    QueuedSoftware,
    /// Batches at a time.
    ConcurrentBatches,
    /// Streams of hosts at a time.
    ConcurrentStreams,
    /// Watches at a time.
    Watches,
    /// Bundles that are being compiled for callers.
    BundleCompilations,
    /// Inventories that are being read.
    ConcurrentInventories,
    /// Calls at a time.
    ConcurrentCalls,
    /// Memory for messages that come in.
    ArrivingMessages,
    /// Memory for answers that their callers have not taken.
    UntakenAnswers,
    /// Large texts that wait to be read.
    WaitingTexts,
}

/// What is counted for each caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rate {
    Calls,
    Hosts,
}

impl Rate {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Calls => "calls-per-second",
            Self::Hosts => "hosts-per-second",
        }
    }

    const fn of(self) -> &'static str {
        match self {
            Self::Calls => "calls a second",
            Self::Hosts => "hosts a second",
        }
    }
}

impl Limit {
    /// Every limit.
    const ALL: [Self; 11] = [
        Self::QueuedCalls,
        Self::QueuedSoftware,
        Self::ConcurrentBatches,
        Self::ConcurrentStreams,
        Self::Watches,
        Self::BundleCompilations,
        Self::ConcurrentInventories,
        Self::ConcurrentCalls,
        Self::ArrivingMessages,
        Self::UntakenAnswers,
        Self::WaitingTexts,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::QueuedCalls => "queued-calls",
            Self::QueuedSoftware => "queued-software",
            Self::ConcurrentBatches => "concurrent-batches",
            Self::ConcurrentStreams => "concurrent-streams",
            Self::Watches => "watches",
            Self::BundleCompilations => "bundle-compilations",
            Self::ConcurrentInventories => "concurrent-inventories",
            Self::ConcurrentCalls => "concurrent-calls",
            Self::ArrivingMessages => "arriving-messages",
            Self::UntakenAnswers => "untaken-answers",
            Self::WaitingTexts => "waiting-texts",
        }
    }

    /// After which time it is worth trying again.
    const fn retry_after(self) -> Duration {
        match self {
            Self::QueuedCalls | Self::QueuedSoftware => Duration::from_millis(100),
            Self::ConcurrentBatches
            | Self::BundleCompilations
            | Self::ConcurrentInventories
            | Self::ConcurrentCalls
            | Self::ArrivingMessages
            | Self::UntakenAnswers
            | Self::WaitingTexts => Duration::from_millis(500),
            Self::ConcurrentStreams | Self::Watches => Duration::from_secs(5),
        }
    }
}

/// The words of all limits and rates, for counters that are there from the start.
pub(crate) fn limit_words() -> impl Iterator<Item = &'static str> {
    let rates = [Rate::Calls, Rate::Hosts].map(Rate::word);
    Limit::ALL.into_iter().map(Limit::word).chain(rates)
}

fn summary(violations: &[Violation], total: usize) -> String {
    let Some(first) = violations.first() else {
        return "the request breaks a rule".to_owned();
    };
    match total {
        0 | 1 => first.to_string(),
        _ => format!("{first} (and {} more)", total - 1),
    }
}

impl Refusal {
    /// Facts that are refused, with their fields below `prefix`.
    pub(super) fn facts(refused: FactsInvalid, prefix: &str) -> Self {
        let below = |violation: Violation| Violation {
            field: format!("{prefix}{}", violation.field),
            ..violation
        };
        Self::FactsInvalid {
            violations: refused.violations.into_iter().map(below).collect(),
            total: refused.total,
        }
    }

    /// An inventory that cannot be read. Without the line itself, which may hold facts.
    pub(super) fn inventory(fault: &Diagnostic) -> Self {
        let place = fault
            .span
            .as_ref()
            .map(|span| (span.start_line, span.start_column));
        let at = place.map_or_else(String::new, |(line, column)| {
            format!(" (line {line}, column {column})")
        });
        Self::InventoryInvalid {
            message: format!(
                "{}{at}\n  hint: {}\n  see: {}",
                fault.message,
                fault.hint,
                page::of(fault.code)
            ),
            place,
        }
    }

    /// One field of a request that breaks a rule.
    pub(super) fn field(field: &str, description: impl Into<String>) -> Self {
        Self::RequestInvalid(vec![Violation::new(field, description)])
    }

    /// After which time it is worth trying again, if that is known.
    pub(super) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Overloaded(limit) => Some(limit.retry_after()),
            Self::RateLimited { wait, .. } => Some(*wait),
            Self::DecisionLogUnavailable => Some(LOG_RETRY),
            _ => None,
        }
    }

    /// The code and the reason.
    pub(super) const fn kind(&self) -> (Code, ErrorReason) {
        match self {
            Self::FactsInvalid { .. } => (Code::InvalidArgument, ErrorReason::FactsInvalid),
            Self::RequestInvalid(_) => (Code::InvalidArgument, ErrorReason::RequestInvalid),
            Self::BatchTooLarge { .. } => (Code::InvalidArgument, ErrorReason::BatchTooLarge),
            Self::PageTokenInvalid => (Code::InvalidArgument, ErrorReason::PageTokenInvalid),
            Self::InventoryInvalid { .. } => (Code::InvalidArgument, ErrorReason::InventoryInvalid),
            Self::BundleInvalid(_) => (Code::InvalidArgument, ErrorReason::BundleInvalid),
            Self::BundleRejected { .. } => (Code::InvalidArgument, ErrorReason::BundleRejected),
            Self::PolicyNotFound { .. } => (Code::NotFound, ErrorReason::PolicyNotFound),
            Self::SnapshotMismatch { .. } => {
                (Code::FailedPrecondition, ErrorReason::SnapshotMismatch)
            }
            Self::NoSnapshot => (Code::Unavailable, ErrorReason::NoSnapshot),
            Self::Draining => (Code::Unavailable, ErrorReason::Draining),
            Self::Overloaded(_) => (Code::ResourceExhausted, ErrorReason::Overloaded),
            Self::RateLimited { .. } => (Code::ResourceExhausted, ErrorReason::RateLimited),
            Self::DecisionLogUnavailable => {
                (Code::Unavailable, ErrorReason::DecisionLogUnavailable)
            }
            Self::AnswerTooLarge { .. } => (Code::ResourceExhausted, ErrorReason::AnswerTooLarge),
            Self::DeadlinePassed => (Code::DeadlineExceeded, ErrorReason::DeadlinePassed),
            Self::ServerFault => (Code::Internal, ErrorReason::ServerFault),
            Self::CredentialsMissing => (Code::Unauthenticated, ErrorReason::CredentialsMissing),
            Self::CredentialsInvalid(_) => (Code::Unauthenticated, ErrorReason::CredentialsInvalid),
            Self::ScopeMissing(_) => (Code::PermissionDenied, ErrorReason::ScopeMissing),
        }
    }

    /// The reason as the API writes it.
    pub(super) fn reason(&self) -> &'static str {
        let name = self.kind().1.as_str_name();
        name.strip_prefix("ERROR_REASON_").unwrap_or(name)
    }

    /// How a call ends by it, for those who count.
    pub(super) fn outcome(&self) -> Outcome {
        Outcome {
            code: self.kind().0,
            reason: self.reason().into(),
            limit: match self {
                Self::Overloaded(limit) => Some(limit.word().into()),
                Self::RateLimited { rate, .. } => Some(rate.word().into()),
                _ => None,
            },
        }
    }

    /// The same where a door has words for it that are an answer.
    pub(super) fn worded(&self) -> Outcome {
        Outcome {
            code: Code::Ok,
            ..self.outcome()
        }
    }

    fn metadata(&self) -> HashMap<String, String> {
        let pairs: Vec<(&str, String)> = match self {
            Self::BatchTooLarge { items, most } => vec![
                ("itemCount", items.to_string()),
                ("maxItemCount", most.to_string()),
            ],
            Self::InventoryInvalid { place, .. } => place
                .map(|(line, column)| {
                    vec![("line", line.to_string()), ("column", column.to_string())]
                })
                .unwrap_or_default(),
            Self::BundleInvalid(invalid) => invalid
                .path
                .as_deref()
                .map(|path| vec![("path", cut(path.to_owned(), PATH_BYTES))])
                .unwrap_or_default(),
            Self::BundleRejected { errors } => vec![("errorCount", errors.to_string())],
            Self::PolicyNotFound { policy_id } => vec![("policyId", policy_id.clone())],
            Self::SnapshotMismatch { required, active } => vec![
                ("requiredSnapshotId", required.clone()),
                ("activeSnapshotId", active.clone()),
            ],
            Self::Overloaded(limit) => vec![("limit", limit.word().to_owned())],
            Self::RateLimited { rate, .. } => vec![("limit", rate.word().to_owned())],
            Self::AnswerTooLarge { most } => vec![("maxByteCount", most.to_string())],
            Self::CredentialsInvalid(cause) => {
                let mut pairs = vec![("cause", cause.word().to_owned())];
                if let Cause::ClaimMissing(claim) = cause {
                    pairs.push(("claim", (*claim).to_owned()));
                }
                pairs
            }
            Self::ScopeMissing(scope) => vec![("scope", scope.word().to_owned())],
            Self::FactsInvalid { .. }
            | Self::RequestInvalid(_)
            | Self::PageTokenInvalid
            | Self::NoSnapshot
            | Self::Draining
            | Self::DecisionLogUnavailable
            | Self::DeadlinePassed
            | Self::CredentialsMissing
            | Self::ServerFault => Vec::new(),
        };
        pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }

    /// The status that ends a call.
    pub(super) fn into_status(self) -> Status {
        let (code, name) = (self.kind().0, self.reason());
        let mut details = ErrorDetails::with_error_info(name, ERROR_DOMAIN, self.metadata());
        match &self {
            Self::FactsInvalid { violations, .. } | Self::RequestInvalid(violations) => {
                let fields: Vec<FieldViolation> = violations
                    .iter()
                    .take(limits::NAMED_VIOLATIONS)
                    .map(|violation| FieldViolation::new(&violation.field, &violation.description))
                    .collect();
                details.set_bad_request(fields);
            }
            _ => {}
        }
        if let Some(delay) = self.retry_after() {
            details.set_retry_info(Some(delay));
        }
        Status::with_error_details(code, cut(self.to_string(), MESSAGE_BYTES), details)
    }

    /// The same as a message, for one item among many.
    pub(super) fn into_item(self) -> pb::Status {
        let status = self.into_status();
        pb::Status::decode(status.details()).unwrap_or_else(|_| pb::Status {
            code: status.code().into(),
            message: status.message().to_owned(),
            details: Vec::new(),
        })
    }
}

/// After which time a decision log may be kept again.
const LOG_RETRY: Duration = Duration::from_secs(1);

/// The name of a code, as `google.rpc.Code` has it.
pub(crate) const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// Bytes of a status message, at most: it travels in a header.
pub(super) const MESSAGE_BYTES: usize = 1_024;

impl From<Unidentified> for Refusal {
    fn from(unidentified: Unidentified) -> Self {
        match unidentified {
            Unidentified::Missing => Self::CredentialsMissing,
            Unidentified::Invalid(cause) => Self::CredentialsInvalid(cause),
        }
    }
}

impl From<QueueFull> for Refusal {
    fn from(_: QueueFull) -> Self {
        Self::Overloaded(Limit::QueuedCalls)
    }
}

impl From<Unjudged> for Refusal {
    fn from(unjudged: Unjudged) -> Self {
        match unjudged {
            Unjudged::DeadlinePassed => Self::DeadlinePassed,
            Unjudged::Fault => Self::ServerFault,
        }
    }
}

#[cfg(test)]
mod tests;
