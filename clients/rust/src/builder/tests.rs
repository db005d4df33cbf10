//! What is said about endpoints before anything is dialled.

use std::time::Duration;

use crate::{Client, ConnectError, MAX_DEADLINE, Tls};

#[tokio::test]
async fn only_endpoints_over_http_are_taken() {
    for typed in [
        "",
        "127.0.0.1:8181",
        "localhost",
        "ftp://localhost",
        "unix:/run/x",
        "http://",
    ] {
        let refused = Client::builder(typed).connect_lazy().unwrap_err();
        assert_eq!(
            refused,
            ConnectError::Endpoint {
                endpoint: typed.into()
            },
            "{typed}"
        );
    }
    assert!(Client::builder("http://[::1]:8181").connect_lazy().is_ok());
}

#[tokio::test]
async fn tls_that_was_set_up_is_not_left_out() {
    let endpoint = "http://localhost:1";
    let refused = Client::builder(endpoint)
        .tls(Tls::new())
        .connect_lazy()
        .unwrap_err();
    let endpoint = endpoint.into();
    assert_eq!(refused, ConnectError::PlainText { endpoint });
}

#[tokio::test]
async fn a_token_stays_on_this_machine_unless_it_is_encrypted_or_allowed_out() {
    let with_token = |endpoint: &str| Client::builder(endpoint).token("secret");
    for local in [
        "http://localhost:1",
        "http://LOCALHOST:1",
        "http://127.0.0.1:1",
        "http://127.8.8.8:1",
        "http://[::1]:1",
    ] {
        assert!(with_token(local).connect_lazy().is_ok(), "{local}");
    }
    for remote in [
        "http://10.0.0.1:1",
        "http://embargo.example:1",
        "http://localhost.example:1",
        "http://127.0.0.1.example:1",
        "http://[::2]:1",
        "http://0.0.0.0:1",
    ] {
        let endpoint = remote.to_owned();
        let refused = ConnectError::TokenInPlainText { endpoint };
        assert_eq!(with_token(remote).connect_lazy().unwrap_err(), refused);
        let second = with_token("http://localhost:1").or(remote);
        assert_eq!(second.connect_lazy().unwrap_err(), refused);
        let allowed = with_token(remote).token_over_plain_text();
        assert!(allowed.connect_lazy().is_ok(), "{remote}");
    }
}

#[tokio::test]
async fn a_token_that_no_header_holds_is_refused() {
    for token in ["", "two words", "line\nbreak", "schön"] {
        let refused = Client::builder("http://localhost:1")
            .token(token)
            .connect_lazy();
        assert_eq!(refused.unwrap_err(), ConnectError::Token, "{token}");
    }
}

#[tokio::test]
async fn neither_token_nor_key_is_ever_shown() {
    let tls = Tls::new().client_certificate("chain-of-mine", "key-of-mine");
    let builder = Client::builder("https://localhost:1")
        .token("secret")
        .tls(tls);
    let shown = format!("{builder:?}");
    assert!(
        !shown.contains("secret") && !shown.contains("of-mine"),
        "{shown}"
    );
    let client = Client::builder("http://localhost:1").token("secret");
    let shown = format!("{:?}", client.connect_lazy().unwrap());
    assert!(!shown.contains("secret"), "{shown}");
}

#[tokio::test]
async fn certificates_and_keys_that_are_none_are_refused() {
    let begun = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (tls, why) in [
        (
            Tls::new().authority("/etc/ssl/authority.pem"),
            "the authority holds no certificate",
        ),
        (
            Tls::new().authority("-----BEGIN CERTIFICATE-----\nAAAA\n"),
            "Error parsing TLS certificate.",
        ),
        (
            Tls::new().client_certificate("chain.pem", "key.pem"),
            "the client's chain holds no certificate",
        ),
        (
            Tls::new().client_certificate(begun, begun),
            "the client's key is none",
        ),
    ] {
        let refused = Client::builder("https://localhost:1")
            .tls(tls)
            .connect_lazy();
        let Err(ConnectError::Certificates { cause, .. }) = &refused else {
            panic!("{refused:?}")
        };
        assert_eq!(cause, why);
    }
}

#[test]
fn outside_of_a_runtime_there_is_an_error_and_no_panic() {
    let refused = Client::builder("http://localhost:1")
        .connect_lazy()
        .unwrap_err();
    assert_eq!(refused, ConnectError::NoRuntime);
}

#[tokio::test]
async fn a_deadline_without_end_is_shortened() {
    let client = Client::builder("http://localhost:1")
        .deadline(Duration::MAX)
        .connect_lazy()
        .unwrap();
    assert_eq!(client.deadline(), MAX_DEADLINE);
    assert_eq!(client.with_deadline(Duration::MAX).deadline(), MAX_DEADLINE);
}

#[tokio::test]
async fn every_endpoint_is_checked() {
    let refused = Client::builder("http://localhost:1")
        .or("localhost:2")
        .connect_lazy()
        .unwrap_err();
    let endpoint = "localhost:2".into();
    assert_eq!(refused, ConnectError::Endpoint { endpoint });
}
