//! GetSnapshot and WatchSnapshot: what is active, and how the last reload went.

use std::time::Duration;

use embargo_proto::v1 as pb;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::super::arrival::Arrival;
use super::super::desk::Desk;
use super::super::policy::{reload, snapshot};
use super::super::status::Refusal;
use crate::identity::Cause;
use crate::reload::Present;

/// After which time without news the state is sent again.
const REPEAT: Duration = Duration::from_secs(30);

/// The states of a watch.
pub(super) type States = ReceiverStream<Result<pb::WatchSnapshotResponse, Status>>;

pub(super) fn present(desk: &Desk) -> Result<pb::GetSnapshotResponse, Refusal> {
    let present = desk.present.borrow().clone();
    Ok(pb::GetSnapshotResponse {
        active: present.active.as_ref().map(snapshot),
        last_reload: present.last_reload.as_deref().map(reload),
    })
}

pub(super) fn open(desk: Desk, arrival: Arrival) -> Result<States, Refusal> {
    let place = desk.watches.take()?;
    // One state is on its way at most: a slow caller misses states and gets the latest.
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let end = tokio::select! {
            biased;
            () = sender.closed() => None,
            () = desk.drain.begun() => Some(Refusal::Draining),
            () = arrival.overdue() => Some(Refusal::DeadlinePassed),
            () = arrival.expired() => Some(Refusal::CredentialsInvalid(Cause::Expired)),
            () = tell(desk.present.clone(), &sender) => None,
        };
        if let Some(refusal) = end {
            // Nobody may listen any more, which ends the wait as well.
            let _ = sender.send(Err(refusal.into_status())).await;
        }
        drop(place);
    });
    Ok(ReceiverStream::new(receiver))
}

/// Tells each state until nobody listens.
async fn tell(
    mut states: watch::Receiver<Present>,
    sender: &mpsc::Sender<Result<pb::WatchSnapshotResponse, Status>>,
) {
    loop {
        let Ok(room) = sender.reserve().await else {
            return;
        };
        // Read only once there is room, so that what is sent is the latest.
        let state = message(&states.borrow_and_update().clone());
        room.send(Ok(state));
        tokio::select! {
            changed = states.changed() => {
                if changed.is_err() {
                    // The reload loop has ended; what is active stays so.
                    tokio::time::sleep(REPEAT).await;
                }
            }
            () = tokio::time::sleep(REPEAT) => {}
        }
    }
}

fn message(present: &Present) -> pb::WatchSnapshotResponse {
    pb::WatchSnapshotResponse {
        active: present.active.as_ref().map(snapshot),
        last_reload: present.last_reload.as_deref().map(reload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_state_is_sent_again_when_thirty_seconds_have_passed_without_news() {
        let (_present, states) = watch::channel(Present::default());
        let (sender, mut receiver) = mpsc::channel(1);
        tokio::spawn(async move { tell(states, &sender).await });
        let start = tokio::time::Instant::now();
        for repeat in 0..4 {
            receiver.recv().await.unwrap().unwrap();
            let passed = start.elapsed().as_millis();
            assert!(
                (repeat * 30_000..repeat * 30_000 + 10).contains(&passed),
                "{passed}"
            );
        }
    }
}
