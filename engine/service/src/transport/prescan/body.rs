//! A body that is scanned as it is read.

use std::pin::Pin;
use std::task::{Context, Poll};

use embargo_core::facts::Violation;
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

use super::super::status::Refusal;
use super::scan::{Fault, Scan};

pub(super) struct Scanned {
    body: Body,
    scan: Scan,
}

impl Scanned {
    pub(super) const fn new(body: Body, scan: Scan) -> Self {
        Self { body, scan }
    }
}

impl http_body::Body for Scanned {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(bytes) = frame.data_ref()
            && let Err(fault) = self.scan.feed(bytes)
        {
            return Poll::Ready(Some(Err(status(fault))));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn status(fault: Fault) -> Status {
    match fault {
        // The same as when the decoder finds it.
        Fault::Unreadable => Status::internal("the message is not one of this schema"),
        Fault::TooMuch { field } => {
            let description =
                "has far more entries than a request may have: keep to the limit of the field";
            let violations = vec![Violation::new(field.as_str(), description)];
            let refusal = if field.split('.').any(|part| part == "facts") {
                Refusal::FactsInvalid {
                    violations,
                    total: 1,
                }
            } else {
                Refusal::RequestInvalid(violations)
            };
            refusal.into_status()
        }
    }
}
