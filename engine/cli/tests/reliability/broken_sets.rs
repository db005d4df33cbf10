//! R2. A broken set never goes live: whatever happens to the files of a good set, what judges
//! afterwards decides as the good set does, or is the good set.
//!
//! Some damage leaves a set that compiles. Its own tests then catch what decides otherwise; the
//! set here pins what it decides, as an author should.

mod mutations;
mod set;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use embargo_proto::v1 as pb;
use embargo_service::{Clock, Settings};

use crate::form::amount;
use crate::server::{Bench, decisions, policies, within};

use self::mutations::{Mutation, mutations};

type Files = BTreeMap<String, Vec<u8>>;

/// Puts files in place of those that are there, at once: the policy folder is a link.
#[cfg(unix)]
fn offer(root: &Path, number: usize, files: &Files) {
    use std::os::unix::fs::symlink;
    let fresh = number.to_string();
    for (path, content) in files {
        let place = root.join(&fresh).join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
    }
    symlink(&fresh, root.join("next")).unwrap();
    fs::rename(root.join("next"), root.join("policies")).unwrap();
}

/// What is decided about the panel, now and as time passes, without what differs between any
/// two sets: ids, and lines of sources.
async fn decided(bench: &Bench) -> Vec<pb::Decision> {
    let mut client = decisions(bench.channel.clone());
    let mut all = Vec::new();
    for facts in set::panel() {
        let request = pb::ComputeDecisionTimelineRequest {
            facts: Some(facts),
            start_time: set::seconds("2023-01-01T00:00:00Z"),
            end_time: set::seconds("2027-01-01T00:00:00Z"),
            ..Default::default()
        };
        let answer = within(client.compute_decision_timeline(request)).await;
        let segments = answer.expect("a timeline").into_inner().segments;
        all.extend(segments.into_iter().filter_map(|segment| segment.decision));
    }
    for decision in &mut all {
        decision.decision_id.clear();
        decision.snapshot_id.clear();
        // A rule that reads more than it needs may make an answer expire sooner, never later
        // than it turns, which the timelines show.
        decision.next_change_time = None;
        for finding in &mut decision.findings {
            finding.rule_span = None;
            // Texts of a waiver are not for rules and cases to see, so that no test pins them.
            if let Some(waiver) = &mut finding.waiver {
                waiver.waiver_id.clear();
                waiver.owner.clear();
                waiver.reason.clear();
            }
        }
    }
    all
}

struct Outcome {
    state: pb::reload::State,
    codes: Vec<String>,
    active: String,
}

/// The next attempt that the server tells of.
async fn attempt(states: &mut tonic::Streaming<pb::WatchSnapshotResponse>) -> Outcome {
    let message = within(states.message()).await.unwrap().expect("a state");
    let reload = message.last_reload.unwrap();
    Outcome {
        state: reload.state(),
        codes: reload.diagnostics.iter().map(|d| d.code.clone()).collect(),
        active: message.active.unwrap().r#ref.unwrap().snapshot_id,
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r2_no_broken_set_goes_live() {
    let good: Files = set::files();
    let root = tempfile::tempdir().unwrap();
    offer(root.path(), 0, &good);
    let settings = Settings {
        quiet_period: Duration::from_millis(2),
        poll_interval: Duration::from_millis(500),
        clock: Clock::of(|| "2024-06-01T00:00:00Z".parse().unwrap()),
        ..Settings::default()
    };
    let bench = Bench::start(&root.path().join("policies"), settings).await;
    let first = bench.snapshot().await;
    assert_eq!(
        first.last_reload.unwrap().diagnostics,
        [],
        "the good set is good"
    );
    let good_id = first.active.unwrap().r#ref.unwrap().snapshot_id;
    let wanted = decided(&bench).await;
    set::assert_tells_apart(&wanted);

    let request = pb::WatchSnapshotRequest {};
    let watching = policies(bench.channel.clone())
        .watch_snapshot(request)
        .await;
    let mut states = watching.unwrap().into_inner();
    within(states.message()).await.unwrap().expect("the first");

    let all = mutations(&good, amount(7, 1));
    let mut number = 0;
    let mut refused = BTreeMap::<String, usize>::new();
    let mut same_meaning = 0;
    for Mutation { what, files } in &all {
        number += 1;
        offer(root.path(), number, files);
        let outcome = attempt(&mut states).await;
        if outcome.state == pb::reload::State::Rejected {
            assert_eq!(outcome.active, good_id, "{what}: refused, yet live");
            let code = outcome.codes.first().cloned().unwrap_or_default();
            assert!(!code.is_empty(), "{what}: refused without a remark");
            *refused.entry(code).or_default() += 1;
        } else {
            same_meaning += 1;
        }
        // What is refused leaves the good set, which its id proves; now and then it is asked.
        if outcome.active != good_id || number % 32 == 1 {
            let now = decided(&bench).await;
            let differing = now.iter().zip(&wanted).find(|(now, wanted)| now != wanted);
            assert!(
                now == wanted,
                "{what}: {}\n{differing:#?}",
                shown(files, &good)
            );
        }
        number += 1;
        offer(root.path(), number, &good);
        assert_eq!(attempt(&mut states).await.active, good_id, "{what}");
        for old in [number - 2, number - 1] {
            fs::remove_dir_all(root.path().join(old.to_string())).unwrap();
        }
    }
    let count: usize = refused.values().sum();
    println!(
        "R2: {} mutations, {count} refused, {same_meaning} live and unchanged in meaning, \
         0 live and wrong; refused by code: {refused:?}",
        all.len()
    );
    assert!(all.len() >= 1_000 && count > all.len() / 2 && same_meaning > 0);
    for code in [
        "test-failed",
        "case-failed",
        "rego-parse-error",
        "not-utf-8",
    ] {
        assert!(refused.contains_key(code), "{code}: {refused:?}");
    }
}

/// The files in which a set differs from the good one.
fn shown(files: &Files, good: &Files) -> String {
    let differing = files
        .iter()
        .filter(|(path, content)| good.get(*path) != Some(content))
        .map(|(path, content)| format!("{path}:\n{}", String::from_utf8_lossy(content)));
    differing.collect::<Vec<_>>().join("\n")
}
