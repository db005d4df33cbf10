//! The input: what a rule sees of a request, built straight from facts.
//!
//! Absent scalars and empty lists are left out, so that they are undefined in a rule;
//! `software` and `coverage` are always there.

use std::collections::BTreeMap;

use regorus::Value;

use crate::catalogue::{Catalogue, Identification};
use crate::facts::{Attribute, HostFacts, HostRecord, Owner, Software};
use crate::instant::Instant;
use crate::instrument::{Action, Instrument};

/// What an input is made of.
#[derive(Clone, Copy)]
pub(crate) struct InputParts<'a> {
    pub(crate) facts: &'a HostFacts,
    pub(crate) action: Action,
    pub(crate) at: Instant,
    pub(crate) identified: &'a [Identification],
    pub(crate) catalogue: &'a Catalogue,
    /// Whether a rule reads the raw inventory, which costs much to build.
    pub(crate) with_software: bool,
}

/// `data` as the evaluator holds it: one private copy for each worker.
pub(crate) struct DataValues(Value);

impl DataValues {
    pub(crate) fn new<'a>(
        instruments: impl Iterator<Item = &'a Instrument>,
        data: &BTreeMap<String, serde_json::Value>,
    ) -> Self {
        Self(data_value(instruments, data))
    }

    pub(super) fn root(&self) -> Value {
        self.0.clone()
    }
}

/// `data` as JSON, for those who run the rules under OPA.
pub(crate) fn render_data<'a>(
    instruments: impl Iterator<Item = &'a Instrument>,
    data: &BTreeMap<String, serde_json::Value>,
) -> String {
    data_value(instruments, data)
        .to_json_str()
        .unwrap_or_default()
}

/// The input as JSON, for those who run the rules under OPA.
pub(crate) fn render_input(parts: InputParts<'_>) -> String {
    build(parts).to_json_str().unwrap_or_default()
}

fn data_value<'a>(
    instruments: impl Iterator<Item = &'a Instrument>,
    data: &BTreeMap<String, serde_json::Value>,
) -> Value {
    let mut root = Object::default();
    let mut known = Object::default();
    for instrument in instruments {
        known.put(&instrument.id, instrument_value(instrument));
    }
    root.put("instruments", known.finish());
    for (key, value) in data {
        root.put(key, Value::from(value.clone()));
    }
    root.finish()
}

/// The file as it is, with `from_ns` and `until_ns` in each phase.
fn instrument_value(instrument: &Instrument) -> Value {
    let mut data = instrument.data.clone();
    let phases = data
        .get_mut("phases")
        .and_then(serde_json::Value::as_array_mut);
    for phase in phases.into_iter().flatten() {
        let id = phase
            .get("id")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let Some(known) = instrument.phases.iter().find(|known| known.id == id) else {
            continue;
        };
        let Some(fields) = phase.as_object_mut() else {
            continue;
        };
        let mut put = |key: &str, at: Instant| {
            // Instants beyond the range of Rego's own time functions stay texts only.
            if let Ok(nanoseconds) = i64::try_from(at.unix_nanoseconds()) {
                fields.insert(key.to_owned(), nanoseconds.into());
            }
        };
        put("from_ns", known.from);
        if let Some(until) = known.until {
            put("until_ns", until);
        }
    }
    Value::from(data)
}

pub(super) fn build(parts: InputParts<'_>) -> Value {
    let record = parts.facts.record();
    let mut input = Object::default();
    input.text("action", parts.action.word());
    input.text("now", &parts.at.to_string());
    input.put("now_ns", regorus_number(parts.at.unix_nanoseconds()));
    input.put("host", host(record));
    input.put("identified", Value::from(identified(parts)));
    if parts.with_software {
        let items = record
            .software
            .iter()
            .enumerate()
            .map(|(at, item)| software(at, item));
        input.put("software", Value::from(items.collect::<Vec<_>>()));
    }
    input.put(
        "coverage",
        Value::from(
            record
                .coverage
                .iter()
                .map(|entry| {
                    let mut object = Object::default();
                    object.text("source", &entry.source);
                    object.text("state", entry.state.word());
                    object.instant("collect_time", entry.collect_time);
                    object.finish()
                })
                .collect::<Vec<_>>(),
        ),
    );
    input.finish()
}

fn regorus_number(nanoseconds: i128) -> Value {
    match i64::try_from(nanoseconds) {
        Ok(small) => Value::from(small),
        Err(_) => Value::from_numeric_string(&nanoseconds.to_string()).unwrap_or(Value::Undefined),
    }
}

