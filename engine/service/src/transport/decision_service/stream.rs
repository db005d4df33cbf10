//! StreamDecideHosts: hosts as they arrive, answers as they come.
//!
//! Each item takes a place among the unanswered until its answer is taken by the caller, so
//! that a caller who does not read stops being read. A bad item does not end the stream.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use embargo_core::diagnostic::cut;
use embargo_proto::v1 as pb;
use prost::Message as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinError, JoinSet};
use tokio_stream::Stream;
use tonic::{Status, Streaming};

use super::super::arrival::Arrival;
use super::super::desk::{Desk, ticket};
use super::super::places::{Place, Places};
use super::super::record::Unrecorded;
use super::super::request::{CORRELATION_ID_BYTES, Faults};
use super::super::status::Refusal;
use super::hosts;
use super::tally::{decided, refused};
use crate::identity::Cause;

/// Items without an answer, at most.
const UNANSWERED: usize = 256;
/// Items of software of the hosts without an answer, at most; more are read once these are
/// answered.
const UNANSWERED_SOFTWARE: u32 = 40_000;

const METHOD: &str = "StreamDecideHosts";

/// The answers of a stream.
pub(in super::super) struct Answers(mpsc::UnboundedReceiver<Answer>);

struct Answer {
    content: Result<pb::DecideResult, Status>,
    _place: Option<OwnedSemaphorePermit>,
    _room: Option<Place>,
}

impl Stream for Answers {
    type Item = Result<pb::StreamDecideHostsResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // The place is given back as the answer goes out.
        self.0.poll_recv(context).map(|answer| {
            let result = answer?.content;
            Some(result.map(|result| pb::StreamDecideHostsResponse {
                result: Some(result),
            }))
        })
    }
}

/// Opens a stream. It answers before any item is read.
pub(super) fn open(
    desk: Desk,
    arrival: Arrival,
    items: Streaming<pb::StreamDecideHostsRequest>,
) -> Result<Answers, Refusal> {
    let place = desk.streams.take()?;
    // Bounded by the places that answers hold.
    let (sender, receiver) = mpsc::unbounded_channel();
    let conversation = Conversation {
        desk,
        arrival,
        sender,
        places: Arc::new(Semaphore::new(UNANSWERED)),
        software: Arc::new(Semaphore::new(
            usize::try_from(UNANSWERED_SOFTWARE).unwrap_or(usize::MAX),
        )),
        under_way: JoinSet::new(),
        unanswered: None,
    };
    tokio::spawn(async move {
        conversation.hold(items).await;
        drop(place);
    });
    Ok(Answers(receiver))
}

struct Conversation {
    desk: Desk,
    arrival: Arrival,
    sender: mpsc::UnboundedSender<Answer>,
    places: Arc<Semaphore>,
    software: Arc<Semaphore>,
    under_way: JoinSet<Result<(), Refusal>>,
    /// Why an item has no answer, if one has none. The stream cannot end well then.
    unanswered: Option<Refusal>,
}

/// How a stream ends.
enum End {
    /// All items are answered.
    Done,
    /// With a status, after the answers that are ready.
    With(Status),
    /// Nobody listens any more.
    Abandoned,
}

impl Conversation {
    async fn hold(mut self, items: Streaming<pb::StreamDecideHostsRequest>) {
        let desk = self.desk.clone();
        let arrival = self.arrival.clone();
        let sender = self.sender.clone();
        let end = tokio::select! {
            biased;
            () = sender.closed() => End::Abandoned,
            () = desk.drain.begun() => End::With(Refusal::Draining.into_status()),
            () = arrival.overdue() => End::With(Refusal::DeadlinePassed.into_status()),
            () = arrival.expired() => End::With(Refusal::CredentialsInvalid(Cause::Expired).into_status()),
            end = self.read(items) => end,
        };
        // Items without an answer are taken back.
        self.under_way.abort_all();
        if let End::With(status) = end {
            self.send(Err(status), None);
        }
    }

