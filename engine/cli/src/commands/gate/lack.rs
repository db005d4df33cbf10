//! Why there is no decision, told apart by whose fault it is.

use embargo_client::v1::ErrorReason;
use embargo_client::{CallError, Code, ConnectError, ErrorStatus};
use embargo_service::Unjudged;

use crate::commands::Failure;

/// Why there is no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The arguments name no server that could be asked.
    Usage,
    /// The facts cannot be read or break a rule.
    Facts,
    /// The files tell of no host.
    NoHost,
    /// The policies to judge by here cannot be loaded.
    Policies,
    /// The server refuses the call, and would refuse it again.
    Refused,
    /// Whoever judges failed, or answered what is no decision.
    Fault,
    /// Judging here took too long. No service is to blame for it, but policies or facts.
    Slow,
    /// The server cannot be reached, or is shutting down.
    Unreachable,
    /// There was no answer of a server in time.
    Timeout,
    /// The server has no room for the call.
    Overloaded,
    /// The server has no policies yet.
    NoSnapshot,
}

impl Lack {
    #[cfg(test)]
    pub(super) const ALL: [Self; 11] = [
        Self::Usage,
        Self::Facts,
        Self::NoHost,
        Self::Policies,
        Self::Refused,
        Self::Fault,
        Self::Slow,
        Self::Unreachable,
        Self::Timeout,
        Self::Overloaded,
        Self::NoSnapshot,
    ];

    /// Whether the service had no decision to give, so that the same question may have one
    /// later. What this program does not know is not.
    pub(super) const fn is_pardonable(self) -> bool {
        match self {
            Self::Unreachable | Self::Timeout | Self::Overloaded | Self::NoSnapshot => true,
            Self::Usage
            | Self::Facts
            | Self::NoHost
            | Self::Policies
            | Self::Refused
            | Self::Fault
            | Self::Slow => false,
        }
    }

    /// The word for programs.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Facts => "facts",
            Self::NoHost => "no-host",
            Self::Policies => "policies",
            Self::Refused => "refused",
            Self::Fault => "fault",
            Self::Slow => "slow",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Overloaded => "overloaded",
            Self::NoSnapshot => "no-snapshot",
        }
    }

    pub(super) fn of(failure: &Failure) -> Self {
        match failure {
            Failure::Unreadable { .. } | Failure::Diagnostic(_) | Failure::Facts { .. } => {
                Self::Facts
            }
            Failure::Policies(_) => Self::Policies,
            Failure::Connect(cause) => Self::of_connecting(cause),
            Failure::Call(cause) => Self::of_call(cause),
            Failure::Unjudged(Unjudged::DeadlinePassed) => Self::Slow,
            Failure::Unjudged(Unjudged::Fault) | Failure::Said(_) => Self::Fault,
        }
    }

    pub(super) const fn of_connecting(cause: &ConnectError) -> Self {
        match cause {
            ConnectError::Unreachable { .. } | ConnectError::Late { .. } => Self::Unreachable,
            _ => Self::Usage,
        }
    }

    fn of_call(cause: &CallError) -> Self {
        match cause {
            CallError::Status { status, .. } => Self::of_status(status, cause),
            CallError::Transport { .. } => Self::Unreachable,
            CallError::Deadline { .. } => Self::Timeout,
            CallError::TooLarge { .. } => Self::Refused,
            _ => Self::Fault,
        }
    }

    fn of_status(status: &ErrorStatus, cause: &CallError) -> Self {
        match status.code {
            Code::Unavailable if cause.is_reason(ErrorReason::NoSnapshot) => Self::NoSnapshot,
            Code::Unavailable => Self::Unreachable,
            Code::DeadlineExceeded => Self::Timeout,
            // Without the reason it is about the call's size, which waiting does not change; or about
            // how often this caller asks, who could otherwise open the gate by asking.
            Code::ResourceExhausted if cause.is_reason(ErrorReason::Overloaded) => Self::Overloaded,
            Code::Internal | Code::Unknown | Code::DataLoss | Code::Aborted | Code::Cancelled => {
                Self::Fault
            }
            _ => Self::Refused,
        }
    }
}
