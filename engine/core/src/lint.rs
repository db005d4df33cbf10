//! Lints: remarks on a set that compiles and is probably not what its author meant.
//!
//! They take time that a reload should not, so that a server does not look for them; whoever
//! checks a set before it goes live does. All of them are warnings. What is plainly wrong with
//! cases, which no compilation looks at, is an error and found here, too.

mod cases;
mod catalogue;
mod instrument;
mod rules;
mod waiver;

use crate::bundle::{Bundle, Role, role};
use crate::diagnostic::{Diagnostic, Severity};
use crate::instant::Instant;
use crate::snapshot::Snapshot;

/// All lints of a set at an instant, in the order of [`arrange`]. The instant bears on waivers
/// alone: whether they have ended or end soon.
#[must_use]
pub fn of(snapshot: &Snapshot, at: Instant) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    catalogue::check(snapshot, &mut remarks);
    instrument::check(snapshot, &mut remarks);
    rules::check(snapshot, &mut remarks);
    waiver::check(snapshot, at, &mut remarks);
    arrange(&mut remarks);
    remarks
}

/// What is wrong with the case files of a set, whether or not the set compiles.
#[must_use]
pub fn cases(bundle: &Bundle) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    cases::check(bundle, &mut remarks);
    arrange(&mut remarks);
    remarks
}

/// Sorts remarks of all kinds of files, without repeats: errors first, and what others rest on
/// before what rests on it. Each remark has one place in this order, whatever it was before.
pub fn arrange(remarks: &mut Vec<Diagnostic>) {
    let layer = |remark: &Diagnostic| {
        let path = remark.span.as_ref().map(|span| span.path.as_str());
        match path {
            None => 0,
            Some(path) => match role(path) {
                Some(Role::Catalogue) => 1,
                Some(Role::Instrument) => 2,
                Some(Role::Data) => 3,
                Some(Role::Rule) if path.starts_with("lib/") => 4,
                Some(Role::Rule) => 5,
                Some(Role::RuleTest) => 6,
                Some(Role::Waivers) => 7,
                Some(Role::Cases) => 8,
                None => 9,
            },
        }
    };
    let order = |remark: &Diagnostic| {
        (
            remark.severity != Severity::Error,
            layer(remark),
            remark.span.clone(),
            remark.code,
            remark.message.clone(),
        )
    };
    remarks.sort_by_cached_key(order);
    remarks.dedup();
}

/// The files of a set that have a role and are text.
fn files(bundle: &Bundle, wanted: Role) -> impl Iterator<Item = (&str, &str)> {
    bundle
        .files()
        .filter(move |(path, _)| role(path) == Some(wanted))
        .filter_map(|(path, content)| Some((path, std::str::from_utf8(content).ok()?)))
}

#[cfg(test)]
mod tests;
