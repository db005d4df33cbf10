//! What a server says about its policies, as it changes.

use std::path::Path;
use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use embargo_service::Source;
use pb::reload::State;
use tonic::Streaming;
use tonic::transport::Channel;

use crate::server::policies;

/// The states of a server's policies, in order.
pub(crate) struct States {
    stream: Streaming<pb::WatchSnapshotResponse>,
    pub(crate) latest: pb::WatchSnapshotResponse,
    /// How each attempt went that was seen since the last time of asking.
    attempts: Vec<State>,
}

impl States {
    pub(crate) async fn of(channel: Channel) -> Self {
        let request = pb::WatchSnapshotRequest {};
        let watching = policies(channel).watch_snapshot(request).await;
        let mut stream = watching.unwrap().into_inner();
        let latest = stream.message().await.unwrap().expect("a state");
        Self {
            stream,
            latest,
            attempts: Vec::new(),
        }
    }

    /// Follows the states until one is as wanted, and says how long that took since `start`.
    pub(crate) async fn until(
        &mut self,
        start: Instant,
        limit: Duration,
        wanted: impl Fn(&pb::WatchSnapshotResponse) -> bool,
    ) -> Duration {
        // What the limit promises is asserted by the caller; this one only ends a vain wait.
        let waited = tokio::time::timeout(limit * 10, async {
            while !wanted(&self.latest) {
                let next = self.stream.message().await.unwrap().expect("a state");
                if attempt(&next) != attempt(&self.latest) {
                    self.attempts.push(state(&next));
                }
                self.latest = next;
            }
        });
        let came = waited.await;
        let took = start.elapsed();
        assert!(came.is_ok(), "not in {:?}: {:?}", limit * 10, self.latest);
        took
    }

    /// Whether anything is said in this time.
    pub(crate) async fn changed_within(&mut self, time: Duration) -> bool {
        let Ok(next) = tokio::time::timeout(time, self.stream.message()).await else {
            return false;
        };
        self.latest = next.unwrap().expect("a state");
        true
    }

    /// How the attempts since the last time went.
    pub(crate) fn attempts(&mut self) -> Vec<State> {
        std::mem::take(&mut self.attempts)
    }

    pub(crate) fn generation(&self) -> u64 {
        generation(&self.latest)
    }
}

fn attempt(state: &pb::WatchSnapshotResponse) -> Option<prost_types::Timestamp> {
    state.last_reload.as_ref()?.attempt_time
}

pub(crate) fn state(now: &pb::WatchSnapshotResponse) -> State {
    now.last_reload
        .as_ref()
        .map_or(State::Unspecified, pb::Reload::state)
}

pub(crate) fn generation(state: &pb::WatchSnapshotResponse) -> u64 {
    let snapshot = state.active.as_ref().and_then(|now| now.r#ref.as_ref());
    snapshot.map_or(0, |snapshot| snapshot.generation)
}

pub(crate) fn id(state: &pb::WatchSnapshotResponse) -> &str {
    let snapshot = state.active.as_ref().and_then(|now| now.r#ref.as_ref());
    snapshot.map_or("", |snapshot| snapshot.snapshot_id.as_str())
}

/// The id of the snapshot that a folder makes as it is now.
pub(crate) fn id_of(folder: &Path) -> String {
    let bundle = Source::Folder(folder.to_path_buf()).read();
    bundle.unwrap().digest()
}
