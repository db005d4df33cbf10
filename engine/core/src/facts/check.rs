//! The one place where a record becomes facts: every limit of the API, with the field,
//! the rule and the remedy for each that is broken.

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;

use super::attributes::{Attribute, object_bytes};
use super::limits;
use super::record::{Coverage, HostRecord, Owner, Software};

/// One field that breaks a stated rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field, as a path from the facts: `software[17].sha256`.
    pub field: String,
    /// The rule that is broken and what to do, without the value: facts are personal.
    pub description: String,
}

impl Violation {
    /// A violation of `field`.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            description: description.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.description)
    }
}

/// Facts that break the rules of the API, and are therefore not judged at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", summary(.violations, *.total))]
pub struct FactsInvalid {
    /// The first fields at fault, at most 16.
    pub violations: Vec<Violation>,
    /// How many fields are at fault.
    pub total: usize,
}

fn summary(violations: &[Violation], total: usize) -> String {
    let Some(first) = violations.first() else {
        return "the facts break a rule".to_owned();
    };
    match total {
        0 | 1 => first.to_string(),
        _ => format!("{first} (and {} more)", total - 1),
    }
}

/// Collects violations: the first 16 by name, all by number.
#[derive(Default)]
struct Findings {
    violations: Vec<Violation>,
    total: usize,
}

impl Findings {
    fn add(&mut self, field: impl fmt::Display, description: impl fmt::Display) {
        self.total += 1;
        if self.violations.len() < limits::NAMED_VIOLATIONS {
            self.violations
                .push(Violation::new(field.to_string(), description.to_string()));
        }
    }

    fn finish<T>(self, value: T) -> Result<T, FactsInvalid> {
        if self.total == 0 {
            return Ok(value);
        }
        Err(FactsInvalid {
            violations: self.violations,
            total: self.total,
        })
    }
}

pub(super) fn check_host(
    mut record: HostRecord,
    known: Vec<Violation>,
) -> Result<HostRecord, FactsInvalid> {
    let mut findings = Findings::default();
    for violation in known {
        findings.add(violation.field, violation.description);
    }

    required(
        &mut findings,
        &"host_id",
        &record.host_id,
        limits::HOST_ID_BYTES,
    );
    if let Some(os) = &record.os {
        word(&mut findings, &"os.family", os.family.as_deref());
        text(
            &mut findings,
            &"os.version",
            os.version.as_deref(),
            limits::TEXT_BYTES,
        );
        text(
            &mut findings,
            &"os.architecture",
            os.architecture.as_deref(),
            limits::TEXT_BYTES,
        );
    }
    word(&mut findings, &"form_factor", record.form_factor.as_deref());
    if let Some(owner) = &mut record.owner {
        check_owner(&mut findings, owner);
    }
    words(&mut findings, "purposes", &mut record.purposes);
    list(
        &mut findings,
        "groups",
        &mut record.groups,
        limits::GROUPS,
        |findings, field, group| {
            required(findings, field, group, limits::GROUP_BYTES);
        },
    );
    check_list_of_software(&mut findings, &record.software);
    check_coverage(&mut findings, &record.coverage);
    check_attributes(&mut findings, &record);
    findings.finish(record)
}

/// Checks items that stand alone, as an identification request has them.
///
/// # Errors
/// [`FactsInvalid`], with fields as `software[17].name`.
pub fn check_software(items: &[Software], known: Vec<Violation>) -> Result<(), FactsInvalid> {
    let mut findings = Findings::default();
    for violation in known {
        findings.add(violation.field, violation.description);
    }
    check_list_of_software(&mut findings, items);
    findings.finish(())
}

fn check_owner(findings: &mut Findings, owner: &mut Owner) {
    list(
        findings,
        "owner.jurisdictions",
        &mut owner.jurisdictions,
        limits::LIST,
        |findings, field, code| {
            if !is_jurisdiction(code) {
                findings.add(
                    field,
                    "is not a jurisdiction: write an ISO 3166-1 alpha-2 code such as `US`, an ISO \
                     3166-2 code such as `US-TX`, or `EU`, in upper case",
                );
            }
        },
    );
    words(findings, "owner.sectors", &mut owner.sectors);
    list(
        findings,
        "owner.contract_clauses",
        &mut owner.contract_clauses,
        limits::LIST,
        |findings, field, clause| required(findings, field, clause, limits::CLAUSE_BYTES),
    );
}

fn check_list_of_software(findings: &mut Findings, items: &[Software]) {
    if items.len() > limits::SOFTWARE {
        findings.add(
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
        check_item(findings, index, item);
    }
}

fn check_item(findings: &mut Findings, index: usize, item: &Software) {
    let field = |name| Field {
        list: "software",
        index,
        name,
    };
    required(findings, &field("name"), &item.name, limits::TEXT_BYTES);
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
            text(findings, &field(name), value.as_deref(), most);
        }
    }
    if item.team_id.as_ref().is_some_and(|id| !is_team_id(id)) {
        findings.add(
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
        findings.add(
            field("product_code"),
            "is not a GUID: write 32 hexadecimal digits in groups of 8-4-4-4-12, with or without \
             braces; leave it out for installers that are not MSI",
        );
    }
}

