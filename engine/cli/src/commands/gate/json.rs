//! The report as JSON: the outcome, and for each host its decision as the API's message or why
//! there is none.

use serde_json::{Map, Value, json};

use crate::output;

use super::report::{Host, NoDecision, Report};

pub(super) fn object(report: &Report) -> Value {
    let hosts: Vec<Value> = report.hosts().map(host).collect();
    let outcome = report.outcome();
    let mut object = json!({
        "outcome": outcome.word(),
        "exit_code": outcome.exit().code(),
        "hosts": hosts,
    });
    if let (Some(object), Some(none)) = (object.as_object_mut(), &report.failure) {
        object.insert("error".to_owned(), error(none));
    }
    object
}

fn host(host: &Host) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("file", host.file().unwrap_or_else(|| "-".to_owned()).into());
    if let Some(line) = host.line() {
        put("line", line.into());
    }
    if let Some(host_id) = &host.host_id {
        put("host_id", host_id.as_str().into());
    }
    put("outcome", host.outcome.word().into());
    match &host.answer {
        Ok(decision) => put("decision", output::json::decision(decision)),
        Err(none) => put("error", error(none)),
    };
    Value::Object(object)
}

fn error(none: &NoDecision) -> Value {
    let mut object = Map::new();
    object.insert("kind".to_owned(), none.lack.word().into());
    if let Some(reason) = &none.reason {
        object.insert("reason".to_owned(), reason.as_str().into());
    }
    object.insert("message".to_owned(), none.message.as_str().into());
    Value::Object(object)
}
