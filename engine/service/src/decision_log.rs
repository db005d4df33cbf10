//! The decision log.

pub(crate) mod spool;
