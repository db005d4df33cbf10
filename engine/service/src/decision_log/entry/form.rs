//! The two forms of entries: that of the API, and that of OPA's decision logs.
//!
//! An entry is written in the first form; the second is arranged from it, so that both are masked
//! alike and neither needs more than the text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How entries are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Names of `embargo.v1` in JSON.
    #[default]
    Embargo,
    /// The fields of OPA's decision log events.
    Opa,
}

/// Under which name OPA finds the set of policies.
const BUNDLE: &str = "embargo";
/// Where OPA would find the decision.
const PATH: &str = "embargo/decision";

/// An event of OPA's.
#[derive(Serialize)]
struct Event<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'e RawValue>,
    decision_id: String,
    bundles: BTreeMap<&'static str, Revision>,
    path: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Input<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'e RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    erased: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    masked: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'e RawValue>,
    #[serde(skip_serializing_if = "String::is_empty")]
    requested_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'e RawValue>,
    metrics: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'e RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<&'e RawValue>,
    /// What OPA has no field for.
    custom: BTreeMap<String, &'e RawValue>,
}

/// What was asked, as a request of the API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'e> {
    facts: &'e RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'e RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluate_time: Option<&'e RawValue>,
}

#[derive(Serialize)]
struct Revision {
    revision: String,
}

/// What is read of a decision, a snapshot and a principal.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Named {
    decision_id: String,
    snapshot_id: String,
    revision: String,
    name: String,
}

/// By what an entry is sorted, in whichever form it is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Heading {
    pub(in super::super) event_id: String,
    pub(in super::super) timestamp: String,
    pub(in super::super) door: String,
    pub(in super::super) method: String,
    pub(in super::super) effect: String,
    pub(in super::super) trace_id: String,
    pub(in super::super) span_id: String,
}

/// Where it stands in both forms.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AnyForm {
    timestamp: String,
    #[serde(rename = "eventId")]
    event_id: String,
    door: String,
    method: String,
    #[serde(alias = "traceId")]
    trace_id: String,
    #[serde(alias = "spanId")]
    span_id: String,
    #[serde(alias = "result")]
    decision: Option<Effect>,
    custom: Option<Box<AnyForm>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Effect {
    effect: String,
}

impl Heading {
    pub(in super::super) fn of(entry: &[u8]) -> Self {
        let whole: AnyForm = serde_json::from_slice(entry).unwrap_or_default();
        let inner = whole.custom.unwrap_or_default();
        let either = |outer: String, inner: String| if outer.is_empty() { inner } else { outer };
        Self {
            event_id: either(whole.event_id, inner.event_id),
            timestamp: whole.timestamp,
            door: either(whole.door, inner.door),
            method: either(whole.method, inner.method),
            effect: whole.decision.unwrap_or_default().effect,
            trace_id: whole.trace_id,
            span_id: whole.span_id,
        }
    }
}

/// An entry in a form. What cannot be arranged otherwise stays as it is, which is better than none.
pub(in super::super) fn render(format: Format, entry: &[u8]) -> Cow<'_, [u8]> {
    match format {
        Format::Embargo => Cow::Borrowed(entry),
        Format::Opa => opa(entry).map_or(Cow::Borrowed(entry), Cow::Owned),
    }
}

fn opa(entry: &[u8]) -> Option<Vec<u8>> {
    let mut parts: BTreeMap<String, &RawValue> = serde_json::from_slice(entry).ok()?;
    let decision = parts.remove("decision");
    let facts = parts.remove("facts");
    let (action, evaluate_time) = (parts.remove("action"), parts.remove("evaluateTime"));
    let decided: Named = read(decision);
    let snapshot: Named = read(parts.get("snapshot").copied());
    let caller: Named = read(parts.get("principal").copied());
    let durations = read(parts.remove("durations"));
    let pointers = |raw| -> Vec<String> {
        let pointers: Vec<String> = read(raw);
        pointers.iter().map(|pointer| moved(pointer)).collect()
    };
    let event = Event {
        labels: parts.remove("labels"),
        decision_id: if decided.decision_id.is_empty() {
            read(parts.get("eventId").copied())
        } else {
            decided.decision_id
        },
        bundles: BTreeMap::from([(
            BUNDLE,
            Revision {
                revision: if snapshot.revision.is_empty() {
                    snapshot.snapshot_id
                } else {
                    snapshot.revision
                },
            },
        )]),
        path: PATH,
        input: facts.map(|facts| Input {
            facts,
            action,
            evaluate_time,
        }),
        result: decision,
        erased: pointers(parts.remove("erased")),
        masked: pointers(parts.remove("masked")),
        error: parts.remove("error"),
        requested_by: caller.name,
        timestamp: parts.remove("timestamp"),
        metrics: metrics(&durations),
        trace_id: parts.remove("traceId"),
        span_id: parts.remove("spanId"),
        custom: parts,
    };
    serde_json::to_vec(&event).ok()
}

fn read<T: DeserializeOwned + Default>(raw: Option<&RawValue>) -> T {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}

/// A pointer into an entry as one into an event.
fn moved(pointer: &str) -> String {
    let (place, rest) = pointer
        .get(1..)
        .unwrap_or_default()
        .split_once('/')
        .map_or_else(
            || (pointer.trim_start_matches('/'), String::new()),
            |(place, rest)| (place, format!("/{rest}")),
        );
    match place {
        "facts" | "action" | "evaluateTime" => format!("/input/{place}{rest}"),
        "decision" => format!("/result{rest}"),
        "labels" | "error" => format!("/{place}{rest}"),
        "traceId" => "/trace_id".to_owned(),
        "spanId" => "/span_id".to_owned(),
        "durations" => "/metrics".to_owned(),
        _ => format!("/custom/{place}{rest}"),
    }
}

/// Times in nanoseconds under OPA's names.
fn metrics(durations: &BTreeMap<String, String>) -> BTreeMap<String, u64> {
    let known = [
        ("queue", "timer_server_queue_ns"),
        ("evaluation", "timer_rego_query_eval_ns"),
    ];
    let mut metrics = BTreeMap::new();
    for (name, key) in known {
        if let Some(nanoseconds) = durations.get(name).and_then(|text| nanoseconds(text)) {
            metrics.insert(key.to_owned(), nanoseconds);
        }
    }
    metrics
}

fn nanoseconds(text: &str) -> Option<u64> {
    let (seconds, nanos) = text.strip_suffix('s')?.split_once('.')?;
    let seconds: u64 = seconds.parse().ok()?;
    seconds
        .checked_mul(1_000_000_000)?
        .checked_add(nanos.parse().ok()?)
}
