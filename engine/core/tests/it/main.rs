//! The core from outside: bundles in, decisions out.

mod shipped;
mod support;
