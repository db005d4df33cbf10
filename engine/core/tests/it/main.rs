//! The core from outside: bundles in, decisions out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests may fail loudly and read the shipped files"
)]

mod causes;
mod codes;
mod explain;
mod failures;
mod functions;
mod inventories;
mod laws;
mod precision;
mod schemas;
mod shipped;
mod support;
mod time;
mod traps;
mod trials;
mod waivers;
