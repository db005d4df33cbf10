//! The calls of DecisionService.
//!
//! Invariant: what leaves here as a [`Decision`] has a known effect and is about the host, action,
//! instant and snapshot that were asked for.

use std::sync::Arc;

use embargo_proto::v1::{
    BatchDecideHostsRequest, BatchDecideHostsResponse, ComputeDecisionTimelineRequest,
    ComputeDecisionTimelineResponse, DecideHostRequest, DecideInventoryRequest, Decision,
    ExplainDecisionRequest, ExplainDecisionResponse, InventoryRemark, InventoryResult, SnapshotRef,
    StreamDecideHostsRequest, decide_result, inventory_result,
};
use prost_types::Timestamp;
use tokio::time::timeout;
use tokio_stream::{Stream, StreamExt as _};

use super::Client;
use crate::{
    CallError, DecisionStream, Malformed, Place,
    answer::Asked,
    stream::{Ledger, Source},
};

/// The answers to a batch.
#[derive(Debug)]
pub struct BatchDecisions {
    /// The answers, one for each item and in the order of the items.
    pub items: Vec<ItemDecision>,
    /// The snapshot that answered all of them.
    pub snapshot: SnapshotRef,
    /// The instant at which all of them were judged.
    pub evaluate_time: Timestamp,
}

/// The answers to an inventory.
#[derive(Debug)]
pub struct InventoryDecisions {
    /// The format that the document was read as.
    pub format: String,
    /// The hosts, in the order of the document; at least one.
    pub hosts: Vec<InventoriedDecision>,
    /// The snapshot that judged all of them.
    pub snapshot: SnapshotRef,
    /// The instant at which all of them were judged.
    pub evaluate_time: Timestamp,
}

/// The answer for one host of an inventory.
#[derive(Debug)]
pub struct InventoriedDecision {
    /// The host, as the facts name it.
    pub host_id: String,
    /// How many records of software the document has for the host.
    pub record_count: u32,
    /// How many of them are items of the facts.
    pub software_count: u32,
    /// What is not in the facts, or is there in other words.
    pub remarks: Vec<InventoryRemark>,
    /// The decision, or why there is none for this host. The others are not concerned.
    pub result: Result<Decision, CallError>,
}

/// The answer to one item of a batch or stream.
#[derive(Debug)]
pub struct ItemDecision {
    /// The id that the item was sent with.
    pub correlation_id: String,
    /// The decision, or why there is none for this item. The other items are not concerned.
    pub result: Result<Decision, CallError>,
}

impl Client {
    /// Judges one host and action.
    ///
    /// # Errors
    ///
    /// Any [`CallError`] means that there is no decision. A denial is no error.
    pub async fn decide_host(&self, request: DecideHostRequest) -> Result<Decision, CallError> {
        let asked = Asked::new(
            request.facts.as_ref(),
            request.action,
            request.evaluate_time,
            &request.require_snapshot_id,
        );
        let (answer, place) = self
            .unary("DecideHost", request, |mut server, attempt| async move {
                server.decisions.decide_host(attempt).await
            })
            .await?;
        asked
            .accept(answer.decision)
            .map_err(|cause| CallError::NoDecision { cause, place })
    }

    /// Judges up to 1,000 hosts under one snapshot and at one instant.
    ///
    /// # Errors
    ///
    /// Fails for what concerns all items; what concerns one stands in its
    /// [`result`](ItemDecision::result).
    pub async fn batch_decide_hosts(
        &self,
        request: BatchDecideHostsRequest,
    ) -> Result<BatchDecisions, CallError> {
        let asked: Vec<(String, Asked)> = request
            .items
            .iter()
            .map(|item| {
                let asked = Asked::new(
                    item.facts.as_ref(),
                    item.action,
                    request.evaluate_time,
                    &request.require_snapshot_id,
                );
                (item.correlation_id.clone(), asked)
            })
            .collect();
        let (answer, place) = self
            .unary("BatchDecideHosts", request, |mut server, attempt| async move {
                server.decisions.batch_decide_hosts(attempt).await
            })
            .await?;
        paired(&asked, answer, &place).map_err(|cause| CallError::Malformed {
            cause,
            place: place.clone(),
        })
    }

    /// Judges the hosts of which an inventory tells, under one snapshot and at one instant.
    ///
    /// # Errors
    ///
    /// Fails for what concerns the document or all hosts; what concerns one stands in its
    /// [`result`](InventoriedDecision::result).
    pub async fn decide_inventory(
        &self,
        request: DecideInventoryRequest,
    ) -> Result<InventoryDecisions, CallError> {
        let asked = Asked::new(
            None,
            request.action,
            request.evaluate_time,
            &request.require_snapshot_id,
        );
        let (answer, place) = self
            .unary("DecideInventory", request, |mut server, attempt| async move {
                server.decisions.decide_inventory(attempt).await
            })
            .await?;
        let lacks = |part| CallError::Malformed {
            cause: Malformed::Lacks { part },
            place: place.clone(),
        };
        if answer.results.is_empty() {
            return Err(lacks("results"));
        }
        let accept = |told: InventoryResult| {
            let asked = asked.about(&told.host_id);
            let result = told.result.map(|result| match result {
                inventory_result::Result::Decision(decision) => {
                    decide_result::Result::Decision(decision)
                }
                inventory_result::Result::Error(status) => decide_result::Result::Error(status),
            });
            InventoriedDecision {
                result: asked.accept_item(result, place.clone()),
                host_id: told.host_id,
                record_count: told.record_count,
                software_count: told.software_count,
                remarks: told.remarks,
            }
        };
        Ok(InventoryDecisions {
            snapshot: answer.snapshot.ok_or_else(|| lacks("snapshot"))?,
            evaluate_time: answer.evaluate_time.ok_or_else(|| lacks("evaluate_time"))?,
            format: answer.format,
            hosts: answer.results.into_iter().map(accept).collect(),
        })
    }

