//! How what tonic says is told apart, and how it reads.

use std::sync::Arc;

use tonic_types::{ErrorDetails, FieldViolation as Violation, StatusExt as _};

use super::*;

fn place() -> Place {
    Place::new("DecideHost", "http://localhost:1".into())
}

fn read(status: &Status) -> CallError {
    CallError::from_status(status, Duration::from_secs(5), &place())
}

fn with_reason(code: Code, reason: &str, domain: &str) -> Status {
    let details = ErrorDetails::with_error_info(reason, domain, [("limit".into(), "queue".into())]);
    Status::with_error_details(code, "no", details)
}

#[test]
fn a_status_keeps_its_reason_metadata_fields_and_delay() {
    let mut details =
        ErrorDetails::with_error_info("FACTS_INVALID", "embargo.v1", [("a".into(), "b".into())]);
    details.set_bad_request(vec![Violation::new("facts.host_id", "is empty")]);
    details.set_retry_info(Some(Duration::from_secs(3)));
    let error = read(&Status::with_error_details(
        Code::InvalidArgument,
        "the facts are invalid",
        details,
    ));

    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.is_reason(ErrorReason::FactsInvalid));
    assert_eq!(
        error
            .status()
            .unwrap()
            .metadata
            .get("a")
            .map(String::as_str),
        Some("b")
    );
    assert_eq!(error.retry_delay(), Some(Duration::from_secs(3)));
    assert!(error.is_request_fault() && !error.is_retryable());
    assert_eq!(
        error.violations(),
        [FieldViolation {
            field: "facts.host_id".into(),
            description: "is empty".into()
        }]
    );
    assert_eq!(
        error.to_string(),
        "the facts are invalid: `facts.host_id` is empty (INVALID_ARGUMENT, FACTS_INVALID): \
         DecideHost at http://localhost:1; hint: correct the named fields"
    );
}

#[test]
fn a_reason_that_is_not_known_is_kept() {
    for reason in ["MOON_IN_THE_WRONG_PHASE", "UNSPECIFIED", ""] {
        let error = read(&with_reason(Code::Aborted, reason, "embargo.v1"));
        assert_eq!(error.reason(), Some(&Reason::Unknown(reason.into())));
    }
}

#[test]
fn every_reason_that_is_known_reads_back_as_it_is_sent() {
    let numbered = (1..1_000).filter_map(|number| ErrorReason::try_from(number).ok());
    let mut count = 0;
    for reason in numbered.map(Reason::Known) {
        count += 1;
        assert_eq!(Reason::parse(reason.as_str()), reason);
        assert!(reason.hint().is_some(), "{reason} has no hint");
    }
    assert!(count >= 16, "{count}");
}

#[test]
fn the_reason_of_another_domain_is_none_of_ours() {
    let error = read(&with_reason(
        Code::Unavailable,
        "OVERLOADED",
        "proxy.example",
    ));
    assert_eq!(error.reason(), None);
    assert!(error.status().unwrap().metadata.is_empty());
}

#[test]
fn details_that_cannot_be_read_leave_the_code() {
    let status = Status::with_details(Code::Internal, "no", vec![0xff; 9].into());
    let error = read(&status);
    assert_eq!((error.code(), error.reason()), (Code::Internal, None));
}

#[test]
fn a_failed_connection_is_not_a_status() {
    let mut status = Status::unavailable("tcp connect error");
    status.set_source(Arc::new(std::io::Error::other("connection refused")));
    let error = read(&status);
    assert!(matches!(error, CallError::Transport { .. }));
    assert_eq!(error.status(), None);
    assert!(error.is_retryable());
    assert_eq!(
        error.to_string(),
        "connection refused: DecideHost at http://localhost:1; \
         hint: check that the server runs and can be reached"
    );
}

#[test]
fn a_deadline_that_the_transport_noticed_is_a_deadline() {
    let mut here = Status::cancelled("Timeout expired");
    here.set_source(Arc::new(TimeoutExpired(())));
    for status in [here, Status::cancelled(TimeoutExpired(()).to_string())] {
        let error = read(&status);
        assert_eq!(error.code(), Code::DeadlineExceeded);
        assert!(!error.is_retryable());
        assert_eq!(
            error.to_string(),
            "no answer within 5s: DecideHost at http://localhost:1; \
             hint: allow more time or check the server's load"
        );
    }
    assert_eq!(
        read(&Status::cancelled("by the caller")).code(),
        Code::Cancelled
    );
}

#[test]
fn what_is_exhausted_is_worth_another_attempt_if_it_says_when() {
    let mut details = ErrorDetails::new();
    let status = |details: &ErrorDetails| {
        Status::with_error_details(Code::ResourceExhausted, "busy", details.clone())
    };
    assert!(!read(&status(&details)).is_retryable());
    details.set_retry_info(Some(Duration::from_secs(1)));
    assert!(read(&status(&details)).is_retryable());
}

#[test]
fn an_error_whose_code_is_ok_is_an_error() {
    let status = tonic_types::pb::Status {
        code: 0,
        ..Default::default()
    };
    assert_eq!(ErrorStatus::from(&status).code, Code::Unknown);
}

#[test]
fn an_item_is_named_with_its_call() {
    let place = place().item("a1");
    assert_eq!(
        place.to_string(),
        "item `a1` of DecideHost at http://localhost:1"
    );
    assert_eq!(place.correlation_id(), Some("a1"));
}
