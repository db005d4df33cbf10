//! What is missing because its file could not be read: a name that leads there is no fault of
//! the file that has it.

use std::collections::BTreeSet;

use crate::bundle::{Role, role};
use crate::diagnostic::Diagnostic;

/// Codes of files of which nothing is known.
const UNREAD: [&str; 3] = [
    "catalogue-parse-error",
    "instrument-parse-error",
    "not-utf-8",
];

fn unread(remarks: &[Diagnostic], wanted: Role) -> impl Iterator<Item = &str> {
    remarks
        .iter()
        .filter(|remark| UNREAD.contains(&remark.code))
        .filter_map(|remark| remark.span.as_ref())
        .map(|span| span.path.as_str())
        .filter(move |path| role(path) == Some(wanted))
}

/// Whether every file of the catalogue was read.
pub(super) fn is_whole(remarks: &[Diagnostic]) -> bool {
    unread(remarks, Role::Catalogue).next().is_none()
}

/// The instruments whose files were not read, by the names of their folders.
pub(super) fn instruments(remarks: &[Diagnostic]) -> BTreeSet<String> {
    unread(remarks, Role::Instrument)
        .filter_map(|path| path.rsplit('/').nth(1))
        .map(str::to_owned)
        .collect()
}
