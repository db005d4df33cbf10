use std::panic::panic_any;
use std::sync::mpsc;
use std::time::Duration;

use embargo_core::bundle::Bundle;
use embargo_core::decision::{Judgement, Question};
use embargo_core::facts::{HostFacts, HostRecord};
use embargo_core::instrument::{Action, Effect};

use super::*;
use crate::config::{LimitsSettings, Settings};
use crate::load::load_bundle;

fn snapshot(message: &str) -> Arc<Snapshot> {
    let rule =
        format!("package restrictions.one\n\ndeny contains \"{message}\" if input.host.id\n");
    let file = ("one/rule.rego".to_owned(), rule.into_bytes());
    load_bundle(Bundle::new([file]).unwrap()).unwrap()
}

fn judge(queued_calls: usize) -> Judge {
    let settings = Settings {
        workers: 1,
        limits: LimitsSettings {
            queued_calls,
            ..LimitsSettings::default()
        },
        ..Settings::default()
    };
    Judge::start(&Config::new(settings).unwrap()).unwrap()
}

fn ticket() -> Ticket {
    Ticket {
        snapshot: snapshot("no"),
        deadline: None,
    }
}

/// A job that occupies the only worker until the sender is dropped.
fn occupy(judge: &Judge) -> (mpsc::Sender<()>, Pending<()>) {
    let (release, released) = mpsc::channel::<()>();
    let (begin, begun) = mpsc::channel();
    let pending = judge
        .submit(ticket(), move |_| {
            begin.send(()).unwrap();
            let _ = released.recv();
        })
        .unwrap();
    begun.recv().unwrap();
    (release, pending)
}

#[test]
fn a_job_gets_the_evaluator_of_its_own_snapshot() {
    let judge = judge(8);
    for message in ["one", "two", "one", "three"] {
        let ticket = Ticket {
            snapshot: snapshot(message),
            deadline: None,
        };
        let wanted = Arc::clone(&ticket.snapshot);
        let got = judge
            .submit(ticket, |evaluator| Arc::clone(evaluator.snapshot()))
            .unwrap();
        assert!(Arc::ptr_eq(&got.wait().unwrap(), &wanted));
    }
}

#[test]
fn a_full_queue_refuses_at_once() {
    let judge = judge(1);
    let (release, first) = occupy(&judge);
    let waiting = judge.submit(ticket(), |_| 1).unwrap();
    assert_eq!(judge.submit(ticket(), |_| 2).unwrap_err(), QueueFull);
    drop(release);
    first.wait().unwrap();
    assert_eq!(waiting.wait(), Ok(1));
    assert_eq!(judge.submit(ticket(), |_| 3).unwrap().wait(), Ok(3));
}

#[test]
fn what_comes_when_all_wait_is_for_the_same_worker() {
    let settings = Settings {
        workers: 4,
        ..Settings::default()
    };
    let judge = Judge::start(&Config::new(settings).unwrap()).unwrap();
    let doer = || {
        while judge.0.queue.uncalled() < 4 {
            std::thread::yield_now();
        }
        let job = judge.submit(ticket(), |_| std::thread::current().id());
        job.unwrap().wait().unwrap()
    };
    let first = doer();
    assert!((0..100).all(|_| doer() == first));
}

#[test]
fn a_job_that_nobody_waits_for_is_not_begun() {
    let judge = judge(8);
    let (release, _first) = occupy(&judge);
    let (tell, told) = mpsc::channel();
    drop(judge.submit(ticket(), move |_| tell.send(())).unwrap());
    drop(release);
    judge.submit(ticket(), |_| ()).unwrap().wait().unwrap();
    assert!(told.recv().is_err());
}

#[test]
fn a_job_whose_deadline_has_passed_is_not_begun() {
    let judge = judge(8);
    let late = Ticket {
        deadline: Some(Instant::now()),
        ..ticket()
    };
    let pending = judge.submit(late, |_| ()).unwrap();
    assert_eq!(pending.wait(), Err(Unjudged::DeadlinePassed));
}

#[test]
fn a_deadline_lowers_the_time_that_a_policy_may_take() {
    let ms = Duration::from_millis;
    let limits = Limits {
        policy: ms(100),
        decision: ms(1_000),
    };
    let left = |due: Option<Duration>| {
        let deadline = due.map(|due| Instant::now() + due);
        limits.budget(deadline).for_next_policy()
    };
    assert_eq!(left(None), Some(ms(100)));
    assert_eq!(left(Some(ms(60_000))), Some(ms(100)));
    assert!(left(Some(ms(20))).unwrap() <= ms(20));
    assert_eq!(left(Some(ms(0))), None);
    let short = Limits {
        decision: ms(30),
        ..limits
    };
    assert!(short.budget(None).for_next_policy().unwrap() <= ms(30));
}

