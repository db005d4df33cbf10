//! SARIF 2.1.0: the frame of a log, and references to files in it.

use serde_json::{Value, json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log of one run with these rules and results. `more` holds further properties of the run.
pub(crate) fn log(
    rules: Vec<Value>,
    results: Vec<Value>,
    more: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let mut run = json!({
        "tool": {"driver": {
            "name": "embargo",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }},
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    if let Some(run) = run.as_object_mut() {
        run.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
    }
    json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
}

/// A path as a reference of RFC 3986.
pub(crate) fn uri(path: &str) -> String {
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        assert_eq!(
            uri("policies/a b/ü:x.rego"),
            "policies/a%20b/%C3%BC%3Ax.rego"
        );
        assert_eq!(uri("/tmp/a.rego"), "file:///tmp/a.rego");
    }
}
