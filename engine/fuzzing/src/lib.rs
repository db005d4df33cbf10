//! What holds for whatever strangers feed to Embargo.
//!
//! Each target is one body, a function of bytes that panics where something does not hold.
//! Two drivers run them: libFuzzer (`engine/fuzz`, by hand, for hours) and a test on stable,
//! which replays the corpora and damages them in a bounded way (`tests/fuzzed.rs`). Both run
//! a body on a stack as large as the service's.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a body that panics is a finding, which is what it is for"
)]

mod corpus;
mod mutate;
mod remarks;
mod target;
mod targets;

pub use self::corpus::{Seed, seeds};
pub use self::mutate::Mutator;
pub use self::target::{STACK_BYTES, Target};
