//! What the log costs a decision. Measured by hand, in a release build:
//!
//! ```console
//! cargo test --release -p embargo-service --test it -- --ignored --nocapture decision_log::cost
//! ```

use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use embargo_service::{DecisionLogSettings, LogMode};

use super::{serve, to_file};
use crate::bench::Bench;
use crate::policies::{ask, ban, host, item};

const ROUNDS: usize = 30;
const CALLS: usize = 20;

/// A host with so many items.
fn with(items: usize) -> pb::DecideHostRequest {
    let mut facts = host("laptop");
    for number in facts.software.len()..items {
        let mut more = item(&format!("Something {number}"));
        more.version = Some(format!("{number}.1"));
        more.path = Some(format!("/Applications/Something {number}.app"));
        facts.software.push(more);
    }
    ask(facts)
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

async fn calls(bench: &Bench, request: &pb::DecideHostRequest, took: &mut Vec<Duration>) {
    let mut client = bench.decisions();
    for _ in 0..CALLS {
        let begun = Instant::now();
        client.decide_host(request.clone()).await.unwrap();
        took.push(begun.elapsed());
    }
}

#[ignore = "a measurement, for a quiet machine and a release build"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lossy_log_costs_a_decision_little() {
    let (policies, folder) = (ban(), tempfile::tempdir().unwrap());
    let other = tempfile::tempdir().unwrap();
    let off = serve(&policies, DecisionLogSettings::default()).await;
    let lossy = serve(&policies, to_file(folder.path(), LogMode::Lossy)).await;
    let strict = serve(&policies, to_file(other.path(), LogMode::Strict)).await;
    let mut failures = Vec::new();
    for items in [3, 300] {
        let request = with(items);
        let mut took = [Vec::new(), Vec::new(), Vec::new()];
        // In turns, so that what else the machine does is shared evenly.
        for _ in 0..ROUNDS {
            for (bench, took) in [&off, &lossy, &strict].into_iter().zip(&mut took) {
                calls(bench, &request, took).await;
            }
        }
        let [off, lossy, strict] = took.map(median);
        let ratio = lossy.as_secs_f64() / off.as_secs_f64();
        println!(
            "{items} items: off {off:?}, lossy {lossy:?} ({ratio:.2} of it), strict {strict:?} (disk included)"
        );
        if ratio > 1.25 {
            failures.push(items);
        }
    }
    let counts = (lossy.log_counts)();
    println!("{counts:?}");
    assert_eq!(counts.dropped, 0);
    assert!(failures.is_empty(), "{failures:?}");
}
