//! The two ends of a job: what waits for it, and what does it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use embargo_core::decision::Evaluator;
use thiserror::Error;
use tokio::sync::oneshot;

/// Why a job has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unjudged {
    /// The deadline passed before the job was done.
    #[error("the deadline passed before there was an answer")]
    DeadlinePassed,
    /// The worker failed.
    #[error("the evaluator failed")]
    Fault,
}

/// A job that was handed in.
#[derive(Debug)]
pub struct Pending<T>(oneshot::Receiver<Result<T, Unjudged>>);

impl<T> Pending<T> {
    pub(super) const fn new(result: oneshot::Receiver<Result<T, Unjudged>>) -> Self {
        Self(result)
    }

    /// A job that nobody will do.
    pub(super) fn lost() -> Self {
        Self(oneshot::channel().1)
    }

    /// Waits on this thread, which must not be one of a runtime.
    ///
    /// # Errors
    /// If the job has no result.
    pub fn wait(self) -> Result<T, Unjudged> {
        self.0.blocking_recv().unwrap_or(Err(Unjudged::Fault))
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Unjudged>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // A sender that is gone without a word was lost with its worker.
        pin!(&mut self.0)
            .poll(context)
            .map(|result| result.unwrap_or(Err(Unjudged::Fault)))
    }
}

/// Work whose kind of result the queue need not know.
pub(super) trait Doable: Send {
    /// Whether nobody waits for it any longer.
    fn is_cancelled(&self) -> bool;
    /// Does it and hands the result over, unless it came too late.
    fn run(self: Box<Self>, evaluator: &mut Evaluator, deadline: Option<Instant>);
    /// The way to answer for it while it is being done.
    fn reply(&self) -> Arc<dyn Refuse>;
}

/// A way to answer for work that has no result.
pub(super) trait Refuse: Send + Sync {
    /// Hands over why there is none, unless there was an answer.
    fn refuse(&self, why: Unjudged);
}

/// The end at which an answer is handed over, once.
struct Reply<T>(Mutex<Option<oneshot::Sender<Result<T, Unjudged>>>>);

impl<T> Reply<T> {
    fn send(&self, result: Result<T, Unjudged>) {
        // No code that can panic runs under the lock.
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Nobody may wait any longer.
            let _ = sender.send(result);
        }
    }
}

impl<T: Send> Refuse for Reply<T> {
    fn refuse(&self, why: Unjudged) {
        self.send(Err(why));
    }
}

pub(super) struct Work<T, F> {
    work: F,
    reply: Arc<Reply<T>>,
}

impl<T, F> Work<T, F> {
    pub(super) fn new(work: F, sender: oneshot::Sender<Result<T, Unjudged>>) -> Self {
        Self {
            work,
            reply: Arc::new(Reply(Mutex::new(Some(sender)))),
        }
    }
}

impl<T: Send + 'static, F: FnOnce(&mut Evaluator) -> T + Send> Doable for Work<T, F> {
    fn is_cancelled(&self) -> bool {
        let sender = self.reply.0.lock().unwrap_or_else(PoisonError::into_inner);
        sender.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    fn run(self: Box<Self>, evaluator: &mut Evaluator, deadline: Option<Instant>) {
        let Self { work, reply } = *self;
        let result = work(evaluator);
        // What was cut short because the time was up is no better than no answer.
        let is_late = deadline.is_some_and(|deadline| deadline <= Instant::now());
        reply.send(if is_late {
            Err(Unjudged::DeadlinePassed)
        } else {
            Ok(result)
        });
    }

    fn reply(&self) -> Arc<dyn Refuse> {
        self.reply.clone()
    }
}
