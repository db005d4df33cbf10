//! Evaluation as `AuthZEN` has it (Authorization API 1.0): a device as the subject, software as the
//! resource, and what is done with it as the action.
//!
//! A decision is true or false. What is no decision is an error of the whole call, also where a call
//! asks for many: `false` never stands for "it is not known".

mod request;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::uri::Scheme;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::config;

use super::super::desk::Desk;
use super::super::status::Refusal;
use super::apart::Apart;
use super::entrance::{Entrance, Visit};
use super::judging::{judge, judge_by};

use self::request::{Evaluation, Semantic, Unread};

const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";
const CONFIGURATION: &str = "/.well-known/authzen-configuration";

/// What a caller calls its request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// By which scheme a caller came to whatever stands before this server.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

const NOT_JSON: &str =
    "the content is not said to be JSON\n  hint: send `content-type: application/json`";
const NO_VERB: &str =
    "the path is asked in another way: ask with POST, and for /.well-known with GET";
const NO_HOST: &str = "the request does not say which host it asks\n  hint: send a `host` header";

/// The door. Clones are the same.
#[derive(Clone, Debug)]
struct Door {
    desk: Desk,
    apart: Apart,
}

/// The paths of the door.
pub(super) fn router(desk: &Desk, entrance: &Entrance, apart: &Apart) -> Router {
    let door = Arc::new(Door {
        desk: desk.clone(),
        apart: apart.clone(),
    });
    let router = Router::new()
        .route(EVALUATION, post(evaluation))
        .route(EVALUATIONS, post(evaluations))
        .route(CONFIGURATION, get(configuration))
        .method_not_allowed_fallback(|| async {
            words::error(StatusCode::METHOD_NOT_ALLOWED, NO_VERB)
        })
        .with_state(door);
    entrance
        .before(config::Door::Authzen, router, |refusal| {
            words::refused(&refusal)
        })
        .layer(middleware::from_fn(identified))
}

/// What this door says to whom it does not let in.
pub(super) fn refused(headers: &HeaderMap, refusal: &Refusal) -> Response {
    let mut response = words::refused(refusal);
    if let Some(id) = headers.get(REQUEST_ID) {
        response.headers_mut().insert(REQUEST_ID, id.clone());
    }
    response
}

/// Gives an answer the name that the caller gave the request, whatever the answer is.
async fn identified(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).cloned();
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn evaluation(State(door): State<Arc<Door>>, request: Request) -> Response {
    door.answered(request, false)
        .await
        .unwrap_or_else(|refused| refused)
}

async fn evaluations(State(door): State<Arc<Door>>, request: Request) -> Response {
    door.answered(request, true)
        .await
        .unwrap_or_else(|refused| refused)
}

/// Where what is asked is, under the name by which this server was asked.
async fn configuration(headers: HeaderMap, request: Request) -> Response {
    let named = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(ToString::to_string);
    let Some(host) = authority.or_else(|| named.map(ToOwned::to_owned)) else {
        return words::error(StatusCode::BAD_REQUEST, NO_HOST);
    };
    let is_secure = request.extensions().get() == Some(&Scheme::HTTPS)
        || headers
            .get(FORWARDED_PROTO)
            .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
    let scheme = if is_secure { "https" } else { "http" };
    let base = format!("{scheme}://{host}");
    words::written(&json!({
        "policy_decision_point": base,
        "access_evaluation_endpoint": format!("{base}{EVALUATION}"),
        "access_evaluations_endpoint": format!("{base}{EVALUATIONS}"),
    }))
}

impl Door {
    async fn answered(&self, request: Request, may_be_many: bool) -> Result<Response, Response> {
        let refused = |refusal: Refusal| words::refused(&refusal);
        let (parts, body) = request.into_parts();
        let Some(visit) = parts.extensions.get::<Visit>() else {
            return Err(refused(Refusal::ServerFault));
        };
        let text = content(visit, &parts.headers, body).await?;
        let size = text.len();
        let read = move || request::read(&text, may_be_many);
        let read = self.apart.convert(size, read).await;
        let asked = read.unwrap_or(Err(Unread::Refused(Refusal::ServerFault)));
        let asked = asked.map_err(|unread| match unread {
            Unread::Malformed(cause) => words::error(StatusCode::BAD_REQUEST, &cause),
            Unread::Refused(refusal) => refused(refusal),
        })?;
        let answer = match asked {
            request::Asked::One(evaluation) => {
                let asked = evaluation.asked().map_err(refused)?;
                let decision = judge(&self.desk, &visit.arrival, "evaluation", asked).await;
                words::answer(&decision.map_err(refused)?)
            }
            request::Asked::Many(evaluations, semantic) => {
                let _place = self.desk.batches.take().map_err(refused)?;
                let answers = self.judge_all(visit, evaluations, semantic).await;
                json!({ "evaluations": answers.map_err(refused)? })
            }
        };
        Ok(words::written(&answer))
    }

    /// Judges all under one snapshot, and, where they do not say otherwise, at one instant.
    async fn judge_all(
        &self,
        visit: &Visit,
        evaluations: Vec<Evaluation>,
        semantic: Semantic,
    ) -> Result<Vec<Value>, Refusal> {
        let active = self.desk.active()?;
        let now = self.desk.clock.now();
        let mut answers = Vec::with_capacity(evaluations.len());
        for evaluation in evaluations {
            let mut asked = evaluation.asked()?;
            asked.at = asked.at.or(Some(now));
            let decision =
                judge_by(&self.desk, &active, &visit.arrival, "evaluations", asked).await?;
            let is_permitted = words::decision(decision.judgement.effect);
            answers.push(words::answer(&decision));
            if semantic.ends_with(is_permitted) {
                break;
            }
        }
        Ok(answers)
    }
}

async fn content(
    visit: &Visit,
    headers: &HeaderMap,
    body: Body,
) -> Result<axum::body::Bytes, Response> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(words::error(StatusCode::BAD_REQUEST, NOT_JSON));
    }
    let read = visit.read(headers, body).await;
    read.map_err(|unread| words::unread(&unread))
}
