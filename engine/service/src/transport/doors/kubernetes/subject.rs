//! The subject of a review: whose facts an object carries, and what is asked about them.
//!
//! Whoever applies the object writes all of this, so that nothing in it may lead to an error of
//! the server, on which the failure policy of the webhook would decide.

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use embargo_core::diagnostic::cut;
use embargo_core::facts::inventory::{self, About, Format, InventoriedHost};
use embargo_core::facts::{Violation, limits};
use embargo_core::instrument::Action;

use super::super::super::status::Refusal;
use super::super::judging;
use super::review::{Operation, Review, pick, said};
use super::words::Lack;

/// Facts of a host, in YAML or JSON.
pub(super) const FACTS: &str = "embargo.dev/facts";
/// Facts that hold for every host, over what an inventory says.
pub(super) const ABOUT: &str = "embargo.dev/about";
/// What is done with the software, by its word.
pub(super) const ACTION: &str = "embargo.dev/action";
/// The key of the object's data that holds an inventory.
pub(super) const INVENTORY_KEY: &str = "embargo.dev/inventory-key";
/// The format of the inventory, by its word.
pub(super) const INVENTORY_FORMAT: &str = "embargo.dev/inventory-format";
/// A bill of materials.
pub(super) const SBOM: &str = "embargo.dev/sbom";
/// The key of the object's data that holds facts.
pub(super) const FACTS_KEY: &str = "embargo-facts";
/// The key that holds an inventory if no annotation names another.
const INVENTORY: &str = "inventory";
/// Hosts that are judged at a time, at most.
const HOSTS: usize = 1_000;

/// What is asked.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) hosts: Vec<InventoriedHost>,
    /// What holds for every host.
    pub(super) about: About,
    /// What a host is called that nothing names.
    pub(super) name: String,
    pub(super) action: Action,
    /// Where the facts stand.
    pub(super) place: String,
}

/// The annotations that are read, those of the object before those of its template.
#[derive(Debug, Default)]
struct Notes {
    facts: Option<String>,
    about: Option<String>,
    action: Option<String>,
    key: Option<String>,
    format: Option<String>,
    sbom: Option<String>,
}

/// Reads whose facts an object carries.
///
/// # Errors
/// If it carries none, or none that can be judged.
pub(super) fn read(review: &Review<'_>) -> Result<Subject, Lack> {
    let keys = ["metadata", "data", "binaryData", "spec"];
    let parts = pick(review.object, keys);
    let [metadata, data, binary, spec] = parts.map_err(|_| unsound("object"))?;
    let (notes, made_up) = notes(metadata, spec)?;
    let action = action(notes.action.as_deref(), review.operation)?;
    let format = format(notes.format.as_deref())?;
    let about = match &notes.about {
        Some(text) => judging::about(text, &annotation(ABOUT))?,
        None => About::default(),
    };
    let (place, hosts) = hosts(&notes, format, data, binary)?;
    if hosts.len() > HOSTS {
        return Err(Lack::Refused(Refusal::BatchTooLarge {
            items: hosts.len(),
            most: HOSTS,
        }));
    }
    let unnamed = hosts.iter().filter(|host| host.record.host_id.is_empty());
    if about.names_host() && unnamed.count() > 1 {
        return Err(facts_invalid(
            &annotation(ABOUT),
            "names one host, and the inventory leaves several without a name: leave `host_id` out",
        ));
    }
    Ok(Subject {
        hosts,
        about,
        name: name(review, &made_up),
        action,
        place,
    })
}

/// The hosts that the object tells of, from the first place that has some.
fn hosts(
    notes: &Notes,
    format: Option<Format>,
    data: Option<&str>,
    binary: Option<&str>,
) -> Result<(String, Vec<InventoriedHost>), Lack> {
    if let Some(text) = &notes.facts {
        let place = annotation(FACTS);
        let host = one(text, &place)?;
        return Ok((place, vec![host]));
    }
    let key = notes.key.as_deref().unwrap_or(INVENTORY);
    let [facts, text] = match data {
        Some(data) => pick(data, [FACTS_KEY, key]).map_err(|_| unsound("object.data"))?,
        None => [None, None],
    };
    let [bytes] = match binary {
        Some(binary) => pick(binary, [key]).map_err(|_| unsound("object.binaryData"))?,
        None => [None],
    };
    if facts.is_some() {
        let place = datum("data", FACTS_KEY);
        let text = said(facts).ok_or_else(|| facts_invalid(&place, "is no text"))?;
        let host = one(&text, &place)?;
        return Ok((place, vec![host]));
    }
    if text.is_some() {
        let place = datum("data", key);
        let text = said(text).ok_or_else(|| facts_invalid(&place, "is no text"))?;
        let hosts = inventory(key, text.as_bytes(), format)?;
        return Ok((place, hosts));
    }
    if bytes.is_some() {
        let place = datum("binaryData", key);
        let bytes = said(bytes).and_then(|text| BASE64.decode(text).ok());
        let bytes = bytes.ok_or_else(|| facts_invalid(&place, "is no base64"))?;
        let hosts = inventory(key, &bytes, format)?;
        return Ok((place, hosts));
    }
    if notes.key.is_some() {
        return Err(field(INVENTORY_KEY, "names a key that the object lacks"));
    }
    let Some(text) = &notes.sbom else {
        return Err(Lack::Missing);
    };
    let read = inventory::read("sbom", text.as_bytes(), None);
    let read = read.map_err(|fault| Refusal::inventory(&fault))?;
    if !matches!(read.format, Format::CycloneDx | Format::Spdx) {
        return Err(facts_invalid(
            &annotation(SBOM),
            "is no bill of materials: give CycloneDX or SPDX 2 in JSON",
        ));
    }
    Ok((annotation(SBOM), read.hosts))
}

