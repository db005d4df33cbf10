//! A request's body: what has come of its messages is counted, and each comes whole in time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

use super::super::places::{Place, Places};
use super::super::status::Refusal;
use super::UNCOUNTED;

/// What stands before a message: a flag and its length.
const PREFIX_BYTES: usize = 5;

/// What a call holds of the room for messages, until it is answered.
#[derive(Clone, Debug)]
pub(in super::super) struct Held(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    room: Places,
    held: Option<Place>,
    /// Bytes of the message that comes in.
    came: usize,
    is_amid: bool,
    is_answered: bool,
}

impl Held {
    pub(in super::super) fn new(room: Places) -> Self {
        Self(Arc::new(Mutex::new(State {
            room,
            held: None,
            came: 0,
            is_amid: false,
            is_answered: false,
        })))
    }

    /// The call is answered: from here on only a message that is coming in is held.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        state.is_answered = true;
        state.settle();
    }

    /// So many bytes of a message have come.
    ///
    /// # Errors
    /// If there is no room for them.
    pub(in super::super) fn take(&self, bytes: usize) -> Result<(), Refusal> {
        let mut state = self.state();
        state.is_amid = true;
        let before = counted(state.came);
        state.came = state.came.saturating_add(bytes);
        let more = counted(state.came) - before;
        if more == 0 {
            return Ok(());
        }
        let more = state.room.take_bytes(more * 1_024)?;
        match &mut state.held {
            Some(held) => held.merge(more),
            held => *held = Some(more),
        }
        Ok(())
    }

    /// The message has come whole.
    pub(in super::super) fn is_whole(&self) {
        let mut state = self.state();
        state.is_amid = false;
        state.settle();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn settle(&mut self) {
        if self.is_answered && !self.is_amid {
            self.held = None;
            self.came = 0;
        }
    }
}

/// KiB that are counted of so many bytes.
const fn counted(bytes: usize) -> usize {
    bytes.saturating_sub(UNCOUNTED).div_ceil(1_024)
}

/// Where in the messages a body is.
#[derive(Debug)]
enum Reading {
    /// In what stands before one: what has come of it.
    Prefix { came: usize, length: usize },
    /// In a message of which so much is still to come.
    Message { left: usize },
}

const BEFORE: Reading = Reading::Prefix { came: 0, length: 0 };

pub(super) struct Arriving {
    body: Body,
    held: Held,
    reading: Reading,
    /// How long a message may take from its first byte to its last.
    time: Duration,
    /// When the message has to be whole.
    due: Option<Pin<Box<Sleep>>>,
}

impl Arriving {
    pub(super) const fn new(body: Body, held: Held, time: Duration) -> Self {
        Self {
            body,
            held,
            reading: BEFORE,
            time,
            due: None,
        }
    }

    fn follow(&mut self, mut bytes: &[u8]) -> Result<(), Refusal> {
        while let Some((first, rest)) = bytes.split_first() {
            match &mut self.reading {
                Reading::Prefix { came, length } => {
                    // The flag is shifted out by the length.
                    *length = (*length << 8 | usize::from(*first)) & 0xffff_ffff;
                    *came += 1;
                    bytes = rest;
                    if *came < PREFIX_BYTES {
                        continue;
                    }
                    self.reading = match *length {
                        0 => BEFORE,
                        left => Reading::Message { left },
                    };
                }
                Reading::Message { left } => {
                    let count = bytes.len().min(*left);
                    *left -= count;
                    let is_whole = *left == 0;
                    self.held.take(count)?;
                    if is_whole {
                        self.held.is_whole();
                        self.reading = BEFORE;
                        self.due = None;
                    }
                    bytes = bytes.get(count..).unwrap_or_default();
                }
            }
        }
        let is_amid = !matches!(self.reading, Reading::Prefix { came: 0, .. });
        if is_amid && self.due.is_none() {
            self.due = Some(Box::pin(sleep(self.time)));
        }
        Ok(())
    }
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Poll::Ready(polled) = Pin::new(&mut self.body).poll_frame(context) {
            if let Some(Ok(frame)) = &polled
                && let Some(bytes) = frame.data_ref()
                && let Err(refusal) = self.follow(&bytes.clone())
            {
                return Poll::Ready(Some(Err(refusal.into_status())));
            }
            return Poll::Ready(polled);
        }
        match &mut self.due {
            None => Poll::Pending,
            Some(due) => {
                ready!(due.as_mut().poll(context));
                Poll::Ready(Some(Err(Refusal::DeadlinePassed.into_status())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::status::Limit;
    use super::*;

    fn room(kib: usize) -> Places {
        Places::new(Limit::ArrivingMessages, kib)
    }

    fn arriving(room: &Places) -> Arriving {
        let time = Duration::from_secs(60);
        Arriving::new(Body::empty(), Held::new(room.clone()), time)
    }

    fn message(bytes: usize) -> Vec<u8> {
        let mut message = vec![0];
        message.extend(u32::try_from(bytes).unwrap().to_be_bytes());
        message.resize(PREFIX_BYTES + bytes, 7);
        message
    }

    #[tokio::test]
    async fn small_messages_need_no_room() {
        let none = room(0);
        let mut body = arriving(&none);
        for bytes in [0, 1, UNCOUNTED] {
            body.follow(&message(bytes)).unwrap();
            body.held.answered();
        }
        let refused = body.follow(&message(UNCOUNTED + 1)).unwrap_err();
        assert_eq!(refused, Refusal::Overloaded(Limit::ArrivingMessages));
    }

    #[tokio::test]
    async fn a_message_is_held_from_its_bytes_to_its_answer() {
        let room = room(100);
        let mut body = arriving(&room);
        let message = message(UNCOUNTED + 50 * 1_024);
        let (first, second) = message.split_at(UNCOUNTED + PREFIX_BYTES + 20 * 1_024);
        body.follow(first).unwrap();
        assert_eq!(room.free(), 80);
        body.follow(second).unwrap();
        assert_eq!(room.free(), 50);
        body.held.answered();
        assert_eq!(room.free(), 100);
        // The later messages of a stream are held while they come in.
        body.follow(first).unwrap();
        assert_eq!(room.free(), 80);
        body.follow(second).unwrap();
        assert_eq!(room.free(), 100);
        body.follow(first).unwrap();
        body.held.answered();
        assert_eq!(room.free(), 80);
        drop(body);
        assert_eq!(room.free(), 100);
    }

    #[tokio::test]
    async fn messages_are_followed_wherever_they_are_cut() {
        let bytes = [message(0), message(3), message(300), message(UNCOUNTED * 2)].concat();
        for size in [1, 2, 3, 5, 7, 64, 4_096] {
            let room = room(1_000);
            let mut body = arriving(&room);
            body.held.answered();
            for part in bytes.chunks(size) {
                body.follow(part).unwrap();
            }
            assert!(matches!(body.reading, Reading::Prefix { came: 0, .. }));
            assert_eq!(room.free(), 1_000, "{size}");
            assert!(body.due.is_none());
            body.follow(&[0]).unwrap();
            assert!(body.due.is_some());
        }
    }
}
