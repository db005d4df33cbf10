//! The doors beside gRPC: other contracts by which the same decisions are asked for.
//!
//! Each door reads what it is asked in its own words, has it judged as every other, and says the
//! answer in its own words; which these are stands in one table for each, and none of them takes an
//! error for an answer.

mod entrance;
mod judging;
mod asking;
mod apart;
mod reading;
mod sentences;
mod grounds;
mod reply;
mod names;
mod http;
mod opa;
mod authzen;
mod kubernetes;
mod envoy;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use prost_reflect::DescriptorError;
use tonic::service::Routes;

use crate::config::{Door, LimitsSettings, Settings};

use self::apart::Apart;
use self::entrance::Entrance;
pub(super) use self::entrance::is_grpc;
pub(super) use self::http::{Converted, ROUTES as HTTP_ROUTES, Schema};
pub(super) use self::names::method_of;
use self::reading::Reading;
use self::reply::Statuses;
use super::drain::Drain;
use super::rooms::Rooms;
use super::services::Services;
use super::status::Refusal;

/// What is said where there is no path.
const NO_PATH: &str =
    "there is no such path\n  hint: /openapi.json lists those of the API, if its door is open";
const NO_VERB: &str = "the path is asked in another way\n  hint: /openapi.json says how";

/// What is said to those who are not let in, in the words of each door. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Strangers(Statuses);

impl Strangers {
    /// Those who speak the words of the API.
    ///
    /// # Errors
    /// If the descriptors of the API are not sound, which is a defect of the build.
    pub(crate) fn new(limits: &LimitsSettings) -> Result<Self, DescriptorError> {
        let apart = Apart::new(limits.large_texts);
        Ok(Self(Statuses(Arc::new(Schema::load(&apart)?))))
    }

    /// What a door says to whom it does not let in.
    pub(super) fn refused(&self, door: Door, headers: &HeaderMap, refusal: Refusal) -> Response {
        match door {
            Door::Opa => opa::refused(&refusal),
            Door::Authzen => authzen::refused(headers, &refusal),
            Door::Grpc | Door::Http | Door::Kubernetes | Door::Envoy => self.0.refused(refusal),
        }
    }

    /// What is said where there is no path.
    pub(super) fn nowhere(&self, headers: &HeaderMap) -> Response {
        if is_grpc(headers) {
            entrance::unimplemented()
        } else {
            self.0.said(StatusCode::NOT_FOUND, &NO_PATH)
        }
    }
}

/// The paths of all doors that are open, and what is said to those who find none.
pub(crate) fn routes<D, P>(
    settings: &Settings,
    services: &Services<D, P>,
    rooms: &Rooms,
    drain: &Drain,
    strangers: &Strangers,
) -> Routes {
    let open = &settings.doors;
    let limits = &settings.limits;
    let statuses = strangers.0.clone();
    let schema = Arc::clone(&statuses.0);
    let apart = schema.apart();
    let reading = Reading::new(apart, limits.waiting_texts);
    let entrance = Entrance::new(rooms, drain);
    // Those that refuse in the words of the API.
    let guarded = |door, router: Router| {
        let (strange, statuses) = (statuses.clone(), statuses.clone());
        let router = router.method_not_allowed_fallback(move || async move {
            strange.said(StatusCode::METHOD_NOT_ALLOWED, &NO_VERB)
        });
        entrance.before(door, router, move |refusal| statuses.refused(refusal))
    };
    let said = statuses.clone();
    let nowhere =
        Router::new().fallback(move || async move { said.said(StatusCode::NOT_FOUND, &NO_PATH) });
    let mut router = guarded(Door::Http, nowhere);
    if open.contains(&Door::Http) {
        let paths = http::router(services.within.clone(), &schema);
        router = router.merge(guarded(Door::Http, paths));
    }
    if open.contains(&Door::Kubernetes) {
        let paths = kubernetes::router(&services.desk, &reading, &statuses);
        router = router.merge(guarded(Door::Kubernetes, paths));
    }
    if open.contains(&Door::Opa) {
        router = router.merge(opa::router(&services.desk, &entrance, apart));
    }
    if open.contains(&Door::Authzen) {
        router = router.merge(authzen::router(&services.desk, &entrance, apart));
    }
    let mut routes = Routes::from(router);
    if open.contains(&Door::Envoy) {
        let desk = &services.desk;
        routes = routes.add_service(envoy::service(
            desk,
            &reading,
            &settings.envoy,
            drain,
            rooms,
        ));
    }
    routes
}

/// Whether some door that is open is asked over HTTP/1.1.
pub(crate) fn speak_http1(open: &BTreeSet<Door>) -> bool {
    open.iter().any(|door| match door {
        Door::Grpc | Door::Envoy => false,
        Door::Http | Door::Opa | Door::Kubernetes | Door::Authzen => true,
    })
}
