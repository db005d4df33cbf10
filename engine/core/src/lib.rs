//! The pure core of Embargo: may this software be on this device at this instant, which
//! rule says so, and when does the answer change?
//!
//! A [`bundle::Bundle`] of policy files compiles to a [`snapshot::Snapshot`]; a
//! [`decision::Evaluator`] judges [`facts::HostFacts`] by it. There is no IO here, no
//! clock, no environment and no thread: the same facts, action, instant and snapshot give
//! the same decision.

pub mod instant;
pub mod version;
pub mod facts;
pub mod diagnostic;
pub mod likeness;
mod yaml;
pub mod catalogue;
pub mod instrument;
pub mod waiver;
pub mod bundle;
mod rego;
pub use self::rego::{allowed_functions, refused_functions};
pub mod snapshot;
pub mod decision;
pub mod timeline;
pub mod cases;
pub mod trial;
pub mod explain;
pub mod lint;

pub use self::rego::query;
/// Reads a document in JSON or YAML by the reader of policies.
pub use self::rego::query::read_document;
