//! Keys that are none: found in a file, among variables and on the command line, with what was
//! probably meant.

use embargo_core::likeness::{did_you_mean, nearest};
use serde_json::Value;

use super::super::keys::{keys, properties, schema, without_null};
use super::origin::{ConfigFault, Document, Origin};

/// How the names of settings' variables begin.
const PREFIX: &str = "EMBARGO_";
/// What is said where no key is like it.
const SEE_ALL: &str = "`embargo config check` shows every setting";

/// A key that is none.
pub(super) struct Unknown {
    path: String,
    hint: String,
}

impl Unknown {
    pub(super) fn in_document(&self, document: &Document) -> ConfigFault {
        let message = format!("there is no setting `{}`", self.path);
        document.fault(&self.path, message, self.hint.clone())
    }
}

/// All keys of a file that are none.
pub(super) fn in_file(value: &Value) -> Vec<Unknown> {
    let mut found = Vec::new();
    look(value, schema(), "", &mut found);
    found
}

fn look(value: &Value, schema: &Value, path: &str, found: &mut Vec<Unknown>) {
    let schema = without_null(schema);
    match value {
        Value::Object(map) => {
            let forms = forms(schema, value);
            let known: Vec<(&String, &Value)> =
                forms.iter().flat_map(|form| properties(form)).collect();
            if known.is_empty() {
                // A mapping whose keys are the user's own.
                if let Some(inner) = schema.get("additionalProperties") {
                    for (name, value) in map {
                        look(value, inner, &below(path, name), found);
                    }
                }
                return;
            }
            for (name, value) in map {
                let path = below(path, name);
                match known.iter().find(|(known, _)| *known == name) {
                    Some((_, inner)) => look(value, inner, &path, found),
                    None => found.push(Unknown {
                        hint: meant(name, &known),
                        path,
                    }),
                }
            }
        }
        Value::Array(items) => {
            if let Some(inner) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    look(item, inner, &format!("{path}[{index}]"), found);
                }
            }
        }
        _ => {}
    }
}

/// The forms that a mapping may have: that whose fixed words it says, else all.
fn forms<'a>(schema: &'a Value, value: &Value) -> Vec<&'a Value> {
    let several = ["oneOf", "anyOf"]
        .iter()
        .find_map(|word| schema.get(word)?.as_array());
    let Some(several) = several else {
        return vec![schema];
    };
    let says = |form: &&Value| {
        properties(form).any(|(name, inner)| {
            let word = inner.get("const");
            word.is_some() && value.get(name) == word
        })
    };
    let said: Vec<&Value> = several.iter().filter(says).collect();
    let mut forms = if said.is_empty() {
        several.iter().collect()
    } else {
        said
    };
    // What all forms share stands beside them.
    forms.push(schema);
    forms
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// What was probably meant: a key that stands here, or one that stands elsewhere.
fn meant(name: &str, known: &[(&String, &Value)]) -> String {
    let here = did_you_mean(name, known.iter().map(|(name, _)| name.as_str()), "");
    if !here.is_empty() {
        return here;
    }
    let last = |path: &'static str| path.rsplit('.').next().unwrap_or(path);
    let paths = || keys().iter().map(|key| key.path.as_str());
    let elsewhere = paths().find(|path| last(path) == name);
    let elsewhere = elsewhere.or_else(|| {
        let alike = nearest(name, paths().map(last))?;
        paths().find(|path| last(path) == alike)
    });
    match elsewhere {
        Some(path) => format!("did you mean `{path}`?"),
        None => listed(known),
    }
}

fn listed(known: &[(&String, &Value)]) -> String {
    let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    format!("the settings here are {}", names.join(", "))
}

/// Remarks about a variable that may have been meant for a setting: one that is like the name of
/// another. Others with that prefix are set by systems for programs of the same name.
pub(super) fn variable(name: &str) -> Option<String> {
    if !name.starts_with(PREFIX) {
        return None;
    }
    let known: Vec<String> = keys()
        .iter()
        .map(super::super::keys::Key::variable)
        .collect();
    let hint = did_you_mean(name, known.iter().map(String::as_str), "");
    (!hint.is_empty()).then(|| format!("the variable {name} sets nothing: {hint}"))
}

/// What is said about a setting on the command line that is none.
pub(super) fn said(path: &str, origin: Origin) -> ConfigFault {
    let known = keys().iter().map(|key| key.path.as_str());
    ConfigFault {
        message: format!("there is no setting `{path}`"),
        origin,
        hint: did_you_mean(path, known, SEE_ALL),
    }
}
