//! Rego: everything that knows the evaluator.
//!
//! regorus is named here and nowhere else. Sources pass the gate (`gate`), are read into
//! what the rest needs to know of them (`syntax`, `reads`, `graph`, `metadata`), and are
//! evaluated package by package (`engine`), so that one that fails does not silence the
//! others.

mod aliases;
mod builtins;
mod coverage;
mod engine;
mod explain;
mod functions;
mod gate;
mod scan;
mod graph;
mod guards;
mod input;
mod metadata;
mod probe;
pub mod query;
mod reads;
mod result;
mod shape;
mod syntax;
mod testing;
mod unread;
mod weight;

pub use self::builtins::{allowed as allowed_functions, refused as refused_functions};
pub(crate) use self::coverage::{Lines, countable};
pub(crate) use self::engine::PackageEngine;
pub use self::explain::{Condition, Reading};
pub(crate) use self::explain::{RuleTrace, explain};
pub(crate) use self::gate::{Module, parse};
pub(crate) use self::graph::{Graph, Package, SETS};
pub(crate) use self::input::{DataValues, InputParts, render_data, render_input};
pub(crate) use self::metadata::Metadata;
pub(crate) use self::reads::{FoundPart, HostPart, ReadSet, TimeRead};
pub(crate) use self::result::{Entry, EntryKind, Target};
pub(crate) use self::shape::advice;
pub(crate) use self::syntax::RuleSyntax;
pub(crate) use self::testing::{Outcome, TestEngine, TestRule, test_rules};
pub(crate) use self::unread::Unread;
