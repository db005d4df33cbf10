//! One worker: takes jobs, judges, survives panics, and is replaced if it is lost.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::pending::Unjudged;
use super::post::{Post, Posts};
use super::queue::{Job, Next, Queue};
use super::terms::Limits;

/// How long a worker waits for a job before it tidies up.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a worker needs to know.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) queue: Arc<Queue>,
    pub(super) stack_bytes: usize,
    pub(super) limits: Limits,
    pub(super) posts: Posts,
}

/// Starts a worker.
///
/// # Errors
/// If no thread can be started.
pub(super) fn start(plan: &Plan) -> io::Result<()> {
    let presence = Presence {
        post: plan.posts.add(),
        plan: plan.clone(),
    };
    thread::Builder::new()
        .name("embargo-worker".to_owned())
        .stack_size(plan.stack_bytes)
        .spawn(move || work(&presence.plan, &presence.post))?;
    Ok(())
}

/// Sees to it that another worker comes when this one is lost.
struct Presence {
    plan: Plan,
    post: Arc<Post>,
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.plan.posts.remove(&self.post);
        if !thread::panicking() || self.post.is_given_up() {
            return;
        }
        match start(&self.plan) {
            Ok(()) => tracing::error!("a worker was lost and replaced"),
            Err(cause) => tracing::error!(%cause, "a worker was lost and cannot be replaced"),
        }
    }
}

fn work(plan: &Plan, post: &Post) {
    post.take_up();
    let seat = plan.queue.join();
    let mut bench = Bench::default();
    loop {
        match plan.queue.next(&seat, PATIENCE) {
            Next::Job(job) => {
                let _held = Held { plan, post };
                run(job, plan, post, &mut bench);
            }
            Next::Idle => bench.tidy(),
            Next::Closed => return,
        }
        if post.is_given_up() {
            return;
        }
    }
}

/// A place among those that have a job, given back however the job ends.
struct Held<'a> {
    plan: &'a Plan,
    post: &'a Post,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let task = self.post.end();
        // Another has the place of a worker that was given up.
        if !self.post.is_given_up() {
            self.plan.queue.leave(task.is_some_and(|task| task.is_long));
        }
    }
}

fn run(job: Job, plan: &Plan, post: &Post, bench: &mut Bench) {
    let Job { ticket, room, work } = job;
    drop(room);
    if work.is_cancelled() {
        return;
    }
    if ticket
        .deadline
        .is_some_and(|deadline| deadline <= Instant::now())
    {
        work.reply().refuse(Unjudged::DeadlinePassed);
        return;
    }
    // Invariant: an evaluator that a panic went through is never used again; it is inside of
    // the closure and goes with it.
    let done = catch_unwind(AssertUnwindSafe(|| {
        let mut evaluator = bench.take(&ticket.snapshot);
        evaluator.set_budget(plan.limits.budget(ticket.deadline));
        let progress = Arc::clone(evaluator.progress());
        post.begin(Arc::clone(&ticket.snapshot), progress, work.reply());
        work.run(&mut evaluator, ticket.deadline);
        evaluator
    }));
    match done {
        Ok(evaluator) => bench.put_back(evaluator),
        Err(_) => tracing::error!(
            snapshot = %ticket.snapshot.id(),
            "a job panicked; its evaluator is dropped"
        ),
    }
}
