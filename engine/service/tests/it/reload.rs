//! Reload as callers see it: in decisions, in GetSnapshot, on the watch.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use tonic::Streaming;

use crate::bench::{Bench, within};
use crate::policies::{ask, ban, clean_host, host, stamped, write, write_stamped};

type States = Streaming<pb::WatchSnapshotResponse>;

async fn watch(bench: &Bench) -> States {
    let request = pb::WatchSnapshotRequest {};
    bench
        .policies()
        .watch_snapshot(request)
        .await
        .unwrap()
        .into_inner()
}

async fn until(
    states: &mut States,
    what: impl Fn(&pb::WatchSnapshotResponse) -> bool,
) -> pb::WatchSnapshotResponse {
    loop {
        let state = within(states.message()).await.unwrap().expect("a state");
        if what(&state) {
            return state;
        }
    }
}

fn generation(state: &pb::WatchSnapshotResponse) -> u64 {
    let snapshot = state
        .active
        .as_ref()
        .and_then(|active| active.r#ref.as_ref());
    snapshot.map_or(0, |snapshot| snapshot.generation)
}

fn has(state: &pb::WatchSnapshotResponse, wanted: pb::reload::State) -> bool {
    state
        .last_reload
        .as_ref()
        .is_some_and(|reload| reload.state() == wanted)
}

async fn messages(bench: &Bench) -> Vec<String> {
    let decision = bench.decide(ask(clean_host("h"))).await.unwrap();
    decision
        .findings
        .into_iter()
        .map(|finding| finding.message)
        .collect()
}

/// Writes each file beside its place and renames it over.
fn replace_by_rename(root: &Path, version: &str) {
    for (path, content) in stamped(version) {
        let beside = root.join(format!("{path}.tmp"));
        fs::write(&beside, content).unwrap();
        fs::rename(&beside, root.join(&path)).unwrap();
    }
}

#[tokio::test]
async fn files_are_taken_up_however_they_are_written() {
    let root = tempfile::tempdir().unwrap();
    write_stamped(root.path(), "v1");
    let bench = Bench::start(root.path()).await;
    let mut states = watch(&bench).await;
    assert_eq!(messages(&bench).await, ["v1", "v1"]);

    replace_by_rename(root.path(), "v2");
    until(&mut states, |state| generation(state) == 2).await;
    assert_eq!(messages(&bench).await, ["v2", "v2"]);

    write_stamped(root.path(), "v3");
    until(&mut states, |state| generation(state) == 3).await;
    assert_eq!(messages(&bench).await, ["v3", "v3"]);

    fs::remove_file(root.path().join("rules/left.rego")).unwrap();
    until(&mut states, |state| generation(state) == 4).await;
    assert_eq!(messages(&bench).await, ["v3"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_mounted_volume_is_taken_up_when_its_link_is_swapped() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    write_stamped(&root.path().join("..v1"), "v1");
    symlink("..v1", root.path().join("..data")).unwrap();
    symlink("..data/rules", root.path().join("rules")).unwrap();
    let bench = Bench::start(root.path()).await;
    let mut states = watch(&bench).await;
    assert_eq!(messages(&bench).await, ["v1", "v1"]);
    for version in 2..6 {
        let name = format!("..v{version}");
        write_stamped(&root.path().join(&name), &format!("v{version}"));
        symlink(&name, root.path().join("..data_tmp")).unwrap();
        fs::rename(root.path().join("..data_tmp"), root.path().join("..data")).unwrap();
        fs::remove_dir_all(root.path().join(format!("..v{}", version - 1))).unwrap();
        until(&mut states, |state| generation(state) == version).await;
        let wanted = format!("v{version}");
        assert_eq!(messages(&bench).await, [wanted.clone(), wanted]);
    }
}

#[tokio::test]
async fn a_broken_set_is_shown_and_never_judges() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut states = watch(&bench).await;
    let rule = policies.path().join("instruments/ban/rule.rego");
    let good = fs::read(&rule).unwrap();
    write(
        policies.path(),
        "instruments/ban/rule.rego",
        "package restrictions.ban\n\ndeny contains \"x\" if {\n\tinput.host.id == \n}\n",
    );
    let broken = until(&mut states, |state| has(state, pb::reload::State::Rejected)).await;
    assert_eq!(generation(&broken), 1);
    let remark = &broken.last_reload.as_ref().unwrap().diagnostics[0];
    let span = remark.span.as_ref().unwrap();
    assert_eq!(span.path, "instruments/ban/rule.rego");
    assert!(!remark.excerpt.is_empty());

    let request = pb::GetSnapshotRequest {};
    let shown = bench
        .policies()
        .get_snapshot(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(shown.last_reload, broken.last_reload);
    assert_eq!(shown.active, broken.active);
    let decision = bench.decide(ask(host("h"))).await.unwrap();
    assert_eq!(decision.effect(), pb::Effect::Deny);
    assert_eq!(decision.snapshot_id, bench.snapshot_id());

    fs::write(&rule, &good).unwrap();
    let back = until(&mut states, |state| {
        has(state, pb::reload::State::Unchanged)
    })
    .await;
    assert_eq!(generation(&back), 1);
    write(
        policies.path(),
        "rules/more.rego",
        "package restrictions.more\n\nwarn contains \"more\" if input.host.id\n",
    );
    until(&mut states, |state| generation(state) == 2).await;
}

#[tokio::test]
async fn an_edit_takes_effect_within_half_a_second() {
    let root = tempfile::tempdir().unwrap();
    write_stamped(root.path(), "v0");
    let bench = Bench::start(root.path()).await;
    let mut states = watch(&bench).await;
    let mut took = Vec::new();
    for version in 1..=20_u64 {
        let start = Instant::now();
        write_stamped(root.path(), &format!("v{version}"));
        until(&mut states, |state| generation(state) == version + 1).await;
        took.push(start.elapsed());
    }
    took.sort_unstable();
    println!(
        "edit to effect: median {:?}, worst {:?}",
        took[10], took[19]
    );
    // Half a second is the promise; a busy machine gets its double.
    assert!(took[10] < Duration::from_millis(500), "{took:?}");
}
