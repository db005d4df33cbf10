//! The two ends of a job: what waits for it, and what does it.

use std::future::Future;
use std::pin::{Pin, pin};
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
    /// Hands over why it is not done.
    fn refuse(self: Box<Self>, why: Unjudged);
}

pub(super) struct Work<T, F> {
    pub(super) work: F,
    pub(super) sender: oneshot::Sender<Result<T, Unjudged>>,
}

impl<T: Send, F: FnOnce(&mut Evaluator) -> T + Send> Doable for Work<T, F> {
    fn is_cancelled(&self) -> bool {
        self.sender.is_closed()
    }

    fn run(self: Box<Self>, evaluator: &mut Evaluator, deadline: Option<Instant>) {
        let result = (self.work)(evaluator);
        // What was cut short because the time was up is no better than no answer.
        let is_late = deadline.is_some_and(|deadline| deadline <= Instant::now());
        let result = if is_late {
            Err(Unjudged::DeadlinePassed)
        } else {
            Ok(result)
        };
        // Nobody may wait any longer.
        let _ = self.sender.send(result);
    }

    fn refuse(self: Box<Self>, why: Unjudged) {
        let _ = self.sender.send(Err(why));
    }
}
