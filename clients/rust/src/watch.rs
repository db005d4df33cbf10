//! The states of WatchSnapshot, over however many connections it takes.
//!
//! A server repeats its state every 30 s, so that a longer silence means a connection that is dead
//! without having said so. Invariant: between an `Err` and the next `Ok` nobody knows what is active.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use embargo_proto::v1::WatchSnapshotResponse;
use tokio::time::{Instant, Sleep, sleep};
use tokio_stream::Stream;
use tonic::{Code, Streaming};

use crate::{CallError, Client, Place};

/// The longest silence of a watch: 75 s, more than two of the server's intervals of 30 s.
pub const WATCH_SILENCE: Duration = Duration::from_secs(75);

/// A stream of the server's states that resumes when it breaks.
///
/// An `Err` says that it is broken, and why. It is then opened anew after a pause, at another server
/// if there is one, and goes on with the state there. Generations of different servers are counted
/// apart. It ends only after a failure that no time mends, such as a missing permission.
#[must_use = "states come only as far as they are polled"]
pub struct SnapshotWatch {
    client: Client,
    stage: Stage,
    /// How often in a row it broke before there was more than a first state.
    breaks: u32,
}

enum Stage {
    Hearing(Box<Hearing>),
    Resting(Pin<Box<Sleep>>),
    Opening(Opening),
    Ended,
}

type Opening = Pin<Box<dyn Future<Output = Result<Hearing, CallError>> + Send>>;

/// One stream of states, with a limit on silence.
struct Hearing {
    states: Streaming<WatchSnapshotResponse>,
    silence: Pin<Box<Sleep>>,
    place: Place,
    heard: u32,
}

impl SnapshotWatch {
    pub(crate) async fn open(client: Client) -> Result<Self, CallError> {
        let hearing = Hearing::open(client.clone()).await?;
        Ok(Self {
            stage: Stage::Hearing(Box::new(hearing)),
            ..Self::new(client)
        })
    }

    /// A watch whose first opening may fail and be tried again, too.
    pub(crate) fn new(client: Client) -> Self {
        Self {
            stage: Stage::Opening(Box::pin(Hearing::open(client.clone()))),
            client,
            breaks: 0,
        }
    }

    /// Takes in a failure, and how long to rest after it.
    fn break_off(&mut self, failure: &CallError) {
        if is_final(failure) {
            self.stage = Stage::Ended;
            return;
        }
        self.breaks = self.breaks.saturating_add(1);
        self.client.servers().note_at(failure.place(), failure);
        let rest = failure
            .retry_delay()
            .unwrap_or_default()
            .saturating_add(self.client.retry().pause(self.breaks));
        self.stage = Stage::Resting(Box::pin(sleep(rest)));
    }
}

impl Hearing {
    async fn open(client: Client) -> Result<Self, CallError> {
        let (states, place) = client.open_watch().await?;
        Ok(Self {
            states,
            silence: Box::pin(sleep(WATCH_SILENCE)),
            place,
            heard: 0,
        })
    }

    fn poll_state(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<WatchSnapshotResponse, CallError>> {
        match Pin::new(&mut self.states).poll_next(cx) {
            Poll::Ready(Some(Ok(state))) => {
                let now = Instant::now();
                let limit = now.checked_add(WATCH_SILENCE).unwrap_or(now);
                self.silence.as_mut().reset(limit);
                self.heard = self.heard.saturating_add(1);
                Poll::Ready(Ok(state))
            }
            Poll::Ready(Some(Err(status))) => {
                Poll::Ready(Err(CallError::from_stream_status(&status, &self.place)))
            }
            Poll::Ready(None) => Poll::Ready(Err(CallError::Transport {
                cause: "the server ended the watch".to_owned(),
                place: self.place.clone(),
            })),
            Poll::Pending => {
                ready!(self.silence.as_mut().poll(cx));
                Poll::Ready(Err(CallError::Deadline {
                    limit: WATCH_SILENCE,
                    place: self.place.clone(),
                }))
            }
        }
    }
}

impl Stream for SnapshotWatch {
    type Item = Result<WatchSnapshotResponse, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let watch = &mut *self;
        loop {
            let next = match &mut watch.stage {
                Stage::Ended => return Poll::Ready(None),
                Stage::Resting(rest) => {
                    ready!(rest.as_mut().poll(cx));
                    let opening = Hearing::open(watch.client.clone());
                    watch.stage = Stage::Opening(Box::pin(opening));
                    continue;
                }
                Stage::Opening(opening) => match ready!(opening.as_mut().poll(cx)) {
                    Ok(hearing) => {
                        watch.stage = Stage::Hearing(Box::new(hearing));
                        continue;
                    }
                    Err(failure) => Err(failure),
                },
                Stage::Hearing(hearing) => {
                    let next = ready!(hearing.poll_state(cx));
                    // A server that breaks off after its first state again and again is no better
                    // than one that sends none.
                    if hearing.heard > 1 {
                        watch.breaks = 0;
                    }
                    next
                }
            };
            if let Err(failure) = &next {
                watch.break_off(failure);
            }
            return Poll::Ready(Some(next));
        }
    }
}

/// Whether a later attempt would end in the same way.
fn is_final(failure: &CallError) -> bool {
    let code = failure.status().map(|status| status.code);
    matches!(
        code,
        Some(
            Code::Unauthenticated
                | Code::PermissionDenied
                | Code::Unimplemented
                | Code::InvalidArgument
                | Code::FailedPrecondition
        )
    )
}

impl fmt::Debug for SnapshotWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match &self.stage {
            Stage::Hearing(_) => "hearing",
            Stage::Resting(_) => "resting",
            Stage::Opening(_) => "opening",
            Stage::Ended => "ended",
        };
        f.debug_struct("SnapshotWatch")
            .field("stage", &stage)
            .finish_non_exhaustive()
    }
}
