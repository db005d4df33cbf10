//! Requests of `AuthZEN`: subject, action, resource and context, read as facts and a question.
//!
//! Members of a request, of the context and of options that nobody knows are passed over, as the
//! contract wants. Properties of a device or of software are facts, and one that nobody knows is
//! refused: a fact that is misspelt would be missed in silence.

use std::sync::Arc;

use embargo_core::facts::{
    FactsInvalid, HostFacts, HostRecord, Software, Violation, check_software, limits,
};
use serde_json::value::RawValue;

use super::super::super::status::Refusal;
use super::super::asking::{Parts, Terms, action, misfit, object, text};
use super::super::http::check_free;
use super::super::judging::{self, record};

/// Evaluations of one request.
const EVALUATIONS: usize = 1_000;
/// What a subject is, and a resource that is looked at as a whole.
const DEVICE: &str = "device";
const SOFTWARE: &str = "software";

/// What a request asks for.
#[derive(Debug)]
pub(super) enum Asked {
    One(Box<Evaluation>),
    Many(Vec<Evaluation>, Semantic),
}

/// Whether all are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Semantic {
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

impl Semantic {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "execute_all" => Self::ExecuteAll,
            "deny_on_first_deny" => Self::DenyOnFirstDeny,
            "permit_on_first_permit" => Self::PermitOnFirstPermit,
            _ => return None,
        })
    }

    /// Whether no more is evaluated after such an answer.
    pub(super) const fn ends_with(self, is_permitted: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !is_permitted,
            Self::PermitOnFirstPermit => is_permitted,
        }
    }
}

/// One question, sound as far as it was read. What many of them share is kept once.
#[derive(Debug)]
pub(super) struct Evaluation {
    device: Arc<HostRecord>,
    software: Option<Software>,
    terms: Terms,
    place: String,
}

impl Evaluation {
    /// The question about the facts.
    ///
    /// # Errors
    /// If they break a limit.
    pub(super) fn asked(self) -> Result<judging::Asked, Refusal> {
        let mut record = Arc::unwrap_or_clone(self.device);
        record.software.extend(self.software);
        self.terms.about(record, &self.place)
    }
}

/// Why a request is none.
pub(super) enum Unread {
    Malformed(String),
    Refused(Refusal),
}

