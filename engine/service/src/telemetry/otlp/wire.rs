//! The wire to a collector: OTLP over gRPC, or over HTTP in protobuf.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request};

use super::{Collector, OtlpInvalid, Protocol};

/// A way to a collector. Its address is not part of what is said of failures beyond the host.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) signal: &'static str,
    headers: HeaderMap,
    timeout: Duration,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Grpc(Channel),
    Http {
        client: reqwest::Client,
        url: String,
        gzip: bool,
    },
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsent {
    /// The cause, without what was sent.
    pub(super) cause: String,
    /// Whether the same message may be taken later.
    pub(super) may_pass: bool,
}

impl Wire {
    /// Sets a wire up, inside of a runtime. It connects when something is sent.
    ///
    /// # Errors
    /// If a file cannot be read or the address is none.
    pub(super) fn new(signal: &'static str, collector: &Collector) -> Result<Self, OtlpInvalid> {
        let way = match collector.protocol {
            Protocol::Grpc => Way::Grpc(channel(signal, collector)?),
            Protocol::Http => Way::Http {
                client: client(signal, collector)?,
                url: collector.endpoint.clone(),
                gzip: collector.gzip,
            },
        };
        Ok(Self {
            signal,
            headers: headers(signal, collector)?,
            timeout: collector.timeout,
            way,
        })
    }

    pub(super) async fn traces(&self, message: ExportTraceServiceRequest) -> Result<(), Unsent> {
        match &self.way {
            Way::Grpc(channel) => {
                let mut client = TraceServiceClient::new(channel.clone());
                let sent = client.export(self.request(message));
                self.in_time(async { sent.await.map(drop).map_err(of_grpc) })
                    .await
            }
            Way::Http { client, url, gzip } => self.post(client, url, *gzip, &message).await,
        }
    }

    pub(super) async fn metrics(&self, message: ExportMetricsServiceRequest) -> Result<(), Unsent> {
        match &self.way {
            Way::Grpc(channel) => {
                let mut client = MetricsServiceClient::new(channel.clone());
                let sent = client.export(self.request(message));
                self.in_time(async { sent.await.map(drop).map_err(of_grpc) })
                    .await
            }
            Way::Http { client, url, gzip } => self.post(client, url, *gzip, &message).await,
        }
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        *request.metadata_mut() = tonic::metadata::MetadataMap::from_headers(self.headers.clone());
        request.set_timeout(self.timeout);
        request
    }

    async fn in_time(&self, sent: impl Future<Output = Result<(), Unsent>>) -> Result<(), Unsent> {
        let late = Unsent {
            cause: format!("no answer within {:?}", self.timeout),
            may_pass: true,
        };
        tokio::time::timeout(self.timeout, sent)
            .await
            .unwrap_or(Err(late))
    }

    async fn post(
        &self,
        client: &reqwest::Client,
        url: &str,
        gzip: bool,
        message: &impl Message,
    ) -> Result<(), Unsent> {
        let mut request = client
            .post(url)
            .headers(self.headers.clone())
            .header(CONTENT_TYPE, "application/x-protobuf");
        let mut body = message.encode_to_vec();
        if gzip {
            body = zipped(&body);
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let sent = async {
            let answer = request.body(body).send().await.map_err(|cause| Unsent {
                // The address may have a secret in it.
                cause: chain(&cause.without_url()),
                may_pass: true,
            })?;
            let status = answer.status();
            if status.is_success() {
                return Ok(());
            }
            Err(Unsent {
                cause: format!("the collector answers {status}"),
                may_pass: matches!(status.as_u16(), 408 | 429 | 502 | 503 | 504),
            })
        };
        self.in_time(sent).await
    }
}

fn of_grpc(status: tonic::Status) -> Unsent {
    let may_pass = matches!(
        status.code(),
        Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss
            | Code::ResourceExhausted
    );
    Unsent {
        cause: format!(
            "the collector answers {:?}: {}",
            status.code(),
            status.message()
        ),
        may_pass,
    }
}

fn zipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn variable(signal: &str, what: &str) -> String {
    format!("OTEL_EXPORTER_OTLP_{what} (for {signal})")
}

fn headers(signal: &str, collector: &Collector) -> Result<HeaderMap, OtlpInvalid> {
    let mut headers = HeaderMap::new();
    let agent = concat!("embargo/", env!("CARGO_PKG_VERSION"));
    if let Protocol::Http = collector.protocol {
        headers.insert(reqwest::header::USER_AGENT, HeaderValue::from_static(agent));
    }
    for (name, value) in &collector.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok();
        let value = HeaderValue::from_str(value.expose()).ok();
        let Some((name, mut value)) = name.zip(value) else {
            let why = "has a name or value that cannot be a header";
            return Err(OtlpInvalid::new(variable(signal, "HEADERS"), why));
        };
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

fn pem(signal: &str, what: &str, path: &Path) -> Result<Vec<u8>, OtlpInvalid> {
    fs::read(path).map_err(|cause| {
        let why = format!("names `{}`, which cannot be read: {cause}", path.display());
        OtlpInvalid::new(variable(signal, what), why)
    })
}

fn channel(signal: &str, collector: &Collector) -> Result<Channel, OtlpInvalid> {
    let refused = |cause: &dyn std::error::Error| {
        OtlpInvalid::new(
            variable(signal, "ENDPOINT"),
            format!("cannot be used: {}", chain(cause)),
        )
    };
    let mut endpoint = Endpoint::from_shared(collector.endpoint.clone())
        .map_err(|cause| refused(&cause))?
        .connect_timeout(collector.timeout)
        .timeout(collector.timeout);
    if collector.endpoint.starts_with("https://") {
        let mut tls = ClientTlsConfig::new().with_native_roots();
        if let Some(path) = &collector.authorities {
            tls = tls.ca_certificate(Certificate::from_pem(pem(signal, "CERTIFICATE", path)?));
        }
        if let Some((certificate, key)) = &collector.identity {
            let certificate = pem(signal, "CLIENT_CERTIFICATE", certificate)?;
            tls = tls.identity(Identity::from_pem(
                certificate,
                pem(signal, "CLIENT_KEY", key)?,
            ));
        }
        endpoint = endpoint.tls_config(tls).map_err(|cause| refused(&cause))?;
    }
    Ok(endpoint.connect_lazy())
}

fn client(signal: &str, collector: &Collector) -> Result<reqwest::Client, OtlpInvalid> {
    // One for all is enough; whoever came first has chosen the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let refused = |what: &str, cause: reqwest::Error| {
        let why = format!("cannot be used: {}", chain(&cause.without_url()));
        OtlpInvalid::new(variable(signal, what), why)
    };
    let mut builder = reqwest::Client::builder()
        .timeout(collector.timeout)
        .redirect(reqwest::redirect::Policy::none());
    if let Some(path) = &collector.authorities {
        let pem = pem(signal, "CERTIFICATE", path)?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|cause| refused("CERTIFICATE", cause))?;
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some((certificate, key)) = &collector.identity {
        let mut both = pem(signal, "CLIENT_CERTIFICATE", certificate)?;
        both.push(b'\n');
        both.extend(pem(signal, "CLIENT_KEY", key)?);
        let identity = reqwest::Identity::from_pem(&both)
            .map_err(|cause| refused("CLIENT_CERTIFICATE", cause))?;
        builder = builder.identity(identity);
    }
    builder.build().map_err(|cause| refused("ENDPOINT", cause))
}