/// A policy whose one step takes a few seconds, which no timer sees, and one beside it.
fn without_end() -> Arc<Snapshot> {
    let squares: Vec<String> = (1..=19)
        .map(|at| format!("_x{at} := _x{0} * _x{0}", at - 1))
        .collect();
    let rule = format!(
        "package restrictions.endless\n\n_x0 := 18446744073709551615\n{}\n\ndeny contains \"x\" if \
         _x19 > 1\n",
        squares.join("\n")
    );
    let other = "package restrictions.other\n\nwarn contains \"seen\" if input.host.id\n";
    let files = [("endless.rego", rule.as_str()), ("other.rego", other)];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    load_bundle(Bundle::new(files).unwrap()).unwrap()
}

fn decide(evaluator: &mut Evaluator) -> Judgement {
    let record = HostRecord {
        host_id: "h".to_owned(),
        ..HostRecord::default()
    };
    let facts = HostFacts::check(record).unwrap();
    let question = Question {
        facts: &facts,
        action: Action::Use,
        at: "2025-01-01T00:00:00Z".parse().unwrap(),
    };
    evaluator.decide(question).judgement
}

#[test]
fn a_policy_that_does_not_come_back_is_answered_for_and_barred() {
    let judge = judge(8);
    let ticket = Ticket {
        snapshot: without_end(),
        deadline: None,
    };
    let start = Instant::now();
    let overdue = judge.submit(ticket.clone(), decide).unwrap();
    // The call behind it does not wait for it, though there is one worker.
    let behind = judge.submit(self::ticket(), |_| 7).unwrap();
    assert_eq!(behind.wait(), Ok(7));
    assert_eq!(overdue.wait(), Err(Unjudged::Fault));
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    // Once its worker is given up, it fails at once, and the other policy counts.
    let judgement = loop {
        let again = judge.submit(ticket.clone(), decide).unwrap();
        if let Ok(judgement) = again.wait() {
            break judgement;
        }
    };
    assert_eq!(judgement.effect, Effect::Indeterminate);
    assert_eq!(judgement.failures[0].diagnostic.code, "policy-barred");
    assert_eq!(judgement.findings.len(), 1);
}

#[test]
fn a_panic_is_a_fault_of_that_job_alone() {
    let judge = judge(8);
    let ticket = ticket();
    let bad = judge
        .submit(ticket.clone(), |_| -> () { panic!("on purpose") })
        .unwrap();
    assert_eq!(bad.wait(), Err(Unjudged::Fault));
    assert_eq!(judge.submit(ticket, |_| 7).unwrap().wait(), Ok(7));
}

#[test]
fn a_panic_over_one_of_many_hosts_leaves_the_others_alone() {
    let judge = judge(8);
    let terms = judge.terms(None);
    let pending = judge.submit(ticket(), move |evaluator| {
        let first = terms.judge(evaluator, |_| 1);
        let bad = terms.judge(evaluator, |_| -> i32 { panic!("on purpose") });
        let last = terms.judge(evaluator, |_| 3);
        [first, bad, last]
    });
    let wanted = [Ok(1), Err(Unjudged::Fault), Ok(3)];
    assert_eq!(pending.unwrap().wait(), Ok(wanted));
}

#[test]
fn a_lost_worker_is_replaced() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose, where nothing catches it");
        }
    }
    let judge = judge(8);
    let bad = judge
        .submit(ticket(), |_| -> () { panic_any(Bomb) })
        .unwrap();
    assert_eq!(bad.wait(), Err(Unjudged::Fault));
    assert_eq!(judge.submit(ticket(), |_| 7).unwrap().wait(), Ok(7));
}

#[tokio::test]
async fn parts_of_large_calls_leave_room_for_small_ones() {
    let judge = judge(1);
    let (release, first) = occupy(&judge);
    let mut parts = Vec::new();
    for _ in 0..LARGE_JOBS_PER_WORKER {
        parts.push(judge.submit_part(ticket(), |_| ()).await);
    }
    // One more would wait, and a small call still comes in.
    let mut more = Box::pin(judge.submit_part(ticket(), |_| ()));
    assert!(futures_pending(&mut more).await);
    let small = judge.submit(ticket(), |_| 1).unwrap();
    drop(release);
    first.await.unwrap();
    assert_eq!(small.await, Ok(1));
    for part in parts {
        part.await.unwrap();
    }
    more.await.await.unwrap();
}

/// Whether a future is not ready when it is polled once.
async fn futures_pending<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())
    })
    .await
}
