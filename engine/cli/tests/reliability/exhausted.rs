//! R7. File events that cannot be had: the server says so and what to do, finds changes by
//! reading, and comes back to events when it can.

mod confined;

use std::path::Path;
use std::time::{Duration, Instant};

use embargo_proto::v1::reload::State;

use crate::form::{alone, amount};
use crate::policies::{ask, version_of, write, write_stamped};
use crate::server::decisions;
use crate::states::{States, id, id_of, state};

use self::confined::{Confined, can_confine};

/// How often the folder is read, as it is without being set.
const POLL: Duration = Duration::from_secs(2);
/// By reading.
const BY_READING: Duration = Duration::from_secs(3);
/// By events.
const BY_EVENTS: Duration = Duration::from_secs(1);

const NONE: &str = "there are no file events";
const BACK: &str = "file events are back";

/// Adds folders, each of which needs a watch.
fn grow(root: &Path, version: &str) {
    for at in 0..20 {
        write(
            root,
            &format!("data/d{at}/x.json"),
            &format!("\"{version}\""),
        );
    }
}

/// Changes the set, and says how long that took to judge.
async fn edit(states: &mut States, root: &Path, version: &str) -> Duration {
    write_stamped(root, version);
    let (start, wanted) = (Instant::now(), id_of(root));
    states
        .until(start, BY_READING, |now| id(now) == wanted)
        .await
}

/// Which limit is too low, what the log must name, and whether it is so from the start.
const LIMITS: [(&str, &str, bool); 3] = [
    ("max_inotify_watches", "fs.inotify.max_user_watches", true),
    ("max_inotify_watches", "fs.inotify.max_user_watches", false),
    (
        "max_inotify_instances",
        "fs.inotify.max_user_instances",
        true,
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_without_file_events_changes_are_found_by_reading() {
    if !can_confine() {
        println!("R7: not held here: namespaces with limits of their own are not permitted");
        return;
    }
    let _alone = alone().await;
    let (mut by_reading, mut by_events) = (Duration::ZERO, Duration::ZERO);
    for (limit, hint, from_the_start) in LIMITS {
        let root = tempfile::tempdir().unwrap();
        write_stamped(root.path(), "v0");
        if from_the_start {
            grow(root.path(), "v0");
        }
        let most = if limit.ends_with("instances") { 0 } else { 8 };
        let server = Confined::start(
            root.path(),
            &format!("echo {most} > /proc/sys/user/{limit}"),
        );
        let mut states = States::of(server.connect().await).await;
        if !from_the_start {
            assert_eq!(server.count(NONE), 0, "{}", server.log());
            // It runs out while the server runs.
            grow(root.path(), "v0");
            edit(&mut states, root.path(), "grown").await;
        }
        server.until_logged(NONE).await;
        assert!(server.log().contains(hint), "{}", server.log());
        for version in 0..amount(2, 20) {
            let took = edit(&mut states, root.path(), &format!("blind {version}")).await;
            assert!(took <= BY_READING, "{limit}: {took:?}");
            by_reading = took.max(by_reading);
        }
        // A warning for each time that they went, not for each reading.
        assert_eq!(server.count(NONE), 1, "{}", server.log());

        server.inside(&format!("echo 1000 > /proc/sys/user/{limit}"));
        server.until_logged(BACK).await;
        for version in 0..3 {
            let took = edit(&mut states, root.path(), &format!("seeing {version}")).await;
            assert!(took <= BY_EVENTS, "{limit}: {took:?}");
            by_events = took.max(by_events);
        }
        assert_eq!(server.count(NONE), 1, "{}", server.log());
    }
    println!(
        "R7: {} ways to run out of watches: a warning with the setting to raise, changes judge \
         within {by_reading:?} (read every {POLL:?}), and within {by_events:?} once events are back",
        LIMITS.len()
    );
}

/// Two watchers at a time would pass the limit; one does not, and there are events all along.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_watches_that_suffice_once_suffice() {
    if !can_confine() {
        println!("R7: not held here: namespaces with limits of their own are not permitted");
        return;
    }
    let _alone = alone().await;
    let root = tempfile::tempdir().unwrap();
    write_stamped(root.path(), "v0");
    grow(root.path(), "v0");
    // The folder above, the root, `rules`, `data` and what is in it.
    let line = "echo 24 > /proc/sys/user/max_inotify_watches";
    let server = Confined::start(root.path(), line);
    let mut states = States::of(server.connect().await).await;
    let mut worst = Duration::ZERO;
    for version in 0..amount(5, 50) {
        let took = edit(&mut states, root.path(), &format!("v{version}")).await;
        assert!(took <= BY_EVENTS, "{took:?}\n{}", server.log());
        worst = took.max(worst);
    }
    assert_eq!(server.count(NONE), 0, "{}", server.log());
    println!("R7: with watches for one watcher and not for two: events, worst {worst:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_without_file_descriptors_the_set_before_judges_until_there_are_some() {
    let _alone = alone().await;
    let root = tempfile::tempdir().unwrap();
    write_stamped(root.path(), "v0");
    let server = Confined::limited(root.path(), "ulimit -n 256");
    let channel = server.connect().await;
    let mut states = States::of(channel.clone()).await;
    if !server.limit_files(4) {
        println!("R7: not held here: there is no `prlimit` to take file descriptors away");
        return;
    }
    write_stamped(root.path(), "v1");
    let wanted = id_of(root.path());
    let rejected = |now: &_| state(now) == State::Rejected;
    states.until(Instant::now(), BY_READING, rejected).await;
    server.until_logged(NONE).await;
    assert!(server.log().contains("(ulimit -n)"), "{}", server.log());
    let mut client = decisions(channel);
    let answer = client.decide_host(ask("h")).await.unwrap().into_inner();
    assert_eq!(version_of(&answer.decision.unwrap()), "v0");

    assert!(server.limit_files(256));
    let start = Instant::now();
    let took = states.until(start, BY_READING, |now| id(now) == wanted);
    let took = took.await;
    assert!(took <= BY_READING, "{took:?}\n{}", server.log());
    server.until_logged(BACK).await;
    let edited = edit(&mut states, root.path(), "v2").await;
    assert!(edited <= BY_EVENTS, "{edited:?}");
    println!(
        "R7: no file descriptor left: a warning, and the set before judges; {took:?} after there \
         are some the change is live, and the next within {edited:?}"
    );
}
