//! A full disk: a file system of 8 MiB, where the machine lets a test mount one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{log, strict};
use crate::form::{alone, amount};
use crate::policies::{host, write_stamped};
use crate::process::Server;
use crate::roots::mount::{can_mount, embargo_through};
use crate::server::{connect, decisions, within};
use crate::support::embargo;

/// How long after that there is room again a decision may be refused.
const RECOVERED: Duration = Duration::from_secs(5);

/// A host with much software, so that its entry takes room.
fn large(id: &str) -> pb::DecideHostRequest {
    let mut facts = host(id);
    facts.software = (0..200)
        .map(|item| pb::Software {
            name: format!("{item} {}", "software ".repeat(12)),
            ..Default::default()
        })
        .collect();
    pb::DecideHostRequest {
        facts: Some(facts),
        ..Default::default()
    }
}

fn is_refused_for_the_log(status: &Status) -> bool {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone());
    status.code() == Code::Unavailable
        && reason.as_deref() == Some("DECISION_LOG_UNAVAILABLE")
        && details.retry_info().is_some()
}

/// Where the spool shows to this process: the mount is in a namespace of the server.
fn seen(server: &Server, place: &Path) -> PathBuf {
    let root = PathBuf::from(format!("/proc/{}/root", server.process.id()));
    root.join(place.strip_prefix("/").unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r13_on_a_full_disk_nothing_is_answered_until_there_is_room() {
    if !can_mount() {
        println!("R13: not held on a full disk: mounting is not permitted here");
        return;
    }
    let _alone = alone().await;
    let rounds: u64 = amount(2, 5);
    let folder = tempfile::tempdir().unwrap();
    let [policies, disk] = ["policies", "disk"].map(|name| folder.path().join(name));
    write_stamped(&policies, "v1");
    fs::create_dir(&disk).unwrap();
    let spool = disk.join("spool");
    let mut command = embargo_through("unshare");
    let place = disk.display();
    // What is deleted piece by piece to make room.
    let ballast: String = (0..rounds)
        .map(|round| {
            format!("dd if=/dev/zero of='{place}/ballast-{round}' bs=1M count=1 status=none; ")
        })
        .collect();
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-euc"])
        .arg(format!(
            "mount -t tmpfs -o size=8m disk '{place}'; {ballast}exec \"$0\" \"$@\""
        ))
        .arg(embargo().get_program());
    strict(&mut command, &policies, &spool);
    let server = Server::spawn(command);
    let mut client = decisions(connect(server.address()).await);

    let (mut answered, mut refused, mut longest) = (0_u64, 0_u64, Duration::ZERO);
    for round in 0..=rounds {
        // Until it is full, and stays refused while it is.
        let mut in_a_row = 0;
        while in_a_row < 20 {
            assert!(answered < 10_000, "the disk does not get full");
            match within(client.decide_host(large(&format!("0:{answered}")))).await {
                Ok(_) => {
                    answered += 1;
                    in_a_row = 0;
                }
                Err(status) => {
                    assert!(is_refused_for_the_log(&status), "{status:?}");
                    refused += 1;
                    in_a_row += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        if round == rounds {
            break;
        }
        // Nothing but room makes it go on.
        let ballast = disk.join(format!("ballast-{round}"));
        fs::remove_file(seen(&server, &ballast)).unwrap();
        let begun = Instant::now();
        while let Err(status) = within(client.decide_host(large(&format!("0:{answered}")))).await {
            assert!(is_refused_for_the_log(&status), "{status:?}");
            assert!(begun.elapsed() < RECOVERED, "not after {RECOVERED:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        answered += 1;
        longest = begun.elapsed().max(longest);
    }
    log::check(&seen(&server, &spool), &[answered]);
    println!(
        "R13: 8 MiB full {} times: {answered} decisions answered, each in the log, {refused} refused; answered again within {longest:?} of room",
        rounds + 1
    );
}
