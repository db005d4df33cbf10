//! The overseer: sees to it that one policy does not hold up the others.
//!
//! It looks at what the workers are at while they are at something. A policy that takes long
//! no longer counts against the number of workers, so that the calls behind it go on. One
//! that has not come back when its budget is over (the evaluator looks at its timer between
//! steps only) is answered for. One that does not come back at all is barred in its snapshot
//! and its worker given up; nothing can end a thread from outside.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

use super::pending::Unjudged;
use super::post::{Post, Task};
use super::worker::{self, Plan};

/// Between two looks.
const TICK: Duration = Duration::from_millis(10);
/// How far beyond its budget a policy may be before it is answered for.
const GRACE: Duration = Duration::from_millis(20);
/// How far beyond its budget a policy may be before its worker is given up.
const PATIENCE: Duration = Duration::from_secs(2);
/// Threads for each worker that there should be, at most. The others come in when policies
/// take long.
const THREADS_PER_WORKER: usize = 4;
/// Workers that are given up and still running, at most. Each of them takes a core for
/// itself; a new process has none.
pub(super) const LOST: usize = 4;

struct Overseer {
    plan: Plan,
    most: usize,
    lost: watch::Sender<usize>,
    given_up: Vec<Arc<Post>>,
}

/// Starts the overseer of a pool. Gives the number of workers that are given up and have not
/// come back.
///
/// # Errors
/// If no thread can be started.
pub(super) fn start(plan: Plan, workers: usize) -> io::Result<watch::Receiver<usize>> {
    let (lost, receiver) = watch::channel(0);
    let mut overseer = Overseer {
        plan,
        most: workers.saturating_mul(THREADS_PER_WORKER),
        lost,
        given_up: Vec::new(),
    };
    thread::Builder::new()
        .name("embargo-overseer".to_owned())
        .spawn(move || {
            while overseer.plan.queue.wait_for_work() {
                let tick = std::env::var("EMBARGO_X_TICK")
                    .ok()
                    .and_then(|t| t.parse().ok())
                    .map_or(TICK, Duration::from_millis);
                thread::sleep(tick);
                overseer.look();
            }
        })?;
    Ok(receiver)
}

impl Overseer {
    fn look(&mut self) {
        for post in self.plan.posts.present() {
            self.look_at(&post);
        }
    }

    fn look_at(&mut self, post: &Arc<Post>) {
        let mut slot = post.task();
        let Some(task) = &mut *slot else {
            return;
        };
        let step = task.progress.present();
        let since = match (step, task.seen) {
            (Some(step), Some((seen, since))) if step == seen => since,
            (step, _) => {
                task.seen = step.map(|step| (step, post.ran()));
                return;
            }
        };
        let taken = post.ran().saturating_sub(since);
        if !task.is_long {
            task.is_long = true;
            if std::env::var_os("EMBARGO_X_NICE").is_some() {
                post.make_way();
            }
            if self.plan.queue.let_another_in() && self.plan.posts.present().len() < self.most {
                // Without it the calls behind wait for a worker as they would have anyway.
                if let Err(cause) = worker::start(&self.plan) {
                    tracing::warn!(%cause, "no further worker can be started");
                }
            }
        }
        let beyond = taken.saturating_sub(self.plan.limits.policy);
        if beyond > GRACE && !task.is_overdue {
            task.is_overdue = true;
            task.reply.refuse(Unjudged::Fault);
            tracing::error!(
                policy = policy(task),
                snapshot = %task.snapshot.id(),
                taken_ms = taken.as_millis(),
                "a policy is overdue and does not look at the time; its call is answered with an \
                 error"
            );
        }
        if beyond > PATIENCE
            && let Some(task) = slot.take()
        {
            post.give_up();
            drop(slot);
            self.give_up(post, &task);
        }
    }

    fn give_up(&mut self, post: &Arc<Post>, task: &Task) {
        if let Some((step, _)) = task.seen {
            task.snapshot.bar(step.policy);
        }
        self.plan.posts.remove(post);
        self.plan.queue.leave(task.is_long);
        // A worker that has come back holds its post no longer.
        self.given_up.retain(|post| Arc::strong_count(post) > 1);
        self.given_up.push(Arc::clone(post));
        self.lost.send_replace(self.given_up.len());
        tracing::error!(
            policy = policy(task),
            snapshot = %task.snapshot.id(),
            lost = self.given_up.len(),
            "a policy does not come back; it is not evaluated any more until policies change, and \
             its worker is given up"
        );
        if let Err(cause) = worker::start(&self.plan) {
            tracing::error!(%cause, "a worker was lost and cannot be replaced");
        }
    }
}

/// The id of the policy that a task is at.
fn policy(task: &Task) -> &str {
    task.seen
        .and_then(|(step, _)| task.snapshot.policies().get(step.policy))
        .map_or("", |policy| &policy.id)
}
