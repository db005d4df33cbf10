//! The one place where a record becomes facts: every limit of the API, with the field,
//! the rule and the remedy for each that is broken.

use std::collections::BTreeSet;
use std::fmt;

use super::attributes::{Attribute, object_bytes};
use super::forms::{is_guid, is_jurisdiction, is_kebab_case, is_team_id};
use super::limits;
use super::record::{Coverage, HostRecord, Owner, Software};
use super::violation::{FactsInvalid, Violation, Violations};

pub(super) fn check_host(
    mut record: HostRecord,
    known: Vec<Violation>,
) -> Result<HostRecord, FactsInvalid> {
    let mut violations = Violations::default();
    for violation in known {
        violations.add(violation.field, violation.description);
    }

    required(
        &mut violations,
        &"host_id",
        &record.host_id,
        limits::HOST_ID_BYTES,
    );
    if let Some(os) = &record.os {
        word(&mut violations, &"os.family", os.family.as_deref());
        text(
            &mut violations,
            &"os.version",
            os.version.as_deref(),
            limits::TEXT_BYTES,
        );
        text(
            &mut violations,
            &"os.architecture",
            os.architecture.as_deref(),
            limits::TEXT_BYTES,
        );
    }
    word(
        &mut violations,
        &"form_factor",
        record.form_factor.as_deref(),
    );
    if let Some(owner) = &mut record.owner {
        check_owner(&mut violations, owner);
    }
    words(&mut violations, "purposes", &mut record.purposes);
    list(
        &mut violations,
        "groups",
        &mut record.groups,
        limits::GROUPS,
        |violations, field, group| {
            required(violations, field, group, limits::GROUP_BYTES);
        },
    );
    check_list_of_software(&mut violations, &record.software);
    check_coverage(&mut violations, &record.coverage);
    check_attributes(&mut violations, &record);
    violations.finish(record)
}

/// Checks items that stand alone, as an identification request has them.
///
/// # Errors
/// [`FactsInvalid`], with fields as `software[17].name`.
pub fn check_software(items: &[Software], known: Vec<Violation>) -> Result<(), FactsInvalid> {
    let mut violations = Violations::default();
    for violation in known {
        violations.add(violation.field, violation.description);
    }
    check_list_of_software(&mut violations, items);
    violations.finish(())
}

fn check_owner(violations: &mut Violations, owner: &mut Owner) {
    list(
        violations,
        "owner.jurisdictions",
        &mut owner.jurisdictions,
        limits::LIST,
        |violations, field, code| {
            if !is_jurisdiction(code) {
                violations.add(
                    field,
                    "is not a jurisdiction: write an ISO 3166-1 alpha-2 code such as `US`, an ISO \
                     3166-2 code such as `US-TX`, or `EU`, in upper case",
                );
            }
        },
    );
    words(violations, "owner.sectors", &mut owner.sectors);
    list(
        violations,
        "owner.contract_clauses",
        &mut owner.contract_clauses,
        limits::LIST,
        |violations, field, clause| required(violations, field, clause, limits::CLAUSE_BYTES),
    );
}

fn check_list_of_software(violations: &mut Violations, items: &[Software]) {
    if items.len() > limits::SOFTWARE {
        violations.add(
            "software",
            format_args!(
                "has {} items, and at most {} are judged at a time: leave out what no rule asks \
                 for, such as components of a package, and do not split a host",
                items.len(),
                limits::SOFTWARE
            ),
        );
        return;
    }
    for (index, item) in items.iter().enumerate() {
        check_item(violations, index, item);
    }
}

fn check_item(violations: &mut Violations, index: usize, item: &Software) {
    let field = |name| Field {
        list: "software",
        index,
        name,
    };
    required(violations, &field("name"), &item.name, limits::TEXT_BYTES);
    for (name, value, most) in [
        ("version", &item.version, limits::TEXT_BYTES),
        ("publisher", &item.publisher, limits::TEXT_BYTES),
        ("source", &item.source, limits::SOURCE_BYTES),
        ("bundle_id", &item.bundle_id, limits::TEXT_BYTES),
        ("package_id", &item.package_id, limits::TEXT_BYTES),
        ("extension_id", &item.extension_id, limits::TEXT_BYTES),
        ("signer", &item.signer, limits::TEXT_BYTES),
        ("purl", &item.purl, limits::LONG_TEXT_BYTES),
        ("cpe", &item.cpe, limits::TEXT_BYTES),
        ("path", &item.path, limits::LONG_TEXT_BYTES),
        ("embedded_in", &item.embedded_in, limits::TEXT_BYTES),
    ] {
        if value.is_some() {
            text(violations, &field(name), value.as_deref(), most);
        }
    }
    if item.team_id.as_ref().is_some_and(|id| !is_team_id(id)) {
        violations.add(
            field("team_id"),
            "is not an Apple Developer Team ID: it is exactly 10 upper-case letters and digits; \
             leave it out if the signature was not checked",
        );
    }
    if item
        .product_code
        .as_ref()
        .is_some_and(|code| !is_guid(code))
    {
        violations.add(
            field("product_code"),
            "is not a GUID: write 32 hexadecimal digits in groups of 8-4-4-4-12, with or without \
             braces; leave it out for installers that are not MSI",
        );
    }
}

