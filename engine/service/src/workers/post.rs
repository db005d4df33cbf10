//! Posts: what each worker is at, for the overseer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use embargo_core::decision::{Progress, Step};
use embargo_core::snapshot::Snapshot;

use super::pending::Refuse;
use super::ran::ThreadClock;

/// The posts of all workers.
#[derive(Clone, Default)]
pub(super) struct Posts(Arc<Mutex<Vec<Arc<Post>>>>);

/// One worker's post.
#[derive(Default)]
pub(super) struct Post {
    task: Mutex<Option<Task>>,
    clock: OnceLock<ThreadClock>,
    is_given_up: AtomicBool,
    has_made_way: AtomicBool,
}

/// What a worker is at.
pub(super) struct Task {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) progress: Arc<Progress>,
    pub(super) reply: Arc<dyn Refuse>,
    /// The evaluation that was under way at the last look, and how long the worker had run
    /// when it was first seen.
    pub(super) seen: Option<(Step, Duration)>,
    /// Whether another worker was let in for this one.
    pub(super) is_long: bool,
    /// Whether it was answered for.
    pub(super) is_overdue: bool,
}

impl Post {
    /// Takes up the post, from the worker's own thread.
    pub(super) fn take_up(&self) {
        self.clock.get_or_init(ThreadClock::of_this_thread);
    }

    /// Has the worker run only where no other thread wants to, until it ends.
    pub(super) fn make_way(&self) {
        if self.clock.get().is_some_and(ThreadClock::make_way) {
            self.has_made_way.store(true, Ordering::Release);
        }
    }

    /// Whether it does.
    pub(super) fn has_made_way(&self) -> bool {
        self.has_made_way.load(Ordering::Acquire)
    }

    /// How long the worker has run.
    pub(super) fn ran(&self) -> Duration {
        self.clock.get().map_or(Duration::ZERO, ThreadClock::ran)
    }

    pub(super) fn begin(
        &self,
        snapshot: Arc<Snapshot>,
        progress: Arc<Progress>,
        reply: Arc<dyn Refuse>,
    ) {
        *self.task() = Some(Task {
            snapshot,
            progress,
            reply,
            seen: None,
            is_long: false,
            is_overdue: false,
        });
    }

    /// The task that ends here.
    pub(super) fn end(&self) -> Option<Task> {
        self.task().take()
    }

    /// Gives the worker up; another has its place.
    pub(super) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Release);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up.load(Ordering::Acquire)
    }

    pub(super) fn task(&self) -> MutexGuard<'_, Option<Task>> {
        // No code that can panic runs under the lock.
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Posts {
    /// A post for a worker that begins.
    pub(super) fn add(&self) -> Arc<Post> {
        let post = Arc::new(Post::default());
        self.all().push(Arc::clone(&post));
        post
    }

    /// Takes away the post of a worker that ends.
    pub(super) fn remove(&self, post: &Arc<Post>) {
        self.all().retain(|other| !Arc::ptr_eq(other, post));
    }

    pub(super) fn present(&self) -> Vec<Arc<Post>> {
        self.all().clone()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Post>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
