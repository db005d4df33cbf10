//! The promises of `docs/reliability.md`, each by its number, held against real servers.
//!
//! Without anything said this is the short form, which every run of the tests includes;
//! `cargo xtask soak` runs the long one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what does not hold in a test shall fail loudly"
)]

mod form;
mod policies;
#[path = "../binary/process.rs"]
mod process;
mod server;
mod states;
#[path = "../binary/support.rs"]
mod support;

mod abuse;
mod broken_sets;
mod bundles;
mod determinism;
#[cfg(target_os = "linux")]
mod exhausted;
mod fail_closed;
#[cfg(unix)]
mod last_good;
mod reload_under_load;
mod restarts;
#[cfg(unix)]
mod roots;
mod runaway;
#[cfg(unix)]
mod saving;
mod strict_log;
#[cfg(unix)]
mod unchanged;
