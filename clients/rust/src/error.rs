//! Why a call gave no answer.
//!
//! Three things are kept apart: a status that was answered ([`CallError::Status`]), no answer at
//! all ([`CallError::Transport`], [`CallError::Deadline`]), and an answer that is none
//! ([`CallError::NoDecision`], [`CallError::Malformed`]).

mod place;
mod reason;
mod status;

use std::{error::Error, time::Duration};

use embargo_proto::{MAX_MESSAGE_BYTES, v1::ErrorReason};
use tonic::{Code, Status, TimeoutExpired};

use crate::NoDecision;

pub use place::Place;
pub use reason::Reason;
pub use status::{ErrorStatus, FieldViolation};

/// Why a call gave no answer. None of them stands for ALLOW.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// A status was answered.
    #[error("{status}: {place}{}", status.hint().map(|hint| format!("; hint: {hint}")).unwrap_or_default())]
    Status {
        /// What it says.
        status: Box<ErrorStatus>,
        /// Which call.
        place: Place,
    },
    /// The connection failed before there was an answer.
    #[error("{cause}: {place}; hint: check that the server runs and can be reached")]
    Transport {
        /// The innermost cause, in words.
        cause: String,
        /// Which call.
        place: Place,
    },
    /// There was no answer in time.
    #[error(
        "no answer within {limit:?}: {place}; hint: allow more time or check the server's load"
    )]
    Deadline {
        /// How long was waited.
        limit: Duration,
        /// Which call.
        place: Place,
    },
    /// There was an answer, and it holds no decision on what was asked.
    #[error("{cause}: {place}; hint: check that the endpoint is an Embargo server of this version")]
    NoDecision {
        /// What is wrong with it.
        cause: NoDecision,
        /// Which call.
        place: Place,
    },
    /// There was an answer, and it breaks the contract.
    #[error("{cause}: {place}; hint: check that the endpoint is an Embargo server of this version")]
    Malformed {
        /// What is wrong with it.
        cause: Malformed,
        /// Which call.
        place: Place,
    },
    /// The request is larger than any server takes and was not sent.
    #[error(
        "the request has {bytes} bytes and {MAX_MESSAGE_BYTES} are the most: {place}; hint: send \
         fewer hosts or files at a time"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// Which call.
        place: Place,
    },
}

/// How an answer breaks the contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// A part that is always set is absent.
    #[error("the answer lacks `{part}`")]
    Lacks {
        /// The field.
        part: &'static str,
    },
    /// There is not one answer for each item.
    #[error("the batch has {asked} items and {answered} answers")]
    Count {
        /// How many items were sent.
        asked: usize,
        /// How many answers came.
        answered: usize,
    },
    /// An answer belongs to no item that waits for one.
    #[error("no item waits for the answer `{correlation_id}`")]
    NotAsked {
        /// The id that came.
        correlation_id: String,
    },
    /// The stream ended and items are unanswered.
    #[error("the stream ended with {count} items unanswered")]
    Unanswered {
        /// How many.
        count: usize,
    },
    /// The token of the next page is the one of this page.
    #[error("the next page is the same page again")]
    PageRepeats,
}

impl CallError {
    /// Reads what tonic made of an attempt that had until `limit`.
    pub(crate) fn from_status(status: &Status, limit: Duration, place: &Place) -> Self {
        if expired(status) {
            return Self::Deadline {
                limit,
                place: place.clone(),
            };
        }
        Self::from_stream_status(status, place)
    }

    /// The same where no deadline is enforced.
    pub(crate) fn from_stream_status(status: &Status, place: &Place) -> Self {
        let place = place.clone();
        // Only what tonic made itself out of a failed connection has a source.
        match status.source() {
            Some(source) => Self::Transport {
                cause: innermost(source).to_string(),
                place,
            },
            None => Self::Status {
                status: Box::new(status.into()),
                place,
            },
        }
    }

    /// The status code, or the one that stands for it best: UNAVAILABLE for a failed connection,
    /// INTERNAL for an answer that is none.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Status { status, .. } => status.code,
            Self::Transport { .. } => Code::Unavailable,
            Self::Deadline { .. } => Code::DeadlineExceeded,
            Self::NoDecision { .. } | Self::Malformed { .. } => Code::Internal,
            Self::TooLarge { .. } => Code::OutOfRange,
        }
    }

    /// What the server says, if it was a server that said it.
    #[must_use]
    pub fn status(&self) -> Option<&ErrorStatus> {
        match self {
            Self::Status { status, .. } => Some(status),
            _ => None,
        }
    }

    /// The reason that the server gives. Absent if no Embargo server made the failure.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        self.status()?.reason.as_ref()
    }

    /// Whether the server gives this reason.
    #[must_use]
    pub fn is_reason(&self, reason: ErrorReason) -> bool {
        self.reason() == Some(&Reason::Known(reason))
    }

    /// The fields of the request that are at fault, at most 16. Empty if it is not about fields.
    #[must_use]
    pub fn violations(&self) -> &[FieldViolation] {
        self.status().map_or(&[], |status| &status.violations)
    }

    /// How long the server asks to wait before the call is made again.
    #[must_use]
    pub fn retry_delay(&self) -> Option<Duration> {
        self.status()?.retry_delay
    }

    /// Whether the same call may succeed a little later: the server was unavailable or could not
    /// be reached, or it, or a proxy before it, is overloaded and says when to return.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport { .. } => true,
            Self::Status { status, .. } => {
                status.code == Code::Unavailable
                    || (status.code == Code::ResourceExhausted && status.retry_delay.is_some())
            }
            _ => false,
        }
    }

    /// Whether the request is at fault, so that repeating it unchanged does not help.
    #[must_use]
    pub fn is_request_fault(&self) -> bool {
        match self {
            Self::TooLarge { .. } => true,
            Self::Status { status, .. } => matches!(
                status.code,
                Code::InvalidArgument
                    | Code::NotFound
                    | Code::FailedPrecondition
                    | Code::OutOfRange
            ),
            _ => false,
        }
    }

    /// Which call it was.
    #[must_use]
    pub fn place(&self) -> &Place {
        match self {
            Self::Status { place, .. }
            | Self::Transport { place, .. }
            | Self::Deadline { place, .. }
            | Self::NoDecision { place, .. }
            | Self::Malformed { place, .. }
            | Self::TooLarge { place, .. } => place,
        }
    }
}

/// Whether tonic, here or on the server, let go of the call because its deadline passed. It then
/// says CANCELLED, in these words and without a reason.
fn expired(status: &Status) -> bool {
    let here = status
        .source()
        .is_some_and(|source| innermost(source).is::<TimeoutExpired>());
    here || (status.code() == Code::Cancelled
        && status.details().is_empty()
        && status.message() == TimeoutExpired(()).to_string())
}

/// The error at the bottom of a chain, which says most about a connection.
pub(crate) fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost
}

#[cfg(test)]
mod tests;
