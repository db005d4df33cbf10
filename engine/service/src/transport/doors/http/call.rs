//! A call of the API from within: the same services that answer over the wire, asked with the
//! same bytes, so that no path answers otherwise.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::uri::PathAndQuery;
use embargo_proto::MAX_MESSAGE_BYTES;
use prost::bytes::{Buf as _, BufMut as _};
use tokio_stream::Stream;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::service::Routes;
use tonic::{Request, Status, Streaming};

use crate::identity::Caller;
use crate::telemetry::Meter;

use super::super::super::rates::Bill;

/// The services of the API. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Services {
    grpc: Grpc<Routes>,
}

impl Services {
    pub(super) fn new(services: Routes) -> Self {
        let grpc = Grpc::new(services)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES);
        Self { grpc }
    }

    /// One message, and one as its answer.
    ///
    /// # Errors
    /// The status that the call ended with.
    pub(super) async fn ask(
        &self,
        path: PathAndQuery,
        message: Bytes,
        asker: &Asker,
    ) -> Result<Bytes, Status> {
        let mut grpc = self.ready().await?;
        let answer = grpc.unary(asker.request(message), path, Raw).await?;
        Ok(answer.into_inner())
    }

    /// Messages, and others as their answers.
    ///
    /// # Errors
    /// The status that the call ended with before the first answer.
    pub(super) async fn stream(
        &self,
        path: PathAndQuery,
        messages: impl Stream<Item = Bytes> + Send + 'static,
        asker: &Asker,
    ) -> Result<Streaming<Bytes>, Status> {
        let mut grpc = self.ready().await?;
        let answers = grpc.streaming(asker.request(messages), path, Raw).await?;
        Ok(answers.into_inner())
    }

    async fn ready(&self) -> Result<Grpc<Routes>, Status> {
        let mut grpc = self.grpc.clone();
        match grpc.ready().await {
            Ok(()) => Ok(grpc),
            Err(never) => match never {},
        }
    }
}

/// Who asks, what it is paid from, and how long it waits.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) caller: Caller,
    pub(super) meter: Meter,
    pub(super) bill: Bill,
    pub(super) patience: Option<Duration>,
}

impl Asker {
    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(patience) = self.patience {
            request.set_timeout(patience);
        }
        request.extensions_mut().insert(self.caller.clone());
        request.extensions_mut().insert(self.meter.clone());
        request.extensions_mut().insert(self.bill.clone());
        request
    }
}

/// Messages as the bytes that they are on the wire.
#[derive(Clone, Copy, Debug)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
