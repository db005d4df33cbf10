//! The entrance: how a call comes in that is not gRPC, and how its content is read.
//!
//! The same limits hold as for gRPC: calls at a time, memory for what comes in and goes out, time
//! for a content to be whole. Each door words in its own way that a call is not let in.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use thiserror::Error;
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use tonic::Status;

use crate::config::Door;

use super::super::arrival::{Arrival, Doorman, GRPC_TIMEOUT, timeout_of};
use super::super::connections::Line;
use super::super::drain::Drain;
use super::super::guard::{Ending, Held};
use super::super::rooms::{Rooms, Sizes};
use super::super::status::Refusal;

/// Another header in which a caller says how long it waits, in milliseconds.
const TIMEOUT_MS: &str = "connect-timeout-ms";

/// Where calls come in. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Entrance {
    rooms: Rooms,
    drain: Drain,
}

/// What the entrance leaves with a request.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) arrival: Arrival,
    held: Held,
    pub(super) sizes: Sizes,
}

/// Why a content was not read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Unread {
    #[error("the content is larger than {most} bytes\n  hint: ask about fewer hosts at a time")]
    TooLarge { most: usize },
    #[error("the content was not whole in time\n  hint: send it faster, or less of it")]
    TooSlow,
    #[error("the content broke off")]
    Broken,
    #[error("{0}")]
    Refused(Refusal),
}

impl Entrance {
    pub(super) fn new(rooms: &Rooms, drain: &Drain) -> Self {
        Self {
            rooms: rooms.clone(),
            drain: drain.clone(),
        }
    }

    /// Puts this entrance before all routes of a door, which words refusals.
    pub(super) fn before(
        &self,
        door: Door,
        router: Router,
        refused: impl Fn(Refusal) -> Response + Clone + Send + Sync + 'static,
    ) -> Router {
        let entrance = Arc::new(self.clone());
        let doorman = Doorman::new(&self.drain, &self.rooms.rates, door);
        router.layer(middleware::from_fn(move |request, next| {
            let entrance = Arc::clone(&entrance);
            let refused = refused.clone();
            let doorman = doorman.clone();
            async move {
                match entrance.pass(&doorman, request, next).await {
                    Ok(response) => response,
                    Err(refusal) => refused(refusal),
                }
            }
        }))
    }

    async fn pass(
        &self,
        doorman: &Doorman,
        mut request: Request,
        next: Next,
    ) -> Result<Response, Refusal> {
        if is_grpc(request.headers()) {
            return Ok(unimplemented());
        }
        let stay = self.rooms.enter(request.extensions().get::<Line>())?;
        let arrival = doorman.admit(patience(request.headers()), request.extensions())?;
        request.extensions_mut().insert(Visit {
            arrival,
            held: stay.held(),
            sizes: self.rooms.sizes,
        });
        let response = next.run(request).await;
        let leave = |body| Body::new(stay.leave(tonic::body::Body::new(body), Ending::Broken));
        Ok(response.map(leave))
    }
}

/// Whether a caller speaks gRPC, which only services of gRPC understand.
pub(in super::super) fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

/// What is said to them elsewhere.
pub(super) fn unimplemented() -> Response {
    let status = Status::unimplemented("there is no such service, or its door is closed");
    status.into_http()
}

/// How long the caller waits, if it says so.
pub(super) fn patience(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let ms = text(TIMEOUT_MS).and_then(|text| text.parse().ok().map(Duration::from_millis));
    ms.or_else(|| text(GRPC_TIMEOUT).and_then(timeout_of))
}

impl Visit {
    /// Reads a content whole.
    ///
    /// # Errors
    /// If it is too large, too slow, broken, or there is no room for it.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Unread> {
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        let most = self.sizes.request;
        if length.is_some_and(|length| length > most) {
            return Err(Unread::TooLarge { most });
        }
        timeout(self.sizes.arrival, self.gather(length.unwrap_or(0), body))
            .await
            .unwrap_or(Err(Unread::TooSlow))
    }

    async fn gather(&self, length: usize, body: Body) -> Result<Bytes, Unread> {
        let most = self.sizes.request;
        let mut parts = body.into_data_stream();
        let mut whole: Vec<u8> = Vec::new();
        while let Some(part) = parts.next().await {
            let part = part.map_err(|_| Unread::Broken)?;
            if whole.len().saturating_add(part.len()) > most {
                return Err(Unread::TooLarge { most });
            }
            self.held.take(part.len()).map_err(Unread::Refused)?;
            if whole.is_empty() && part.len() == length && length > 0 {
                // It has come at once, and need not be copied.
                self.held.is_whole();
                return Ok(part);
            }
            whole.extend_from_slice(&part);
        }
        self.held.is_whole();
        Ok(whole.into())
    }

    /// Counts what comes of a content that is read in parts.
    ///
    /// # Errors
    /// If there is no room for it.
    pub(super) fn take(&self, bytes: usize) -> Result<(), Refusal> {
        self.held.take(bytes)
    }

    /// A part has come whole, and is not held any longer.
    pub(super) fn is_whole(&self) {
        self.held.is_whole();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_headers_say_how_long_a_caller_waits() {
        let mut headers = HeaderMap::new();
        assert_eq!(patience(&headers), None);
        headers.insert(GRPC_TIMEOUT, "2S".parse().unwrap());
        assert_eq!(patience(&headers), Some(Duration::from_secs(2)));
        headers.insert(TIMEOUT_MS, "150".parse().unwrap());
        assert_eq!(patience(&headers), Some(Duration::from_millis(150)));
        headers.insert(TIMEOUT_MS, "soon".parse().unwrap());
        assert_eq!(patience(&headers), Some(Duration::from_secs(2)));
    }
}
