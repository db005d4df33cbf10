//! The cache of decisions: what is reused, and above all what is not.

use std::time::{SystemTime, UNIX_EPOCH};

use embargo_client::{CacheLimits, Client, Code, DecisionCache, v1};
use tonic::Status;
use v1::Effect;

use crate::fake::{Fake, Step, answer, at, decision, question};

/// Seconds from now on.
fn from_now(seconds: i64) -> Option<embargo_client::Timestamp> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    at(i64::try_from(now.as_secs()).unwrap() + seconds)
}

fn active(snapshot_id: &str) -> v1::WatchSnapshotResponse {
    v1::WatchSnapshotResponse {
        active: Some(v1::Snapshot {
            r#ref: Some(v1::SnapshotRef {
                snapshot_id: snapshot_id.into(),
                generation: 1,
            }),
            ..Default::default()
        }),
        last_reload: None,
    }
}

/// A fake whose watch says that the snapshot of [`decision`] is active.
async fn fake() -> Fake {
    let fake = Fake::start().await;
    fake.scripts
        .watch
        .set([Step::Answer(vec![Ok(active("aa"))])]);
    fake
}

fn watched_by(client: &Client) -> DecisionCache {
    DecisionCache::new(client, CacheLimits::default()).unwrap()
}

async fn connected(client: &Client) -> DecisionCache {
    let cache = watched_by(client);
    cache.connected().await.unwrap();
    cache
}

/// Asks the same twice and says whether the second answer was reused.
async fn is_reused(answered: v1::Decision, asked: v1::DecideHostRequest) -> bool {
    let fake = fake().await;
    fake.scripts.decide.set([answer(answered)]);
    let cache = connected(&fake.client().await).await;
    let first = cache.decide_host(asked.clone()).await.unwrap();
    assert!(!first.is_reused);
    let second = cache.decide_host(asked).await.unwrap();
    assert_eq!(second.decision, first.decision);
    let calls = if second.is_reused { 1 } else { 2 };
    assert_eq!(fake.scripts.decide.calls(), calls);
    second.is_reused
}

#[tokio::test]
async fn a_decision_that_holds_is_reused() {
    for effect in [Effect::Allow, Effect::Warn, Effect::Review, Effect::Deny] {
        assert!(is_reused(decision(effect), question()).await, "{effect:?}");
    }
}

#[tokio::test]
async fn an_indeterminate_decision_is_not_reused() {
    assert!(!is_reused(decision(Effect::Indeterminate), question()).await);
}

#[tokio::test]
async fn a_decision_is_not_reused_outside_of_its_time() {
    let until = |seconds| v1::Decision {
        next_change_time: from_now(seconds),
        ..decision(Effect::Allow)
    };
    assert!(is_reused(until(3_600), question()).await);
    assert!(!is_reused(until(-1), question()).await);
    let ahead = v1::Decision {
        evaluate_time: from_now(3_600),
        ..decision(Effect::Allow)
    };
    assert!(!is_reused(ahead, question()).await);
    let without = v1::Decision {
        evaluate_time: None,
        ..decision(Effect::Allow)
    };
    assert!(!is_reused(without, question()).await);
}

#[tokio::test]
async fn a_decision_by_another_snapshot_than_the_active_one_is_not_reused() {
    let other = v1::Decision {
        snapshot_id: "bb".into(),
        ..decision(Effect::Allow)
    };
    assert!(!is_reused(other, question()).await);
}

#[tokio::test]
async fn a_question_about_an_instant_is_always_asked() {
    let asked = v1::DecideHostRequest {
        evaluate_time: at(1),
        ..question()
    };
    assert!(!is_reused(decision(Effect::Allow), asked).await);
}

