//! A status that was answered, with its details read.

use std::{collections::BTreeMap, fmt, time::Duration};

use embargo_proto::ERROR_DOMAIN;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, RpcStatusExt as _, StatusExt as _, pb};

use super::Reason;

/// What a status says. It ends a call or stands in place of one item's decision.
///
/// Without a reason it was made outside of an Embargo server: by a proxy, or by the transport for a
/// message that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorStatus {
    /// The code. Never OK.
    pub code: Code,
    /// What went wrong, for people. Its wording is not part of the contract.
    pub message: String,
    /// Why, for programs.
    pub reason: Option<Reason>,
    /// What belongs to the reason, such as `activeSnapshotId`.
    pub metadata: BTreeMap<String, String>,
    /// The fields of the request that are at fault, at most 16.
    pub violations: Vec<FieldViolation>,
    /// How long to wait before the call is made again.
    pub retry_delay: Option<Duration>,
}

/// A field of the request that breaks its stated rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// Its path, such as `facts.software[17].sha256`.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

impl ErrorStatus {
    fn new(code: Code, message: &str, details: &ErrorDetails) -> Self {
        // Another domain's reasons are not ours to read.
        let info = details
            .error_info()
            .filter(|info| info.domain == ERROR_DOMAIN);
        Self {
            // An error whose code is OK contradicts itself and must not pass for a success.
            code: if code == Code::Ok {
                Code::Unknown
            } else {
                code
            },
            message: message.into(),
            reason: info.map(|info| Reason::parse(&info.reason)),
            metadata: info
                .map(|info| info.metadata.clone().into_iter().collect())
                .unwrap_or_default(),
            violations: details
                .bad_request()
                .map(|request| {
                    request
                        .field_violations
                        .iter()
                        .map(|violation| FieldViolation {
                            field: violation.field.clone(),
                            description: violation.description.clone(),
                        })
                        .collect()
                })
                .unwrap_or_default(),
            retry_delay: details.retry_info().and_then(|info| info.retry_delay),
        }
    }

    /// What would put it right, if something would.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        if let Some(reason) = &self.reason {
            return reason.hint();
        }
        match self.code {
            Code::Unavailable => Some("check that the server behind the endpoint runs"),
            Code::Unimplemented => {
                Some("check that the endpoint is an Embargo server of this version")
            }
            Code::Unauthenticated | Code::PermissionDenied => {
                Some("ask who runs the endpoint for access")
            }
            _ => None,
        }
    }
}

impl From<&Status> for ErrorStatus {
    fn from(status: &Status) -> Self {
        Self::new(status.code(), status.message(), &status.get_error_details())
    }
}

impl From<&pb::Status> for ErrorStatus {
    fn from(status: &pb::Status) -> Self {
        Self::new(
            Code::from_i32(status.code),
            &status.message,
            &status.get_error_details(),
        )
    }
}

impl fmt::Display for ErrorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.as_str() {
            "" => f.write_str("the call failed")?,
            message => f.write_str(message)?,
        }
        for (position, violation) in self.violations.iter().enumerate() {
            let before = if position == 0 { ": " } else { ", " };
            write!(f, "{before}`{}` {}", violation.field, violation.description)?;
        }
        write!(f, " ({}", code_name(self.code))?;
        if let Some(reason) = &self.reason {
            write!(f, ", {reason}")?;
        }
        f.write_str(")")
    }
}

/// The name of a code in the gRPC documents, by which people search for it.
fn code_name(code: Code) -> &'static str {
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