fn host(record: &HostRecord) -> Value {
    let mut host = Object::default();
    host.text("id", &record.host_id);
    if let Some(os) = &record.os {
        let mut object = Object::default();
        object.optional("family", os.family.as_deref());
        object.optional("version", os.version.as_deref());
        object.optional("architecture", os.architecture.as_deref());
        host.put("os", object.finish());
    }
    host.optional("form_factor", record.form_factor.as_deref());
    if let Some(known) = &record.owner {
        host.put("owner", owner(known));
    }
    host.list("purposes", &record.purposes);
    host.list("groups", &record.groups);
    host.instant("collect_time", record.collect_time);
    if let Some(attributes) = &record.attributes {
        host.put("attributes", attribute_object(attributes));
    }
    host.finish()
}

fn owner(known: &Owner) -> Value {
    let mut owner = Object::default();
    owner.optional("kind", known.kind.map(|kind| kind.word()));
    owner.list("jurisdictions", &known.jurisdictions);
    owner.list("sectors", &known.sectors);
    if let Some(us_person) = known.us_person {
        owner.put("us_person", Value::Bool(us_person));
    }
    owner.list("contract_clauses", &known.contract_clauses);
    owner.finish()
}

fn identified(parts: InputParts<'_>) -> Vec<Value> {
    let items = &parts.facts.record().software;
    parts
        .identified
        .iter()
        .filter_map(|found| {
            let product = parts.catalogue.product(found.product)?;
            let item = items.get(found.index)?;
            let mut object = Object::default();
            object.text("product", &product.id);
            object.text("vendor", &parts.catalogue.vendor(product).id);
            if !product.class.is_empty() {
                object.text("class", &product.class);
            }
            object.text("strength", found.strength.word());
            let evidence = found.evidence.iter().map(|sign| {
                let mut object = Object::default();
                object.text("kind", sign.kind.word());
                object.text("value", &sign.value);
                object.text("strength", sign.strength.word());
                object.finish()
            });
            object.put("evidence", Value::from(evidence.collect::<Vec<_>>()));
            object.put("software", software(found.index, item));
            Some(object.finish())
        })
        .collect()
}

fn software(at: usize, item: &Software) -> Value {
    let mut object = Object::default();
    object.put("index", Value::from(u64::try_from(at).unwrap_or(u64::MAX)));
    object.text("name", &item.name);
    for (key, value) in [
        ("version", &item.version),
        ("publisher", &item.publisher),
        ("source", &item.source),
        ("bundle_id", &item.bundle_id),
        ("package_id", &item.package_id),
        ("extension_id", &item.extension_id),
        ("product_code", &item.product_code),
        ("team_id", &item.team_id),
        ("signer", &item.signer),
        ("purl", &item.purl),
        ("cpe", &item.cpe),
        ("path", &item.path),
        ("embedded_in", &item.embedded_in),
    ] {
        object.optional(key, value.as_deref());
    }
    if let Some(hash) = &item.sha256 {
        object.text("sha256", &hash.to_string());
    }
    object.instant("install_time", item.install_time);
    object.finish()
}

fn attribute_object(fields: &BTreeMap<String, Attribute>) -> Value {
    let mut object = Object::default();
    for (key, value) in fields {
        object.put(key, attribute(value));
    }
    object.finish()
}

fn attribute(value: &Attribute) -> Value {
    match value {
        Attribute::Null => Value::Null,
        Attribute::Bool(value) => Value::Bool(*value),
        Attribute::Number(value) => number(*value),
        Attribute::Text(value) => Value::from(value.as_str()),
        Attribute::List(values) => Value::from(values.iter().map(attribute).collect::<Vec<_>>()),
        Attribute::Object(fields) => attribute_object(fields),
    }
}

/// A whole number as an integer, so that it compares with integers in rules.
fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(
            clippy::as_conversions,
            reason = "whole and within 53 bits, as checked above"
        )]
        return Value::from(value as i64);
    }
    Value::from(value)
}

/// An object under construction.
#[derive(Default)]
struct Object(BTreeMap<Value, Value>);

impl Object {
    fn put(&mut self, key: &str, value: Value) {
        self.0.insert(Value::from(key), value);
    }

    fn text(&mut self, key: &str, value: &str) {
        self.put(key, Value::from(value));
    }

    fn optional(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn instant(&mut self, key: &str, value: Option<Instant>) {
        if let Some(value) = value {
            self.text(key, &value.to_string());
        }
    }

    fn list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            let values = values.iter().map(|value| Value::from(value.as_str()));
            self.put(key, Value::from(values.collect::<Vec<_>>()));
        }
    }

    fn finish(self) -> Value {
        Value::from(self.0)
    }
}
