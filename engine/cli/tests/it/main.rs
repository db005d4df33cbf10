//! Whole commands: arguments in; exit code, standard output and standard error out.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

mod commands;
mod inventories;
mod readme;
mod serving;
mod support;