fn check_coverage(findings: &mut Findings, coverage: &[Coverage]) {
    if coverage.len() > limits::LIST {
        findings.add("coverage", too_many(coverage.len(), limits::LIST));
        return;
    }
    let mut seen = BTreeSet::new();
    for (index, entry) in coverage.iter().enumerate() {
        let field = Field {
            list: "coverage",
            index,
            name: "source",
        };
        required(findings, &field, &entry.source, limits::SOURCE_BYTES);
        if !seen.insert(entry.source.as_str()) {
            findings.add(
                field,
                "names a source twice: give one entry for each source",
            );
        }
    }
}

fn check_attributes(findings: &mut Findings, record: &HostRecord) {
    let Some(fields) = &record.attributes else {
        return;
    };
    let most = limits::ATTRIBUTES_LEVELS;
    if fields.values().any(|value| value.levels(most) >= most) {
        findings.add(
            "attributes",
            format_args!("is nested deeper than {most} levels: flatten it"),
        );
        return;
    }
    let bytes = object_bytes(fields);
    if bytes > limits::ATTRIBUTES_BYTES {
        findings.add(
            "attributes",
            format_args!(
                "takes {bytes} bytes, and may take {}: send only what a policy reads",
                limits::ATTRIBUTES_BYTES
            ),
        );
    }
    for (key, value) in fields {
        text(findings, &"attributes", Some(key), limits::ATTRIBUTES_BYTES);
        check_attribute(findings, value);
    }
}

fn check_attribute(findings: &mut Findings, value: &Attribute) {
    match value {
        Attribute::Number(number) if !number.is_finite() => {
            findings.add(
                "attributes",
                "holds a number that is not finite: send it as a text",
            );
        }
        Attribute::Text(value) => {
            text(
                findings,
                &"attributes",
                Some(value),
                limits::ATTRIBUTES_BYTES,
            );
        }
        Attribute::List(values) => values
            .iter()
            .for_each(|value| check_attribute(findings, value)),
        Attribute::Object(fields) => {
            for (key, value) in fields {
                text(findings, &"attributes", Some(key), limits::ATTRIBUTES_BYTES);
                check_attribute(findings, value);
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

fn required(findings: &mut Findings, field: &dyn fmt::Display, value: &str, most: usize) {
    if value.is_empty() {
        findings.add(field, format_args!("is required: give 1 to {most} bytes"));
        return;
    }
    text(findings, field, Some(value), most);
}

fn text(findings: &mut Findings, field: &dyn fmt::Display, value: Option<&str>, most: usize) {
    let Some(value) = value else { return };
    if value.len() > most {
        findings.add(
            field,
            format_args!("has {} bytes, and may have {most}: shorten it", value.len()),
        );
    }
    if value.as_bytes().contains(&0) {
        findings.add(field, "holds U+0000: send U+FFFD in its place");
    }
}

fn word(findings: &mut Findings, field: &dyn fmt::Display, value: Option<&str>) {
    if value.is_some_and(|value| !is_kebab_case(value)) {
        findings.add(
            field,
            format_args!(
                "is not a word in kebab-case: write 1 to {} of a-z, 0-9 and single `-`, such as \
                 `contract-performance`",
                limits::WORD_BYTES
            ),
        );
    }
}

fn words(findings: &mut Findings, name: &'static str, values: &mut Vec<String>) {
    list(
        findings,
        name,
        values,
        limits::WORDS,
        |findings, field, value| {
            word(findings, field, Some(value));
        },
    );
}

/// Checks each value of an unordered list, then sorts it and drops repeats, so that
/// equal statements are equal facts.
fn list(
    findings: &mut Findings,
    name: &'static str,
    values: &mut Vec<String>,
    most: usize,
    check: impl Fn(&mut Findings, &dyn fmt::Display, &str),
) {
    if values.len() > most {
        findings.add(name, too_many(values.len(), most));
        return;
    }
    for (index, value) in values.iter().enumerate() {
        check(
            findings,
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

fn is_kebab_case(value: &str) -> bool {
    value.len() <= limits::WORD_BYTES
        && value.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

fn is_jurisdiction(code: &str) -> bool {
    let (country, part) = code
        .split_once('-')
        .map_or((code, None), |(a, b)| (a, Some(b)));
    let in_alphabet = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && part.is_none_or(|part| (1..=3).contains(&part.len()) && part.bytes().all(in_alphabet))
}

fn is_team_id(id: &str) -> bool {
    id.len() == 10
        && id
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_guid(code: &str) -> bool {
    let bare = code
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(code);
    let mut groups = bare.split('-');
    [8, 4, 4, 4, 12].iter().all(|length| {
        groups.next().is_some_and(|group| {
            group.len() == *length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }) && groups.next().is_none()
}

#[cfg(test)]
mod tests;
