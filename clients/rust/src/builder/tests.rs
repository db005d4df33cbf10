//! What is said about endpoints before anything is dialled.

use std::time::Duration;

use crate::{Client, ConnectError, MAX_DEADLINE};

#[tokio::test]
async fn only_plain_http_endpoints_are_taken() {
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
    let refused = Client::builder("https://localhost:1")
        .connect_lazy()
        .unwrap_err();
    assert_eq!(
        refused,
        ConnectError::Tls {
            endpoint: "https://localhost:1".into()
        }
    );
    assert!(Client::builder("http://[::1]:8181").connect_lazy().is_ok());
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
