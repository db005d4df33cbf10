//! `embargo.v1.DecisionService`.

mod batch;
mod explain;
mod hosts;
mod inventory;
mod parts;
mod stream;
mod tally;
mod timeline;

use embargo_proto::v1 as pb;
use embargo_proto::v1::decision_service_server::DecisionService;
use tonic::{Request, Response, Status, Streaming};

use super::arrival::Arrival;
use super::desk::Desk;
use super::status::Refusal;

/// Judges hosts.
#[derive(Clone, Debug)]
pub(super) struct Decisions(pub(super) Desk);

#[tonic::async_trait]
impl DecisionService for Decisions {
    async fn decide_host(
        &self,
        request: Request<pb::DecideHostRequest>,
    ) -> Result<Response<pb::DecideHostResponse>, Status> {
        let (arrival, message) = Arrival::of(request)?;
        let answer = hosts::decide(&self.0, &arrival, message);
        respond(arrival.within(answer).await)
    }

    async fn batch_decide_hosts(
        &self,
        request: Request<pb::BatchDecideHostsRequest>,
    ) -> Result<Response<pb::BatchDecideHostsResponse>, Status> {
        let (arrival, message) = Arrival::of(request)?;
        let answer = batch::decide(&self.0, &arrival, message);
        respond(arrival.within(answer).await)
    }

    type StreamDecideHostsStream = stream::Answers;

    async fn stream_decide_hosts(
        &self,
        request: Request<Streaming<pb::StreamDecideHostsRequest>>,
    ) -> Result<Response<Self::StreamDecideHostsStream>, Status> {
        let (arrival, items) = Arrival::of(request)?;
        respond(stream::open(self.0.clone(), arrival, items))
    }

    async fn decide_inventory(
        &self,
        request: Request<pb::DecideInventoryRequest>,
    ) -> Result<Response<pb::DecideInventoryResponse>, Status> {
        let (arrival, message) = Arrival::of(request)?;
        let answer = inventory::decide(&self.0, &arrival, message);
        respond(arrival.within(answer).await)
    }

    async fn explain_decision(
        &self,
        request: Request<pb::ExplainDecisionRequest>,
    ) -> Result<Response<pb::ExplainDecisionResponse>, Status> {
        let (arrival, message) = Arrival::of(request)?;
        let answer = explain::explain(&self.0, &arrival, message);
        respond(arrival.within(answer).await)
    }

    async fn compute_decision_timeline(
        &self,
        request: Request<pb::ComputeDecisionTimelineRequest>,
    ) -> Result<Response<pb::ComputeDecisionTimelineResponse>, Status> {
        let (arrival, message) = Arrival::of(request)?;
        let answer = timeline::compute(&self.0, &arrival, message);
        respond(arrival.within(answer).await)
    }
}

pub(super) fn respond<T>(answer: Result<T, Refusal>) -> Result<Response<T>, Status> {
    answer.map(Response::new).map_err(Refusal::into_status)
}
