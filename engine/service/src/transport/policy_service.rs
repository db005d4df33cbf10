//! `embargo.v1.PolicyService`.

mod bundle;
mod confined;
mod identify;
mod page;
mod policies;
mod testing;
mod watch;

use embargo_proto::v1 as pb;
use embargo_proto::v1::policy_service_server::PolicyService;
use tonic::{Request, Response, Status};

use super::arrival::Arrival;
use super::decision_service::respond;
use super::desk::Desk;

pub use self::confined::inside::run_confined;
use self::page::PageTokens;

/// Shows policies, and tries out others.
#[derive(Clone, Debug)]
pub(super) struct Policies {
    desk: Desk,
    tokens: PageTokens,
}

impl Policies {
    pub(super) fn new(desk: Desk) -> Self {
        Self {
            desk,
            tokens: PageTokens::default(),
        }
    }
}

#[tonic::async_trait]
impl PolicyService for Policies {
    async fn list_policies(
        &self,
        request: Request<pb::ListPoliciesRequest>,
    ) -> Result<Response<pb::ListPoliciesResponse>, Status> {
        let (_arrival, message) = Arrival::of(request)?;
        respond(policies::list(&self.desk, &self.tokens, &message))
    }

    async fn get_policy(
        &self,
        request: Request<pb::GetPolicyRequest>,
    ) -> Result<Response<pb::GetPolicyResponse>, Status> {
        let (_arrival, message) = Arrival::of(request)?;
        respond(policies::get(&self.desk, message))
    }

    async fn get_snapshot(
        &self,
        request: Request<pb::GetSnapshotRequest>,
    ) -> Result<Response<pb::GetSnapshotResponse>, Status> {
        let (_arrival, _) = Arrival::of(request)?;
        respond(watch::present(&self.desk))
    }

    type WatchSnapshotStream = watch::States;

    async fn watch_snapshot(
        &self,
        request: Request<pb::WatchSnapshotRequest>,
    ) -> Result<Response<Self::WatchSnapshotStream>, Status> {
        let (arrival, _) = Arrival::of(request)?;
        respond(watch::open(self.desk.clone(), arrival))
    }

    async fn validate_bundle(
        &self,
        request: Request<pb::ValidateBundleRequest>,
    ) -> Result<Response<pb::ValidateBundleResponse>, Status> {
        let (arrival, message) = Arrival::of(request)?;
        let answer = bundle::validate(&self.desk, &arrival, message);
        respond(arrival.within(answer).await)
    }

    type RunPolicyTestsStream = testing::Events;

    async fn run_policy_tests(
        &self,
        request: Request<pb::RunPolicyTestsRequest>,
    ) -> Result<Response<Self::RunPolicyTestsStream>, Status> {
        let (arrival, message) = Arrival::of(request)?;
        let events = testing::run(self.desk.clone(), arrival, message).await?;
        Ok(Response::new(events))
    }

    async fn identify_software(
        &self,
        request: Request<pb::IdentifySoftwareRequest>,
    ) -> Result<Response<pb::IdentifySoftwareResponse>, Status> {
        let (arrival, message) = Arrival::of(request)?;
        let answer = identify::identify(&self.desk, &arrival, message);
        respond(arrival.within(answer).await)
    }
}
