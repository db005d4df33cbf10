//! Whole commands: arguments in; exit code, standard output and standard error out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod beginning;
mod canary;
mod check;
mod explain;
mod gate;
mod guide;
mod identity;
mod healthcheck;
mod bench;
mod bundles;
mod commands;
mod configuration;
mod conformance;
mod diff;
mod doors;
mod eval;
mod inventories;
mod logs;
mod manual;
mod packages;
mod opa;
#[path = "../binary/process.rs"]
mod process;
mod readme;
mod remote_tests;
mod serving;
mod settings;
#[path = "../binary/support.rs"]
mod support;
mod tests;
mod timeline;
mod with;
