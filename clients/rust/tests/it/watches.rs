//! The watch of the snapshot, which resumes.

use std::time::Duration;

use embargo_client::{CallError, Client, Code, WATCH_SILENCE, v1};
use tokio::time::Instant;
use tokio_stream::StreamExt as _;
use tonic::Status;

use crate::fake::{Fake, Step, quick};

fn state(generation: u64) -> v1::WatchSnapshotResponse {
    v1::WatchSnapshotResponse {
        active: Some(v1::Snapshot {
            r#ref: Some(v1::SnapshotRef {
                generation,
                ..Default::default()
            }),
            ..Default::default()
        }),
        last_reload: None,
    }
}

fn draining() -> Status {
    Status::unavailable("draining")
}

#[tokio::test]
async fn a_watch_gives_each_state_and_says_when_it_breaks_and_resumes() {
    let fake = Fake::start().await;
    fake.scripts.watch.set([
        Step::Fail(draining()),
        Step::Answer(vec![Ok(state(1)), Ok(state(2)), Err(draining())]),
        Step::Answer(vec![Ok(state(3))]),
    ]);
    let mut watch = fake.client().await.watch_snapshot().await.unwrap();
    assert_eq!(watch.next().await.unwrap().unwrap(), state(1));
    assert_eq!(watch.next().await.unwrap().unwrap(), state(2));
    let broken = watch.next().await.unwrap().unwrap_err();
    assert_eq!(broken.code(), Code::Unavailable);
    assert_eq!(watch.next().await.unwrap().unwrap(), state(3));
    assert_eq!(
        fake.scripts.watch.timeouts(),
        [None, None, None],
        "a deadline would end the watch"
    );
}

#[tokio::test]
async fn a_watch_resumes_at_another_server() {
    let (first, second) = (Fake::start().await, Fake::start().await);
    let once = Step::Answer(vec![Ok(state(7)), Err(draining())]);
    first.scripts.watch.set([once, Step::Fail(draining())]);
    second.scripts.watch.set([Step::Answer(vec![Ok(state(1))])]);
    let client = quick(Client::builder(&first.endpoint).or(&second.endpoint));
    let mut watch = client
        .connect()
        .await
        .unwrap()
        .watch_snapshot()
        .await
        .unwrap();
    assert_eq!(watch.next().await.unwrap().unwrap(), state(7));
    assert!(watch.next().await.unwrap().is_err());
    assert_eq!(watch.next().await.unwrap().unwrap(), state(1));
    assert_eq!(
        first.scripts.watch.calls(),
        1,
        "it began with the one that had broken"
    );
}

#[tokio::test]
async fn a_watch_ends_after_a_failure_that_no_time_mends() {
    let fake = Fake::start().await;
    let denied = Status::permission_denied("not yours");
    fake.scripts.watch.set([
        Step::Answer(vec![Ok(state(1)), Err(draining())]),
        Step::Fail(denied),
    ]);
    let watch = fake.client().await.watch_snapshot().await.unwrap();
    let states: Vec<_> = watch.collect().await;
    let [Ok(_), Err(broken), Err(ended)] = &states[..] else {
        panic!("{states:?}")
    };
    assert_eq!(
        (broken.code(), ended.code()),
        (Code::Unavailable, Code::PermissionDenied)
    );
}

#[tokio::test]
async fn a_watch_that_does_not_open_at_first_is_an_error() {
    let fake = Fake::start().await;
    fake.scripts.watch.set([Step::Fail(draining())]);
    let error = fake.client().await.watch_snapshot().await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
}

#[tokio::test]
async fn a_watch_breaks_when_it_has_been_silent_for_too_long_since_its_last_state() {
    let fake = Fake::start().await;
    fake.scripts
        .watch
        .set([Step::Answer(vec![Ok(v1::WatchSnapshotResponse::default())])]);
    let mut watch = fake.client().await.watch_snapshot().await.unwrap();

    tokio::time::pause();
    tokio::time::advance(WATCH_SILENCE - Duration::from_secs(1)).await;
    assert!(watch.next().await.unwrap().is_ok());

    let heard = Instant::now();
    let error = watch.next().await.unwrap().unwrap_err();
    let silent = matches!(
        error,
        CallError::Deadline {
            limit: WATCH_SILENCE,
            ..
        }
    );
    assert!(silent, "{error:?}");
    assert!(heard.elapsed() >= WATCH_SILENCE);
    tokio::time::resume();
    assert!(watch.next().await.unwrap().is_ok(), "it did not resume");
}
