//! The guard before every service: how many calls there are at a time, and what their messages take
//! in memory while they come in and go out.
//!
//! Windows bound what is under way on one stream, and a caller may have hundreds of them. So what
//! has come of messages that are not whole, and what is left of answers that are not taken, is
//! counted over all calls; a call for which there is no room is refused.

mod arriving;
mod leaving;
mod stay;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{Bytes, Service, StdError, http};
use tonic::server::NamedService;

use self::arriving::Arriving;
pub(super) use self::arriving::Held;
pub(super) use self::stay::{Ending, Stay};
use super::connections::Line;
pub(crate) use super::rooms::Rooms;

/// Bytes of a message that are not counted, so that small calls go on when there is no room.
const UNCOUNTED: usize = 4 * 1_024;

/// A service that is guarded.
#[derive(Clone, Debug)]
pub(crate) struct Guard<S> {
    service: S,
    rooms: Rooms,
}

impl<S> Guard<S> {
    pub(crate) const fn new(service: S, rooms: Rooms) -> Self {
        Self { service, rooms }
    }
}

impl<S: NamedService> NamedService for Guard<S> {
    const NAME: &'static str = S::NAME;
}

impl<S, B> Service<http::Request<Body>> for Guard<S>
where
    S: Service<http::Request<Body>, Response = http::Response<B>, Error = Infallible>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<StdError>,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        if request.version() < http::Version::HTTP_2 {
            return Box::pin(async { Ok(needs_http2()) });
        }
        let stay = match self.rooms.enter(request.extensions().get::<Line>()) {
            Ok(stay) => stay,
            Err(refusal) => {
                let refused = refusal.into_status().into_http();
                return Box::pin(async { Ok(refused) });
            }
        };
        let arriving = stay.held();
        let time = self.rooms.sizes.arrival;
        let answer = self
            .service
            .call(request.map(|body| Body::new(Arriving::new(body, arriving, time))));
        Box::pin(async move {
            let answer = answer.await?;
            Ok(answer.map(|body| stay.leave(Body::new(body), Ending::Status)))
        })
    }
}

/// gRPC says in trailers how a call ended, which a caller over HTTP/1.1 would not see.
fn needs_http2() -> http::Response<Body> {
    let text = "gRPC needs HTTP/2\n  hint: let the client and what is between speak HTTP/2 without upgrade, or use the HTTP paths\n";
    let mut answer = http::Response::new(Body::new(text.to_owned()));
    *answer.status_mut() = http::StatusCode::UPGRADE_REQUIRED;
    let headers = answer.headers_mut();
    headers.insert(http::header::UPGRADE, http::HeaderValue::from_static("h2c"));
    let plain = http::HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(http::header::CONTENT_TYPE, plain);
    answer
}

/// The status as what stands behind the content of an answer.
fn trailers(status: &Status) -> http::HeaderMap {
    let mut trailers = http::HeaderMap::new();
    // What does not fit into a header leaves the answer without a status, which is an error.
    let _ = status.add_header(&mut trailers);
    trailers
}