fn one(text: &str, place: &str) -> Result<InventoriedHost, Refusal> {
    let mut host = InventoriedHost::default();
    host.record = judging::unnamed_record(text, place)?;
    Ok(host)
}

fn inventory(
    path: &str,
    bytes: &[u8],
    format: Option<Format>,
) -> Result<Vec<InventoriedHost>, Refusal> {
    let read = inventory::read(path, bytes, format);
    Ok(read.map_err(|fault| Refusal::inventory(&fault))?.hosts)
}

/// The annotations of an object and its template, and the beginning of a name that is to be made
/// up.
fn notes(metadata: Option<&str>, spec: Option<&str>) -> Result<(Notes, String), Lack> {
    let mut notes = Notes::default();
    let mut beginning = String::new();
    if let Some(metadata) = metadata {
        let keys = ["annotations", "generateName"];
        let [annotations, generated] =
            pick(metadata, keys).map_err(|_| unsound("object.metadata"))?;
        beginning = said(generated).unwrap_or_default();
        notes.add(annotations)?;
    }
    notes.add(of_template(spec))?;
    Ok((notes, beginning))
}

/// The annotations of the template of a pod, in a workload or in what makes workloads. Objects of
/// other kinds have other things in these places, which are none.
fn of_template(spec: Option<&str>) -> Option<&str> {
    let [template, job] = pick(spec?, ["template", "jobTemplate"]).ok()?;
    let template = match (template, job) {
        (Some(template), _) => template,
        (None, job) => {
            let [spec] = pick(job?, ["spec"]).ok()?;
            let [template] = pick(spec?, ["template"]).ok()?;
            template?
        }
    };
    let [metadata] = pick(template, ["metadata"]).ok()?;
    let [annotations] = pick(metadata?, ["annotations"]).ok()?;
    annotations
}

impl Notes {
    /// Adds annotations where there are none yet.
    fn add(&mut self, annotations: Option<&str>) -> Result<(), Lack> {
        let Some(annotations) = annotations else {
            return Ok(());
        };
        let keys = [FACTS, ABOUT, ACTION, INVENTORY_KEY, INVENTORY_FORMAT, SBOM];
        let values = pick(annotations, keys).map_err(|_| unsound("object.metadata.annotations"))?;
        let fields = [
            &mut self.facts,
            &mut self.about,
            &mut self.action,
            &mut self.key,
            &mut self.format,
            &mut self.sbom,
        ];
        for ((key, value), place) in keys.into_iter().zip(values).zip(fields) {
            if value.is_some() && place.is_none() {
                *place = Some(said(value).ok_or_else(|| field(key, "is no text"))?);
            }
        }
        Ok(())
    }
}

fn action(word: Option<&str>, operation: Operation) -> Result<Action, Lack> {
    let Some(word) = word else {
        return Ok(match operation {
            Operation::Create => Action::Install,
            Operation::Update => Action::Update,
        });
    };
    Action::from_word(word).ok_or_else(|| {
        let known = Action::ALL.map(Action::word).join(", ");
        field(ACTION, &format!("is no action: write one of {known}"))
    })
}

fn format(word: Option<&str>) -> Result<Option<Format>, Lack> {
    let Some(word) = word else {
        return Ok(None);
    };
    let unknown = || {
        let known = Format::words();
        field(
            INVENTORY_FORMAT,
            &format!("is no known format: leave it out, or write one of {known}"),
        )
    };
    Format::from_word(word).map(Some).ok_or_else(unknown)
}

/// What a host is called that nothing names: as its object, within the limit on names.
fn name(review: &Review<'_>, beginning: &str) -> String {
    let name = match review.name.as_str() {
        "" => beginning,
        name => name,
    };
    let name = match (review.namespace.as_str(), name) {
        ("", "") => "unnamed".to_owned(),
        ("", name) => name.to_owned(),
        (namespace, name) => format!("{namespace}/{name}"),
    };
    cut(name, limits::HOST_ID_BYTES)
}

fn annotation(key: &str) -> String {
    format!("metadata.annotations[{key}]")
}

fn datum(part: &str, key: &str) -> String {
    let key: String = key.chars().take(64).collect();
    format!("{part}[{key}]")
}

fn unsound(place: &str) -> Lack {
    facts_invalid(
        place,
        "is not sound: it is an object, in which no key stands twice",
    )
}

fn field(key: &str, description: &str) -> Lack {
    Lack::Refused(Refusal::field(&annotation(key), description))
}

fn facts_invalid(place: &str, description: &str) -> Lack {
    Lack::Refused(Refusal::FactsInvalid {
        violations: vec![Violation::new(place, description)],
        total: 1,
    })
}

/// A content as text.
pub(super) fn text(content: &Bytes) -> Option<&str> {
    std::str::from_utf8(content).ok()
}

#[cfg(test)]
mod tests;
