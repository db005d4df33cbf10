//! The contract's reason for a failure, and what can be done about it.

use std::fmt;

use embargo_proto::v1::ErrorReason;

/// What the names of the enum's values have in front of the reason.
const PREFIX: &str = "ERROR_REASON_";

/// The reason of a failure. The set may grow, so that a newer server's reason is kept as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// One that this release knows; never UNSPECIFIED.
    Known(ErrorReason),
    /// Another one, as it came. Go by the status code.
    Unknown(String),
}

impl Reason {
    pub(crate) fn parse(reason: &str) -> Self {
        match ErrorReason::from_str_name(&format!("{PREFIX}{reason}")) {
            None | Some(ErrorReason::Unspecified) => Self::Unknown(reason.into()),
            Some(known) => Self::Known(known),
        }
    }

    /// The reason as it is sent, such as `FACTS_INVALID`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(reason) => {
                let name = reason.as_str_name();
                name.strip_prefix(PREFIX).unwrap_or(name)
            }
            Self::Unknown(reason) => reason,
        }
    }

    /// What would put it right, if something would.
    pub(super) fn hint(&self) -> Option<&'static str> {
        let Self::Known(reason) = self else {
            return None;
        };
        match reason {
            ErrorReason::Unspecified => None,
            ErrorReason::FactsInvalid | ErrorReason::RequestInvalid => {
                Some("correct the named fields")
            }
            ErrorReason::BatchTooLarge => Some("send smaller batches, or a stream"),
            ErrorReason::PageTokenInvalid => Some("list from the start"),
            ErrorReason::BundleInvalid => Some("check the paths and sizes of the files"),
            ErrorReason::BundleRejected => Some("validate the bundle to see its faults"),
            ErrorReason::PolicyNotFound => Some("list the policies to see which there are"),
            ErrorReason::SnapshotMismatch => {
                Some("require the active snapshot, or none if any may answer")
            }
            ErrorReason::NoSnapshot => {
                Some("see the server's log for why its policies did not load, or ask another")
            }
            ErrorReason::Draining => Some("ask another server"),
            ErrorReason::Overloaded => Some("ask again later, or add servers"),
            ErrorReason::RateLimited => Some("ask less often, or about many hosts in one call"),
            ErrorReason::DecisionLogUnavailable => Some(
                "ask again later or another; the server's log says what keeps its decision log",
            ),
            ErrorReason::AnswerTooLarge => Some("ask for less at a time"),
            ErrorReason::DeadlinePassed => Some("allow more time"),
            ErrorReason::InventoryInvalid => Some("export the inventory again, or name its format"),
            ErrorReason::CredentialsMissing => Some("give the client a token or a certificate"),
            ErrorReason::CredentialsInvalid => {
                Some("renew the token or the certificate; `cause` says what is wrong with it")
            }
            ErrorReason::ScopeMissing => Some("ask who runs the server for the scope"),
            ErrorReason::ServerFault => Some("the server's log says more"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
