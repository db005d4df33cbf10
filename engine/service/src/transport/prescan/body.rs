//! A body that is scanned as it is read.
//!
//! The rest of a message at fault is read and forgotten before the call ends: a caller who is
//! answered while still sending may take that for a broken connection.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use embargo_core::facts::{Violation, limits};
use embargo_proto::MAX_MESSAGE_BYTES;
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

use super::super::status::Refusal;
use super::scan::{Fault, Scan};

pub(super) struct Scanned {
    body: Body,
    scan: Scan,
    /// Why the call ends, and how much of the message is still to be read.
    end: Option<(Status, usize)>,
}

impl Scanned {
    pub(super) const fn new(body: Body, scan: Scan) -> Self {
        Self {
            body,
            scan,
            end: None,
        }
    }
}

impl http_body::Body for Scanned {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            if let Some((status, _)) = self.end.take_if(|(_, unread)| *unread == 0) {
                return Poll::Ready(Some(Err(status)));
            }
            let polled = ready!(Pin::new(&mut self.body).poll_frame(context));
            let bytes = match &polled {
                Some(Ok(frame)) => frame.data_ref(),
                Some(Err(_)) | None => None,
            };
            match (&mut self.end, bytes) {
                (Some((_, unread)), Some(bytes)) => *unread = unread.saturating_sub(bytes.len()),
                // It ends early, or is broken.
                (Some((_, unread)), None) => *unread = 0,
                (None, bytes) => {
                    let scanned = bytes.map_or(Ok(()), |bytes| self.scan.feed(bytes));
                    let Err(fault) = scanned else {
                        return Poll::Ready(polled);
                    };
                    let unread = usize::try_from(self.scan.unread()).unwrap_or(usize::MAX);
                    self.end = Some((status(fault), unread.min(MAX_MESSAGE_BYTES)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.end.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn status(fault: Fault) -> Status {
    match fault {
        // The same as when the decoder finds it.
        Fault::Unreadable => Status::internal("the message is not one of this schema"),
        Fault::TooMuch { field } => refused(
            &field,
            "has far more entries than a request may have: keep to the limit of the field"
                .to_owned(),
        ),
        Fault::TooDeep { field } => refused(
            &field,
            format!(
                "is nested deeper than {} levels: flatten it",
                limits::ATTRIBUTES_LEVELS
            ),
        ),
    }
}

/// Names the field, as the check of the decoded message would.
fn refused(field: &str, description: String) -> Status {
    let violations = vec![Violation::new(field, description)];
    let is_fact = field
        .split('.')
        .any(|part| matches!(part, "facts" | "about"));
    let refusal = if is_fact {
        Refusal::FactsInvalid {
            violations,
            total: 1,
        }
    } else {
        Refusal::RequestInvalid(violations)
    };
    refusal.into_status()
}
