use std::fs;
use std::io::Read as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::super::settings::{FileSettings, HttpSettings};
use super::*;

/// A status, and when to try again.
type Answer = (u16, Option<&'static str>);

/// A service that answers as it is told, and remembers what it was sent.
#[derive(Clone, Default)]
struct Receiver {
    /// The answers to come; 200 when there are none left.
    answers: Arc<Mutex<Vec<Answer>>>,
    sent: Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>,
}

impl Receiver {
    async fn start(answers: &[Answer]) -> (Self, String) {
        let receiver = Self::default();
        let mut answers = answers.to_vec();
        answers.reverse();
        *receiver.answers.lock().unwrap() = answers;
        let router = Router::new().fallback(take).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = hyper_util::service::TowerToHyperService::new(router.clone());
                let io = hyper_util::rt::TokioIo::new(stream);
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(io, service),
                );
            }
        });
        (receiver, format!("http://{address}"))
    }

    /// The entries that were taken, one chunk after the other.
    fn chunks(&self) -> Vec<Vec<Value>> {
        let sent = self.sent.lock().unwrap();
        let of = |(_, _, body): &(String, HeaderMap, Bytes)| {
            let mut text = String::new();
            GzDecoder::new(&**body).read_to_string(&mut text).unwrap();
            serde_json::from_str(&text).unwrap()
        };
        sent.iter().map(of).collect()
    }
}

async fn take(
    State(receiver): State<Receiver>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = receiver.answers.lock().unwrap().pop();
    let (status, after) = answer.unwrap_or((200, None));
    if status == 200 {
        let mut sent = receiver.sent.lock().unwrap();
        sent.push((uri.path().to_owned(), headers, body));
    }
    let status = StatusCode::from_u16(status).unwrap();
    match after {
        None => status.into_response(),
        Some(after) => (status, [("retry-after", after)]).into_response(),
    }
}

fn to(url: &str) -> HttpSettings {
    HttpSettings {
        url: url.to_owned(),
        partition: "eu/1".to_owned(),
        format: Format::Embargo,
        token_file: None,
        ca_file: None,
        client: None,
        chunk_bytes: 64,
        delay: Duration::ZERO,
        timeout: Duration::from_secs(5),
    }
}

fn settings() -> DecisionLogSettings {
    DecisionLogSettings {
        sink_bytes: 4_096,
        ..DecisionLogSettings::default()
    }
}

fn entry(number: usize) -> Vec<u8> {
    json!({ "n": number }).to_string().into_bytes()
}

