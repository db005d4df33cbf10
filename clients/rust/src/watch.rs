//! The states of WatchSnapshot, with a limit on silence.
//!
//! A server repeats its state every 30 s, so that a longer silence means a connection that is dead
//! without having said so.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use embargo_proto::v1::WatchSnapshotResponse;
use tokio::time::{Instant, Sleep, sleep};
use tokio_stream::Stream;
use tonic::Streaming;

use crate::{CallError, Place};

/// The longest silence of a watch: 75 s, more than two of the server's intervals of 30 s.
pub const WATCH_SILENCE: Duration = Duration::from_secs(75);

/// A stream of the server's states. The first `Err` is the end; watch anew after it.
#[derive(Debug)]
#[must_use = "states come only as far as they are polled"]
pub struct SnapshotWatch {
    states: Streaming<WatchSnapshotResponse>,
    silence: Pin<Box<Sleep>>,
    place: Place,
    ended: bool,
}

impl SnapshotWatch {
    pub(crate) fn new(states: Streaming<WatchSnapshotResponse>, place: Place) -> Self {
        Self {
            states,
            silence: Box::pin(sleep(WATCH_SILENCE)),
            place,
            ended: false,
        }
    }

    fn hear(&mut self) {
        let now = Instant::now();
        self.silence
            .as_mut()
            .reset(now.checked_add(WATCH_SILENCE).unwrap_or(now));
    }
}

impl Stream for SnapshotWatch {
    type Item = Result<WatchSnapshotResponse, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = match Pin::new(&mut self.states).poll_next(cx) {
            Poll::Ready(Some(Ok(state))) => {
                self.hear();
                Some(Ok(state))
            }
            Poll::Ready(Some(Err(status))) => {
                Some(Err(CallError::from_stream_status(&status, &self.place)))
            }
            Poll::Ready(None) => None,
            Poll::Pending => {
                ready!(self.silence.as_mut().poll(cx));
                let place = self.place.clone();
                Some(Err(CallError::Deadline {
                    limit: WATCH_SILENCE,
                    place,
                }))
            }
        };
        self.ended = !matches!(next, Some(Ok(_)));
        Poll::Ready(next)
    }
}
