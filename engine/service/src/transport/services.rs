//! The services of the API, ready to be added to a server.

use embargo_proto::v1::decision_service_server::{DecisionService, DecisionServiceServer};
use embargo_proto::v1::policy_service_server::{PolicyService, PolicyServiceServer};
use tokio::sync::watch;
use tonic::service::Routes;
use tonic::service::interceptor::InterceptedService;

use crate::config::{Door, Settings};
use crate::decision_log::DecisionLog;
use crate::reload::Present;
use crate::workers::Judges;

use super::arrival::Doorman;
use super::decision_service::Decisions;
use super::desk::Desk;
use super::drain::Drain;
use super::guard::{Guard, Rooms};
use super::policy_service::Policies;
use super::prescan::Prescan;

type Guarded<S> = Guard<Prescan<InterceptedService<S, Doorman>>>;

/// The services of the API.
pub(crate) struct Services<D, P> {
    /// Without a guard, for the doors, which have one of their own.
    pub(crate) within: Routes,
    /// The same for doors that speak of other things than the messages of the API.
    pub(super) desk: Desk,
    pub(crate) decisions: D,
    pub(crate) policies: P,
}

/// Makes the services of the API around what is active and who judges.
pub(crate) fn services(
    present: watch::Receiver<Present>,
    judges: Judges,
    settings: &Settings,
    drain: &Drain,
    rooms: &Rooms,
    log: DecisionLog,
) -> Services<
    Guarded<DecisionServiceServer<impl DecisionService>>,
    Guarded<PolicyServiceServer<impl PolicyService>>,
> {
    let desk = Desk::new(present, judges, settings, drain.clone(), rooms, log);
    let doorman = Doorman::new(drain, &rooms.rates, Door::Grpc);
    let sizes = rooms.sizes;
    let decisions = DecisionServiceServer::new(Decisions(desk.clone()))
        .max_decoding_message_size(sizes.request)
        .max_encoding_message_size(sizes.answer);
    let policies = PolicyServiceServer::new(Policies::new(desk.clone()))
        .max_decoding_message_size(sizes.request)
        .max_encoding_message_size(sizes.answer);
    let decisions = Prescan(InterceptedService::new(decisions, doorman.clone()));
    let policies = Prescan(InterceptedService::new(policies, doorman));
    Services {
        within: Routes::new(decisions.clone()).add_service(policies.clone()),
        desk,
        decisions: Guard::new(decisions, rooms.clone()),
        policies: Guard::new(policies, rooms.clone()),
    }
}