    /// Judges hosts as they arrive. Answers may come in another order than the items.
    ///
    /// The client's deadline bounds how long the stream takes to open and nothing afterwards, and
    /// it is opened once only, because the items are used up. Drop the stream to give up. Correlation
    /// ids must be unique among the items without an answer. After a failure that
    /// [may pass](CallError::is_retryable), items without an answer may be sent in a new stream,
    /// which goes to another server if there is one.
    ///
    /// # Errors
    ///
    /// Fails if the stream does not open. Later failures come out of the stream.
    pub async fn stream_decide_hosts<S>(&self, items: S) -> Result<DecisionStream, CallError>
    where
        S: Stream<Item = StreamDecideHostsRequest> + Send + 'static,
    {
        let number = self.servers.preferred();
        let place = self.servers.place(number, "StreamDecideHosts");
        let ledger = Ledger::default();
        let noted = ledger.clone();
        let items = items.map(move |item| {
            noted.note(&item);
            item
        });
        let mut decisions = self.servers.at(number).1.decisions.clone();
        let opened = match timeout(self.deadline, decisions.stream_decide_hosts(items)).await {
            Ok(opened) => opened.map_err(|status| CallError::from_stream_status(&status, &place)),
            Err(_) => Err(CallError::Deadline {
                limit: self.deadline,
                place: place.clone(),
            }),
        };
        let answers = opened.inspect_err(|failure| self.servers.note(number, failure))?;
        let source = Source {
            servers: Arc::clone(&self.servers),
            number,
            place,
        };
        Ok(DecisionStream::new(answers.into_inner(), ledger, source))
    }

    /// Judges one host and says why.
    ///
    /// # Errors
    ///
    /// Any [`CallError`] means that there is no decision.
    pub async fn explain_decision(
        &self,
        request: ExplainDecisionRequest,
    ) -> Result<ExplainDecisionResponse, CallError> {
        let asked = Asked::new(
            request.facts.as_ref(),
            request.action,
            request.evaluate_time,
            &request.require_snapshot_id,
        );
        let (mut answer, place) = self
            .unary("ExplainDecision", request, |mut server, attempt| async move {
                server.decisions.explain_decision(attempt).await
            })
            .await?;
        let decision = asked
            .accept(answer.decision.take())
            .map_err(|cause| CallError::NoDecision { cause, place })?;
        Ok(ExplainDecisionResponse {
            decision: Some(decision),
            ..answer
        })
    }

    /// Says how the decision on the same facts and action changes while time passes. Each segment
    /// of the answer has its bounds and a decision as judged at its start.
    ///
    /// # Errors
    ///
    /// Fails as a whole if one segment has no decision.
    pub async fn compute_decision_timeline(
        &self,
        request: ComputeDecisionTimelineRequest,
    ) -> Result<ComputeDecisionTimelineResponse, CallError> {
        let asked = Asked::new(
            request.facts.as_ref(),
            request.action,
            request.start_time,
            &request.require_snapshot_id,
        );
        let (mut answer, place) = self
            .unary(
                "ComputeDecisionTimeline",
                request,
                |mut server, attempt| async move {
                    server.decisions.compute_decision_timeline(attempt).await
                },
            )
            .await?;
        let lacks = |part| CallError::Malformed {
            cause: Malformed::Lacks { part },
            place: place.clone(),
        };
        if answer.segments.is_empty() {
            return Err(lacks("segments"));
        }
        for segment in &mut answer.segments {
            let start = segment
                .start_time
                .ok_or_else(|| lacks("segments.start_time"))?;
            segment.end_time.ok_or_else(|| lacks("segments.end_time"))?;
            let decision = asked
                .at(start)
                .accept(segment.decision.take())
                .map_err(|cause| CallError::NoDecision {
                    cause,
                    place: place.clone(),
                })?;
            segment.decision = Some(decision);
        }
        Ok(answer)
    }
}

/// Pairs the answers of a batch with what was asked. One that is missing, superfluous or out of
/// order makes all of them doubtful.
fn paired(
    asked: &[(String, Asked)],
    answer: BatchDecideHostsResponse,
    place: &Place,
) -> Result<BatchDecisions, Malformed> {
    if asked.len() != answer.results.len() {
        return Err(Malformed::Count {
            asked: asked.len(),
            answered: answer.results.len(),
        });
    }
    let snapshot = answer
        .snapshot
        .ok_or(Malformed::Lacks { part: "snapshot" })?;
    let evaluate_time = answer.evaluate_time.ok_or(Malformed::Lacks {
        part: "evaluate_time",
    })?;
    let mut items = Vec::with_capacity(asked.len());
    for ((correlation_id, asked), result) in asked.iter().zip(answer.results) {
        if *correlation_id != result.correlation_id {
            return Err(Malformed::NotAsked {
                correlation_id: result.correlation_id,
            });
        }
        let place = place.item(correlation_id);
        items.push(ItemDecision {
            correlation_id: result.correlation_id,
            result: asked.accept_item(result.result, place),
        });
    }
    Ok(BatchDecisions {
        items,
        snapshot,
        evaluate_time,
    })
}
