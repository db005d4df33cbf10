//! A collector of OpenTelemetry that keeps what it is sent, over gRPC or over HTTP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::metrics::v1 as metrics;
use opentelemetry_proto::tonic::collector::trace::v1 as trace;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

use crate::bench::within;

/// What has come.
#[derive(Clone, Default)]
pub(crate) struct Collector {
    pub(crate) traces: Arc<Mutex<Vec<trace::ExportTraceServiceRequest>>>,
    pub(crate) metrics: Arc<Mutex<Vec<metrics::ExportMetricsServiceRequest>>>,
    /// The header `x-key` of each message.
    pub(crate) keys: Arc<Mutex<Vec<String>>>,
    /// How many messages are refused with a status that passes before any is taken.
    pub(crate) refusing: Arc<Mutex<usize>>,
}

impl Collector {
    /// Collects over gRPC.
    pub(crate) async fn grpc(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tonic::transport::Server::builder()
            .add_service(trace::trace_service_server::TraceServiceServer::new(
                self.clone(),
            ))
            .add_service(metrics::metrics_service_server::MetricsServiceServer::new(
                self.clone(),
            ))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(serving);
        address
    }

    /// Collects over HTTP.
    pub(crate) async fn http(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let collector = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let collector = collector.clone();
                let answer = service_fn(move |request| {
                    let collector = collector.clone();
                    async move { Ok::<_, std::convert::Infallible>(collector.post(request).await) }
                });
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), answer);
                tokio::spawn(serving);
            }
        });
        address
    }

    async fn post(&self, request: hyper::Request<Incoming>) -> hyper::Response<String> {
        let (parts, body) = request.into_parts();
        let header = |name: &str| {
            let value = parts.headers.get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        assert_eq!(header("content-type"), "application/x-protobuf");
        let mut bytes = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX)
            .await
            .unwrap()
            .to_vec();
        if header("content-encoding") == "gzip" {
            let mut plain = Vec::new();
            let mut decoder = flate2::read::GzDecoder::new(bytes.as_slice());
            std::io::Read::read_to_end(&mut decoder, &mut plain).unwrap();
            bytes = plain;
        }
        if !self.takes() {
            let mut refused = hyper::Response::new(String::new());
            *refused.status_mut() = hyper::StatusCode::SERVICE_UNAVAILABLE;
            return refused;
        }
        self.keys.lock().unwrap().push(header("x-key"));
        match parts.uri.path() {
            "/v1/traces" => {
                let message = trace::ExportTraceServiceRequest::decode(bytes.as_slice()).unwrap();
                self.traces.lock().unwrap().push(message);
            }
            "/v1/metrics" => {
                let message = metrics::ExportMetricsServiceRequest::decode(bytes.as_slice());
                self.metrics.lock().unwrap().push(message.unwrap());
            }
            other => panic!("{other}"),
        }
        hyper::Response::new(String::new())
    }

    fn takes(&self) -> bool {
        let mut refusing = self.refusing.lock().unwrap();
        let takes = *refusing == 0;
        *refusing = refusing.saturating_sub(1);
        takes
    }

    fn key(&self, metadata: &tonic::metadata::MetadataMap) {
        let key = metadata.get("x-key");
        let key = key.map_or("", |key| key.to_str().unwrap());
        self.keys.lock().unwrap().push(key.to_owned());
    }

    /// All spans that have come.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let traces = self.traces.lock().unwrap();
        let resources = traces.iter().flat_map(|message| &message.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// Waits until something holds of what has come.
    pub(crate) async fn until(&self, holds: impl Fn(&Self) -> bool) {
        within(async {
            while !holds(self) {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
    }
}

#[tonic::async_trait]
impl trace::trace_service_server::TraceService for Collector {
    async fn export(
        &self,
        request: Request<trace::ExportTraceServiceRequest>,
    ) -> Result<Response<trace::ExportTraceServiceResponse>, Status> {
        if !self.takes() {
            return Err(Status::unavailable("not now"));
        }
        self.key(request.metadata());
        self.traces.lock().unwrap().push(request.into_inner());
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl metrics::metrics_service_server::MetricsService for Collector {
    async fn export(
        &self,
        request: Request<metrics::ExportMetricsServiceRequest>,
    ) -> Result<Response<metrics::ExportMetricsServiceResponse>, Status> {
        if !self.takes() {
            return Err(Status::unavailable("not now"));
        }
        self.key(request.metadata());
        self.metrics.lock().unwrap().push(request.into_inner());
        Ok(Response::new(Default::default()))
    }
}

/// The value of an attribute, as text.
pub(crate) fn attribute(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(is) => is.to_string(),
        other => format!("{other:?}"),
    })
}
