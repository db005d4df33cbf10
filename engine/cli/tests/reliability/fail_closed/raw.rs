//! Bytes that are no message, put to a method.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::Frame;
use prost::bytes::Bytes;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Service as _;
use tonic::codegen::http::{Request, header};
use tonic::transport::Channel;

/// A body of these bytes.
struct Once(Option<Bytes>);

impl http_body::Body for Once {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// What precedes a message: whether it is compressed, and its length.
pub(super) fn framed(flag: u8, length: usize, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![flag];
    bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
    bytes.extend(content);
    bytes
}

/// Sends bytes as the content of a call. Gives the status, and how much content came before it.
pub(super) async fn send(channel: &Channel, path: &str, bytes: Vec<u8>) -> (Status, usize) {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/grpc")
        .header(header::TE, "trailers")
        .body(Body::new(Once(Some(bytes.into()))))
        .unwrap();
    let mut channel = channel.clone();
    std::future::poll_fn(|context| channel.poll_ready(context))
        .await
        .unwrap();
    let answer = channel.call(request).await.unwrap();
    if let Some(status) = Status::from_header_map(answer.headers()) {
        return (status, 0);
    }
    let mut body = answer.into_body();
    let mut content = 0;
    loop {
        let frame = std::future::poll_fn(|context| {
            http_body::Body::poll_frame(Pin::new(&mut body), context)
        });
        match frame.await {
            None => return (Status::unknown("an answer without a status"), content),
            Some(Err(status)) => return (status, content),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => content += data.len(),
                Err(frame) => {
                    let trailers = frame.into_trailers().unwrap_or_default();
                    let status = Status::from_header_map(&trailers).expect("a status");
                    return (status, content);
                }
            },
        }
    }
}
