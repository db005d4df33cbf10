//! What holds for one connection: what the server says of itself in HTTP/2, what it takes, and for
//! how long it waits.

use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use embargo_service::LimitsSettings;

use super::bench_with;
use super::wire::{self, GOAWAY, PING, SETTINGS, WINDOW_UPDATE, Wire};
use crate::asker;
use crate::bench::{Bench, connect, within};
use crate::policies::{ask, ban, host};

/// Shorter than any usual limit.
const SHORT: Duration = Duration::from_millis(200);

/// Settings of HTTP/2 that the server announces, by their numbers.
async fn announced(bench: &Bench) -> (Vec<(u16, u32)>, u32) {
    let mut wire = Wire::greet(bench.address).await;
    let (mut settings, mut more) = (Vec::new(), None);
    while settings.is_empty() || more.is_none() {
        let frame = within(wire.next()).await.unwrap();
        if frame.kind == SETTINGS && frame.flags == 0 {
            settings = frame
                .payload
                .chunks(6)
                .map(|pair| {
                    let number = u16::from_be_bytes(pair[..2].try_into().unwrap());
                    (number, u32::from_be_bytes(pair[2..].try_into().unwrap()))
                })
                .collect();
        }
        if frame.kind == WINDOW_UPDATE && frame.stream == 0 {
            more = Some(u32::from_be_bytes(frame.payload.try_into().unwrap()));
        }
    }
    (settings, more.unwrap())
}

#[tokio::test]
async fn what_a_connection_may_take_is_announced_as_it_is_set() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| {
        limits.streams_per_connection = 7;
        limits.header_bytes = 5_000;
        limits.stream_window = 70_000;
        limits.connection_window = 200_000;
    })
    .await;
    let (settings, more) = announced(&bench).await;
    // MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE and MAX_HEADER_LIST_SIZE.
    for (number, value) in [(3, 7), (4, 70_000), (6, 5_000)] {
        assert!(settings.contains(&(number, value)), "{settings:?}");
    }
    // The window of a connection is 65,535 from the start.
    assert_eq!(more, 200_000 - 65_535);
}

#[tokio::test]
async fn a_call_beyond_those_of_a_connection_waits_on_the_callers_side() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| limits.streams_per_connection = 1).await;
    bench.decide(ask(host("h"))).await.unwrap();
    let watch = bench.watch().await;
    let mut waiting = Box::pin(bench.decide(ask(host("h"))));
    tokio::time::timeout(SHORT, &mut waiting)
        .await
        .expect_err("no place on this connection");
    let channel = connect(bench.address).await;
    let mut other = pb::decision_service_client::DecisionServiceClient::new(channel);
    within(other.decide_host(ask(host("h")))).await.unwrap();
    drop(watch);
    within(waiting).await.unwrap();
}

#[tokio::test]
async fn headers_beyond_their_size_are_refused() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| limits.header_bytes = 4_096).await;
    let with_header = |bytes: usize| {
        let mut request = tonic::Request::new(ask(host("h")));
        let value = "x".repeat(bytes).parse().unwrap();
        request.metadata_mut().insert("x-trace", value);
        let mut client = bench.decisions();
        async move { client.decide_host(request).await.map(drop) }
    };
    within(with_header(3_000)).await.unwrap();
    within(with_header(6_000)).await.unwrap_err();
    let usual = Bench::start(policies.path()).await;
    let mut request = tonic::Request::new(ask(host("h")));
    let value = "x".repeat(6_000).parse().unwrap();
    request.metadata_mut().insert("x-trace", value);
    within(usual.decisions().decide_host(request))
        .await
        .unwrap();
}

/// Sends so many calls that are reset at once, and says whether the connection lives.
async fn lives_through(bench: &Bench, resets: u32, pause: Duration) -> bool {
    let mut wire = Wire::greet(bench.address).await;
    assert!(within(wire.is_alive()).await);
    if pause.is_zero() {
        let all: Vec<u8> = (0..resets).flat_map(|at| wire::reset(2 * at + 1)).collect();
        wire.send(&all).await;
    } else {
        for at in 0..resets {
            tokio::time::sleep(pause).await;
            wire.send(&wire::reset(2 * at + 1)).await;
            if !within(wire.is_alive()).await {
                return false;
            }
        }
    }
    within(wire.is_alive()).await
}

#[tokio::test]
async fn resets_of_calls_that_were_not_looked_at_end_a_connection() {
    let policies = ban();
    for (pending, lives) in [(2, false), (100, true)] {
        let bench = bench_with(policies.path(), |limits| limits.pending_resets = pending).await;
        assert_eq!(
            lives_through(&bench, 50, Duration::ZERO).await,
            lives,
            "{pending}"
        );
    }
}

