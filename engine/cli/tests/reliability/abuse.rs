//! R12. Abuse of HTTP/2 and HTTP/1.1: while an attacker floods, resets, holds and starves connections, the
//! others' calls take less than twice as long as without it, and the server's memory stays below
//! a gibibyte.
//!
//! The attacker is one thread that pauses between its bursts: on the same two cores it would
//! otherwise take from the others what the server does not.

mod attacks;
mod wire;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use embargo_proto::MAX_MESSAGE_BYTES;
use embargo_service::{LimitsSettings, Settings};
use prost::Message as _;
use tokio::sync::oneshot;
use tonic::transport::Channel;

use self::attacks::{ATTACKS, Attack, Attacker, FLOODS, LARGE};
use self::wire::{PREFACE, SETTINGS, Wire, frame};
use crate::form::{alone, amount};
use crate::policies::{ask, write};
use crate::process::Server;
use crate::server::{Bench, connect, decisions, within};

/// Honest callers, each with one call at a time.
const CALLERS: usize = 4;
/// What a call may take longer whatever it took before: a switch of threads, which is as fine as
/// two cores can be measured.
const GRAIN: Duration = Duration::from_millis(2);
/// KiB that the server may have in memory.
const MEMORY: u64 = 1_024 * 1_024;

/// Asks for so long, and gives the time that ninety-nine of a hundred calls kept to.
async fn p99(address: SocketAddr, for_so_long: Duration) -> Duration {
    let end = Instant::now() + for_so_long;
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            tokio::spawn(async move {
                let mut client = decisions(connect(address).await);
                let mut took = Vec::new();
                while Instant::now() < end {
                    let begun = Instant::now();
                    let answer = within(client.decide_host(ask("honest"))).await;
                    took.push(begun.elapsed());
                    answer.expect("no failed call");
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for caller in callers {
        took.extend(caller.await.unwrap());
    }
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

/// An attack that goes on until it is stopped.
struct Running {
    stop: Arc<AtomicBool>,
    attacker: JoinHandle<Attacker>,
}

impl Running {
    /// Begins, and waits until whatever is to be held is held.
    async fn start(address: SocketAddr, attack: Attack) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (set, is_set) = oneshot::channel();
        let attacker = std::thread::spawn({
            let stop = Arc::clone(&stop);
            move || {
                let mut attacker = Attacker::new(address);
                let mut set = Some(set);
                let patience = Instant::now() + Duration::from_secs(20);
                while !stop.load(Ordering::Relaxed) {
                    attack(&mut attacker);
                    attacker.is_set |= Instant::now() > patience;
                    if attacker.is_set
                        && let Some(set) = set.take()
                    {
                        set.send(()).unwrap();
                    }
                    std::thread::sleep(Duration::from_millis(2));
                }
                attacker
            }
        });
        is_set.await.unwrap();
        Self { stop, attacker }
    }

    fn stop(self) -> Attacker {
        self.stop.store(true, Ordering::Relaxed);
        self.attacker.join().unwrap()
    }
}

/// A rule that costs nothing for honest hosts and has a thousand long findings for one.
fn write_policies(root: &Path) {
    let digits = "[\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"]";
    let padding = "x".repeat(980);
    let rule = format!(
        "package restrictions.large\n\nwarn contains {{\"message\": message}} if {{\n\tinput.host.id == \"{LARGE}\"\n\tsome a in {digits}\n\tsome b in {digits}\n\tsome c in {digits}\n\tmessage := concat(\"\", [a, b, c, \"{padding}\"])\n}}\n"
    );
    write(root, "rules/large.rego", &rule);
}

/// The most that the process ever had in memory, in KiB.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.unwrap().split_whitespace().nth(1);
    number.unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r12_abuse_of_a_connection_is_paid_for_by_it_alone() {
    let _alone = alone().await;
    let rounds: usize = amount(5, 25);
    let span = Duration::from_millis(amount(100, 500));
    let folder = tempfile::tempdir().unwrap();
    write_policies(folder.path());
    let server = Server::start_with(&["--policies", folder.path().to_str().unwrap()]);
    let address = server.address();
    let mut client = decisions(connect(address).await).max_decoding_message_size(MAX_MESSAGE_BYTES);
    let large = within(client.decide_host(ask(LARGE))).await.unwrap();
    assert!(large.get_ref().encoded_len() > 950_000);
    // What comes first pays for what is made once.
    p99(address, span).await;

    let mut failures = Vec::new();
    for (name, attack) in ATTACKS {
        let (mut quiet, mut attacked) = (Vec::new(), Vec::new());
        let (mut frames, mut closed) = (0, 0);
        // More rounds make up for what else the machine does.
        while quiet.len() < rounds || (quiet.len() < 4 * rounds && !holds(&quiet, &attacked)) {
            quiet.push(p99(address, span).await);
            let running = Running::start(address, *attack).await;
            attacked.push(p99(address, span).await);
            let attacker = running.stop();
            frames += attacker.frames;
            closed += attacker.closed;
            drop(attacker);
            // The end of an attack belongs to neither.
            p99(address, span / 2).await;
        }
        let memory = peak(server.process.id());
        println!(
            "R12: {name}: p99 {:?}, {:?} without; {frames} sent, {closed} connections closed; at most {} MiB",
            median(&attacked),
            median(&quiet),
            memory / 1_024,
        );
        if !holds(&quiet, &attacked) || memory > MEMORY {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
}

/// A flood without pauses on one connection has an end, at which only that connection is closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r12_a_flood_ends_with_its_connection() {
    let folder = tempfile::tempdir().unwrap();
    write_policies(folder.path());
    let bench = Bench::start(folder.path(), Settings::default()).await;
    for (name, attack) in ATTACKS.iter().take(FLOODS) {
        let address = bench.address;
        let flooding = tokio::task::spawn_blocking(move || {
            let mut attacker = Attacker::new(address);
            while attacker.closed == 0 && attacker.frames < 50_000 {
                attack(&mut attacker);
            }
            (attacker.closed, attacker.frames)
        });
        let (closed, frames) = within(flooding).await.unwrap();
        println!("R12: {name}: closed after {frames}");
        assert!(closed > 0, "{name}");
    }
    bench.decide("honest").await;
}

/// Connections that hold every place, and do no more than `bytes`, make room for others.
async fn others_come_in(bytes: &[u8], within_at_most: Duration) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    write_policies(folder.path());
    let settings = Settings {
        limits: LimitsSettings {
            connections: 16,
            ..LimitsSettings::default()
        },
        ..Settings::default()
    };
    let bench = Bench::start(folder.path(), settings).await;
    let held: Vec<Wire> = (0..32)
        .map(|_| {
            let mut wire = Wire::connect(bench.address).unwrap();
            wire.send(bytes);
            wire
        })
        .collect();
    let begun = Instant::now();
    let channel = Channel::from_shared(format!("http://{}", bench.address)).unwrap();
    let mut client = decisions(channel.connect_lazy());
    within(client.decide_host(ask("honest"))).await.unwrap();
    let took = begun.elapsed();
    assert!(took < within_at_most, "{took:?}");
    drop(held);
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r12_connections_that_do_nothing_keep_nobody_out() {
    let greeting = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    // Thirty-two of them hold the places twice over, so that others wait for two turns.
    let limit = Duration::from_secs(30);
    let (silent, half, idle) = tokio::join!(
        others_come_in(&[], limit),
        others_come_in(&greeting[..30], limit),
        others_come_in(&greeting, Duration::from_secs(50)),
    );
    println!(
        "R12: every place held: another caller is served after {silent:?} (silent), {half:?} (half greeted), {idle:?} (without a call)"
    );
}

fn holds(quiet: &[Duration], attacked: &[Duration]) -> bool {
    median(attacked) <= median(quiet) * 2 + GRAIN
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[times.len() / 2]
}
