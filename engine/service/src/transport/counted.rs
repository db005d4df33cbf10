//! Counting: every call that comes in, at whichever door, and how it ends.
//!
//! It stands before all guards, so that what these refuse is counted, too.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::header;
use axum::middleware::{self, Next};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tonic::codegen::Bytes;

use crate::telemetry::{Ending, Incoming, Method, Outcome, Telemetry};

use super::doors;

/// Counts the calls of all routes.
pub(crate) fn counted(routes: Router, telemetry: &Telemetry) -> Router {
    let telemetry = telemetry.clone();
    routes.layer(middleware::from_fn(move |request, next| {
        let telemetry = telemetry.clone();
        async move { pass(&telemetry, request, next).await }
    }))
}

async fn pass(telemetry: &Telemetry, mut request: Request, next: Next) -> Response {
    let is_grpc = is_grpc(request.headers().get(header::CONTENT_TYPE));
    let ending = if is_grpc {
        let method = Method::of_grpc(request.uri().path());
        telemetry.begin(method, &Incoming::grpc(request.headers()))
    } else {
        let route = request.extensions().get::<MatchedPath>();
        let route = route.map_or("", MatchedPath::as_str);
        let method = doors::method_of(route);
        let incoming = Incoming::http(request.headers(), request.method().as_str(), route);
        telemetry.begin(method, &incoming)
    };
    request.extensions_mut().insert(ending.meter());
    let response = next.run(request).await;
    let outcome = if is_grpc && response.status().is_success() {
        // What ends behind the content says so there.
        Outcome::of_headers(response.headers())
    } else {
        let said = response.extensions().get::<Outcome>().cloned();
        Some(said.unwrap_or_else(|| Outcome::of_http(response.status())))
    };
    ending.answered(outcome);
    response.map(|body| Body::new(Counted { body, ending }))
}

/// Counts a call that was turned away before any route was found for it.
pub(super) fn turned_away<B>(
    telemetry: &Telemetry,
    request: &axum::http::Request<B>,
    response: &Response,
) {
    let said = response.extensions().get::<Outcome>().cloned();
    let headers = request.headers();
    let (ending, outcome) = if is_grpc(headers.get(header::CONTENT_TYPE)) {
        let method = Method::of_grpc(request.uri().path());
        let outcome = Outcome::of_headers(response.headers());
        (telemetry.begin(method, &Incoming::grpc(headers)), outcome)
    } else {
        let method = doors::method_of(request.uri().path());
        let incoming = Incoming::http(headers, request.method().as_str(), "");
        (telemetry.begin(method, &incoming), None)
    };
    let by_http = || Outcome::of_http(response.status());
    let outcome = said.or(outcome).unwrap_or_else(by_http);
    ending.answered(Some(outcome));
}

fn is_grpc(kind: Option<&axum::http::HeaderValue>) -> bool {
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

/// An answer's body, whose end is that of the call.
struct Counted {
    body: Body,
    ending: Ending,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &polled {
            None => self.ending.ended(Outcome::OK),
            Some(Err(_)) => self.ending.ended(Outcome::CANCELLED),
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    let outcome = Outcome::of_headers(trailers);
                    self.ending.ended(outcome.unwrap_or(Outcome::OK));
                }
            }
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
