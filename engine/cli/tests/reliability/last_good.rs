//! R3. The last good set outlives the process: whenever it is killed, the next start judges by
//! a whole set although the policy folder is broken, soon, and says that it is degraded. No
//! trouble with the state folder ends the server, and each is said with a remedy.

mod running;
mod traced;
mod troubles;

use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;

use crate::form::amount;
use crate::policies::{ask, version_of};
use crate::server::{connect, decisions, policies, within};
use crate::support::run;

use self::running::{Place, Running};

/// How soon a server is ready.
const READY: Duration = Duration::from_secs(2);

/// The version that a server judges by.
async fn judged_by(server: &Running) -> String {
    let mut client = decisions(connect(server.address()).await);
    let answer = within(client.decide_host(ask("h"))).await;
    version_of(&answer.unwrap().into_inner().decision.unwrap())
}

async fn snapshot(server: &Running) -> pb::GetSnapshotResponse {
    let mut client = policies(connect(server.address()).await);
    let answer = within(client.get_snapshot(pb::GetSnapshotRequest {})).await;
    answer.unwrap().into_inner()
}

/// What a server with a broken folder judges by, which says all the while that it is degraded.
async fn recalled(server: &Running) -> String {
    let present = snapshot(server).await;
    assert!(present.active.expect("a set").recalled);
    assert_eq!(
        present.last_reload.unwrap().state(),
        pb::reload::State::Rejected
    );
    let health = run(&["healthcheck", &format!("http://{}", server.address())]);
    assert_eq!((health.code, health.out.as_str()), (0, "serving\n"));
    judged_by(server).await
}

/// Waits until a server judges by a version.
async fn until_judged_by(server: &Running, version: &str) {
    let start = Instant::now();
    while judged_by(server).await != version {
        assert!(start.elapsed() < Duration::from_secs(20), "{version}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Changes of a round, the last of which is not awaited.
const CHANGES: usize = 6;

/// Moments that differ from each other and are the same in every run.
struct Moments(u64);

impl Moments {
    fn next(&mut self, most: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005) ^ 0x5851;
        most.mul_f64(f64::from(u32::try_from(self.0 >> 40).unwrap()) / f64::from(1 << 24))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_server_killed_at_any_moment_comes_back_with_a_whole_set() {
    let rounds: usize = amount(10, 400);
    let place = Place::new();
    place.write("v0");
    drop(Running::start(&place, &[]));
    let mut moments = Moments(7);
    let mut times = Vec::new();
    // The earliest version that may be recalled, and the latest.
    let (mut least, mut most) = (0, 0);
    for _ in 0..rounds {
        place.break_policies();
        let start = Instant::now();
        let server = Running::start(&place, &[]);
        times.push(start.elapsed());
        let version = recalled(&server).await;
        let number: usize = version.strip_prefix('v').unwrap().parse().unwrap();
        assert!(
            (least..=most).contains(&number),
            "{least}..={most}: {number}"
        );
        for change in 1..=CHANGES {
            most += 1;
            place.write(&format!("v{most}"));
            if change < CHANGES {
                until_judged_by(&server, &format!("v{most}")).await;
                // It is kept before the next is looked at.
                least = most.saturating_sub(1).max(number);
            }
        }
        tokio::time::sleep(moments.next(Duration::from_millis(150))).await;
        drop(server);
    }
    let worst = times.iter().max().copied().unwrap();
    let usual = median(&mut times);
    println!(
        "R3: {rounds} kills among {most} activations; each time a whole set judged, ready in \
         {usual:.0?}, at worst {worst:.0?}"
    );
    assert!(usual < READY, "{usual:?}");
}
