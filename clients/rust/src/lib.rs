//! The Rust client of Embargo: typed calls with a deadline and retries, typed errors, and a gate
//! that fails closed.
//!
//! It is thin over the generated code of `embargo-proto` and adds what every caller would have to
//! get right by itself:
//!
//! - Each call has a deadline, which is sent to the server and enforced here. Calls that found the
//!   server unavailable or overloaded are repeated until it, at another server if there is one.
//! - Each failure is a [`CallError`] with the contract's [`ErrorReason`](v1::ErrorReason), the
//!   fields at fault and the server's retry delay. A status that was answered and a connection
//!   that failed are told apart.
//! - A decision that is absent, without effect, or about something else than was asked is an
//!   error. It never reaches the caller as a decision.
//! - [`Gate`] turns a decision into a permit, [`Passed`], and has no other way to make one.
//! - [`SnapshotWatch`] resumes when its connection breaks, and [`DecisionCache`] reuses what still
//!   holds while it is connected.
//!
//! Connections are HTTP/2, over TLS ([`Tls`]) at endpoints with `https://`. A token goes to other
//! hosts over TLS alone.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use embargo_client::{Client, Gate, GateOutcome, v1};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect("http://127.0.0.1:8181").await?;
//! let request = v1::DecideHostRequest {
//!     facts: Some(v1::HostFacts {
//!         host_id: "laptop-17".into(),
//!         software: vec![v1::Software { name: "Example Editor".into(), ..Default::default() }],
//!         ..Default::default()
//!     }),
//!     action: v1::Action::Install.into(),
//!     ..Default::default()
//! };
//!
//! let gate = Gate::new(&client, Duration::from_secs(2));
//! match gate.check(request).await {
//!     GateOutcome::Open(passed) => println!("go ahead: {}", passed.decision().decision_id),
//!     GateOutcome::Closed(reason) => println!("stop: {reason}"),
//! }
//! # Ok(())
//! # }
//! ```

mod builder;
mod tls;
mod authorization;
mod client;

mod servers;
mod retry;

mod answer;
mod stream;
mod watch;

mod error;

mod gate;

mod current;
mod cache;

pub use embargo_proto::{MAX_MESSAGE_BYTES, v1};
pub use prost_types::{ListValue, Struct, Timestamp, Value, value};
pub use tonic::Code;

pub use answer::NoDecision;
pub use builder::{ClientBuilder, ConnectError, DEFAULT_DEADLINE, MAX_DEADLINE};
pub use cache::{CacheLimits, CachedDecision, DecisionCache};
pub use client::{
    BatchDecisions, Client, InventoriedDecision, InventoryDecisions, ItemDecision, PolicyTests,
    ServerPart,
};
pub use current::decision_is_current;
pub use error::{CallError, ErrorStatus, FieldViolation, Malformed, Place, Reason};
pub use gate::{ClosedReason, Gate, GateOutcome, Passed};
pub use retry::RetryPolicy;
pub use stream::DecisionStream;
pub use tls::Tls;
pub use watch::{SnapshotWatch, WATCH_SILENCE};

/// The README, whose code is compiled as it stands.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
