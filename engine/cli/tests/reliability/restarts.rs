//! R11. Restarts: two servers are restarted by turns, by SIGTERM, while callers ask without pause
//! through a client that knows both. No call fails, and each server ends in order and in time.

use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use embargo_client::{Client, RetryPolicy};
use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;
use tokio_stream::StreamExt as _;

use crate::form::{alone, amount};
use crate::policies::{ask, host, version_of, write_stamped};
use crate::process::Server;
use crate::server::within;
use crate::support::embargo;

/// The time in which a server has to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// What callers share.
#[derive(Clone, Default)]
struct Tally {
    stop: Arc<AtomicBool>,
    calls: Arc<AtomicU64>,
    streams_moved: Arc<AtomicU64>,
}

impl Tally {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    fn count(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

fn start(policies: &std::path::Path, listen: &str) -> Server {
    let mut command = embargo();
    command
        .args(["serve", "--listen", listen, "--policies"])
        .arg(policies);
    Server::spawn(command)
}

/// Waits for a server's end without blocking the callers.
async fn ended(server: &mut Server) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = server.process.try_wait().unwrap() {
            return status;
        }
        assert!(start.elapsed() < GONE_WITHIN, "the server is still there");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// No patience: a call that fails is made once more, at the other server.
fn once_elsewhere() -> RetryPolicy {
    RetryPolicy {
        max_attempts: 2,
        ..RetryPolicy::default()
    }
}

async fn ask_single(client: Client, tally: Tally) {
    while tally.goes_on() {
        let decision = within(client.decide_host(ask("single"))).await;
        version_of(&decision.expect("no failed call"));
        tally.count();
    }
}

async fn ask_batches(client: Client, tally: Tally) {
    while tally.goes_on() {
        let items = (0..16).map(|at| BatchItem {
            correlation_id: at.to_string(),
            facts: Some(host("batch")),
            action: 0,
        });
        let request = pb::BatchDecideHostsRequest {
            items: items.collect(),
            ..Default::default()
        };
        let answer = within(client.batch_decide_hosts(request)).await;
        for item in answer.expect("no failed call").items {
            version_of(&item.result.expect("no failed item"));
        }
        tally.count();
    }
}

/// Streams without an end of their own: hosts come one after the other as answers come, and what
/// a stream leaves unanswered at a restart is asked in the next.
async fn ask_streams(client: Client, tally: Tally) {
    let mut number = 0_u64;
    while tally.goes_on() {
        let (sender, items) = tokio::sync::mpsc::channel(1);
        let items = tokio_stream::wrappers::ReceiverStream::new(items);
        let mut answers = match within(client.stream_decide_hosts(items)).await {
            Ok(answers) => answers,
            Err(failure) => {
                assert!(failure.is_retryable(), "{failure}");
                continue;
            }
        };
        let mut asked = Vec::new();
        while tally.goes_on() {
            number += 1;
            let item = pb::StreamDecideHostsRequest {
                correlation_id: number.to_string(),
                facts: Some(host("stream")),
                ..Default::default()
            };
            asked.push(number);
            if sender.send(item).await.is_err() {
                break;
            }
            match within(answers.next()).await.expect("never an end unsaid") {
                Ok(item) => {
                    assert_eq!(item.correlation_id, number.to_string());
                    version_of(&item.result.expect("no failed item"));
                    tally.count();
                }
                Err(failure) => {
                    // Said in a way by which the caller knows to go on elsewhere.
                    assert!(failure.is_retryable(), "{failure}");
                    tally.streams_moved.fetch_add(1, Ordering::Relaxed);
                    break;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r11_no_call_fails_while_servers_are_restarted() {
    let _alone = alone().await;
    let restarts: usize = amount(20, 100);
    let folder = tempfile::tempdir().unwrap();
    write_stamped(folder.path(), "v1");
    let mut servers = [0, 1].map(|_| start(folder.path(), "127.0.0.1:0"));
    let addresses = [servers[0].address(), servers[1].address()];
    let endpoints = addresses.map(|address| format!("http://{address}"));

    let tally = Tally::default();
    let mut callers = Vec::new();
    for number in 0..4 {
        // Half of them begin at the other server.
        let (first, second) = (&endpoints[number % 2], &endpoints[(number + 1) % 2]);
        let client = Client::builder(first).or(second).retry(once_elsewhere());
        let client = within(client.connect()).await.unwrap();
        callers.extend([
            tokio::spawn(ask_single(client.clone(), tally.clone())),
            tokio::spawn(ask_batches(client.clone(), tally.clone())),
            tokio::spawn(ask_streams(client, tally.clone())),
        ]);
    }

    let mut longest = Duration::ZERO;
    for restart in 0..restarts {
        // Calls run on both sides of each restart.
        let before = tally.calls.load(Ordering::Relaxed);
        while tally.calls.load(Ordering::Relaxed) < before + 100 {
            assert!(
                callers.iter().all(|caller| !caller.is_finished()),
                "a call failed"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let server = &mut servers[restart % 2];
        let begun = Instant::now();
        server.terminate();
        let status = ended(server).await;
        longest = longest.max(begun.elapsed());
        assert_eq!(status.code(), Some(0), "restart {restart}");
        let listen = addresses[restart % 2].to_string();
        *server = start(folder.path(), &listen);
    }
    tally.stop.store(true, Ordering::Relaxed);
    let count = callers.len();
    for caller in callers {
        within(caller).await.unwrap();
    }
    println!(
        "R11: {} calls of {count} callers during {restarts} restarts, none failed; {} streams went on elsewhere; the longest shutdown took {longest:?}",
        tally.calls.load(Ordering::Relaxed),
        tally.streams_moved.load(Ordering::Relaxed),
    );
}
