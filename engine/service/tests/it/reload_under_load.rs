//! Reload under load: policies change all the time while many callers ask. No call fails, and
//! no decision mixes two sets.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;

use crate::bench::{Bench, connect, item_decision, within};
use crate::policies::{ask, clean_host, stamped, write_stamped};

const CLIENTS: usize = 32;
/// Changes, unless the environment asks for more.
const RELOADS: u64 = 60;

fn reloads() -> u64 {
    let asked = std::env::var("EMBARGO_TEST_RELOADS").ok();
    asked.map_or(RELOADS, |number| number.parse().unwrap())
}

/// What of a decision must fit together.
fn check(decision: &pb::Decision) -> String {
    assert!(decision.failures.is_empty(), "{:?}", decision.failures);
    assert_eq!(decision.effect(), pb::Effect::Warn);
    let versions: BTreeSet<&str> = decision
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(decision.findings.len(), 2);
    assert_eq!(versions.len(), 1, "a mixture: {versions:?}");
    versions.into_iter().next().unwrap().to_owned()
}

/// Asks until told to stop: single hosts, and now and then a batch.
async fn ask_on(
    bench: std::net::SocketAddr,
    number: usize,
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
) {
    let mut client = pb::decision_service_client::DecisionServiceClient::new(connect(bench).await);
    while !stop.load(Ordering::Relaxed) {
        let host = format!("h{number}");
        let answer = within(client.decide_host(ask(clean_host(&host)))).await;
        check(
            &answer
                .expect("no failed call")
                .into_inner()
                .decision
                .unwrap(),
        );
        let items = (0..8)
            .map(|at| BatchItem {
                correlation_id: at.to_string(),
                facts: Some(clean_host(&host)),
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
                let decision = item_decision(result);
                assert_eq!(decision.snapshot_id, snapshot);
                check(decision)
            })
            .collect();
        assert_eq!(versions.len(), 1, "a batch mixes sets: {versions:?}");
        asked.fetch_add(9, Ordering::Relaxed);
    }
}

/// Replaces the set at once, in one of three ways by turns. Files are written one by one in
/// two of them, so that the folder holds a mixture for a moment.
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
        }
        1 => {
            for (path, content) in stamped(&name) {
                let beside = root.join(format!("{path}.tmp"));
                fs::write(&beside, content).unwrap();
                fs::rename(&beside, root.join(&path)).unwrap();
            }
        }
        _ => {
            for (path, content) in stamped(&name) {
                fs::write(root.join(path), content).unwrap();
            }
        }
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails_and_no_decision_mixes_two_sets() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    write_stamped(&root.path().join("..v0"), "v0");
    symlink("..v0", root.path().join("..data")).unwrap();
    symlink("..data/rules", root.path().join("rules")).unwrap();
    let bench = Bench::start(root.path()).await;
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

    let mut states = bench.watch().await;
    for version in 1..=reloads() {
        change(root.path(), version);
        // Each change must come into effect as itself.
        loop {
            within(states.message()).await.unwrap().expect("a state");
            let decision = bench.decide(ask(clean_host("judge"))).await.unwrap();
            if check(&decision) == format!("v{version}") {
                break;
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    let asked = asked.load(Ordering::Relaxed);
    println!("{asked} decisions during {} reloads", reloads());
    assert!(asked > reloads());
}
