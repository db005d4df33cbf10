//! Messages as bytes, for what no client of the API would send.

use prost::bytes::{Buf as _, BufMut as _};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Request, Status};

use crate::bench::{Bench, fields, reason};
use crate::policies::{ask, ban, host};

#[derive(Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
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
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; from.remaining()];
        from.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}

pub(crate) async fn send(
    bench: &Bench,
    method: &'static str,
    message: Vec<u8>,
) -> Result<Vec<u8>, Status> {
    let mut client =
        tonic::client::Grpc::new(bench.channel.clone()).max_encoding_message_size(usize::MAX);
    client.ready().await.unwrap();
    let path = PathAndQuery::from_static(method);
    let answer = client.unary(Request::new(message), path, Raw).await?;
    Ok(answer.into_inner())
}

/// A field of any length.
pub(crate) fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    prost::encoding::encode_varint(u64::try_from(content.len()).unwrap(), &mut bytes);
    bytes.extend(content);
    bytes
}

pub(crate) const DECIDE: &str = "/embargo.v1.DecisionService/DecideHost";
pub(crate) const BATCH: &str = "/embargo.v1.DecisionService/BatchDecideHosts";

#[tokio::test]
async fn eight_million_empty_items_are_refused_before_they_take_memory() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let empty_items = field(7, &[]).repeat(8_000_000);
    let status = send(&bench, DECIDE, field(1, &empty_items))
        .await
        .unwrap_err();
    assert_eq!(reason(&status).1, "FACTS_INVALID");
    assert_eq!(fields(&status), ["facts.software"]);

    let empty_hosts = field(1, &[]).repeat(8_000_000);
    let status = send(&bench, BATCH, empty_hosts).await.unwrap_err();
    assert_eq!(reason(&status).1, "REQUEST_INVALID");
    assert_eq!(fields(&status), ["items"]);
    assert!(bench.decide(ask(host("h"))).await.is_ok());
}

#[tokio::test]
async fn what_is_no_message_is_refused_as_unreadable_and_never_answered() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for bytes in [
        vec![0x0a, 0x05],
        vec![0x0b],
        vec![0xff; 64],
        field(1, &[0x0a, 0x01, 0xff]),
    ] {
        let status = send(&bench, DECIDE, bytes.clone()).await.unwrap_err();
        assert_eq!(
            status.code(),
            tonic::Code::Internal,
            "{bytes:?}: {status:?}"
        );
    }
}
