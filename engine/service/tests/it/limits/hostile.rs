//! Bytes that no client of the API would send: refused as a whole, and nobody else notices.

mod depth;
mod length;
mod text;

use embargo_proto::v1 as pb;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::bench::{Bench, item_decision, within};
use crate::policies::host;

/// Another caller on the same connection, whose stream ends if that does.
pub(super) struct Neighbour {
    items: mpsc::Sender<pb::StreamDecideHostsRequest>,
    answers: Streaming<pb::StreamDecideHostsResponse>,
}

impl Neighbour {
    pub(super) async fn of(bench: &Bench) -> Self {
        let (items, receiver) = mpsc::channel(1);
        let mut client = bench.decisions();
        let answers = within(client.stream_decide_hosts(ReceiverStream::new(receiver))).await;
        let answers = answers.unwrap().into_inner();
        Self { items, answers }
    }

    /// Is answered as before.
    pub(super) async fn asks_again(&mut self) {
        let item = pb::StreamDecideHostsRequest {
            correlation_id: "neighbour".to_owned(),
            facts: Some(host("h")),
            ..Default::default()
        };
        self.items.send(item).await.unwrap();
        let answer = within(self.answers.message()).await.unwrap();
        let result = answer.expect("an answer").result.expect("always set");
        assert_eq!(item_decision(&result).effect(), pb::Effect::Deny);
    }
}
