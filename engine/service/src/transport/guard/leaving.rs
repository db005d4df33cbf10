//! An answer's body: it is handed over in pieces, of which the next is made when one was taken, and
//! what is left is counted.
//!
//! The transport keeps whatever it is given until the caller takes it. Of an answer of megabytes to
//! a caller who does not read, it so has a piece, and the rest goes as soon as the call ends.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

use super::super::places::{Place, Places};
use super::stay::{Ending, Passage};
use super::{UNCOUNTED, trailers};

/// Bytes of a piece: as many as a frame of ours may have.
const PIECE: usize = 64 * 1_024;
/// Bytes of the last piece. The transport keeps it without anybody waiting for it.
const LAST_PIECE: usize = 1_024;

pub(super) struct Leaving {
    body: Body,
    passage: Passage,
    room: Places,
    ending: Ending,
    rest: Option<Rest>,
    is_refused: bool,
}

/// What is left of the content that was given last.
struct Rest {
    bytes: Bytes,
    /// None for one that is not counted, and not cut.
    room: Option<Place>,
}

impl Leaving {
    pub(super) const fn new(body: Body, passage: Passage, room: Places, ending: Ending) -> Self {
        Self {
            body,
            passage,
            room,
            ending,
            rest: None,
            is_refused: false,
        }
    }

    /// The next piece of what is left. The room is given back when it was taken.
    fn piece(&mut self) -> Option<Bytes> {
        let rest = self.rest.as_mut()?;
        if rest.bytes.is_empty() {
            self.rest = None;
            return None;
        }
        if rest.room.is_none() {
            return Some(std::mem::take(&mut rest.bytes));
        }
        let size = match rest.bytes.len() {
            left @ ..=LAST_PIECE => left,
            left => (left - LAST_PIECE).min(PIECE),
        };
        // A copy: a part of the whole would keep the whole in memory.
        Some(Bytes::copy_from_slice(&rest.bytes.split_to(size)))
    }
}

impl http_body::Body for Leaving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Some(call) = &self.passage.call {
            call.taken();
        }
        if self.is_refused {
            return Poll::Ready(None);
        }
        loop {
            if let Some(piece) = self.piece() {
                if let Some(call) = &self.passage.call {
                    call.hand_over();
                }
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            let polled = ready!(Pin::new(&mut self.body).poll_frame(context));
            let frame = match polled {
                Some(Ok(frame)) => frame,
                other => return Poll::Ready(other),
            };
            let bytes = match frame.into_data() {
                Ok(bytes) if bytes.is_empty() => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Ok(bytes) => bytes,
                Err(frame) => return Poll::Ready(Some(Ok(frame))),
            };
            let room = match bytes.len() {
                0..=UNCOUNTED => Ok(None),
                counted => self.room.take_bytes(counted).map(Some),
            };
            match room {
                Ok(room) => {
                    self.rest = Some(Rest { bytes, room });
                }
                Err(refusal) => {
                    self.is_refused = true;
                    let status = refusal.into_status();
                    return Poll::Ready(Some(match self.ending {
                        Ending::Status => Ok(Frame::trailers(trailers(&status))),
                        Ending::Broken => Err(status),
                    }));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && (self.is_refused || self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        // The content may be cut off for a status.
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use http_body::Body as _;

    use super::super::super::status::Limit;
    use super::*;

    /// A body of one content.
    struct Whole(Option<Bytes>);

    impl http_body::Body for Whole {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
            Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
        }
    }

    fn leaving(bytes: usize, room: &Places) -> Leaving {
        leaving_with(bytes, room, Ending::Status)
    }

    fn leaving_with(bytes: usize, room: &Places, ending: Ending) -> Leaving {
        let content: Bytes = (0..bytes).map(|at| at.to_le_bytes()[0]).collect();
        let place = Places::new(Limit::ConcurrentCalls, 1).take().unwrap();
        let passage = Passage {
            call: None,
            _place: place,
        };
        Leaving::new(
            Body::new(Whole(Some(content))),
            passage,
            room.clone(),
            ending,
        )
    }

    fn next(body: &mut Leaving) -> Option<Frame<Bytes>> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        match Pin::new(body).poll_frame(&mut context) {
            Poll::Ready(frame) => frame.map(Result::unwrap),
            Poll::Pending => panic!("nothing"),
        }
    }

    #[test]
    fn an_answer_leaves_in_pieces_and_gives_its_room_back_at_the_end() {
        let room = Places::new(Limit::UntakenAnswers, 1_000);
        let bytes = 2 * PIECE + 100 + LAST_PIECE;
        let mut body = leaving(bytes, &room);
        let mut came = Vec::new();
        for wanted in [PIECE, PIECE, 100, LAST_PIECE] {
            let piece = next(&mut body).unwrap().into_data().unwrap();
            assert_eq!(piece.len(), wanted);
            assert_eq!(room.free(), 1_000 - bytes.div_ceil(1_024));
            came.extend(piece);
        }
        assert!(
            came.iter()
                .enumerate()
                .all(|(at, byte)| at.to_le_bytes()[0] == *byte)
        );
        assert!(next(&mut body).is_none());
        assert_eq!(room.free(), 1_000);
    }

    #[test]
    fn an_answer_without_room_is_a_status_and_a_small_one_needs_none() {
        let none = Places::new(Limit::UntakenAnswers, 0);
        let mut body = leaving(UNCOUNTED + 1, &none);
        let trailers = next(&mut body).unwrap().into_trailers().unwrap();
        assert_eq!(trailers["grpc-status"], "8");
        assert!(body.is_end_stream());
        assert!(next(&mut body).is_none());
        let mut body = leaving(UNCOUNTED, &none);
        assert!(next(&mut body).unwrap().is_data());
    }

    #[test]
    fn an_answer_without_room_breaks_off_where_there_is_no_status() {
        let none = Places::new(Limit::UntakenAnswers, 0);
        let mut body = leaving_with(UNCOUNTED + 1, &none, Ending::Broken);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let polled = Pin::new(&mut body).poll_frame(&mut context);
        assert!(matches!(polled, Poll::Ready(Some(Err(_)))));
    }
}
