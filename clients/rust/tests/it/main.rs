//! The client against a server on this machine that does what a test tells it to.

#![expect(
    clippy::unwrap_used,
    reason = "what the fake cannot do is a failed test"
)]

mod fake;

mod cache;
mod calls;
mod conformance;
mod deadlines;
mod errors;
mod gate;
mod readme;
mod streams;
mod tests;
mod tls;
mod watches;
