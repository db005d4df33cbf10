//! Whole commands: arguments in; exit code, standard output and standard error out.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

mod commands;
mod inventories;
#[path = "../shared/process.rs"]
mod process;
mod readme;
mod serving;
#[path = "../shared/support.rs"]
mod support;
