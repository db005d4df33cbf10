//! How a call ended, in words that are the same at every door.

use std::borrow::Cow;

use tonic::codegen::http::{HeaderMap, StatusCode};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::transport::code_name;

/// How a call ended. The texts are the server's own words, never a caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The code of gRPC.
    pub(crate) code: Code,
    /// The reason of the API; empty if there is none.
    pub(crate) reason: Cow<'static, str>,
    /// Which limit was reached, if one was.
    pub(crate) limit: Option<Cow<'static, str>>,
}

impl Outcome {
    /// An answer.
    pub(crate) const OK: Self = Self::of_code(Code::Ok);
    /// Nobody waits any longer.
    pub(crate) const CANCELLED: Self = Self::of_code(Code::Cancelled);

    /// A code without a reason.
    pub(crate) const fn of_code(code: Code) -> Self {
        Self {
            code,
            reason: Cow::Borrowed(""),
            limit: None,
        }
    }

    /// What a status says.
    pub(crate) fn of_status(status: &Status) -> Self {
        if status.code() == Code::Ok {
            return Self::OK;
        }
        let info = status.get_details_error_info();
        let info = info.filter(|info| info.domain == crate::transport::ERROR_DOMAIN);
        let limit = info
            .as_ref()
            .and_then(|info| info.metadata.get("limit").cloned());
        Self {
            code: status.code(),
            reason: info.map_or(Cow::Borrowed(""), |info| Cow::Owned(info.reason)),
            limit: limit.map(Cow::Owned),
        }
    }

    /// What the headers or trailers of gRPC say, if they say how the call ended.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Option<Self> {
        Status::from_header_map(headers).map(|status| Self::of_status(&status))
    }

    /// What a status of HTTP says by itself.
    pub(crate) fn of_http(status: StatusCode) -> Self {
        Self::of_code(match status.as_u16() {
            200..=399 => Code::Ok,
            401 => Code::Unauthenticated,
            403 => Code::PermissionDenied,
            404 => Code::NotFound,
            405 | 501 => Code::Unimplemented,
            408 | 504 => Code::DeadlineExceeded,
            413 | 429 => Code::ResourceExhausted,
            400..=499 => Code::InvalidArgument,
            503 => Code::Unavailable,
            _ => Code::Internal,
        })
    }

    /// The code as it is written.
    pub(crate) const fn word(&self) -> &'static str {
        code_name(self.code)
    }

    /// Whether the server is at fault, as conventions for spans have it.
    pub(crate) const fn is_fault(&self) -> bool {
        matches!(
            self.code,
            Code::Unknown
                | Code::DeadlineExceeded
                | Code::Unimplemented
                | Code::Internal
                | Code::Unavailable
                | Code::DataLoss
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn a_status_tells_its_reason_and_its_limit_and_a_stranger_s_tells_none() {
        let said = |domain: &str| {
            let metadata = HashMap::from([("limit".to_owned(), "queued-calls".to_owned())]);
            let details = ErrorDetails::with_error_info("OVERLOADED", domain, metadata);
            Outcome::of_status(&Status::with_error_details(
                Code::ResourceExhausted,
                "the limit is reached",
                details,
            ))
        };
        let ours = said(crate::transport::ERROR_DOMAIN);
        assert_eq!(ours.word(), "RESOURCE_EXHAUSTED");
        assert_eq!(ours.reason, "OVERLOADED");
        assert_eq!(ours.limit.as_deref(), Some("queued-calls"));
        let theirs = said("elsewhere");
        assert_eq!((theirs.reason, theirs.limit), (Cow::Borrowed(""), None));
    }

    #[test]
    fn no_status_of_http_that_is_an_error_counts_as_an_answer() {
        for status in 400..600 {
            let outcome = Outcome::of_http(StatusCode::from_u16(status).unwrap());
            assert_ne!(outcome.code, Code::Ok, "{status}");
        }
        assert_eq!(Outcome::of_http(StatusCode::OK), Outcome::OK);
    }
}
