//! Answers over HTTP that are JSON, and `google.rpc.Status` as the word for an error.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::super::status::Refusal;
use super::entrance::Unread;
use super::http::Schema;
use crate::telemetry::Outcome;

/// Words errors as `google.rpc.Status`. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Statuses(pub(super) Arc<Schema>);

impl Statuses {
    pub(super) fn refused(&self, refusal: Refusal) -> Response {
        self.ended(&refusal.into_status())
    }

    pub(super) fn unread(&self, unread: Unread) -> Response {
        match unread {
            Unread::Refused(refusal) => self.refused(refusal),
            Unread::TooLarge { .. } => self.said(StatusCode::PAYLOAD_TOO_LARGE, &unread),
            Unread::TooSlow => self.said(StatusCode::REQUEST_TIMEOUT, &unread),
            Unread::Broken => self.said(StatusCode::BAD_REQUEST, &unread),
        }
    }

    /// An answer of HTTP's own, before there is a call.
    pub(super) fn said(&self, status: StatusCode, message: &impl ToString) -> Response {
        let code = match status {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::Unimplemented,
            StatusCode::PAYLOAD_TOO_LARGE => Code::ResourceExhausted,
            StatusCode::REQUEST_TIMEOUT => Code::DeadlineExceeded,
            StatusCode::INTERNAL_SERVER_ERROR => Code::Internal,
            _ => Code::InvalidArgument,
        };
        let body = self.0.status(&Status::new(code, message.to_string()));
        json(status, body)
    }

    /// How a call ended that has no answer.
    pub(super) fn ended(&self, status: &Status) -> Response {
        let mut response = json(http_status(status.code()), self.0.status(status));
        response.extensions_mut().insert(Outcome::of_status(status));
        if let Some(delay) = status
            .get_details_retry_info()
            .and_then(|info| info.retry_delay)
        {
            retry_after(&mut response, delay);
        }
        response
    }
}

/// Says when it is worth trying again, in whole seconds.
pub(super) fn retry_after(response: &mut Response, delay: Duration) {
    let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    written(status, "application/json", Body::from(body))
}

pub(super) fn written(status: StatusCode, kind: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // A decision holds for its instant and its snapshot; what caches by itself knows neither.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// The status of HTTP for a code, as `google.rpc.Code` has it.
pub(super) fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Aborted | Code::AlreadyExists => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Cancelled | Code::Unknown | Code::Internal | Code::DataLoss => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
