//! R6. A root that goes away: while it is gone the set before judges, and GetSnapshot says so
//! within three seconds; what comes back is live within five. An empty folder is not an empty
//! policy.

pub(crate) mod mount;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use embargo_proto::v1::{self as pb, reload::State};
use embargo_service::Settings;
use tonic::transport::Channel;

use crate::form::{alone, amount};
use crate::policies::{ask, version_of, write_stamped};
use crate::server::{Bench, decisions, within};
use crate::states::{States, id, id_of, state};

use self::mount::Mounted;

const DEGRADED: Duration = Duration::from_secs(3);
const BACK: Duration = Duration::from_secs(5);
/// An ordinary edit afterwards: the watch holds on the folder that came.
const EDIT: Duration = Duration::from_secs(1);

/// A way in which a root goes and another one comes.
struct Loss {
    name: &'static str,
    /// Arranges things below a folder, so that `root` is there and holds this version.
    arrange: fn(&Path, &str),
    lose: fn(&Path),
    /// Brings a root that holds this version.
    come: fn(&Path, &str),
    root: &'static str,
}

const LOSSES: [Loss; 6] = [
    Loss {
        name: "deleted and recreated",
        arrange: |above, version| write_stamped(&above.join("policies"), version),
        lose: |above| fs::remove_dir_all(above.join("policies")).unwrap(),
        come: |above, version| write_stamped(&above.join("policies"), version),
        root: "policies",
    },
    Loss {
        name: "renamed away and back",
        arrange: |above, version| write_stamped(&above.join("policies"), version),
        lose: |above| fs::rename(above.join("policies"), above.join("away")).unwrap(),
        come: |above, version| {
            write_stamped(&above.join("away"), version);
            fs::rename(above.join("away"), above.join("policies")).unwrap();
        },
        root: "policies",
    },
    Loss {
        name: "a link that is pointed to nothing, then elsewhere",
        arrange: |above, version| {
            write_stamped(&above.join("releases/1"), version);
            symlink("releases/1", above.join("current")).unwrap();
            symlink("current", above.join("policies")).unwrap();
        },
        lose: |above| point(&above.join("current"), "releases/none"),
        come: |above, version| {
            let release = format!("releases/{version}");
            write_stamped(&above.join(&release), version);
            point(&above.join("current"), &release);
        },
        root: "policies",
    },
    Loss {
        name: "a link in the middle of its path",
        arrange: |above, version| {
            write_stamped(&above.join("releases/1/etc/policies"), version);
            symlink("releases/1", above.join("current")).unwrap();
        },
        lose: |above| point(&above.join("current"), "releases/none"),
        come: |above, version| {
            let release = format!("releases/{version}");
            write_stamped(&above.join(&release).join("etc/policies"), version);
            point(&above.join("current"), &release);
        },
        root: "current/etc/policies",
    },
    Loss {
        name: "a folder far above it renamed away and back",
        arrange: |above, version| write_stamped(&above.join("a/b/c/policies"), version),
        lose: |above| fs::rename(above.join("a"), above.join("away")).unwrap(),
        come: |above, version| {
            write_stamped(&above.join("away/b/c/policies"), version);
            fs::rename(above.join("away"), above.join("a")).unwrap();
        },
        root: "a/b/c/policies",
    },
    Loss {
        name: "emptied",
        arrange: |above, version| write_stamped(&above.join("policies"), version),
        lose: |above| fs::remove_dir_all(above.join("policies/rules")).unwrap(),
        come: |above, version| write_stamped(&above.join("policies"), version),
        root: "policies",
    },
];

/// Replaces a link at once.
fn point(link: &Path, target: &str) {
    let fresh = link.with_extension("fresh");
    symlink(target, &fresh).unwrap();
    fs::rename(fresh, link).unwrap();
}

async fn judged_by(channel: &Channel) -> String {
    let mut client = decisions(channel.clone());
    let answer = within(client.decide_host(ask("h"))).await.unwrap();
    version_of(&answer.into_inner().decision.unwrap())
}

fn is_rejected(now: &pb::WatchSnapshotResponse) -> bool {
    state(now) == State::Rejected
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r6_a_root_that_goes_shows_and_one_that_comes_is_taken_up() {
    let _alone = alone().await;
    let rounds = amount(1, 10);
    let (mut degraded, mut back, mut edit) = Default::default();
    for Loss {
        name,
        arrange,
        lose,
        come,
        root,
    } in LOSSES
    {
        let above = tempfile::tempdir().unwrap();
        let (above, root) = (above.path(), above.path().join(root));
        arrange(above, "v0");
        let bench = Bench::start(&root, Settings::default()).await;
        let mut states = States::of(bench.channel.clone()).await;
        for round in 0..rounds {
            let [old, new, edited] = [0, 1, 2].map(|at| format!("v{}", round * 2 + at));
            lose(above);
            let took = states.until(Instant::now(), DEGRADED, is_rejected).await;
            assert!(took <= DEGRADED, "{name}: degraded after {took:?}");
            degraded = took.max(degraded);
            assert_eq!(judged_by(&bench.channel).await, old, "{name}");

            come(above, &new);
            let (start, wanted) = (Instant::now(), id_of(&root));
            let took = states.until(start, BACK, |now| id(now) == wanted).await;
            assert!(took <= BACK, "{name}: back after {took:?}");
            back = took.max(back);
            assert_eq!(judged_by(&bench.channel).await, new, "{name}");

            write_stamped(&root, &edited);
            let (start, wanted) = (Instant::now(), id_of(&root));
            let took = states.until(start, EDIT, |now| id(now) == wanted).await;
            assert!(took <= EDIT, "{name}: an edit after {took:?}");
            edit = took.max(edit);
        }
    }
    println!(
        "R6: {} kinds of loss, {rounds} each: degraded within {degraded:?}, back within {back:?}, \
         an edit afterwards within {edit:?}",
        LOSSES.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r6_a_mount_that_is_lost_shows_and_one_that_comes_is_taken_up() {
    let _alone = alone().await;
    let mounted = Mounted::start("v0").await;
    let mut states = States::of(mounted.channel.clone()).await;
    let (mut degraded, mut back) = Default::default();
    let rounds: u64 = amount(2, 10);
    for round in 0..rounds {
        mounted.lose();
        let took = states.until(Instant::now(), DEGRADED, is_rejected).await;
        assert!(took <= DEGRADED, "degraded after {took:?}");
        degraded = took.max(degraded);
        assert_eq!(judged_by(&mounted.channel).await, format!("v{round}"));

        let new = format!("v{}", round + 1);
        let wanted = mounted.come(&new);
        let start = Instant::now();
        let took = states.until(start, BACK, |now| id(now) == wanted).await;
        assert!(took <= BACK, "back after {took:?}");
        back = took.max(back);
        assert_eq!(judged_by(&mounted.channel).await, new);
    }
    println!(
        "R6: {} lost and come {rounds} times: degraded within {degraded:?}, back within {back:?}",
        mounted.kind()
    );
}