impl From<Refusal> for Unread {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Reads a request.
///
/// # Errors
/// If it is none, or one of its evaluations is none.
pub(super) fn read(content: &[u8], may_be_many: bool) -> Result<Asked, Unread> {
    check_free(content)
        .map_err(|cause| Unread::Malformed(format!("the content is no JSON: {cause}")))?;
    let whole: &RawValue = serde_json::from_slice(content)
        .map_err(|_| Unread::Malformed("the content is no JSON".to_owned()))?;
    let whole = object(whole, "request")?;
    let mut reader = Reader::default();
    let evaluations = match whole.get("evaluations") {
        Some(evaluations) if may_be_many => list(evaluations)?,
        _ => Vec::new(),
    };
    if evaluations.is_empty() {
        let one = reader.evaluation(&whole, None, "")?;
        return Ok(Asked::One(Box::new(one)));
    }
    let semantic = match whole.get("options") {
        Some(options) if !is_null(options) => semantic(options)?,
        _ => Semantic::ExecuteAll,
    };
    if evaluations.len() > EVALUATIONS {
        return Err(Unread::Refused(Refusal::BatchTooLarge {
            items: evaluations.len(),
            most: EVALUATIONS,
        }));
    }
    let read = evaluations.into_iter().enumerate().map(|(index, value)| {
        let place = format!("evaluations[{index}]");
        let own = object(value, &place)?;
        reader.evaluation(&own, Some(&whole), &format!("{place}."))
    });
    let read: Result<Vec<Evaluation>, Refusal> = read.collect();
    Ok(Asked::Many(read?, semantic))
}

fn list(value: &RawValue) -> Result<Vec<&RawValue>, Refusal> {
    serde_json::from_str::<Option<_>>(value.get())
        .map(Option::unwrap_or_default)
        .map_err(|_| Refusal::field("evaluations", "is no list: write it in brackets"))
}

fn semantic(options: &RawValue) -> Result<Semantic, Refusal> {
    let place = "options.evaluations_semantic";
    let options = object(options, "options")?;
    let Some(word) = options.get("evaluations_semantic") else {
        return Ok(Semantic::ExecuteAll);
    };
    let Some(word) = text(word, place)? else {
        return Ok(Semantic::ExecuteAll);
    };
    Semantic::of(&word).ok_or_else(|| {
        Refusal::field(
            place,
            "is none of `execute_all`, `deny_on_first_deny` and `permit_on_first_permit`",
        )
    })
}

/// Reads evaluations, and the subject that they share once.
#[derive(Default)]
struct Reader {
    shared: Option<Arc<HostRecord>>,
    /// Items of software so far.
    items: usize,
}

impl Reader {
    fn evaluation<'a>(
        &mut self,
        own: &Parts<'a>,
        defaults: Option<&Parts<'a>>,
        place: &str,
    ) -> Result<Evaluation, Refusal> {
        // Null stands for a part that is left out.
        let of = |parts: &Parts<'a>, key: &str| parts.get(key).copied().filter(|raw| !is_null(raw));
        let part = |key: &str| of(own, key).or_else(|| of(defaults?, key));
        let required = |key: &str| {
            part(key).ok_or_else(|| {
                Refusal::field(
                    &format!("{place}{key}"),
                    "is required: subject, action and resource are",
                )
            })
        };
        let subject = required("subject")?;
        let device = if of(own, "subject").is_some() || defaults.is_none() {
            Arc::new(device(subject, &format!("{place}subject"))?)
        } else if let Some(shared) = &self.shared {
            Arc::clone(shared)
        } else {
            let read = Arc::new(device(subject, "subject")?);
            self.shared = Some(Arc::clone(&read));
            read
        };
        let mut terms = Terms::default();
        if let Some(context) = part("context") {
            let place = format!("{place}context");
            for (key, value) in object(context, &place)? {
                // The action stands elsewhere; all else is the caller's own.
                if key != "action" {
                    terms.take(&key, value, &place)?;
                }
            }
        }
        let named = object(required("action")?, &format!("{place}action"))?;
        let name_place = format!("{place}action.name");
        let name = required_text(&named, "name", &name_place)?;
        terms.action = Some(action(&name_place)(name)?);
        let resource = required("resource")?;
        let resource_place = format!("{place}resource");
        let software = resource_of(resource, &device, &resource_place)?;
        self.items += software.as_ref().map_or(device.software.len(), |_| 1);
        if self.items > limits::SOFTWARE {
            let many = format!(
                "is more software than the {} items that one request may ask about: ask about less at a time",
                limits::SOFTWARE
            );
            return Err(Refusal::field(&resource_place, many));
        }
        if let Some(software) = &software {
            let alone = check_software(std::slice::from_ref(software), Vec::new());
            alone.map_err(|refused| {
                relocated(refused, |field| match field.strip_prefix("software[0].") {
                    Some("name") => format!("{resource_place}.id"),
                    Some(field) => format!("{resource_place}.properties.{field}"),
                    None => resource_place.clone(),
                })
            })?;
        }
        Ok(Evaluation {
            device,
            software,
            terms,
            place: format!("{place}subject"),
        })
    }
}

