//! R13. The strict decision log: whenever the server is killed, each decision that was answered is in
//! the log, in its order; and where the disk is full nothing is answered until there is room.

#[cfg(target_os = "linux")]
mod full;
mod log;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tonic::transport::Channel;

use crate::form::{Random, alone, amount};
use crate::policies::{ask, write_stamped};
use crate::process::Server;
use crate::server::{connect, decisions, within};
use crate::support::embargo;

/// How many ask at a time.
const CALLERS: usize = 4;

/// The arguments of a server that keeps a strict log and shows whose entries they are.
fn strict(command: &mut Command, policies: &Path, spool: &Path) {
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--policies"])
        .arg(policies)
        .args(["--set", "decision_log.mode=strict"])
        .args(["--set", "decision_log.mask_personal=false"])
        .arg("--set")
        .arg(format!("decision_log.spool.folder={}", spool.display()));
}

/// Asks about host after host until the server is gone; gives how many were answered, which are
/// those from `first` on.
async fn ask_on(channel: Channel, caller: usize, first: u64, calls: Arc<AtomicU64>) -> u64 {
    let mut client = decisions(channel);
    let mut next = first;
    loop {
        let host = format!("{caller}:{next}");
        match within(client.decide_host(ask(&host))).await {
            Ok(answer) => {
                let decision = answer.into_inner().decision.unwrap();
                assert_eq!(decision.host_id, host);
                next += 1;
                calls.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => return next,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r13_no_answered_decision_is_missing_after_a_kill() {
    let _alone = alone().await;
    let kills: u64 = amount(25, 500);
    let folder = tempfile::tempdir().unwrap();
    let [policies, spool] = ["policies", "spool"].map(|name| folder.path().join(name));
    write_stamped(&policies, "v1");
    let mut random = Random::new(13);
    let mut answered = [0_u64; CALLERS];
    // Entries of decisions that nobody was answered.
    let mut unanswered = 0;
    for kill in 1..=kills {
        let mut command = embargo();
        strict(&mut command, &policies, &spool);
        let mut server = Server::spawn(command);
        let channel = connect(server.address()).await;
        let calls = Arc::new(AtomicU64::new(0));
        let asking: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let calls = Arc::clone(&calls);
                tokio::spawn(ask_on(channel.clone(), caller, answered[caller], calls))
            })
            .collect();
        // At any place of any group, also of the first, which begins a file.
        let until = u64::try_from(random.below(60)).unwrap();
        while calls.load(Ordering::Relaxed) < until {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        let more = u64::try_from(random.below(3_000)).unwrap();
        tokio::time::sleep(Duration::from_micros(more)).await;
        server.process.kill().unwrap();
        server.process.wait().unwrap();
        for (caller, asking) in asking.into_iter().enumerate() {
            answered[caller] = within(asking).await.unwrap();
        }
        if kill % 25 == 0 || kill == kills {
            unanswered = log::check(&spool, &answered);
        }
    }
    let all: u64 = answered.iter().sum();
    assert!(all > kills, "{all} answers");
    println!(
        "R13: {kills} kills, {all} decisions answered, each in the log, in its order; {unanswered} entries of decisions that were under way"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r13_a_log_in_which_something_is_missing_is_not_taken_for_whole() {
    let folder = tempfile::tempdir().unwrap();
    let [policies, spool] = ["policies", "spool"].map(|name| folder.path().join(name));
    write_stamped(&policies, "v1");
    let mut command = embargo();
    strict(&mut command, &policies, &spool);
    let mut server = Server::spawn(command);
    let channel = connect(server.address()).await;
    let calls = Arc::new(AtomicU64::new(0));
    let asking = tokio::spawn(ask_on(channel, 0, 0, Arc::clone(&calls)));
    while calls.load(Ordering::Relaxed) < 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    let answered = [within(asking).await.unwrap(), 0, 0, 0];
    log::check(&spool, &answered);
    // One more than was answered, and one byte less than was written.
    let more = [answered[0] + 2, 0, 0, 0];
    assert!(std::panic::catch_unwind(|| log::check(&spool, &more)).is_err());
    let file = log::segments(&spool).remove(0);
    let bytes = std::fs::read(&file).unwrap();
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    std::fs::write(&file, damaged).unwrap();
    assert!(std::panic::catch_unwind(|| log::check(&spool, &answered)).is_err());
}
