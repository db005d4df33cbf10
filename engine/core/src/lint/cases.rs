//! Cases: files that cannot be read, facts that are none, and instruments that are not there.

use std::collections::BTreeSet;

use crate::bundle::{Bundle, Role};
use crate::cases;
use crate::diagnostic::{Diagnostic, Span};
use crate::facts::HostFacts;
use crate::likeness::did_you_mean;
use crate::trial::Places;
use crate::yaml;

pub(super) fn check(bundle: &Bundle, remarks: &mut Vec<Diagnostic>) {
    // The folder of an instrument has its name, also where the file cannot be read.
    let instruments: BTreeSet<&str> = bundle
        .files()
        .filter(|(path, _)| crate::bundle::role(path) == Some(Role::Instrument))
        .filter_map(|(path, _)| path.rsplit('/').nth(1))
        .collect();
    for (path, text) in super::files(bundle, Role::Cases) {
        match cases::read(path, text, None) {
            Ok(cases) => check_file(path, text, cases, &instruments, remarks),
            Err(fault) => remarks.push(fault),
        }
    }
}

fn check_file(
    path: &str,
    text: &str,
    cases: Vec<cases::Case>,
    instruments: &BTreeSet<&str>,
    remarks: &mut Vec<Diagnostic>,
) {
    let mut places = Places::of(path, text);
    for case in cases {
        let (span, line) = places.of_case(&case.name);
        if let Err(refused) = HostFacts::check(case.facts) {
            let message = format!("the facts of `{}` are refused: {refused}", case.name);
            let remark = Diagnostic::error("case-facts", message).at(span.clone());
            remarks.push(
                remark
                    .excerpt(&line)
                    .hint("correct the facts: the case can never be judged"),
            );
        }
        let wanted: BTreeSet<(&str, &String)> = case
            .moments
            .iter()
            .flat_map(|moment| {
                named("decided_by", &moment.want.decided_by)
                    .chain(named("not_decided_by", &moment.want.not_decided_by))
                    .chain(named("exempt_by", &moment.want.exempt_by))
            })
            .collect();
        for (key, id) in wanted {
            if !instruments.contains(id.as_str()) {
                let message = format!(
                    "`{key}` of `{}` names the instrument `{id}`, which is not there",
                    case.name
                );
                let known = instruments.iter().copied();
                let remark = Diagnostic::error("case-unknown-instrument", message)
                    .at(within(text, &span, id))
                    .excerpt_from(text)
                    .hint(did_you_mean(id, known, "correct the name, or remove it"));
                remarks.push(remark);
            }
        }
    }
}

/// Ids with the key under which they are wanted.
fn named<'a>(key: &'a str, ids: &'a [String]) -> impl Iterator<Item = (&'a str, &'a String)> {
    ids.iter().map(move |id| (key, id))
}

/// The first place of an id from the start of a case on, or that start.
fn within(text: &str, case: &Span, id: &str) -> Span {
    let found = text
        .lines()
        .zip(1_u32..)
        .filter(|(_, number)| *number >= case.start_line)
        .find_map(|(line, number)| Some((number, yaml::whole_in(line, id)?)));
    let Some((line, at)) = found else {
        return case.clone();
    };
    let column = u32::try_from(at + 1).unwrap_or(u32::MAX);
    let mut span = Span::at(&case.path, line, column);
    span.end_column = column.saturating_add(u32::try_from(id.len()).unwrap_or(1));
    span
}
