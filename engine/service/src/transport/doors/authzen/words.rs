//! The words of `AuthZEN`: the one table of what each effect and each lack of a decision is called.
//!
//! | here | over `AuthZEN` |
//! |---|---|
//! | ALLOW, WARN | `"decision": true` |
//! | REVIEW, DENY | `"decision": false` |
//! | INDETERMINATE | `"decision": false`, and the context says that it is not a no |
//! | no decision | a status that is not 200, and a sentence |

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use embargo_core::decision::Decision;
use embargo_core::diagnostic::cut;
use embargo_core::instrument::Effect;
use serde_json::{Map, Value, json};

use super::super::super::status::{MESSAGE_BYTES, Refusal};
use super::super::entrance::Unread;
use super::super::reply;
use super::super::sentences::Sentences;

/// Bytes of a reason.
const REASON_BYTES: usize = 1_024;
/// The language of all that is said here.
const LANGUAGE: &str = "en";
const NOT_TOLD: &str =
    "it could not be told whether this is allowed; this is not a no, and no leave";

/// Whether an effect is leave.
pub(super) const fn decision(effect: Effect) -> bool {
    match effect {
        Effect::Allow | Effect::Warn => true,
        Effect::Review | Effect::Indeterminate | Effect::Deny => false,
    }
}

/// The answer that is a decision.
pub(super) fn answer(decided: &Decision) -> Value {
    let effect = decided.judgement.effect;
    let mut context = Map::new();
    let mut put = |key: &str, value: Value| {
        context.insert(key.to_owned(), value);
    };
    put("effect", effect.word().into());
    put("decision_id", decided.decision_id.as_str().into());
    put("snapshot_id", (*decided.snapshot_id).into());
    put("evaluate_time", decided.evaluate_time.to_string().into());
    if let Some(time) = decided.next_change_time {
        put("next_change_time", time.to_string().into());
    }
    let said = Sentences::of(&decided.judgement);
    let user = match effect {
        Effect::Allow => Vec::new(),
        Effect::Warn => said.warn,
        Effect::Review | Effect::Deny => said.violations(),
        Effect::Indeterminate => vec![NOT_TOLD.to_owned()],
    };
    let mut admin: Vec<String> = Vec::new();
    if effect == Effect::Indeterminate {
        admin.extend(said.deny);
    }
    for finding in &decided.judgement.findings {
        let counts_as = finding.counts_as();
        let line = match finding.instrument_id() {
            "" => format!("{counts_as} by policy {}", finding.policy_id),
            id => format!(
                "{counts_as} by instrument {id}, policy {}",
                finding.policy_id
            ),
        };
        if counts_as != Effect::Allow && !admin.contains(&line) {
            admin.push(line);
        }
    }
    for (key, lines) in [("reason_admin", admin), ("reason_user", user)] {
        if !lines.is_empty() {
            put(
                key,
                json!({ LANGUAGE: cut(lines.join("; "), REASON_BYTES) }),
            );
        }
    }
    json!({"decision": decision(effect), "context": context})
}

/// The status of a lack of a decision.
pub(super) const fn said(refusal: &Refusal) -> StatusCode {
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
        | Refusal::AnswerTooLarge { .. } => StatusCode::BAD_REQUEST,
        Refusal::Overloaded(_) | Refusal::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::NoSnapshot | Refusal::Draining | Refusal::DecisionLogUnavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Refusal::DeadlinePassed => StatusCode::GATEWAY_TIMEOUT,
        Refusal::ServerFault => StatusCode::INTERNAL_SERVER_ERROR,
        Refusal::CredentialsMissing | Refusal::CredentialsInvalid(_) => StatusCode::UNAUTHORIZED,
        Refusal::ScopeMissing(_) => StatusCode::FORBIDDEN,
    }
}

/// A lack of a decision.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let message = cut(refusal.to_string(), MESSAGE_BYTES);
    let mut response = error(said(refusal), &message);
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
    error(status, &unread.to_string())
}

/// An error: a sentence and no more, as the contract has it.
pub(super) fn error(status: StatusCode, message: &str) -> Response {
    reply::written(
        status,
        "text/plain; charset=utf-8",
        Body::from(message.to_owned()),
    )
}

pub(super) fn written(value: &Value) -> Response {
    reply::json(StatusCode::OK, value.to_string().into_bytes())
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
            (Effect::Allow, true),
            (Effect::Warn, true),
            (Effect::Review, false),
            (Effect::Indeterminate, false),
            (Effect::Deny, false),
        ] {
            assert_eq!(decision(effect), wanted, "{effect}");
        }
    }

    #[test]
    fn each_lack_of_a_decision_is_a_status_that_is_not_200() {
        for (refusal, wanted) in [
            (Refusal::field("subject", "is missing"), 400),
            (
                Refusal::FactsInvalid {
                    violations: Vec::new(),
                    total: 1,
                },
                400,
            ),
            (
                Refusal::SnapshotMismatch {
                    required: "a".into(),
                    active: "b".into(),
                },
                400,
            ),
            (Refusal::BatchTooLarge { items: 2, most: 1 }, 400),
            (Refusal::AnswerTooLarge { most: 1 }, 400),
            (Refusal::Overloaded(Limit::QueuedCalls), 429),
            (Refusal::DecisionLogUnavailable, 503),
            (limited(), 429),
            (Refusal::NoSnapshot, 503),
            (Refusal::Draining, 503),
            (Refusal::DeadlinePassed, 504),
            (Refusal::ServerFault, 500),
            (Refusal::CredentialsMissing, 401),
            (Refusal::CredentialsInvalid(Cause::Expired), 401),
            (Refusal::ScopeMissing(Scope::Decide), 403),
        ] {
            assert_eq!(said(&refusal).as_u16(), wanted, "{refusal}");
            assert_eq!(refused(&refusal).status().as_u16(), wanted);
        }
        let busy = refused(&Refusal::Overloaded(Limit::QueuedCalls));
        assert_eq!(busy.headers()[header::RETRY_AFTER], "1");
        let busy = refused(&limited());
        assert_eq!(busy.headers()[header::RETRY_AFTER], "3");
    }
}
