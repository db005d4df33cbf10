//! The prescan: what a message would take in memory, before it is decoded.
//!
//! Two bytes on the wire can stand for an item of some hundred bytes, so that a message within
//! its 16 MiB could take gigabytes. The scan follows the bytes as they arrive, counts what the
//! repeated fields would take, and ends the call when that is more than any sound request
//! needs. It also refuses what the decoder would refuse, but no earlier than that matters.

mod body;
mod scan;
mod schema;

use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;

use self::body::Scanned;
use self::scan::{Fault, Scan};
use super::codec::FactsUnreadable;

/// A service whose requests are scanned.
#[derive(Clone, Debug)]
pub(crate) struct Prescan<S>(pub(super) S);

impl<S: NamedService> NamedService for Prescan<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<http::Request<Body>> for Prescan<S>
where
    S: Service<http::Request<Body>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> S::Future {
        let root = schema::of_method(request.uri().path());
        self.0
            .call(request.map(|body| Body::new(Scanned::new(body, Scan::new(root)))))
    }
}

/// Scans a message to a method as if it came in pieces of at most `piece` bytes.
pub(super) fn scan(method: &str, message: &[u8], piece: usize) -> Result<(), FactsUnreadable> {
    let length = u32::try_from(message.len()).map_err(|_| FactsUnreadable::NotAMessage)?;
    let [a, b, c, d] = length.to_be_bytes();
    let mut scan = Scan::new(schema::of_method(method));
    for piece in [&[0, a, b, c, d][..]]
        .into_iter()
        .chain(message.chunks(piece.max(1)))
    {
        scan.feed(piece).map_err(|fault| match fault {
            Fault::Unreadable => FactsUnreadable::NotAMessage,
            Fault::TooMuch { field } => FactsUnreadable::TooMuch(field),
            Fault::TooDeep { field } => FactsUnreadable::TooDeep(field),
        })?;
    }
    Ok(())
}
