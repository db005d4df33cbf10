//! External authorization of Envoy, version 3, over gRPC.
//!
//! What whoever sends the request can bring about, such as a request without facts, is answered and
//! never let through. What only the server can bring about is an error of gRPC, so that
//! `failure_mode_allow` of Envoy's filter decides.

mod question;
mod words;

use std::sync::Arc;

use embargo_proto::envoy::service::auth::v3 as pb;
use pb::authorization_server::{Authorization, AuthorizationServer};
use tonic::service::interceptor::InterceptedService;
use tonic::{Request, Response, Status};

use crate::config::{Door, EnvoySettings};

use super::super::arrival::{Arrival, Doorman};
use super::super::desk::Desk;
use super::super::drain::Drain;
use super::super::guard::Guard;
use super::super::prescan::Prescan;
use super::super::rooms::Rooms;
use super::super::status::Refusal;
use super::judging;
use super::reading::Reading;

use self::question::Asked;
use self::words::Lack;

/// The service that Envoy asks.
pub(super) fn service(
    desk: &Desk,
    reading: &Reading,
    settings: &EnvoySettings,
    drain: &Drain,
    rooms: &Rooms,
) -> Guard<Prescan<InterceptedService<AuthorizationServer<impl Authorization>, Doorman>>> {
    let checks = AuthorizationServer::new(Checks {
        desk: desk.clone(),
        reading: reading.clone(),
        settings: Arc::new(settings.clone()),
    })
    .max_decoding_message_size(rooms.sizes.request);
    let doorman = Doorman::new(drain, &rooms.rates, Door::Envoy);
    let checks = Prescan(InterceptedService::new(checks, doorman));
    Guard::new(checks, rooms.clone())
}

/// Answers Envoy.
struct Checks {
    desk: Desk,
    reading: Reading,
    settings: Arc<EnvoySettings>,
}

#[tonic::async_trait]
impl Authorization for Checks {
    async fn check(
        &self,
        request: Request<pb::CheckRequest>,
    ) -> Result<Response<pb::CheckResponse>, Status> {
        let (arrival, message) = Arrival::of(request)?;
        let arrival = arrival.no_later_than(self.settings.limit);
        let answer = match self.judge(&arrival, message).await {
            Ok(answer) => Ok(answer),
            Err(lack) => match (words::lacking(&lack, &self.settings), lack) {
                (Some(answer), lack) => {
                    if let Lack::Refused(refusal) = &lack {
                        arrival.meter.note(refusal.worded());
                    }
                    Ok(answer)
                }
                (None, lack) => Err(lack),
            },
        };
        answer.map(Response::new).map_err(|lack| match lack {
            Lack::Refused(refusal) => refusal.into_status(),
            Lack::Missing => Refusal::ServerFault.into_status(),
        })
    }
}

impl Checks {
    async fn judge(
        &self,
        arrival: &Arrival,
        message: pb::CheckRequest,
    ) -> Result<pb::CheckResponse, Lack> {
        arrival.is_within_rate()?;
        let attributes = message.attributes.unwrap_or_default();
        let asked = Asked::of(&attributes, &self.settings)?;
        let Asked {
            facts,
            place,
            host,
            action,
        } = asked;
        let read = self.reading.of(facts.len(), move || {
            let record = question::record(&facts, &place, host)?;
            judging::checked(record, &place)
        });
        let asked = judging::Asked {
            facts: arrival.within(read).await??,
            action,
            at: None,
            required: String::new(),
        };
        let decision = judging::judge(&self.desk, arrival, "Check", asked).await?;
        Ok(words::decided(&decision, &self.settings))
    }
}