    async fn read(&mut self, mut items: Streaming<pb::StreamDecideHostsRequest>) -> End {
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
                return End::Abandoned;
            };
            let item = match items.message().await {
                Ok(Some(item)) => item,
                Ok(None) => {
                    self.answer_all().await;
                    return match self.unanswered.take() {
                        None => End::Done,
                        Some(refusal) => End::With(refusal.into_status()),
                    };
                }
                Err(status) => {
                    // What came before is answered all the same.
                    self.answer_all().await;
                    return End::With(status);
                }
            };
            while let Some(done) = self.under_way.try_join_next() {
                self.note(done);
            }
            // Who sends hosts faster than it may is read more slowly.
            let wait = self.arrival.pay(1);
            self.answer(item, place).await;
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        }
    }

    async fn answer_all(&mut self) {
        while let Some(done) = self.under_way.join_next().await {
            self.note(done);
        }
    }

    fn note(&mut self, done: Result<Result<(), Refusal>, JoinError>) {
        if let Err(refusal) = done.unwrap_or(Err(Refusal::ServerFault)) {
            self.unanswered.get_or_insert(refusal);
        }
    }

    async fn answer(
        &mut self,
        mut item: pb::StreamDecideHostsRequest,
        place: OwnedSemaphorePermit,
    ) {
        let mut faults = Faults::default();
        faults.correlation_id("correlation_id", &item.correlation_id);
        let id = cut(
            std::mem::take(&mut item.correlation_id),
            CORRELATION_ID_BYTES,
        );
        let active = self.desk.active();
        let active = match (faults.finish(), active) {
            (Ok(()), Ok(active)) => active,
            (Err(refusal), _) | (_, Err(refusal)) => {
                self.arrival.meter.refused_item(refusal.reason());
                self.send(Ok(refused(id, refusal)), Some(place));
                return;
            }
        };
        let weight = u32::try_from(hosts::items(item.facts.as_ref()))
            .map_or(UNANSWERED_SOFTWARE, |items| items.min(UNANSWERED_SOFTWARE));
        let room = Arc::clone(&self.software).acquire_many_owned(weight).await;
        let clock = self.desk.clock.clone();
        let pen = self.desk.pen(&self.arrival, &active, METHOD);
        let (writing, name) = (pen.clone(), id.clone());
        let wait = self.arrival.meter.wait();
        let work = move |evaluator: &mut _| {
            let _room = room;
            wait.end();
            let request = pb::DecideHostRequest {
                facts: item.facts,
                action: item.action,
                evaluate_time: item.evaluate_time,
                require_snapshot_id: item.require_snapshot_id,
            };
            hosts::judge(evaluator, &writing, request, &clock, &name)
        };
        let ticket = ticket(&active, &self.arrival);
        let pending = self.desk.judge.submit_part(ticket, work).await;
        let sender = self.sender.clone();
        let answers = self.desk.answers.clone();
        let most = self.desk.answer_bytes;
        self.under_way.spawn(async move {
            let judged = pending.await.unwrap_or_else(|why| Err(why.into()));
            let answer = match judged {
                Ok(decision) => recorded(&id, decision, &answers, most).await,
                Err(refusal) => Err(refusal),
            };
            let (answer, room) = match answer {
                Ok((answer, room)) => (answer, Some(room)),
                Err(refusal) => {
                    // A deadline that passed ends the stream, and is no answer to an item.
                    if refusal == Refusal::DeadlinePassed {
                        pen.refused(&refusal, &id);
                        return Err(refusal);
                    }
                    pen.refused_item(&refusal, &id);
                    with_room(refused(id, refusal), &answers)
                }
            };
            // Nobody may listen any more.
            let _ = sender.send(Answer {
                content: Ok(answer),
                _place: Some(place),
                _room: room,
            });
            Ok(())
        });
    }

    fn send(&self, content: Result<pb::DecideResult, Status>, place: Option<OwnedSemaphorePermit>) {
        // Nobody may listen any more.
        let _ = self.sender.send(Answer {
            content,
            _place: place,
            _room: None,
        });
    }
}

/// The answer with room until it is taken, once it is recorded.
async fn recorded(
    id: &str,
    decision: Unrecorded<pb::Decision>,
    answers: &Places,
    most: usize,
) -> Result<(pb::DecideResult, Place), Refusal> {
    let answer = decision.map(|decision| decided(id.to_owned(), decision));
    let bytes = answer.measured(pb::DecideResult::encoded_len);
    if super::tally::in_list(bytes) > most {
        return Err(Refusal::AnswerTooLarge { most });
    }
    // A stream may have many that wait, and its caller may be slow to take them.
    let room = answers.take_bytes(bytes)?;
    Ok((answer.recorded().await?, room))
}

/// What stands in the place of an answer, with room until it is taken, or else that there is none.
fn with_room(answer: pb::DecideResult, answers: &Places) -> (pb::DecideResult, Option<Place>) {
    match answers.take_bytes(answer.encoded_len()) {
        Ok(room) => (answer, Some(room)),
        Err(refusal) => (refused(answer.correlation_id, refusal), None),
    }
}
