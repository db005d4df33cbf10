//! Facts: what a caller says about one host.
//!
//! A [`HostRecord`] is what was said; [`HostFacts`] is a record that keeps every limit
//! of the API, and only [`HostFacts::check`] makes one. Absent is not empty: a field
//! that was not collected is `None` and is undefined in a rule.

pub mod attributes;
mod check;
mod forms;
pub mod inventory;
pub mod limits;
pub mod record;
mod violation;

pub use self::attributes::Attribute;
pub use self::check::check_software;
pub use self::record::{
    Coverage, CoverageState, HostRecord, OperatingSystem, Owner, OwnerKind, Sha256, Software,
};
pub use self::violation::{FactsInvalid, Violation};

use crate::diagnostic::{Diagnostic, Span};
use crate::yaml;

/// The facts of one host, within all limits, with unordered lists sorted and without
/// repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct HostFacts(HostRecord);

impl HostFacts {
    /// Takes a record for facts if it keeps every limit.
    ///
    /// # Errors
    /// [`FactsInvalid`] names the first 16 fields that break a rule, with the rule and
    /// the remedy. Facts are refused as a whole; no part of them is ever judged.
    pub fn check(record: HostRecord) -> Result<Self, FactsInvalid> {
        Self::check_after(record, Vec::new())
    }

    /// The same for a record whose making has found violations of its own, such as an
    /// enum value that nobody knows.
    ///
    /// # Errors
    /// As [`HostFacts::check`], the known violations first.
    pub fn check_after(record: HostRecord, known: Vec<Violation>) -> Result<Self, FactsInvalid> {
        check::check_host(record, known).map(Self)
    }

    /// What was said.
    #[must_use]
    pub const fn record(&self) -> &HostRecord {
        &self.0
    }
}

/// Reads a record from a fact file, in YAML or JSON.
///
/// # Errors
/// The first fault with file, line, column and what was probably meant.
pub fn read(path: &str, text: &str) -> Result<HostRecord, Diagnostic> {
    let record = read_unnamed(path, text)?;
    if record.host_id.is_empty() && !text.contains("host_id") {
        let fault = Diagnostic::error("facts-parse-error", "missing field `host_id`");
        return Err(fault
            .at(Span::start_of(path))
            .hint("say which host these facts are about"));
    }
    Ok(record)
}

/// The same where the host may be named beside the facts.
///
/// # Errors
/// As [`read`].
pub fn read_unnamed(path: &str, text: &str) -> Result<HostRecord, Diagnostic> {
    // JSON is YAML too, and reading it as such takes many times as long. What is no JSON of a
    // record is read as YAML, which also words every fault.
    let as_json = if text.trim_start().starts_with('{') {
        serde_json::from_str::<HostRecord>(text).ok()
    } else {
        None
    };
    match as_json {
        Some(record) => Ok(record),
        None => yaml::read(path, text, "facts-parse-error"),
    }
}
