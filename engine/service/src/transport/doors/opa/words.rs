//! The words of OPA: the one table of what each effect and each lack of a decision is called.
//!
//! | here | over OPA's data API |
//! |---|---|
//! | ALLOW, WARN | `allow` is true |
//! | REVIEW, DENY | `allow` is false |
//! | INDETERMINATE | `allow` is undefined; `deny` says what kept it from being told |
//! | no decision | an error with a code and a status, never a result |

use axum::http::StatusCode;
use axum::response::Response;
use embargo_core::diagnostic::cut;
use embargo_core::instrument::Effect;
use serde_json::{Value, json};

use super::super::super::status::{MESSAGE_BYTES, Refusal};
use super::super::entrance::Unread;
use super::super::reply;

pub(super) const INVALID_PARAMETER: &str = "invalid_parameter";
pub(super) const INVALID_OPERATION: &str = "invalid_operation";
pub(super) const UNDEFINED_DOCUMENT: &str = "undefined_document";
pub(super) const API_USAGE_WARNING: &str = "api_usage_warning";
/// What OPA says to whom it does not let ask.
const UNAUTHORIZED: &str = "unauthorized";
const INTERNAL_ERROR: &str = "internal_error";

/// Whether an effect is leave. None if it could not be told.
pub(super) const fn allow(effect: Effect) -> Option<bool> {
    match effect {
        Effect::Allow | Effect::Warn => Some(true),
        Effect::Review | Effect::Deny => Some(false),
        Effect::Indeterminate => None,
    }
}

/// The status and the code of a lack of a decision.
pub(super) const fn said(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::FactsInvalid { .. }
        | Refusal::RequestInvalid(_)
        | Refusal::BatchTooLarge { .. }
        | Refusal::PageTokenInvalid
        | Refusal::InventoryInvalid { .. }
        | Refusal::BundleInvalid(_)
        | Refusal::BundleRejected { .. }
        | Refusal::PolicyNotFound { .. }
        | Refusal::SnapshotMismatch { .. }
        | Refusal::AnswerTooLarge { .. } => (StatusCode::BAD_REQUEST, INVALID_PARAMETER),
        Refusal::Overloaded(_) | Refusal::RateLimited { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, INTERNAL_ERROR)
        }
        Refusal::NoSnapshot | Refusal::Draining | Refusal::DecisionLogUnavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, INTERNAL_ERROR)
        }
        Refusal::DeadlinePassed => (StatusCode::GATEWAY_TIMEOUT, INTERNAL_ERROR),
        Refusal::ServerFault => (StatusCode::INTERNAL_SERVER_ERROR, INTERNAL_ERROR),
        Refusal::CredentialsMissing | Refusal::CredentialsInvalid(_) => {
            (StatusCode::UNAUTHORIZED, UNAUTHORIZED)
        }
        Refusal::ScopeMissing(_) => (StatusCode::FORBIDDEN, UNAUTHORIZED),
    }
}

/// A lack of a decision. Its reason is the code of the first of its errors.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let (status, code) = said(refusal);
    let reason = refusal.reason();
    let short = |text: String| cut(text, MESSAGE_BYTES);
    let errors: Vec<Value> = match refusal {
        Refusal::FactsInvalid { violations, .. } | Refusal::RequestInvalid(violations) => {
            violations
                .iter()
                .map(|violation| json!({"code": reason, "message": short(violation.to_string())}))
                .collect()
        }
        other => vec![json!({"code": reason, "message": short(other.to_string())})],
    };
    let body = json!({"code": code, "message": short(refusal.to_string()), "errors": errors});
    let mut response = written(status, &body, true);
    response.extensions_mut().insert(refusal.outcome());
    if let Some(delay) = refusal.retry_after() {
        reply::retry_after(&mut response, delay);
    }
    response
}

/// A content that was not read.
pub(super) fn unread(unread: &Unread) -> Response {
    let status = match unread {
        Unread::Refused(refusal) => return refused(refusal),
        Unread::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Unread::TooSlow => StatusCode::REQUEST_TIMEOUT,
        Unread::Broken => StatusCode::BAD_REQUEST,
    };
    error(status, INVALID_PARAMETER, &unread.to_string())
}

/// A content that is no JSON.
pub(super) fn malformed(cause: &str) -> Response {
    let message = format!("body contains malformed input document: {cause}");
    error(StatusCode::BAD_REQUEST, INVALID_PARAMETER, &message)
}

/// An error of OPA's form.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    written(status, &json!({"code": code, "message": message}), true)
}

/// JSON, with the newline that OPA writes.
pub(super) fn written(status: StatusCode, value: &Value, pretty: bool) -> Response {
    let text = if pretty {
        serde_json::to_vec_pretty(value)
    } else {
        serde_json::to_vec(value)
    };
    match text {
        Ok(mut text) => {
            text.push(b'\n');
            reply::json(status, text)
        }
        // Nothing that is written here can fail, and no fault may look like an answer.
        Err(_) => reply::json(StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::super::status::{Limit, Rate};
    use crate::identity::{Cause, Scope};
    use axum::http::header;

    use super::*;

    fn limited() -> Refusal {
        Refusal::RateLimited {
            rate: Rate::Calls,
            wait: Duration::from_millis(2_001),
        }
    }

    #[test]
    fn leave_is_said_only_for_allow_and_warn() {
        for (effect, wanted) in [
            (Effect::Allow, Some(true)),
            (Effect::Warn, Some(true)),
            (Effect::Review, Some(false)),
            (Effect::Indeterminate, None),
            (Effect::Deny, Some(false)),
        ] {
            assert_eq!(allow(effect), wanted, "{effect}");
        }
    }

    #[test]
    fn each_lack_of_a_decision_is_an_error() {
        for (refusal, status, code) in [
            (Refusal::field("input", "is none"), 400, INVALID_PARAMETER),
            (
                Refusal::FactsInvalid {
                    violations: Vec::new(),
                    total: 1,
                },
                400,
                INVALID_PARAMETER,
            ),
            (
                Refusal::SnapshotMismatch {
                    required: "a".into(),
                    active: "b".into(),
                },
                400,
                INVALID_PARAMETER,
            ),
            (Refusal::AnswerTooLarge { most: 1 }, 400, INVALID_PARAMETER),
            (Refusal::Overloaded(Limit::QueuedCalls), 429, INTERNAL_ERROR),
            (Refusal::DecisionLogUnavailable, 503, INTERNAL_ERROR),
            (limited(), 429, INTERNAL_ERROR),
            (Refusal::NoSnapshot, 503, INTERNAL_ERROR),
            (Refusal::Draining, 503, INTERNAL_ERROR),
            (Refusal::DeadlinePassed, 504, INTERNAL_ERROR),
            (Refusal::ServerFault, 500, INTERNAL_ERROR),
            (Refusal::CredentialsMissing, 401, UNAUTHORIZED),
            (
                Refusal::CredentialsInvalid(Cause::Expired),
                401,
                UNAUTHORIZED,
            ),
            (Refusal::ScopeMissing(Scope::Decide), 403, UNAUTHORIZED),
        ] {
            let wanted = (StatusCode::from_u16(status).unwrap(), code);
            assert_eq!(said(&refusal), wanted, "{refusal}");
            assert_eq!(refused(&refusal).status(), wanted.0);
        }
        let busy = refused(&Refusal::Overloaded(Limit::QueuedCalls));
        assert_eq!(busy.headers()[header::RETRY_AFTER], "1");
        let busy = refused(&limited());
        assert_eq!(busy.headers()[header::RETRY_AFTER], "3");
    }
}
