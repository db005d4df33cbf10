//! The loop under a clock that moves only when everything waits.

use std::{cell::Cell, future::pending};

use tonic::Code;
use tonic_types::{ErrorDetails, StatusExt as _};

use super::*;

const LIMIT: Duration = Duration::from_secs(5);

fn one() -> Servers<()> {
    Servers::new(("http://localhost:1".into(), ()), Vec::new())
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
    let outcome = run(policy, LIMIT, &one(), "DecideHost", |(), left| {
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
    let outcome = outcome.map(|(answer, _)| answer);
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
    let outcome: Result<((), Place), CallError> = run(
        &RetryPolicy::default(),
        LIMIT,
        &one(),
        "DecideHost",
        |(), _| pending(),
    )
    .await;
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

/// Servers that fail in their own ways, asked once. Returns the answer, who was asked and how long
/// it took.
async fn ask(servers: &Servers<Option<Status>>) -> (Result<Place, CallError>, Vec<bool>, Duration) {
    let asked = std::cell::RefCell::new(Vec::new());
    let start = Instant::now();
    let outcome = run(
        &RetryPolicy::default(),
        LIMIT,
        servers,
        "DecideHost",
        |failure: &Option<Status>, _| {
            asked.borrow_mut().push(failure.is_none());
            let answer = failure.clone().map_or(Ok(()), Err);
            async { answer.map(Response::new) }
        },
    )
    .await;
    let place = outcome.map(|((), place)| place);
    (place, asked.into_inner(), start.elapsed())
}

fn two(first: Option<Status>, second: Option<Status>) -> Servers<Option<Status>> {
    let server = |name: &str, failure| (name.into(), failure);
    Servers::new(server("a", first), vec![server("b", second)])
}

#[tokio::test(start_paused = true)]
async fn another_server_is_asked_at_once_and_first_from_then_on() {
    let servers = two(Some(Status::unavailable("draining")), None);
    for wanted in [vec![false, true], vec![true]] {
        let (place, asked, took) = ask(&servers).await;
        assert_eq!(place.unwrap().endpoint(), "b");
        assert_eq!(asked, wanted);
        assert_eq!(took, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_server_stays_the_first() {
    let delay = Some(Duration::from_secs(2));
    let servers = two(Some(overloaded(delay)), None);
    for _ in 0..2 {
        let (place, asked, took) = ask(&servers).await;
        assert_eq!(place.unwrap().endpoint(), "b");
        assert_eq!(asked, [false, true]);
        assert_eq!(took, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_comes_when_all_servers_were_asked() {
    let no = || Some(Status::unavailable("no"));
    let (outcome, asked, took) = ask(&two(no(), no())).await;
    assert_eq!(outcome.unwrap_err().code(), Code::Unavailable);
    assert_eq!(asked.len(), 4);
    assert!(took <= Duration::from_millis(50 + 100 + 2), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_for_good_goes_to_no_other_server() {
    let servers = two(Some(Status::invalid_argument("no")), None);
    let (outcome, asked, _) = ask(&servers).await;
    assert_eq!(outcome.unwrap_err().place().endpoint(), "a");
    assert_eq!(asked, [false]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_late_is_not_asked_first_next_time() {
    let servers = two(None, None);
    let hang = |_: &Option<Status>, _| pending::<Result<Response<()>, Status>>();
    let late = run(&RetryPolicy::default(), LIMIT, &servers, "DecideHost", hang).await;
    assert!(matches!(late, Err(CallError::Deadline { .. })));
    assert_eq!(ask(&servers).await.0.unwrap().endpoint(), "b");
}

#[test]
fn a_server_that_was_left_is_not_left_again() {
    let servers = two(None, None);
    let failure = CallError::from_stream_status(&Status::unavailable("no"), &servers.place(0, "x"));
    servers.note(0, &failure);
    servers.note(0, &failure);
    assert_eq!(servers.preferred(), 1);
    servers.note(1, &failure);
    assert_eq!(servers.preferred(), 0);
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
