//! Missing facts: what a rule needed and nobody collected.

use crate::catalogue::Identification;
use crate::facts::{CoverageState, HostRecord, Software};

/// Whether a path below `input`, as the syntax of a rule names it, is absent from the
/// facts. Paths that facts can never have say nothing about the facts.
pub(super) fn is_absent(path: &str, record: &HostRecord, identified: &[Identification]) -> bool {
    let steps: Vec<&str> = path.split('.').collect();
    match steps.as_slice() {
        ["host", rest @ ..] => host_lacks(rest, record),
        ["identified[]", "software", field, ..] => identified.iter().any(|found| {
            record
                .software
                .get(found.index)
                .is_some_and(|item| item_lacks(field, item))
        }),
        _ => false,
    }
}

/// Whether the facts themselves say that software was not read at all, or that a part of it
/// could not be read, so that a denial cannot be ruled out.
pub(super) fn software_is_unknown(record: &HostRecord) -> bool {
    let has = |states: &[CoverageState]| {
        record
            .coverage
            .iter()
            .any(|source| states.contains(&source.state))
    };
    let unread = record.software.is_empty()
        && !record.coverage.is_empty()
        && !has(&[CoverageState::Complete, CoverageState::Partial]);
    unread || has(&[CoverageState::Unreadable])
}

fn host_lacks(path: &[&str], record: &HostRecord) -> bool {
    let bare: Vec<&str> = path
        .iter()
        .map(|step| step.trim_end_matches("[]"))
        .collect();
    let os = record.os.as_ref();
    let owner = record.owner.as_ref();
    match bare.as_slice() {
        ["os"] => os.is_none(),
        ["os", "family", ..] => os.is_none_or(|os| os.family.is_none()),
        ["os", "version", ..] => os.is_none_or(|os| os.version.is_none()),
        ["os", "architecture", ..] => os.is_none_or(|os| os.architecture.is_none()),
        ["form_factor", ..] => record.form_factor.is_none(),
        ["owner"] => owner.is_none(),
        ["owner", "kind", ..] => owner.is_none_or(|owner| owner.kind.is_none()),
        ["owner", "jurisdictions", ..] => owner.is_none_or(|owner| owner.jurisdictions.is_empty()),
        ["owner", "sectors", ..] => owner.is_none_or(|owner| owner.sectors.is_empty()),
        ["owner", "us_person", ..] => owner.is_none_or(|owner| owner.us_person.is_none()),
        ["owner", "contract_clauses", ..] => {
            owner.is_none_or(|owner| owner.contract_clauses.is_empty())
        }
        ["purposes", ..] => record.purposes.is_empty(),
        ["groups", ..] => record.groups.is_empty(),
        ["collect_time", ..] => record.collect_time.is_none(),
        ["attributes"] => record.attributes.is_none(),
        ["attributes", key, ..] => record
            .attributes
            .as_ref()
            .is_none_or(|fields| !fields.contains_key(*key)),
        _ => false,
    }
}

fn item_lacks(field: &str, item: &Software) -> bool {
    match field {
        "version" => item.version.is_none(),
        "publisher" => item.publisher.is_none(),
        "source" => item.source.is_none(),
        "bundle_id" => item.bundle_id.is_none(),
        "package_id" => item.package_id.is_none(),
        "signer" => item.signer.is_none(),
        "team_id" => item.team_id.is_none(),
        "path" => item.path.is_none(),
        "install_time" => item.install_time.is_none(),
        _ => false,
    }
}