fn check_coverage(violations: &mut Violations, coverage: &[Coverage]) {
    if coverage.len() > limits::LIST {
        violations.add("coverage", too_many(coverage.len(), limits::LIST));
        return;
    }
    let mut seen = BTreeSet::new();
    for (index, entry) in coverage.iter().enumerate() {
        let field = Field {
            list: "coverage",
            index,
            name: "source",
        };
        required(violations, &field, &entry.source, limits::SOURCE_BYTES);
        if !seen.insert(entry.source.as_str()) {
            violations.add(
                field,
                "names a source twice: give one entry for each source",
            );
        }
    }
}

fn check_attributes(violations: &mut Violations, record: &HostRecord) {
    let Some(fields) = &record.attributes else {
        return;
    };
    let most = limits::ATTRIBUTES_LEVELS;
    if fields.values().any(|value| value.levels(most) >= most) {
        violations.add(
            "attributes",
            format_args!("is nested deeper than {most} levels: flatten it"),
        );
        return;
    }
    let bytes = object_bytes(fields);
    if bytes > limits::ATTRIBUTES_BYTES {
        violations.add(
            "attributes",
            format_args!(
                "takes {bytes} bytes, and may take {}: send only what a policy reads",
                limits::ATTRIBUTES_BYTES
            ),
        );
    }
    for (key, value) in fields {
        text(
            violations,
            &"attributes",
            Some(key),
            limits::ATTRIBUTES_BYTES,
        );
        check_attribute(violations, value);
    }
}

fn check_attribute(violations: &mut Violations, value: &Attribute) {
    match value {
        Attribute::Number(number) if !number.is_finite() => {
            violations.add(
                "attributes",
                "holds a number that is not finite: send it as a text",
            );
        }
        Attribute::Text(value) => {
            text(
                violations,
                &"attributes",
                Some(value),
                limits::ATTRIBUTES_BYTES,
            );
        }
        Attribute::List(values) => values
            .iter()
            .for_each(|value| check_attribute(violations, value)),
        Attribute::Object(fields) => {
            for (key, value) in fields {
                text(
                    violations,
                    &"attributes",
                    Some(key),
                    limits::ATTRIBUTES_BYTES,
                );
                check_attribute(violations, value);
            }
        }
        _ => {}
    }
}

/// The field of an item of a list; formatted only when it is at fault.
#[derive(Clone, Copy)]
struct Field {
    list: &'static str,
    index: usize,
    name: &'static str,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.list, self.index)?;
        if self.name.is_empty() {
            Ok(())
        } else {
            write!(f, ".{}", self.name)
        }
    }
}

fn required(violations: &mut Violations, field: &dyn fmt::Display, value: &str, most: usize) {
    if value.is_empty() {
        violations.add(field, format_args!("is required: give 1 to {most} bytes"));
        return;
    }
    text(violations, field, Some(value), most);
}

fn text(violations: &mut Violations, field: &dyn fmt::Display, value: Option<&str>, most: usize) {
    let Some(value) = value else { return };
    if value.len() > most {
        violations.add(
            field,
            format_args!("has {} bytes, and may have {most}: shorten it", value.len()),
        );
    }
    if value.as_bytes().contains(&0) {
        violations.add(field, "holds U+0000: send U+FFFD in its place");
    }
}

fn word(violations: &mut Violations, field: &dyn fmt::Display, value: Option<&str>) {
    if value.is_some_and(|value| !is_kebab_case(value)) {
        violations.add(
            field,
            format_args!(
                "is not a word in kebab-case: write 1 to {} of a-z, 0-9 and single `-`, such as \
                 `contract-performance`",
                limits::WORD_BYTES
            ),
        );
    }
}

fn words(violations: &mut Violations, name: &'static str, values: &mut Vec<String>) {
    list(
        violations,
        name,
        values,
        limits::WORDS,
        |violations, field, value| {
            word(violations, field, Some(value));
        },
    );
}

/// Checks each value of an unordered list, then sorts it and drops repeats, so that
/// equal statements are equal facts.
fn list(
    violations: &mut Violations,
    name: &'static str,
    values: &mut Vec<String>,
    most: usize,
    check: impl Fn(&mut Violations, &dyn fmt::Display, &str),
) {
    if values.len() > most {
        violations.add(name, too_many(values.len(), most));
        return;
    }
    for (index, value) in values.iter().enumerate() {
        check(
            violations,
            &Field {
                list: name,
                index,
                name: "",
            },
            value,
        );
    }
    values.sort_unstable();
    values.dedup();
}

fn too_many(found: usize, most: usize) -> String {
    format!("has {found} entries, and may have {most}: leave out what no policy reads")
}

#[cfg(test)]
mod tests;
