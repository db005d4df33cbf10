//! Answers to queries, written as `opa eval` writes them.

use std::collections::BTreeSet;

use embargo_core::diagnostic::Diagnostic;
use serde_json::{Value, json};

use crate::args::eval::EvalFormat;
use crate::output::{json, pretty};

/// The results of a query in a format.
pub(super) fn results(results: &[Value], format: EvalFormat) -> String {
    match format {
        EvalFormat::Json if results.is_empty() => json::text(&json!({})),
        EvalFormat::Json => json::text(&json!({ "result": results })),
        EvalFormat::Pretty => for_people(results),
        EvalFormat::Raw => results.iter().map(|result| raw(&values(result))).collect(),
        EvalFormat::Values => {
            let lists = results
                .iter()
                .map(|result| json::text(&json!(values(result))));
            lists.collect()
        }
        EvalFormat::Bindings => {
            let all = results.iter().map(|result| {
                let bindings = result.get("bindings").cloned();
                json::text(&bindings.unwrap_or_else(|| json!({})))
            });
            all.collect()
        }
    }
}

/// What is wrong, in the shape of OPA's errors.
pub(super) fn errors(faults: &[Diagnostic]) -> String {
    let errors = faults.iter().map(|fault| {
        let mut error = json!({"message": fault.message, "code": code(fault)});
        if let (Some(span), Some(fields)) = (&fault.span, error.as_object_mut()) {
            let location = json!({
                "file": span.path, "row": span.start_line, "col": span.start_column,
            });
            fields.insert("location".to_owned(), location);
        }
        error
    });
    json::text(&json!({ "errors": errors.collect::<Vec<_>>() }))
}

/// OPA's code for a fault, or our own where it has none.
fn code(fault: &Diagnostic) -> String {
    let known = match fault.code {
        "rego-parse-error" | "rego-too-deep" | "rego-too-large" | "rego-line-length" => {
            "rego_parse_error"
        }
        "rego-unknown-function" | "rego-refused-function" | "rego-wrong-arguments" => {
            "rego_type_error"
        }
        "rego-unbound-name" => "rego_unsafe_var_error",
        "rego-recursion" => "rego_recursion_error",
        "rego-compile-error" => "rego_compile_error",
        "rego-runtime-error" if fault.message.contains("multiple outputs") => "eval_conflict_error",
        "rego-runtime-error" => "eval_builtin_error",
        "budget-exceeded" => "eval_cancel_error",
        own => return own.replace('-', "_"),
    };
    known.to_owned()
}

fn values(result: &Value) -> Vec<&Value> {
    expressions(result)
        .filter_map(|expression| expression.get("value"))
        .collect()
}

fn expressions(result: &Value) -> impl Iterator<Item = &Value> {
    let list = result.get("expressions").and_then(Value::as_array);
    list.into_iter().flatten()
}

/// Values in a line, texts without quotes.
fn raw(values: &[&Value]) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect();
    format!("{}\n", texts.join(" "))
}

/// One value by itself; several, or bindings, as a table.
fn for_people(results: &[Value]) -> String {
    if results.is_empty() {
        return "undefined\n".to_owned();
    }
    let has_bindings = results
        .iter()
        .any(|result| result.get("bindings").is_some());
    if let ([only], false) = (results, has_bindings)
        && let [value] = values(only).as_slice()
    {
        return json::text(value);
    }
    table(results)
}

/// A column for each binding, then one for each expression that is no binding.
fn table(results: &[Value]) -> String {
    let names: BTreeSet<&String> = results
        .iter()
        .filter_map(|result| result.get("bindings")?.as_object())
        .flat_map(|bindings| bindings.keys())
        .collect();
    let text = |expression: &Value| {
        let text = expression.get("text").and_then(Value::as_str);
        text.unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut heads: Vec<String> = names.iter().map(|name| (*name).clone()).collect();
    heads.extend(results.iter().take(1).flat_map(expressions).map(text));
    let mut rows = vec![heads];
    for result in results {
        let bound = names
            .iter()
            .map(|name| result.pointer(&format!("/bindings/{name}")));
        let cells = bound.chain(values(result).into_iter().map(Some));
        rows.push(
            cells
                .map(|cell| cell.map_or_else(String::new, Value::to_string))
                .collect(),
        );
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let rule: String = widths
        .iter()
        .map(|width| format!("+{}", "-".repeat(width + 2)))
        .collect();
    let mut table = format!("{rule}+\n");
    for (number, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let cell = pretty::clean(cell);
            table.push_str(&format!("| {cell:width$} "));
        }
        table.push_str("|\n");
        if number == 0 {
            table.push_str(&format!("{rule}+\n"));
        }
    }
    table.push_str(&format!("{rule}+\n"));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_that_of_opa() {
        let found = [json!({
            "expressions": [
                {"value": true, "text": "x := 7", "location": {"row": 1, "col": 1}},
                {"value": "a", "text": "\"a\"", "location": {"row": 1, "col": 9}},
            ],
            "bindings": {"x": 7},
        })];
        for (format, wanted) in [
            (EvalFormat::Raw, "true a\n"),
            (EvalFormat::Values, "[\n  true,\n  \"a\"\n]\n"),
            (EvalFormat::Bindings, "{\n  \"x\": 7\n}\n"),
            (
                EvalFormat::Pretty,
                "+---+--------+-----+\n| x | x := 7 | \"a\" |\n+---+--------+-----+\n| 7 | true   | \"a\" |\n+---+--------+-----+\n",
            ),
        ] {
            assert_eq!(results(&found, format), wanted, "{format:?}");
        }
    }

    #[test]
    fn what_is_undefined_has_no_result() {
        assert_eq!(results(&[], EvalFormat::Json), "{}\n");
        assert_eq!(results(&[], EvalFormat::Pretty), "undefined\n");
        assert_eq!(results(&[], EvalFormat::Raw), "");
    }
}
