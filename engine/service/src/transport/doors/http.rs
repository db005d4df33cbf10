//! The native API over HTTP: JSON as protobuf maps it, streams as lines, errors as
//! `google.rpc.Status`.
//!
//! A path is a method of the API. What comes is read as its request, asked of the same services as
//! over gRPC, and the answer is written as JSON, so that the two cannot differ.

mod call;
mod json;
mod lines;
mod openapi;
mod routes;
mod strict;

use std::sync::Arc;

use axum::RequestExt as _;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use prost_reflect::MethodDescriptor;
use tonic::service::Routes;

use self::call::{Asker, Services};
use self::json::Unreadable;
pub(crate) use self::json::{Converted, Schema};
pub(in super::super) use self::routes::ROUTES;
use self::routes::Verb;
pub(super) use self::strict::check_free;
use super::entrance::{Visit, patience};
use super::reply::{Statuses, json, written};

/// What is said where the content is not JSON.
const NOT_JSON: &str =
    "the content is not said to be JSON\n  hint: send `content-type: application/json`";
/// Where the description of all paths is.
const OPENAPI: &str = "/openapi.json";

/// The name of the method that a route asks for, if it is one of the API.
pub(super) fn method_of(route: &str) -> Option<&'static str> {
    let route = ROUTES.iter().find(|known| known.path == route)?;
    route.method.rsplit('/').next()
}

/// The paths of the API, asked of `services`.
pub(super) fn router(services: Routes, schema: &Arc<Schema>) -> Router {
    let services = Services::new(services);
    let mut router = Router::new();
    for route in ROUTES {
        let (Some(method), Ok(path)) = (
            schema.method(route.method),
            PathAndQuery::try_from(route.method),
        ) else {
            // A test holds that each route has its method.
            continue;
        };
        let door = Arc::new(Door {
            services: services.clone(),
            schema: Arc::clone(schema),
            statuses: Statuses(Arc::clone(schema)),
            verb: route.verb,
            method,
            path,
        });
        let handler = move |request| async move { door.answer(request).await };
        router = router.route(
            route.path,
            match route.verb {
                Verb::Get => get(handler),
                Verb::Post => post(handler),
            },
        );
    }
    let document: Bytes = openapi::document(schema).into();
    router.route(
        OPENAPI,
        get(move || async move { json(StatusCode::OK, document.to_vec()) }),
    )
}

/// One path.
struct Door {
    services: Services,
    schema: Arc<Schema>,
    statuses: Statuses,
    verb: Verb,
    method: MethodDescriptor,
    path: PathAndQuery,
}

impl Door {
    async fn answer(&self, request: Request) -> Response {
        self.answered(request)
            .await
            .unwrap_or_else(|refused| refused)
    }

    async fn answered(&self, mut request: Request) -> Result<Response, Response> {
        let Some(visit) = request.extensions().get::<Visit>().cloned() else {
            return Err(self.statuses.said(
                StatusCode::INTERNAL_SERVER_ERROR,
                &"a call came past the entrance",
            ));
        };
        let asker = Asker {
            caller: visit.arrival.caller.clone(),
            meter: visit.arrival.meter.clone(),
            bill: visit.arrival.bill.clone(),
            patience: patience(request.headers()),
        };
        if self.method.is_client_streaming() {
            let (parts, body) = request.into_parts();
            self.is_json(&parts.headers)?;
            let lines = lines::read(self.schema.clone(), self.method.input(), visit, body);
            return self.stream(lines, &asker).await;
        }
        let text = if self.verb == Verb::Get {
            self.asked(&mut request).await?
        } else {
            let (parts, body) = request.into_parts();
            let text = visit.read(&parts.headers, body).await;
            let text = text.map_err(|unread| self.statuses.unread(unread))?;
            if text.is_empty() {
                Bytes::from_static(b"{}")
            } else {
                self.is_json(&parts.headers)?;
                text
            }
        };
        let message = self.schema.read(self.method.input(), text).await;
        let message = message.map_err(|unreadable| self.unreadable(&unreadable))?;
        if self.method.is_server_streaming() {
            let messages = lines::Messages::one(message);
            return self.stream(messages, &asker).await;
        }
        let answer = self.services.ask(self.path.clone(), message, &asker).await;
        let answer = answer.map_err(|status| self.statuses.ended(&status))?;
        match self.schema.write(self.method.output(), answer).await {
            Some(text) => Ok(json(StatusCode::OK, text)),
            None => Err(self.fault()),
        }
    }

    async fn stream(&self, messages: lines::Messages, asker: &Asker) -> Result<Response, Response> {
        let lines::Messages { stream, fault } = messages;
        let answers = self.services.stream(self.path.clone(), stream, asker).await;
        let answers = answers.map_err(|status| self.statuses.ended(&status))?;
        let lines = lines::write(
            Arc::clone(&self.schema),
            self.method.output(),
            answers,
            (fault, asker.meter.clone()),
        );
        let body = Body::from_stream(lines);
        Ok(written(StatusCode::OK, "application/x-ndjson", body))
    }

    /// What the path and the query of a request say, as JSON.
    async fn asked(&self, request: &mut Request) -> Result<Bytes, Response> {
        let refused = |message: String| self.statuses.said(StatusCode::BAD_REQUEST, &message);
        let named = request.extract_parts::<Path<Vec<(String, String)>>>().await;
        let Path(mut pairs) = named.map_err(|cause| refused(cause.to_string()))?;
        let query = request
            .extract_parts::<Query<Vec<(String, String)>>>()
            .await;
        let Query(query) = query.map_err(|cause| refused(cause.to_string()))?;
        pairs.extend(query);
        let mut object = serde_json::Map::new();
        for (key, value) in pairs {
            if object.insert(key.clone(), value.into()).is_some() {
                let key: String = key.chars().take(64).collect();
                return Err(refused(format!("`{key}` is given twice: keep one of them")));
            }
        }
        Ok(serde_json::Value::Object(object).to_string().into())
    }

    fn is_json(&self, headers: &HeaderMap) -> Result<(), Response> {
        let kind = headers.get(header::CONTENT_TYPE);
        let kind = kind.map_or(Some("application/json"), |kind| kind.to_str().ok());
        let kind = kind
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default();
        let kind = kind.trim().to_ascii_lowercase();
        let is_json = kind == "application/json"
            || kind == "application/x-ndjson"
            || (kind.starts_with("application/") && kind.ends_with("+json"));
        if is_json {
            return Ok(());
        }
        Err(self
            .statuses
            .said(StatusCode::UNSUPPORTED_MEDIA_TYPE, &NOT_JSON))
    }

    fn unreadable(&self, unreadable: &Unreadable) -> Response {
        match unreadable {
            Unreadable::Fault => self.fault(),
            other => self.statuses.said(StatusCode::BAD_REQUEST, &other),
        }
    }

    fn fault(&self) -> Response {
        self.statuses
            .refused(super::super::status::Refusal::ServerFault)
    }
}

#[cfg(test)]
mod tests;
