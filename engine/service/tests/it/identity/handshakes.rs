//! Clients that speak TLS, and what handshakes end with.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use embargo_service::{LimitsSettings, Settings};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::asker::{Answer, answer};
use crate::bench::within;
use crate::policies::ban;

use super::authority::{Authority, Issued, write};
use super::{Guarded, configured};

/// A client that trusts an authority and shows a certificate.
pub(super) fn client(authority: &str, own: Option<&Issued>) -> ClientConfig {
    speaking(authority, own, rustls::ALL_VERSIONS)
}

fn speaking(
    authority: &str,
    own: Option<&Issued>,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(authority.as_bytes()).unwrap();
    roots.add(authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    match own {
        None => config.with_no_client_auth(),
        Some(own) => {
            let chain = vec![CertificateDer::from_pem_slice(own.certificate.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
            config.with_client_auth_cert(chain, key).unwrap()
        }
    }
}

pub(super) async fn connect(
    address: SocketAddr,
    config: &ClientConfig,
) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config.clone()));
    within(connector.connect(name, stream)).await
}

/// Asks for a decision with JSON over HTTP/1.1, or says why the server hung up.
pub(super) async fn decide(
    address: SocketAddr,
    config: &ClientConfig,
    headers: &[(&str, &str)],
) -> io::Result<Answer> {
    ask(address, config, "/v1/hosts:decide", headers).await
}

pub(super) async fn ask(
    address: SocketAddr,
    config: &ClientConfig,
    path: &str,
    headers: &[(&str, &str)],
) -> io::Result<Answer> {
    let mut stream = connect(address, config).await?;
    let body = r#"{"facts":{"hostId":"h","software":[{"name":"Editor"}]}}"#;
    let mut head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let bytes = format!("{head}\r\n{body}").into_bytes();
    stream.write_all(&bytes).await?;
    let mut raw = Vec::new();
    // In TLS 1.3 a client learns only now whether its certificate is accepted.
    let read = within(stream.read_to_end(&mut raw)).await;
    if raw.is_empty() {
        return Err(read.err().unwrap_or(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(answer(&raw))
}

/// A server with TLS alone, its folder and its authority.
fn plain(rest: &str) -> (tempfile::TempDir, Authority, Settings) {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let own = authority.issue(1, "server", &["localhost"], &[]);
    write(
        folder.path(),
        &[("cert.pem", &own.certificate), ("key.pem", &own.key)],
    );
    let at = folder.path().display();
    let settings = configured(&format!(
        "tls:\n  certificate: {at}/cert.pem\n  key: {at}/key.pem\n{rest}"
    ));
    (folder, authority, settings)
}

#[tokio::test]
async fn both_protocols_are_agreed_on_and_spoken_over_tls() {
    let policies = ban();
    let (_folder, authority, settings) = plain("");
    let server = Guarded::start(policies.path(), settings);
    let mut config = client(authority.pem(), None);
    assert_eq!(
        decide(server.address, &config, &[]).await.unwrap().status,
        200
    );
    for protocol in [&b"h2"[..], b"http/1.1"] {
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = connect(server.address, &config).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol));
    }
    config.alpn_protocols = vec![b"spdy/3".to_vec()];
    assert!(connect(server.address, &config).await.is_err());
    // Where to ask is told with the scheme by which it was asked.
    let mut stream = connect(server.address, &client(authority.pem(), None))
        .await
        .unwrap();
    let get = b"GET /.well-known/authzen-configuration HTTP/1.1\r\nhost: pdp\r\nconnection: close\r\n\r\n";
    stream.write_all(get).await.unwrap();
    let mut raw = Vec::new();
    within(stream.read_to_end(&mut raw)).await.unwrap();
    let told = answer(&raw).json();
    assert_eq!(told["policy_decision_point"], "https://pdp");
    // Who speaks plain text there is not answered.
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain
        .write_all(b"GET /health HTTP/1.1\r\nhost: h\r\n\r\n")
        .await
        .unwrap();
    let mut said = Vec::new();
    let _ = within(plain.read_to_end(&mut said)).await;
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
    server.stop().await;
}

#[tokio::test]
async fn the_lowest_version_is_what_the_settings_say() {
    let policies = ban();
    for (rest, speaks_1_2) in [("", true), ("  min_version: tls1.3\n", false)] {
        let (_folder, authority, settings) = plain(rest);
        let server = Guarded::start(policies.path(), settings);
        let old = speaking(authority.pem(), None, &[&rustls::version::TLS12]);
        let new = speaking(authority.pem(), None, &[&rustls::version::TLS13]);
        assert_eq!(connect(server.address, &old).await.is_ok(), speaks_1_2);
        assert!(connect(server.address, &new).await.is_ok());
        server.stop().await;
    }
}

#[tokio::test]
async fn a_certificate_is_taken_up_while_the_server_runs_and_a_wrong_one_is_not() {
    let policies = ban();
    let (folder, authority, settings) = plain("");
    let server = Guarded::start(policies.path(), settings);
    let config = client(authority.pem(), None);
    let shown = async || {
        let stream = connect(server.address, &config).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].clone()
    };
    let first = shown().await;
    let next = authority.issue(2, "server", &["localhost"], &[]);
    write(folder.path(), &[("cert.pem", &next.certificate)]);
    // Without its key: the former stays.
    server
        .until(|materials| materials.states()[0].fault.is_some())
        .await;
    assert_eq!(shown().await, first);
    write(folder.path(), &[("key.pem", &next.key)]);
    server
        .until(|materials| materials.states()[0].fault.is_none())
        .await;
    let second = shown().await;
    assert_ne!(second, first);
    let own = CertificateDer::from_pem_slice(next.certificate.as_bytes()).unwrap();
    assert_eq!(second, own);
    server.stop().await;
}

#[tokio::test]
async fn who_does_not_finish_a_handshake_holds_up_nobody_and_is_closed() {
    let policies = ban();
    let (_folder, authority, settings) = plain("");
    let settings = Settings {
        limits: LimitsSettings {
            connections: 4,
            handshake_timeout: Duration::from_millis(1_500),
            ..LimitsSettings::default()
        },
        ..settings
    };
    let server = Guarded::start(policies.path(), settings);
    let mut silent = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // The beginning of a greeting.
        stream.write_all(&[0x16, 3, 1]).await.unwrap();
        silent.push(stream);
    }
    let config = client(authority.pem(), None);
    let started = tokio::time::Instant::now();
    assert_eq!(
        decide(server.address, &config, &[]).await.unwrap().status,
        200
    );
    assert!(started.elapsed() < Duration::from_millis(1_400));
    for mut stream in silent {
        let mut rest = Vec::new();
        let _ = within(stream.read_to_end(&mut rest)).await;
    }
    // Their places are free again.
    for _ in 0..8 {
        assert_eq!(
            decide(server.address, &config, &[]).await.unwrap().status,
            200
        );
    }
    server.stop().await;
}
