//! R12. Abuse of HTTP/2: while an attacker floods, resets, holds and starves connections, the
//! others' calls take less than twice as long as without it, and the server's memory stays below
//! a gibibyte.
//!
//! The attacker is one thread that pauses between its bursts: on the same two cores it would
//! otherwise take from the others what the server does not.

mod attacks;
mod wire;

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use self::attacks::{ATTACKS, Attack, Attacker};
use crate::form::{alone, amount};
use crate::policies::{ask, write_stamped};
use crate::process::Server;
use crate::server::{connect, decisions, within};

/// Honest callers, each with one call at a time.
const CALLERS: usize = 4;
/// What a call may take longer whatever it took before, since the clock of the machine is not
/// finer: a switch of threads.
const GRAIN: Duration = Duration::from_millis(2);
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

/// Attacks until told to stop.
fn attack(address: SocketAddr, attack: Attack, stop: &AtomicBool) -> Attacker {
    let mut attacker = Attacker::new(address);
    while !stop.load(Ordering::Relaxed) {
        attack(&mut attacker);
        std::thread::sleep(Duration::from_millis(2));
    }
    attacker
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
#[expect(
    clippy::await_holding_lock,
    reason = "other tests wait on threads of their own"
)]
async fn r12_abuse_of_a_connection_is_paid_for_by_it_alone() {
    let _alone = alone();
    let rounds: usize = amount(3, 9);
    let span: Duration = Duration::from_millis(amount(250, 2_000));
    let folder = tempfile::tempdir().unwrap();
    write_stamped(folder.path(), "v1");
    let server = Server::start_with(&["--policies", folder.path().to_str().unwrap()]);
    let address = server.address();
    // What comes first pays for what is made once.
    p99(address, span).await;

    let mut failures = Vec::new();
    for (name, attack_once) in ATTACKS {
        let mut ratios = Vec::new();
        let (mut frames, mut closed) = (0, 0);
        for _ in 0..rounds {
            let quiet = p99(address, span).await;
            let stop = Arc::new(AtomicBool::new(false));
            let attacker = std::thread::spawn({
                let stop = Arc::clone(&stop);
                move || attack(address, *attack_once, &stop)
            });
            let under_attack = p99(address, span).await;
            stop.store(true, Ordering::Relaxed);
            let attacker = attacker.join().unwrap();
            frames += attacker.frames;
            closed += attacker.closed;
            ratios.push((under_attack, quiet));
        }
        ratios.sort_by_key(|(under_attack, quiet)| under_attack.saturating_sub(*quiet * 2));
        let (under_attack, quiet) = ratios[rounds / 2];
        let memory = peak(server.process.id());
        println!(
            "R12: {name}: p99 {under_attack:?}, {quiet:?} without; {frames} sent, {closed} connections closed; at most {} MiB",
            memory / 1_024,
        );
        if under_attack > quiet * 2 + GRAIN || memory > MEMORY {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
}
