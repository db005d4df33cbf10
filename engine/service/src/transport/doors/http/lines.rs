//! Streams as lines of JSON: a line is a message.
//!
//! A stream that ends without an answer to each of its items ends with a line that has the one key
//! `error`, and a `google.rpc.Status` under it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use prost_reflect::MessageDescriptor;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Status, Streaming};

use super::super::entrance::Visit;
use super::json::Schema;
use crate::telemetry::{Meter, Outcome};

/// Longer than any connection lasts.
const FOR_EVER: Duration = Duration::from_secs(86_400 * 365);
/// Messages that wait to be taken.
const WAITING: usize = 1;

/// Tells, once no more messages come, why they end too early, if they do.
pub(super) type Fault = oneshot::Receiver<Status>;

/// Messages that a caller sends.
pub(super) struct Messages {
    pub(super) stream: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
    pub(super) fault: Fault,
}

impl Messages {
    pub(super) fn one(message: Bytes) -> Self {
        Self {
            stream: Box::pin(tokio_stream::once(message)),
            fault: oneshot::channel().1,
        }
    }
}

/// Reads a content line by line, no faster than the messages are taken.
pub(super) fn read(
    schema: Arc<Schema>,
    message: MessageDescriptor,
    visit: Visit,
    body: Body,
) -> Messages {
    let (tell, fault) = oneshot::channel();
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let reading = Reading {
            schema,
            message,
            visit,
            sender,
            line: Vec::new(),
            count: 0,
        };
        if let Err(status) = reading.read(body).await {
            let _ = tell.send(status);
        }
    });
    Messages {
        stream: Box::pin(ReceiverStream::new(receiver)),
        fault,
    }
}

struct Reading {
    schema: Arc<Schema>,
    message: MessageDescriptor,
    visit: Visit,
    sender: mpsc::Sender<Bytes>,
    line: Vec<u8>,
    count: u64,
}

impl Reading {
    async fn read(mut self, body: Body) -> Result<(), Status> {
        let mut parts = body.into_data_stream();
        loop {
            // A line that is begun comes whole in time; between lines a caller may wait.
            let limit = if self.line.is_empty() {
                FOR_EVER
            } else {
                self.visit.sizes.arrival
            };
            let part = tokio::select! {
                // Nobody asks for more.
                () = self.sender.closed() => return Ok(()),
                part = timeout(limit, parts.next()) => part,
            };
            let number = self.count + 1;
            let Some(part) = part.map_err(|_| {
                Status::deadline_exceeded(format!("line {number} was not whole in time"))
            })?
            else {
                break;
            };
            let mut part = part.map_err(|_| Status::cancelled("the content broke off"))?;
            while let Some(end) = part.iter().position(|byte| *byte == b'\n') {
                let line = part.split_to(end + 1);
                self.take(&line)?;
                if !self.pass_on().await? {
                    return Ok(());
                }
            }
            self.take(&part)?;
        }
        self.pass_on().await.map(|_| ())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Status> {
        let most = self.visit.sizes.request;
        if self.line.len().saturating_add(bytes.len()) > most {
            return Err(Status::resource_exhausted(format!(
                "line {} is larger than {most} bytes",
                self.count + 1
            )));
        }
        self.visit
            .take(bytes.len())
            .map_err(super::super::super::status::Refusal::into_status)?;
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// Whether more is wanted.
    async fn pass_on(&mut self) -> Result<bool, Status> {
        self.count += 1;
        let line = std::mem::take(&mut self.line);
        self.visit.is_whole();
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(true);
        }
        let message = self.schema.read(self.message.clone(), line.into()).await;
        let message = message.map_err(|unreadable| {
            Status::new(
                Code::InvalidArgument,
                format!("line {}: {unreadable}", self.count),
            )
        })?;
        Ok(self.sender.send(message).await.is_ok())
    }
}

/// Writes answers line by line.
pub(super) fn write(
    schema: Arc<Schema>,
    message: MessageDescriptor,
    mut answers: Streaming<Bytes>,
    (fault, meter): (Fault, Meter),
) -> impl Stream<Item = Result<Vec<u8>, io::Error>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let end = loop {
            let answer = tokio::select! {
                // The call ends with the caller's interest.
                () = sender.closed() => return,
                answer = answers.next() => answer,
            };
            let answer = match answer {
                None => break fault.await.ok(),
                Some(Err(status)) => break Some(status),
                Some(Ok(answer)) => answer,
            };
            let Some(mut line) = schema.write(message.clone(), answer).await else {
                break Some(Status::internal("the server failed"));
            };
            line.push(b'\n');
            if sender.send(Ok(line)).await.is_err() {
                return;
            }
        };
        if let Some(status) = end {
            meter.note(Outcome::of_status(&status));
            let status = schema.status(&status);
            let line = [b"{\"error\":", &status[..], b"}\n"].concat();
            let _ = sender.send(Ok(line)).await;
        }
    });
    ReceiverStream::new(receiver)
}
