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
mod collector;
mod policies;
mod scrape;

mod authzen;
mod batch;
mod bundles;
mod deadlines;
mod decide;
mod decision_log;
mod deploy;
mod doors_cost;
mod drain;
mod envoy;
mod health;
mod http;
mod identity;
mod inventory;
mod kubernetes;
mod large_answers;
mod limits;
mod management;
mod metrics;
mod opa;
mod otlp;
mod overload;
mod raw;
mod reasons;
mod reflection;
mod reload;
mod set_limits;
mod shown;
mod stream;
mod timeline;