/// The device that a subject is.
fn device(subject: &RawValue, place: &str) -> Result<HostRecord, Refusal> {
    let parts = object(subject, place)?;
    let kind = required_text(&parts, "type", &format!("{place}.type"))?;
    if kind != DEVICE {
        return Err(Refusal::field(
            &format!("{place}.type"),
            "is not `device`: decisions here are about devices",
        ));
    }
    let id_place = format!("{place}.id");
    let id = required_text(&parts, "id", &id_place)?;
    let place = format!("{place}.properties");
    let (inner, has_id) = match parts.get("properties").copied().filter(|raw| !is_null(raw)) {
        Some(properties) => {
            let has_id = object(properties, &place)?.contains_key("host_id");
            (inside(properties), has_id)
        }
        None => ("", false),
    };
    if has_id {
        let said = "stands in `id` of the subject: leave it out";
        return Err(Refusal::field(&format!("{place}.host_id"), said));
    }
    let whole = with(inner, "host_id", &id);
    let record = record(&whole, &place)?;
    let facts = HostFacts::check(record).map_err(|refused| {
        relocated(refused, |field| match field {
            "host_id" => id_place.clone(),
            field => format!("{place}.{field}"),
        })
    })?;
    Ok(facts.record().clone())
}

/// The software that a resource is; none if it is the device itself.
fn resource_of(
    resource: &RawValue,
    device: &HostRecord,
    place: &str,
) -> Result<Option<Software>, Refusal> {
    let parts = object(resource, place)?;
    let kind = required_text(&parts, "type", &format!("{place}.type"))?;
    let id_place = format!("{place}.id");
    let id = required_text(&parts, "id", &id_place)?;
    let properties = parts.get("properties").copied().filter(|raw| !is_null(raw));
    let properties_place = format!("{place}.properties");
    match kind.as_str() {
        DEVICE => {
            if id != device.host_id {
                let said = "is not the subject's: the device that is asked about is the subject";
                return Err(Refusal::field(&id_place, said));
            }
            let properties = properties.map(|raw| object(raw, &properties_place));
            if properties
                .transpose()?
                .is_some_and(|parts| !parts.is_empty())
            {
                let said = "stand with the subject where the resource is the device";
                return Err(Refusal::field(&properties_place, said));
            }
            Ok(None)
        }
        SOFTWARE => {
            if !device.software.is_empty() {
                let said = "is one item, and the subject has others: leave them out, or ask about the `device`";
                return Err(Refusal::field(place, said));
            }
            let (inner, has_name) = match properties {
                Some(raw) => {
                    let has_name = object(raw, &properties_place)?.contains_key("name");
                    (inside(raw), has_name)
                }
                None => ("", false),
            };
            if has_name {
                let said = "stands in `id` of the resource: leave it out";
                return Err(Refusal::field(&format!("{properties_place}.name"), said));
            }
            let read: Result<Software, _> = serde_json::from_str(&with(inner, "name", &id));
            read.map(Some).map_err(|cause| {
                let said = cause.to_string();
                // What names a key repeats no value.
                if said.starts_with("unknown field") {
                    misfit(&properties_place, said)
                } else {
                    misfit(
                        &properties_place,
                        "have a value that does not fit its field",
                    )
                }
            })
        }
        _ => Err(Refusal::field(
            &format!("{place}.type"),
            "is neither `software` nor `device`",
        )),
    }
}

/// Facts that break a limit, with their fields named as they stand in the request.
fn relocated(refused: FactsInvalid, place: impl Fn(&str) -> String) -> Refusal {
    let moved = |violation: Violation| Violation {
        field: place(&violation.field),
        ..violation
    };
    Refusal::FactsInvalid {
        violations: refused.violations.into_iter().map(moved).collect(),
        total: refused.total,
    }
}

fn required_text(parts: &Parts<'_>, key: &str, place: &str) -> Result<String, Refusal> {
    let given = parts.get(key).map(|value| text(value, place)).transpose()?;
    given
        .flatten()
        .ok_or_else(|| Refusal::field(place, "is required"))
}

fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

/// What stands in the braces of an object.
fn inside(object: &RawValue) -> &str {
    let text = object.get().trim();
    let text = text.strip_prefix('{').unwrap_or(text);
    text.strip_suffix('}').unwrap_or(text)
}

/// An object with one more text, behind the others so that their places stay what they are.
fn with(inside: &str, key: &str, value: &str) -> String {
    let comma = if inside.trim().is_empty() { "" } else { "," };
    let value = serde_json::Value::from(value);
    format!("{{{inside}{comma}\"{key}\":{value}}}")
}

#[cfg(test)]
mod tests;
