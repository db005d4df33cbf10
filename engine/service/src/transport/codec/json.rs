//! JSON: the API's messages with the proto's field names, instants in RFC 3339, enums by their
//! short lower-case words. What is absent is left out.

use embargo_proto::v1;
use prost_types::Timestamp;
use serde_json::{Map, Value, json};

use super::words;

/// A decision.
#[must_use]
pub fn decision(decision: &v1::Decision) -> Value {
    let mut object = Object::default();
    object.put("decision_id", decision.decision_id.as_str());
    object.put("host_id", decision.host_id.as_str());
    object.put("action", words::action(decision.action));
    object.put("effect", words::effect(decision.effect));
    object.list("findings", decision.findings.iter().map(finding));
    if decision.omitted_finding_count > 0 {
        object.put("omitted_finding_count", decision.omitted_finding_count);
    }
    object.list("failures", decision.failures.iter().map(failure));
    object.list(
        "missing_facts",
        decision.missing_facts.iter().map(|path| json!(path)),
    );
    object.put("snapshot_id", decision.snapshot_id.as_str());
    object.instant("evaluate_time", decision.evaluate_time.as_ref());
    object.instant("next_change_time", decision.next_change_time.as_ref());
    object.finish()
}

/// A timeline.
#[must_use]
pub fn timeline(answer: &v1::ComputeDecisionTimelineResponse) -> Value {
    let mut object = Object::default();
    let segments = answer.segments.iter().map(|segment| {
        let mut object = Object::default();
        object.instant("start_time", segment.start_time.as_ref());
        object.instant("end_time", segment.end_time.as_ref());
        if let Some(known) = &segment.decision {
            object.put("decision", decision(known));
        }
        object.finish()
    });
    object.list("segments", segments);
    object.instant("truncate_time", answer.truncate_time.as_ref());
    object.finish()
}

/// An explanation.
#[must_use]
pub fn explanation(answer: &v1::ExplainDecisionResponse) -> Value {
    let mut object = Object::default();
    if let Some(known) = &answer.decision {
        object.put("decision", decision(known));
    }
    object.list(
        "identifications",
        answer.identifications.iter().map(identification),
    );
    object.list("rules", answer.rules.iter().map(rule));
    object.finish()
}

fn rule(rule: &v1::RuleExplanation) -> Value {
    let mut object = Object::default();
    object.put("policy_id", rule.policy_id.as_str());
    object.put("set", rule.set.as_str());
    object.put("instrument_ids", rule.instrument_ids.clone());
    object.span("span", rule.span.as_ref());
    object.put("outcome", words::outcome(rule.outcome));
    object.instant("phase_begin_time", rule.phase_begin_time.as_ref());
    object.list("conditions", rule.conditions.iter().map(condition));
    let facts = rule.facts.iter().map(|fact| {
        let mut inner = Object::default();
        inner.put("path", fact.path.as_str());
        inner.text("value_json", &fact.value_json);
        inner.finish()
    });
    object.list("facts", facts);
    if let Some(duration) = &rule.duration {
        let seconds = format!("{}.{:09}s", duration.seconds, duration.nanos);
        object.put("duration", seconds);
    }
    object.finish()
}

fn condition(known: &v1::ConditionExplanation) -> Value {
    let mut object = Object::default();
    object.span("span", known.span.as_ref());
    object.put("text", known.text.as_str());
    object.put("held", known.held);
    if !known.missing_facts.is_empty() {
        object.put("missing_facts", known.missing_facts.clone());
    }
    if !known.held {
        let readings = known.readings.iter().map(|reading| {
            let mut inner = Object::default();
            inner.put("name", reading.name.as_str());
            inner.put("values", reading.values.clone());
            if reading.more_count > 0 {
                inner.put("more_count", reading.more_count);
            }
            inner.finish()
        });
        object.list("readings", readings);
        object.list("because", known.because.iter().map(condition));
    }
    object.finish()
}