/// Waits for a condition, but not for ever.
async fn until(mut holds: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it does not come to hold");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_gets_compressed_chunks_as_opa_sends_them() {
    let (receiver, url) = Receiver::start(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "t0ken\n").unwrap();
    let http = HttpSettings {
        token_file: Some(token),
        delay: Duration::from_secs(3_600),
        ..to(&format!("{url}/"))
    };
    let (sinks, buffers) = Sinks::of_buffers(&DecisionLogSettings {
        http: Some(http),
        ..settings()
    })
    .unwrap();
    for number in 0..100 {
        buffers.push(&entry(number));
    }
    drop(buffers);
    sinks.close(Duration::from_secs(60)).await;
    let chunks = receiver.chunks();
    let numbers: Vec<u64> = chunks
        .iter()
        .flatten()
        .map(|entry| entry["n"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    assert!(chunks.len() > 10, "a chunk is bounded");
    for (path, headers, _) in receiver.sent.lock().unwrap().iter() {
        assert_eq!(path, "/logs/eu/1");
        assert_eq!(headers["content-encoding"], "gzip");
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["authorization"], "Bearer t0ken");
    }
    let counts = &sinks.counts()[0];
    assert_eq!(
        (counts.sink, counts.entries, counts.dropped, counts.waiting),
        ("http", 100, 0, 0)
    );
    assert_eq!(counts.failed_sends, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunk_is_tried_again_split_or_dropped_as_the_service_answers() {
    let answers = [
        (503, None),
        (429, Some("0")),
        (401, None),
        // Too large: it comes in halves, of which the first will never be taken.
        (413, None),
        (400, None),
    ];
    let (receiver, url) = Receiver::start(&answers).await;
    let (sinks, buffers) = Sinks::of_buffers(&DecisionLogSettings {
        http: Some(HttpSettings {
            delay: Duration::from_millis(50),
            chunk_bytes: 4_096,
            ..to(&url)
        }),
        ..settings()
    })
    .unwrap();
    for number in 0..4 {
        buffers.push(&entry(number));
    }
    drop(buffers);
    sinks.close(Duration::from_secs(60)).await;
    assert_eq!(receiver.chunks(), [[json!({"n": 2}), json!({"n": 3})]]);
    let counts = &sinks.counts()[0];
    assert_eq!(
        (counts.entries, counts.dropped, counts.failed_sends),
        (2, 2, 4)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_service_is_away_the_newest_entries_wait_for_it_and_others_are_counted() {
    // Nobody listens there until later.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.jsonl");
    let (sinks, buffers) = Sinks::of_buffers(&DecisionLogSettings {
        http: Some(to(&url)),
        file: Some(FileSettings {
            path: path.clone(),
            format: Format::Embargo,
            bytes: 1 << 20,
            kept: 1,
        }),
        sink_bytes: 100,
        ..settings()
    })
    .unwrap();
    let away = || {
        sinks
            .counts()
            .into_iter()
            .find(|sink| sink.sink == "http")
            .unwrap()
    };
    buffers.push(&entry(0));
    until(|| away().failed_sends > 0).await;
    for number in 1..50 {
        buffers.push(&entry(number));
        // The other sink goes on.
        until(|| fs::read_to_string(&path).unwrap().lines().count() == number + 1).await;
    }
    let counts = away();
    assert_eq!(counts.entries, 0);
    assert!(counts.dropped >= 30, "{counts:?}");
    assert!(
        counts.waiting > 0 && counts.waiting <= 12 && counts.lag > Duration::ZERO,
        "{counts:?}"
    );
    // The end does not wait for a service that is away.
    drop(buffers);
    let begun = std::time::Instant::now();
    sinks.close(Duration::from_millis(200)).await;
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_put_aside_when_it_is_large_and_only_so_many_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.jsonl");
    let (sinks, buffers) = Sinks::of_buffers(&DecisionLogSettings {
        file: Some(FileSettings {
            path: path.clone(),
            format: Format::Embargo,
            bytes: 40,
            kept: 2,
        }),
        ..settings()
    })
    .unwrap();
    for number in 0..20 {
        buffers.push(&entry(number));
        until(|| sinks.counts()[0].entries == u64::try_from(number + 1).unwrap()).await;
    }
    drop(buffers);
    sinks.close(Duration::from_secs(60)).await;
    let lines = |name: &str| {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        text.lines().count()
    };
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    assert_eq!((lines("d.jsonl.1"), lines("d.jsonl.2")), (4, 4));
    assert!(fs::read_to_string(&path).unwrap().ends_with("{\"n\":19}\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "only its owner reads it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_gets_log_records_whose_bodies_are_entries() {
    let (receiver, url) = Receiver::start(&[(503, None)]).await;
    let mut otlp = otlp::Otlp::to(format!("{url}/v1/logs"));
    let line = json!({
        "eventId": "e-1", "timestamp": "2025-06-01T12:00:00.5Z", "door": "opa", "method": "data",
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331",
        "facts": {"hostId": "hmac:00"}, "decision": {"effect": "EFFECT_DENY"},
    });
    let line = format!("{line}\n").into_bytes();
    let lines = [
        line.clone(),
        super::line(Format::Opa, line.trim_ascii_end()),
    ];
    // The exporter may try again by itself, or leave that to the sink.
    while otlp.carry(&lines).await != delivery::Outcome::Taken {}
    let sent = receiver.sent.lock().unwrap();
    let [(path, headers, body)] = &**sent else {
        panic!("one request: {sent:?}");
    };
    assert_eq!(path, "/v1/logs");
    assert_eq!(headers["content-type"], "application/x-protobuf");
    // Texts stand in the messages as they are; a length before each.
    let holds = |text: &[u8]| {
        body.windows(text.len())
            .filter(|part| *part == text)
            .count()
    };
    assert_eq!(holds(line.trim_ascii_end()), 1, "the body of the first");
    for text in [
        "embargo.effect",
        "EFFECT_DENY",
        "embargo.door",
        "embargo.method",
        "embargo.event_id",
    ] {
        assert!(holds(text.as_bytes()) >= 2, "{text}");
    }
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
    assert_eq!(holds(&trace), 2);
    assert!(holds(b"embargo.decision_log") >= 1 && holds(b"service.name") >= 1);
}

#[test]
fn what_a_sink_needs_is_asked_for_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no/d.jsonl");
    let file = FileSettings {
        path: nowhere,
        format: Format::Embargo,
        bytes: 1,
        kept: 0,
    };
    let empty = folder.path().join("empty.pem");
    fs::write(&empty, "no certificates").unwrap();
    let with = |http| DecisionLogSettings {
        http: Some(http),
        ..settings()
    };
    for (settings, said) in [
        (
            DecisionLogSettings {
                file: Some(file),
                ..settings()
            },
            "d.jsonl",
        ),
        (
            with(HttpSettings {
                ca_file: Some(empty.clone()),
                ..to("https://x")
            }),
            "holds no certificates",
        ),
        (
            with(HttpSettings {
                client: Some((empty.clone(), empty.clone())),
                ..to("https://x")
            }),
            "no certificate and its key",
        ),
        (with(to("https://")), "its address is none"),
    ] {
        let refused = Sinks::of_buffers(&settings).unwrap_err().to_string();
        assert!(
            refused.contains(said) && refused.contains("hint"),
            "{refused}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_may_be_known_and_know_this_server_by_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(parameters, &authority_key);
    let leaf = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        (parameters.signed_by(&key, &issuer).unwrap(), key)
    };
    let (server, server_key) = leaf("localhost");
    let (client, client_key) = leaf("embargo");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots));
    let key = rustls_pki_types::PrivateKeyDer::try_from(server_key.serialize_der()).unwrap();
    let tls = rustls::ServerConfig::builder()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![server.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
    let receiver = Receiver::default();
    let router = Router::new().fallback(take).with_state(receiver.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let service = hyper_util::service::TowerToHyperService::new(router.clone());
            let io = hyper_util::rt::TokioIo::new(stream);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
        }
    });
    let ca_file = Some(write("ca.pem", &authority.pem()));
    let known = HttpSettings {
        ca_file: ca_file.clone(),
        client: Some((
            write("client.pem", &client.pem()),
            write("client.key", &client_key.serialize_pem()),
        )),
        ..to(&format!("https://localhost:{port}"))
    };
    let line = [b"{}\n".to_vec()];
    let mut service = http::Service::new(&known).unwrap();
    assert_eq!(service.carry(&line).await, delivery::Outcome::Taken);
    for stranger in [
        HttpSettings {
            client: None,
            ..known.clone()
        },
        HttpSettings {
            ca_file: None,
            ..known.clone()
        },
    ] {
        let mut service = http::Service::new(&stranger).unwrap();
        let outcome = service.carry(&line).await;
        assert!(
            matches!(outcome, delivery::Outcome::Failed(_, None)),
            "{outcome:?}"
        );
    }
    assert_eq!(receiver.chunks(), [[json!({})]]);
}
