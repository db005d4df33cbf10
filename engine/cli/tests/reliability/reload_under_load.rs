//! R1. Reload under load: policies change all the time while many callers ask. No call fails, and
//! no decision mixes two sets.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;

use embargo_service::Settings;

use crate::form::{alone, amount};
use crate::policies::{ask, host, stamped, version_of, write_stamped};
use crate::server::{Bench, connect, decisions, policies, within};

const CLIENTS: usize = 32;

/// Asks until told to stop: single hosts, and now and then a batch.
async fn ask_on(
    bench: std::net::SocketAddr,
    number: usize,
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
) {
    let mut client = decisions(connect(bench).await);
    while !stop.load(Ordering::Relaxed) {
        let id = format!("h{number}");
        let answer = within(client.decide_host(ask(&id))).await;
        version_of(
            &answer
                .expect("no failed call")
                .into_inner()
                .decision
                .unwrap(),
        );
        let items = (0..8)
            .map(|at| BatchItem {
                correlation_id: at.to_string(),
                facts: Some(host(&id)),
                action: 0,
            })
            .collect();
        let request = pb::BatchDecideHostsRequest {
            items,
            ..Default::default()
        };
        let answer = within(client.batch_decide_hosts(request)).await;
        let answer = answer.expect("no failed call").into_inner();
        let snapshot = answer.snapshot.unwrap().snapshot_id;
        let versions: BTreeSet<String> = answer
            .results
            .iter()
            .map(|result| {
                let Some(pb::decide_result::Result::Decision(decision)) = &result.result else {
                    panic!("no decision: {result:?}");
                };
                assert_eq!(decision.snapshot_id, snapshot);
                version_of(decision)
            })
            .collect();
        assert_eq!(versions.len(), 1, "a batch mixes sets: {versions:?}");
        asked.fetch_add(9, Ordering::Relaxed);
    }
}

/// Replaces the set at once, in one of three ways by turns. Files are written one by one in
/// two of them, so that the folder holds a mixture for a moment. They stay open until all are
/// written: a busy machine can let more than the quiet period pass between two of them, and
/// nothing else would tell that they belong together.
#[cfg(unix)]
fn change(root: &Path, version: u64) {
    use std::os::unix::fs::symlink;
    let name = format!("v{version}");
    match version % 3 {
        0 => {
            let fresh = format!("..{name}");
            write_stamped(&root.join(&fresh), &name);
            symlink(&fresh, root.join("..data_tmp")).unwrap();
            fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
            for old in fs::read_dir(root).unwrap().flatten() {
                let name = old.file_name().into_string().unwrap();
                if name.starts_with("..v") && name != fresh {
                    fs::remove_dir_all(old.path()).unwrap();
                }
            }
        }
        1 => {
            let mut open = Vec::new();
            for (path, content) in stamped(&name) {
                let beside = root.join(format!("{path}.tmp"));
                open.push(written(&beside, &content));
                fs::rename(&beside, root.join(&path)).unwrap();
            }
        }
        _ => {
            let files = stamped(&name).into_iter();
            let open = files.map(|(path, content)| written(&root.join(path), &content));
            drop(open.collect::<Vec<_>>());
        }
    }
}

/// A file that is written and still open.
fn written(place: &Path, content: &str) -> File {
    let mut file = File::create(place).unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_no_call_fails_and_no_decision_mixes_two_sets() {
    use std::os::unix::fs::symlink;
    let _alone = alone().await;
    let reloads: u64 = amount(2_000, 10_000);
    let root = tempfile::tempdir().unwrap();
    write_stamped(&root.path().join("..v0"), "v0");
    symlink("..v0", root.path().join("..data")).unwrap();
    symlink("..data/rules", root.path().join("rules")).unwrap();
    let settings = Settings {
        // Changes come as fast as they are taken up.
        quiet_period: Duration::from_millis(5),
        ..Settings::default()
    };
    let bench = Bench::start(root.path(), settings).await;
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            tokio::spawn(ask_on(
                bench.address,
                number,
                Arc::clone(&stop),
                Arc::clone(&asked),
            ))
        })
        .collect();

    let request = pb::WatchSnapshotRequest {};
    let watching = policies(bench.channel.clone())
        .watch_snapshot(request)
        .await;
    let mut states = watching.unwrap().into_inner();
    let start = Instant::now();
    for version in 1..=reloads {
        change(root.path(), version);
        // Each change must come into effect as itself.
        while version_of(&bench.decide("judge").await) != format!("v{version}") {
            within(states.message()).await.unwrap().expect("a state");
        }
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    let asked = asked.load(Ordering::Relaxed);
    let seconds = start.elapsed().as_secs();
    println!(
        "R1: {asked} decisions during {reloads} reloads in {seconds} s, none failed, none mixed"
    );
    assert!(asked > reloads);
}
