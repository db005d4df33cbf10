//! Why there is no client.

use std::time::Duration;

/// Why there is no client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The endpoint cannot be dialled.
    #[error(
        "`{endpoint}` is not an endpoint; hint: write it as `https://HOST:PORT`, or as \
         `http://HOST:PORT` for plain text"
    )]
    Endpoint {
        /// What was typed.
        endpoint: String,
    },
    /// TLS was set up, and the endpoint is in plain text.
    #[error(
        "TLS was set up, and `{endpoint}` is in plain text; hint: write `https://`, or leave TLS out"
    )]
    PlainText {
        /// What was typed.
        endpoint: String,
    },
    /// The certificates or the key cannot be used, or the system has none to trust.
    #[error(
        "{cause}: setting up TLS to {endpoint}; hint: give certificates and key in PEM, the key \
         without a password"
    )]
    Certificates {
        /// What is wrong with them, in words.
        cause: String,
        /// The endpoint.
        endpoint: String,
    },
    /// The token holds what a header cannot.
    #[error(
        "the token cannot be sent in a header; hint: give the token alone, without line breaks"
    )]
    Token,
    /// The token would be readable on the way.
    #[error(
        "a token would go to `{endpoint}` in plain text; hint: use `https://`, or allow it with \
         `token_over_plain_text` where something else protects the way"
    )]
    TokenInPlainText {
        /// What was typed.
        endpoint: String,
    },
    /// The server does not answer the connection.
    #[error("{cause}: connecting to {endpoint}; hint: check that the server listens there")]
    Unreachable {
        /// What the operating system or TLS says, in words.
        cause: String,
        /// The endpoint.
        endpoint: String,
    },
    /// The connection was not made in time.
    #[error(
        "no connection within {limit:?}: connecting to {endpoint}; hint: check that nothing on \
         the way drops the packets"
    )]
    Late {
        /// The deadline.
        limit: Duration,
        /// The endpoint.
        endpoint: String,
    },
    /// The caller is not inside a tokio runtime, which the connection runs on.
    #[error("there is no runtime for the connection; hint: connect inside a tokio runtime")]
    NoRuntime,
}