#[tokio::test]
async fn a_connection_may_reset_as_many_calls_at_once_as_is_set() {
    let policies = ban();
    for (burst, lives) in [(49, false), (50, true)] {
        let bench = bench_with(policies.path(), |limits| {
            limits.pending_resets = 10_000;
            limits.reset_burst = burst;
            limits.resets_per_second = 1;
        })
        .await;
        assert_eq!(
            lives_through(&bench, 50, Duration::ZERO).await,
            lives,
            "{burst}"
        );
    }
}

#[tokio::test]
async fn a_connection_may_reset_as_many_calls_in_a_second_as_is_set() {
    let policies = ban();
    for (per_second, lives) in [(1, false), (1_000_000, true)] {
        let bench = bench_with(policies.path(), |limits| {
            limits.pending_resets = 10_000;
            limits.reset_burst = 1;
            limits.resets_per_second = per_second;
        })
        .await;
        // Answers earn resets, too, but fewer than these.
        let pause = Duration::from_millis(5);
        assert_eq!(
            lives_through(&bench, 30, pause).await,
            lives,
            "{per_second}"
        );
    }
}

/// Whether a connection on which this was sent, and no more, is closed by a short limit and not by
/// the usual one.
async fn is_given_up(bytes: &[u8], set: fn(&mut LimitsSettings)) -> bool {
    let policies = ban();
    let bench = bench_with(policies.path(), set).await;
    let usual = Bench::start(policies.path()).await;
    let mut wire = Wire::connect(bench.address).await;
    let mut patient = Wire::connect(usual.address).await;
    wire.send(bytes).await;
    patient.send(bytes).await;
    let closed = wire.closes().await.is_some();
    let is_open = tokio::time::timeout(SHORT, async { while patient.next().await.is_some() {} });
    closed && is_open.await.is_err()
}

#[tokio::test]
async fn a_connection_that_does_not_introduce_itself_is_closed() {
    for bytes in [&b""[..], b"PRI * HTTP/2.0\r\n\r\n"] {
        assert!(is_given_up(bytes, |limits| limits.handshake_timeout = SHORT).await);
    }
}

#[tokio::test]
async fn a_head_and_a_frame_that_are_never_whole_close_their_connection() {
    let greeting = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    let half = [
        greeting,
        wire::frame(SETTINGS, 0, 0, &[]),
        vec![0, 0, 9, PING],
    ];
    for bytes in [&b"GET / HTTP/1.1\r\nhost:"[..], &half.concat()] {
        assert!(is_given_up(bytes, |limits| limits.head_timeout = SHORT).await);
    }
}

#[tokio::test]
async fn a_quiet_connection_is_asked_whether_it_lives_and_closed_if_it_does_not() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| {
        limits.keepalive_interval = SHORT;
        limits.keepalive_timeout = SHORT;
    })
    .await;
    let start = Instant::now();
    let mut wire = Wire::greet(bench.address).await;
    let frames = wire.closes().await.expect("closed");
    assert!(start.elapsed() >= SHORT);
    let asked = frames
        .iter()
        .filter(|frame| frame.kind == PING && frame.flags == 0);
    assert!(asked.count() >= 1);
    // One that is only set to be asked late is neither asked nor closed.
    let patient = bench_with(policies.path(), |limits| limits.keepalive_timeout = SHORT).await;
    let mut wire = Wire::greet(patient.address).await;
    let seen = tokio::time::timeout(4 * SHORT, async {
        while let Some(frame) = wire.next().await {
            assert_ne!(frame.kind, PING);
            assert_ne!(frame.kind, GOAWAY);
        }
    });
    seen.await.expect_err("it goes on");
}

#[tokio::test]
async fn a_content_that_is_never_whole_is_given_up() {
    let policies = ban();
    let bench = bench_with(policies.path(), |limits| limits.message_timeout = SHORT).await;
    let mut wire = Wire::connect(bench.address).await;
    let start = Instant::now();
    wire.send(
        b"POST /v1/hosts:decide HTTP/1.1\r\nhost: embargo\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    )
    .await;
    let answer = within(wire.text()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(start.elapsed() >= SHORT);
    let body = br#"{"facts": {"hostId": "h"}}"#;
    let answer = asker::post(bench.address, "/v1/hosts:decide", body).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn an_answer_that_is_not_taken_closes_its_connection() {
    let policies = ban();
    super::write_large(policies.path());
    let bench = bench_with(policies.path(), |limits| limits.answer_timeout = SHORT).await;
    let whole = asker::get(bench.address, "/v1/policies/restrictions.large").await;
    assert_eq!(whole.status, 200);
    assert!(whole.body.len() > 1_024 * 1_024, "it fits into the window");
    let mut wire = Wire::greet(bench.address).await;
    // Without moving its window.
    wire.send(&wire::get(1, "/v1/policies/restrictions.large"))
        .await;
    assert!(wire.closes().await.is_some());
    // One that takes its answer is not closed for it.
    let mut wire = Wire::greet(bench.address).await;
    wire.send(&wire::get(1, "/v1/snapshot")).await;
    tokio::time::sleep(4 * SHORT).await;
    assert!(within(wire.is_alive()).await);
}
