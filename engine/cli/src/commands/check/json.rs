//! Remarks as the API's `Diagnostic` messages, with their numbers.

use embargo_core::diagnostic::Severity;
use embargo_service::codec;
use serde_json::{Value, json};

use crate::output;

use super::Report;

pub(super) fn report(report: &Report) -> Value {
    let diagnostics: Vec<Value> = report
        .diagnostics
        .iter()
        .cloned()
        .map(|remark| output::json::diagnostic(&codec::diagnostic_message(remark)))
        .collect();
    let mut value = json!({
        "diagnostics": diagnostics,
        "error_count": report.count(Severity::Error),
        "warning_count": report.count(Severity::Warning),
    });
    if let (Some(object), Some(snapshot)) = (value.as_object_mut(), &report.snapshot) {
        object.insert("snapshot_id".to_owned(), json!(&**snapshot.id()));
    }
    value
}