/// An identification.
#[must_use]
pub fn identification(found: &v1::Identification) -> Value {
    let mut object = Object::default();
    object.software(found.software.as_ref());
    object.put("product_id", found.product_id.as_str());
    object.put("vendor_id", found.vendor_id.as_str());
    object.text("product_class", &found.product_class);
    object.put("strength", words::strength(found.strength));
    object.list("evidence", found.evidence.iter().map(evidence));
    object.finish()
}

fn finding(finding: &v1::Finding) -> Value {
    let mut object = Object::default();
    object.text("instrument_id", &finding.instrument_id);
    object.put("policy_id", finding.policy_id.as_str());
    object.put("effect", words::effect(finding.effect));
    object.put("disposition", words::disposition(finding.disposition));
    if let Some(waiver) = &finding.waiver {
        let mut inner = Object::default();
        inner.put("waiver_id", waiver.waiver_id.as_str());
        inner.instant("expire_time", waiver.expire_time.as_ref());
        inner.put("owner", waiver.owner.as_str());
        inner.put("reason", waiver.reason.as_str());
        object.put("waiver", inner.finish());
    }
    object.software(finding.software.as_ref());
    object.text("product_id", &finding.product_id);
    object.text("vendor_id", &finding.vendor_id);
    object.list("evidence", finding.evidence.iter().map(evidence));
    object.put("message", finding.message.as_str());
    object.text("detail", &finding.detail);
    object.text("remediation", &finding.remediation);
    object.list(
        "citations",
        finding.citations.iter().map(|citation| {
            let mut inner = Object::default();
            inner.put("title", citation.title.as_str());
            inner.text("url", &citation.url);
            inner.finish()
        }),
    );
    object.instant("since_time", finding.since_time.as_ref());
    if let Some(next) = &finding.next {
        let mut inner = Object::default();
        inner.put("effect", words::effect(next.effect));
        inner.instant("time", next.time.as_ref());
        object.put("next", inner.finish());
    }
    object.span("rule_span", finding.rule_span.as_ref());
    object.finish()
}

fn evidence(evidence: &v1::Evidence) -> Value {
    json!({
        "kind": evidence.kind,
        "value": evidence.value,
        "strength": words::strength(evidence.strength),
    })
}

fn failure(failure: &v1::PolicyFailure) -> Value {
    let mut object = Object::default();
    object.put("policy_id", failure.policy_id.as_str());
    object.put("kind", words::failure_kind(failure.kind));
    if let Some(diagnostic) = &failure.diagnostic {
        object.put("diagnostic", self::diagnostic(diagnostic));
    }
    object.finish()
}

/// A remark.
#[must_use]
pub fn diagnostic(diagnostic: &v1::Diagnostic) -> Value {
    let mut object = Object::default();
    object.put("severity", words::severity(diagnostic.severity));
    object.put("code", diagnostic.code.as_str());
    object.put("message", diagnostic.message.as_str());
    object.span("span", diagnostic.span.as_ref());
    object.text("hint", &diagnostic.hint);
    object.text("excerpt", &diagnostic.excerpt);
    object.finish()
}

/// An object under construction.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.put(key, value);
        }
    }

    fn list(&mut self, key: &str, values: impl Iterator<Item = Value>) {
        self.put(key, values.collect::<Vec<_>>());
    }

    fn instant(&mut self, key: &str, value: Option<&Timestamp>) {
        if let Some(timestamp) = value {
            self.put(key, words::instant(timestamp));
        }
    }

    fn software(&mut self, software: Option<&v1::SoftwareRef>) {
        if let Some(software) = software {
            let mut inner = Self::default();
            inner.put("index", software.index);
            inner.put("name", software.name.as_str());
            if let Some(version) = &software.version {
                inner.put("version", version.as_str());
            }
            self.put("software", inner.finish());
        }
    }

    fn span(&mut self, key: &str, span: Option<&v1::SourceSpan>) {
        if let Some(span) = span {
            self.put(
                key,
                json!({
                    "path": span.path,
                    "start_line": span.start_line,
                    "start_column": span.start_column,
                    "end_line": span.end_line,
                    "end_column": span.end_column,
                }),
            );
        }
    }

    fn finish(self) -> Value {
        Value::Object(self.0)
    }
}
