//! The service as its callers see it: a real server on a port of its own, asked over gRPC.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what does not hold in a test shall fail loudly"
)]

mod asker;
mod bench;
mod policies;

mod authzen;
mod batch;
mod deadlines;
mod decide;
mod decision_log;
mod deploy;
mod doors_cost;
mod drain;
mod envoy;
mod health;
mod http;
mod inventory;
mod kubernetes;
mod large_answers;
mod limits;
mod opa;
mod overload;
mod raw;
mod reasons;
mod reflection;
mod reload;
mod shown;
mod stream;
mod timeline;
