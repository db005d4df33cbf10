//! Questions of Envoy: facts, action and host from the places that the settings name.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use embargo_core::facts::{HostRecord, Violation};
use embargo_core::instrument::Action;
use embargo_proto::envoy::service::auth::v3::AttributeContext;
use prost_types::value::Kind;
use prost_types::{Struct, Value};

use crate::config::{EnvoyPlace, EnvoySettings};

use super::super::super::status::Refusal;
use super::super::judging;
use super::words::Lack;

/// Base64 with or without what fills it up.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is asked.
#[derive(Debug)]
pub(super) struct Asked {
    /// As they stand in the question.
    pub(super) facts: String,
    /// Where that is.
    pub(super) place: String,
    /// Who asks, if the question says so beside the facts.
    pub(super) host: Option<String>,
    pub(super) action: Action,
}

impl Asked {
    /// Finds what is asked.
    ///
    /// # Errors
    /// If there are no facts, or the action is none.
    pub(super) fn of(
        attributes: &AttributeContext,
        settings: &EnvoySettings,
    ) -> Result<Self, Lack> {
        let (facts, place) = first(attributes, &settings.facts).ok_or(Lack::Missing)?;
        let action = match first(attributes, &settings.action_from) {
            None => settings.action,
            Some((word, place)) => Action::from_word(&word).ok_or_else(|| {
                let known = Action::ALL.map(Action::word).join(", ");
                let description = format!("is no action: write one of {known}");
                Refusal::field(&place, description)
            })?,
        };
        Ok(Self {
            facts,
            place,
            host: first(attributes, &settings.host).map(|(host, _)| host),
            action,
        })
    }
}

/// Reads facts in JSON, or in base64 of it, as headers and certificates hold them. The host takes
/// the place of the one that they name, and they need name none then.
///
/// # Errors
/// If they are no facts.
pub(super) fn record(text: &str, place: &str, host: Option<String>) -> Result<HostRecord, Refusal> {
    let decoded = decoded(text).ok_or_else(|| Refusal::FactsInvalid {
        violations: vec![Violation::new(
            place,
            "is neither facts in JSON nor base64 of them",
        )],
        total: 1,
    })?;
    let Some(host) = host else {
        return judging::record(&decoded, place);
    };
    let mut record = judging::unnamed_record(&decoded, place)?;
    record.host_id = host;
    Ok(record)
}

fn decoded(text: &str) -> Option<Cow<'_, str>> {
    let is_object = |text: &str| text.trim_start().starts_with('{');
    if is_object(text) {
        return Some(text.into());
    }
    let plain = |c| match c {
        '-' => '+',
        '_' => '/',
        c => c,
    };
    let digits: String = text.trim().chars().map(plain).collect();
    let text = String::from_utf8(BASE64.decode(digits).ok()?).ok()?;
    is_object(&text).then_some(text.into())
}

/// What stands in the first place that has something, and the place.
fn first(attributes: &AttributeContext, places: &[EnvoyPlace]) -> Option<(String, String)> {
    places
        .iter()
        .find_map(|place| Some((found(attributes, place)?, place.to_string())))
}

fn found(attributes: &AttributeContext, place: &EnvoyPlace) -> Option<String> {
    let text = match place {
        EnvoyPlace::Header(name) => header(attributes, name)?,
        EnvoyPlace::Context(key) => attributes.context_extensions.get(key)?.clone(),
        EnvoyPlace::Metadata(path) => metadata(attributes, path)?,
        EnvoyPlace::Principal => attributes.source.as_ref()?.principal.clone(),
    };
    (!text.is_empty()).then_some(text)
}

/// A header that is sent more than once is joined as HTTP joins it, and is no facts then.
fn header(attributes: &AttributeContext, name: &str) -> Option<String> {
    let http = attributes.request.as_ref()?.http.as_ref()?;
    if let Some(value) = http.headers.get(name) {
        return Some(value.clone());
    }
    let values: Vec<String> = http
        .header_map
        .iter()
        .flat_map(|map| &map.headers)
        .filter(|header| header.key.eq_ignore_ascii_case(name))
        .map(|header| match header.value.as_str() {
            "" => String::from_utf8_lossy(&header.raw_value).into_owned(),
            value => value.to_owned(),
        })
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn metadata(attributes: &AttributeContext, path: &[String]) -> Option<String> {
    let (filter, keys) = path.split_first()?;
    let (last, above) = keys.split_last()?;
    let filters = &attributes.metadata_context.as_ref()?.filter_metadata;
    let mut object: &Struct = filters.get(filter)?;
    for key in above {
        match object.fields.get(key)?.kind.as_ref()? {
            Kind::StructValue(below) => object = below,
            _ => return None,
        }
    }
    match object.fields.get(last)?.kind.as_ref()? {
        Kind::StringValue(text) => Some(text.clone()),
        Kind::StructValue(object) => Some(json(object).to_string()),
        _ => None,
    }
}

fn json(object: &Struct) -> serde_json::Value {
    let fields = object.fields.iter();
    fields
        .map(|(key, value)| (key.clone(), of_value(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn of_value(value: &Value) -> serde_json::Value {
    match &value.kind {
        None | Some(Kind::NullValue(_)) => serde_json::Value::Null,
        Some(Kind::BoolValue(truth)) => (*truth).into(),
        Some(Kind::NumberValue(number)) => (*number).into(),
        Some(Kind::StringValue(text)) => text.as_str().into(),
        Some(Kind::StructValue(object)) => json(object),
        Some(Kind::ListValue(list)) => list.values.iter().map(of_value).collect(),
    }
}

#[cfg(test)]
mod tests;