#[tokio::test]
async fn a_snapshot_that_is_required_must_be_the_active_one() {
    let asked = v1::DecideHostRequest {
        require_snapshot_id: "aa".into(),
        ..question()
    };
    assert!(is_reused(decision(Effect::Allow), asked.clone()).await);

    let fake = fake().await;
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    let cache = connected(&fake.client().await).await;
    cache.decide_host(asked).await.unwrap();
    let other = v1::DecideHostRequest {
        require_snapshot_id: "bb".into(),
        ..question()
    };
    assert!(
        cache.decide_host(other).await.is_err(),
        "it answers by `aa`"
    );
    assert_eq!(fake.scripts.decide.calls(), 2);
}

#[tokio::test]
async fn other_facts_or_another_action_are_another_question() {
    let fake = fake().await;
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    let cache = connected(&fake.client().await).await;
    cache.decide_host(question()).await.unwrap();
    let mut other = question();
    other.facts.as_mut().unwrap().groups.push("lab".into());
    assert!(!cache.decide_host(other).await.unwrap().is_reused);
    let other = v1::DecideHostRequest {
        action: v1::Action::Use.into(),
        ..question()
    };
    assert!(
        cache.decide_host(other).await.is_err(),
        "the answer is on install"
    );
    assert_eq!(fake.scripts.decide.calls(), 3);
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let fake = fake().await;
    let refused = Step::Fail(Status::invalid_argument("no"));
    fake.scripts
        .decide
        .set([refused, answer(decision(Effect::Deny))]);
    let cache = connected(&fake.client().await).await;
    let failure = cache.decide_host(question()).await.unwrap_err();
    assert_eq!(failure.code(), Code::InvalidArgument);
    assert!(!cache.decide_host(question()).await.unwrap().is_reused);
    assert!(cache.decide_host(question()).await.unwrap().is_reused);
}

#[tokio::test]
async fn nothing_is_reused_before_the_watch_is_connected() {
    let fake = Fake::start().await;
    fake.scripts.watch.set([Step::Hang]);
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    let cache = watched_by(&fake.client().await);
    for _ in 0..2 {
        assert!(!cache.decide_host(question()).await.unwrap().is_reused);
    }
    assert!(!cache.is_connected());
}

#[tokio::test]
async fn nothing_is_reused_once_the_watch_is_broken() {
    let fake = Fake::start().await;
    let broken = vec![Ok(active("aa")), Err(Status::unavailable("draining"))];
    fake.scripts.watch.set([Step::Answer(broken), Step::Hang]);
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    let client = fake.client().await;
    let cache = watched_by(&client);
    while fake.scripts.watch.calls() < 2 {
        tokio::task::yield_now().await;
    }
    for _ in 0..2 {
        assert!(!cache.decide_host(question()).await.unwrap().is_reused);
    }
    assert!(!cache.is_connected());
}

#[tokio::test]
async fn a_watch_that_is_not_permitted_is_said_and_every_question_is_asked() {
    let fake = Fake::start().await;
    let denied = Step::Fail(Status::permission_denied("not yours"));
    fake.scripts.watch.set([denied]);
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    let cache = watched_by(&fake.client().await);
    let why = cache.connected().await.unwrap_err();
    assert_eq!(why.code(), Code::PermissionDenied);
    for _ in 0..2 {
        assert!(!cache.decide_host(question()).await.unwrap().is_reused);
    }
}

#[tokio::test]
async fn a_new_snapshot_ends_what_the_old_one_judged() {
    let (before, after) = tokio::sync::mpsc::channel(4);
    let fake = Fake::start().await;
    fake.watch_by(tokio_stream::wrappers::ReceiverStream::new(after));
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    before.send(Ok(active("aa"))).await.unwrap();
    let cache = connected(&fake.client().await).await;
    cache.decide_host(question()).await.unwrap();
    assert!(cache.decide_host(question()).await.unwrap().is_reused);

    before.send(Ok(active("bb"))).await.unwrap();
    // The state has arrived when the answer is no longer reused, which it then stays.
    while cache.decide_host(question()).await.unwrap().is_reused {
        tokio::task::yield_now().await;
    }
    assert!(!cache.decide_host(question()).await.unwrap().is_reused);
}
