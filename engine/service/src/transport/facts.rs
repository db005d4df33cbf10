//! Facts: from messages to the core's records, strings moved and not copied.
//!
//! What only a message can get wrong (unknown numbers, lengths of bytes, timestamps) is found
//! here; every other limit is the core's to check, in one place.

use embargo_core::facts::{
    Coverage, CoverageState, FactsInvalid, HostFacts, HostRecord, OperatingSystem, Owner,
    OwnerKind, Sha256, Software, Violation, check_software, limits,
};
use embargo_core::instant::Instant;
use embargo_proto::v1 as pb;
use prost_types::Timestamp;

use super::attributes;
use super::status::Refusal;
use super::time::{NOT_AN_INSTANT, instant};

/// The facts of a message, if they keep every rule.
pub(super) fn checked(facts: Option<pb::HostFacts>) -> Result<HostFacts, Refusal> {
    let Some(facts) = facts else {
        let missing = Violation::new("facts", "is required: say at least which host it is");
        return Err(Refusal::FactsInvalid {
            violations: vec![missing],
            total: 1,
        });
    };
    let mut known = Vec::new();
    let record = host(facts, &mut known);
    HostFacts::check_after(record, known).map_err(|refused| Refusal::facts(refused, "facts."))
}

/// The record of a message that is completed before it is checked, with its fields below
/// `prefix` where the message itself is at fault.
pub(super) fn record(facts: pb::HostFacts, prefix: &str) -> Result<HostRecord, Refusal> {
    let mut known = Vec::new();
    let record = host(facts, &mut known);
    if known.is_empty() {
        return Ok(record);
    }
    let total = known.len();
    known.truncate(limits::NAMED_VIOLATIONS);
    let refused = FactsInvalid {
        violations: known,
        total,
    };
    Err(Refusal::facts(refused, prefix))
}

/// A record as facts, if it keeps every rule.
pub(super) fn checked_record(record: HostRecord) -> Result<HostFacts, Refusal> {
    HostFacts::check(record).map_err(|refused| Refusal::facts(refused, "facts."))
}

/// Items that stand alone, if they keep every rule.
pub(super) fn checked_software(items: Vec<pb::Software>) -> Result<Vec<Software>, Refusal> {
    let mut known = Vec::new();
    let items = software(items, &mut known);
    check_software(&items, known).map_err(|refused| Refusal::facts(refused, ""))?;
    Ok(items)
}

fn host(facts: pb::HostFacts, known: &mut Vec<Violation>) -> HostRecord {
    HostRecord {
        host_id: facts.host_id,
        os: facts.os.map(|os| OperatingSystem {
            family: os.family,
            version: os.version,
            architecture: os.architecture,
        }),
        form_factor: facts.form_factor,
        owner: facts.owner.map(|owner| self::owner(owner, known)),
        purposes: facts.purposes,
        groups: facts.groups,
        software: software(facts.software, known),
        coverage: facts
            .coverage
            .into_iter()
            .enumerate()
            .map(|(index, entry)| coverage(index, entry, known))
            .collect(),
        collect_time: time(facts.collect_time, known, || "collect_time".to_owned()),
        attributes: facts
            .attributes
            .map(|object| attributes::object(object, known)),
    }
}

fn owner(owner: pb::Owner, known: &mut Vec<Violation>) -> Owner {
    let kind = match pb::owner::Kind::try_from(owner.kind) {
        Ok(pb::owner::Kind::Unspecified) => None,
        Ok(pb::owner::Kind::Government) => Some(OwnerKind::Government),
        Ok(pb::owner::Kind::Contractor) => Some(OwnerKind::Contractor),
        Ok(pb::owner::Kind::Business) => Some(OwnerKind::Business),
        Ok(pb::owner::Kind::Personal) => Some(OwnerKind::Personal),
        Err(_) => {
            known.push(Violation::new(
                "owner.kind",
                format!(
                    "is {}, which this server does not know: use one of its release, or leave it out",
                    owner.kind
                ),
            ));
            None
        }
    };
    Owner {
        kind,
        jurisdictions: owner.jurisdictions,
        sectors: owner.sectors,
        us_person: owner.us_person,
        contract_clauses: owner.contract_clauses,
    }
}

fn software(items: Vec<pb::Software>, known: &mut Vec<Violation>) -> Vec<Software> {
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| Software {
            name: item.name,
            version: item.version,
            publisher: item.publisher,
            source: item.source,
            bundle_id: item.bundle_id,
            package_id: item.package_id,
            extension_id: item.extension_id,
            product_code: item.product_code,
            team_id: item.team_id,
            signer: item.signer,
            sha256: item.sha256.and_then(|bytes| sha256(index, &bytes, known)),
            purl: item.purl,
            cpe: item.cpe,
            path: item.path,
            embedded_in: item.embedded_in,
            install_time: time(item.install_time, known, || {
                format!("software[{index}].install_time")
            }),
        })
        .collect()
}

fn sha256(index: usize, bytes: &[u8], known: &mut Vec<Violation>) -> Option<Sha256> {
    if let Ok(digest) = bytes.try_into() {
        return Some(Sha256(digest));
    }
    known.push(Violation::new(
        format!("software[{index}].sha256"),
        format!(
            "has {} bytes, and must have 32: send the digest itself, not its hexadecimal form",
            bytes.len()
        ),
    ));
    None
}

fn coverage(index: usize, entry: pb::Coverage, known: &mut Vec<Violation>) -> Coverage {
    use pb::coverage::State;
    let state = match State::try_from(entry.state) {
        Ok(State::Complete) => CoverageState::Complete,
        Ok(State::Partial) => CoverageState::Partial,
        Ok(State::NotPermitted) => CoverageState::NotPermitted,
        Ok(State::NotCollected) => CoverageState::NotCollected,
        Ok(State::Unreadable) => CoverageState::Unreadable,
        unknown => {
            let field = format!("coverage[{index}].state");
            known.push(match unknown {
                Ok(_) => Violation::new(field, "is required: say how far the source was read"),
                Err(_) => Violation::new(
                    field,
                    format!(
                        "is {}, which this server does not know: use one of its release",
                        entry.state
                    ),
                ),
            });
            CoverageState::NotCollected
        }
    };
    Coverage {
        source: entry.source,
        state,
        collect_time: time(entry.collect_time, known, || {
            format!("coverage[{index}].collect_time")
        }),
    }
}

fn time(
    timestamp: Option<Timestamp>,
    known: &mut Vec<Violation>,
    field: impl FnOnce() -> String,
) -> Option<Instant> {
    match timestamp.map(instant) {
        None => None,
        Some(Ok(instant)) => Some(instant),
        Some(Err(_)) => {
            known.push(Violation::new(field(), NOT_AN_INSTANT));
            None
        }
    }
}

#[cfg(test)]
mod tests;
