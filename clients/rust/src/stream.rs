//! The answers of StreamDecideHosts, paired with the items that they belong to.
//!
//! Invariant: an item is answered at most once, by a decision on the host and action that it names;
//! and a stream never ends as if it were complete while items are unanswered.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use embargo_proto::v1::{StreamDecideHostsRequest, StreamDecideHostsResponse};
use tokio_stream::Stream;
use tonic::Streaming;

use crate::{
    CallError, ItemDecision, Malformed, Place, answer::Asked, client::Server, servers::Servers,
};

/// A stream of answers, in no particular order. The first `Err` is the end: items that have no
/// answer by then were not judged.
#[derive(Debug)]
#[must_use = "answers come only as far as they are polled"]
pub struct DecisionStream {
    answers: Streaming<StreamDecideHostsResponse>,
    ledger: Ledger,
    source: Source,
    ended: bool,
}

/// Where the answers come from.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) servers: Arc<Servers<Server>>,
    pub(crate) number: usize,
    pub(crate) place: Place,
}

/// The items that were sent and are not answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Arc<Mutex<HashMap<String, Asked>>>);

impl Ledger {
    pub(crate) fn note(&self, item: &StreamDecideHostsRequest) {
        let asked = Asked::new(
            item.facts.as_ref(),
            item.action,
            item.evaluate_time,
            &item.require_snapshot_id,
        );
        self.open().insert(item.correlation_id.clone(), asked);
    }

    fn settle(&self, correlation_id: &str) -> Option<Asked> {
        self.open().remove(correlation_id)
    }

    fn unanswered(&self) -> usize {
        self.open().len()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DecisionStream {
    pub(crate) fn new(
        answers: Streaming<StreamDecideHostsResponse>,
        ledger: Ledger,
        source: Source,
    ) -> Self {
        Self {
            answers,
            ledger,
            source,
            ended: false,
        }
    }

    /// How many items were sent and have no answer.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.ledger.unanswered()
    }

    fn take(&self, answer: StreamDecideHostsResponse) -> Result<ItemDecision, Malformed> {
        let result = answer.result.ok_or(Malformed::Lacks { part: "result" })?;
        let correlation_id = result.correlation_id;
        let Some(asked) = self.ledger.settle(&correlation_id) else {
            return Err(Malformed::NotAsked { correlation_id });
        };
        let result = asked.accept_item(result.result, self.source.place.item(&correlation_id));
        Ok(ItemDecision {
            correlation_id,
            result,
        })
    }

    /// What the end of the server's answers means.
    fn close(&self) -> Option<Malformed> {
        match self.ledger.unanswered() {
            0 => None,
            count => Some(Malformed::Unanswered { count }),
        }
    }
}

impl Stream for DecisionStream {
    type Item = Result<ItemDecision, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = match ready!(Pin::new(&mut self.answers).poll_next(cx)) {
            Some(Ok(answer)) => Some(
                self.take(answer)
                    .map_err(|cause| self.source.place.malformed(cause)),
            ),
            Some(Err(status)) => {
                let source = &self.source;
                let failure = CallError::from_stream_status(&status, &source.place);
                source.servers.note(source.number, &failure);
                Some(Err(failure))
            }
            None => self
                .close()
                .map(|cause| Err(self.source.place.malformed(cause))),
        };
        self.ended = !matches!(next, Some(Ok(_)));
        Poll::Ready(next)
    }
}
