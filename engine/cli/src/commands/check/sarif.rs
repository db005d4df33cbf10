//! Remarks as a SARIF 2.1.0 log.

use std::collections::BTreeMap;

use embargo_core::diagnostic::{Diagnostic, Severity, Span, page};
use serde_json::{Map, Value, json};

use super::pages;
use super::places::{Places, columns};
use crate::output::sarif;

pub(super) fn log(remarks: &[Diagnostic], places: &Places) -> Value {
    let mut codes: BTreeMap<&str, (usize, Severity)> = BTreeMap::new();
    for remark in remarks {
        codes.entry(remark.code).or_insert((0, remark.severity));
    }
    for (at, (index, _)) in codes.values_mut().enumerate() {
        *index = at;
    }
    let rules: Vec<Value> = codes
        .iter()
        .map(|(code, (_, severity))| rule(code, *severity))
        .collect();
    let results: Vec<Value> = remarks
        .iter()
        .map(|remark| {
            let index = codes.get(remark.code).map_or(0, |(index, _)| *index);
            result(remark, index, places)
        })
        .collect();
    sarif::log(rules, results, [])
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn rule(code: &str, severity: Severity) -> Value {
    let page = page::of(code);
    let section = pages::section(code).unwrap_or_default();
    let first = section.split("\n**Mend**").next().unwrap_or_default();
    let words = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = if words.is_empty() {
        format!("see {page}")
    } else {
        words
    };
    let mut help = json!({"text": format!("{text}\nsee {page}")});
    if let (Some(help), false) = (help.as_object_mut(), section.is_empty()) {
        help.insert("markdown".to_owned(), json!(section));
    }
    json!({
        "id": code,
        "shortDescription": {"text": code.replace('-', " ")},
        "fullDescription": {"text": text},
        "help": help,
        "defaultConfiguration": {"level": level(severity)},
        "properties": {"page": page},
    })
}

fn result(remark: &Diagnostic, index: usize, places: &Places) -> Value {
    let mut message = remark.message.clone();
    if !remark.hint.is_empty() {
        message.push_str("\nhint: ");
        message.push_str(&remark.hint);
    }
    let locations: Vec<Value> = remark
        .span
        .iter()
        .map(|span| {
            json!({"physicalLocation": {
                "artifactLocation": {"uri": sarif::uri(&places.path(span))},
                "region": region(remark, span),
            }})
        })
        .collect();
    json!({
        "ruleId": remark.code,
        "ruleIndex": index,
        "level": level(remark.severity),
        "message": {"text": message},
        "locations": locations,
    })
}

fn region(remark: &Diagnostic, span: &Span) -> Value {
    let columns = columns(remark, span);
    let mut region = Map::new();
    region.insert("startLine".to_owned(), json!(span.start_line));
    region.insert("startColumn".to_owned(), json!(columns.start));
    if span.end_line != span.start_line {
        region.insert("endLine".to_owned(), json!(span.end_line));
    }
    if let Some(end) = columns.end {
        region.insert("endColumn".to_owned(), json!(end.max(columns.start + 1)));
    }
    Value::Object(region)
}
