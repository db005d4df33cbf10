//! Results as JSON, with the names of `RunPolicyTestsResponse`.

use std::time::Duration;

use embargo_core::diagnostic::{Diagnostic, Severity};
use serde_json::{Value, json};

use crate::output::json;

use super::report::{Measured, Outcome, Report};

pub(super) fn text(report: &Report) -> String {
    let results: Vec<Value> = report.outcomes.iter().map(result).collect();
    let mut answer = json!({
        "results": results,
        "summary": {
            "passed_count": report.passed(),
            "failed_count": report.failed(),
        },
    });
    if !report.measured.is_empty() {
        let measured: Vec<Value> = report.measured.iter().map(coverage).collect();
        put(&mut answer, "coverage", measured.into());
    }
    if let Some(threshold) = report.threshold {
        let is_met = report.missed().is_none();
        put(
            &mut answer,
            "threshold",
            json!({"percent": threshold, "met": is_met}),
        );
    }
    json::text(&answer)
}

fn result(outcome: &Outcome) -> Value {
    let mut result = json!({
        "name": outcome.name,
        "passed": outcome.failure.is_none(),
        "duration": duration(outcome.took),
    });
    if let Some(failure) = &outcome.failure {
        put(&mut result, "failure", diagnostic(failure));
    }
    result
}

fn coverage(measured: &Measured) -> Value {
    let coverage = &measured.coverage;
    let files: Vec<Value> = coverage
        .files()
        .map(|(path, file)| {
            json!({
                "path": path,
                "percent": file.percent(),
                "covered": file.covered,
                "uncovered": file.uncovered,
            })
        })
        .collect();
    json!({
        "policies": measured.root,
        "snapshot_id": measured.sources.id().to_string(),
        "percent": coverage.percent(),
        "covered_count": coverage.covered(),
        "uncovered_count": coverage.uncovered(),
        "files": files,
    })
}

/// A remark with the names of the API; what it has none for, the values, stands in `notes`.
pub(super) fn diagnostic(remark: &Diagnostic) -> Value {
    let severity = match remark.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut value = json!({
        "severity": severity,
        "code": remark.code,
        "message": remark.message,
    });
    if let Some(span) = &remark.span {
        let span = json!({
            "path": span.path,
            "start_line": span.start_line,
            "start_column": span.start_column,
            "end_line": span.end_line,
            "end_column": span.end_column,
        });
        put(&mut value, "span", span);
    }
    for (key, text) in [("hint", &remark.hint), ("excerpt", &remark.excerpt)] {
        if !text.is_empty() {
            put(&mut value, key, text.as_str().into());
        }
    }
    if !remark.notes.is_empty() {
        put(&mut value, "notes", json!(remark.notes));
    }
    value
}

/// As protobuf writes one in JSON.
fn duration(took: Duration) -> String {
    format!("{}.{:09}s", took.as_secs(), took.subsec_nanos())
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}
