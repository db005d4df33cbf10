//! The loop under a clock that moves only when everything waits.

use std::{cell::Cell, future::pending};

use tonic::Code;
use tonic_types::{ErrorDetails, StatusExt as _};

use super::*;

const LIMIT: Duration = Duration::from_secs(5);

fn place() -> Place {
    Place::new("DecideHost", "http://localhost:1".into())
}

/// Fails with `status` on the first `failures` attempts. Returns the outcome, how many attempts
/// there were and how long they took.
async fn attempt(
    policy: &RetryPolicy,
    failures: u32,
    status: Status,
) -> (Result<u32, CallError>, u32, Duration) {
    let attempts = Cell::new(0);
    let start = Instant::now();
    let outcome = run(policy, LIMIT, &place(), |left| {
        assert!(
            left <= LIMIT.saturating_sub(start.elapsed()),
            "an attempt is told too much"
        );
        attempts.set(attempts.get() + 1);
        let answer = if attempts.get() > failures {
            Ok(attempts.get())
        } else {
            Err(status.clone())
        };
        async { answer.map(Response::new) }
    })
    .await;
    (outcome, attempts.get(), start.elapsed())
}

fn overloaded(delay: Option<Duration>) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info("OVERLOADED", "embargo.v1", []);
    if delay.is_some() {
        details.set_retry_info(delay);
    }
    Status::with_error_details(Code::ResourceExhausted, "too many calls", details)
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_server_is_asked_again_until_it_answers() {
    let (outcome, attempts, took) =
        attempt(&RetryPolicy::default(), 3, Status::unavailable("no")).await;
    assert_eq!(outcome.unwrap(), 4);
    assert_eq!(attempts, 4);
    assert!(
        took <= Duration::from_millis(50 + 100 + 200 + 3),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted() {
    for max_attempts in 0..4 {
        let policy = RetryPolicy {
            max_attempts,
            ..RetryPolicy::default()
        };
        let (outcome, attempts, _) = attempt(&policy, u32::MAX, Status::unavailable("no")).await;
        assert_eq!(outcome.unwrap_err().code(), Code::Unavailable);
        assert_eq!(attempts, max_attempts.max(1));
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_what_attempts_would_not() {
    let policy = RetryPolicy {
        max_attempts: u32::MAX,
        ..RetryPolicy::default()
    };
    let (outcome, attempts, took) = attempt(&policy, u32::MAX, Status::unavailable("no")).await;
    assert_eq!(
        outcome.unwrap_err().code(),
        Code::Unavailable,
        "the cause, not the clock"
    );
    assert!(attempts > 4);
    assert!(took <= LIMIT, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_ends_at_the_deadline() {
    let start = Instant::now();
    let outcome: Result<(), CallError> =
        run(&RetryPolicy::default(), LIMIT, &place(), |_| pending()).await;
    assert!(matches!(
        outcome,
        Err(CallError::Deadline { limit: LIMIT, .. })
    ));
    assert_eq!(start.elapsed(), LIMIT);
}

#[tokio::test(start_paused = true)]
async fn every_other_code_is_final() {
    for number in 1..=16 {
        let code = Code::from_i32(number);
        if code == Code::Unavailable {
            continue;
        }
        let (outcome, attempts, _) =
            attempt(&RetryPolicy::default(), 1, Status::new(code, "no")).await;
        assert_eq!(outcome.unwrap_err().code(), code);
        assert_eq!(attempts, 1, "{code:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_server_is_given_the_time_it_asks_for() {
    let delay = Duration::from_secs(2);
    let (outcome, attempts, took) =
        attempt(&RetryPolicy::default(), 1, overloaded(Some(delay))).await;
    assert_eq!(outcome.unwrap(), 2);
    assert_eq!(attempts, 2);
    assert!(
        took >= delay && took <= delay + Duration::from_millis(51),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_delay_past_the_deadline_is_not_waited_for() {
    let (outcome, attempts, took) =
        attempt(&RetryPolicy::default(), 1, overloaded(Some(LIMIT))).await;
    assert_eq!(outcome.unwrap_err().retry_delay(), Some(LIMIT));
    assert_eq!((attempts, took), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_server_that_names_no_delay_is_left_alone() {
    let (outcome, attempts, _) = attempt(&RetryPolicy::default(), 1, overloaded(None)).await;
    assert_eq!(outcome.unwrap_err().code(), Code::ResourceExhausted);
    assert_eq!(attempts, 1);
}

#[test]
fn the_bound_of_a_pause_doubles_up_to_the_longest() {
    let policy = RetryPolicy::default();
    let bounds: Vec<u128> = (1..=7)
        .map(|attempts| policy.bound(attempts).as_millis())
        .collect();
    assert_eq!(bounds, [50, 100, 200, 400, 800, 1_000, 1_000]);
    assert_eq!(policy.bound(u32::MAX), policy.longest_pause);
}
