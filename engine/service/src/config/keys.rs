//! Keys: every setting by its path, derived from the schema of the file.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::file::File;
use super::limits::LIVE_LIMITS;

/// What stands before the names of environment variables.
const PREFIX: &str = "EMBARGO_";
/// Variables with names of their own, from before there was a file.
const OTHER_NAMES: [(&str, &str); 3] = [
    ("EMBARGO_POLICIES", "policies.folder"),
    ("EMBARGO_STATE", "policies.state"),
    ("EMBARGO_LOG", "log.level"),
];

/// What can be changed while the server runs: settings, and sections of them.
const LIVE: [&str; 1] = ["log.level"];

/// A setting.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where it stands in the file, with dots.
    pub path: String,
    /// What is written for it.
    pub kind: Kind,
    /// What it does, with its unit and its range.
    pub description: String,
    /// What holds where nothing is said; null if nothing does.
    pub default: Value,
    /// Whether it is never shown.
    pub is_secret: bool,
    /// Whether a running server takes up its change.
    pub is_live: bool,
}

/// What is written for a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text, a time, a path.
    Text,
    /// A number, or a size with its unit.
    Number,
    /// `true` or `false`.
    Truth,
    /// Several texts; in a variable with commas between them.
    Texts,
    /// A mapping, or a list of them; in a variable as YAML.
    Tree,
}

impl Key {
    /// The environment variable that sets it.
    #[must_use]
    pub fn variable(&self) -> String {
        let other = OTHER_NAMES.iter().find(|(_, path)| *path == self.path);
        other.map_or_else(|| spelled(&self.path), |(name, _)| (*name).to_owned())
    }

    /// The value that a text stands for, as in a variable or on the command line. What does not fit
    /// stays a text, which is refused with all others.
    pub(super) fn value_of(&self, text: &str) -> Value {
        let said = || Value::String(text.to_owned());
        match self.kind {
            Kind::Text => said(),
            Kind::Number => text
                .parse::<i64>()
                .map_or_else(|_| real(text).unwrap_or_else(said), Value::from),
            Kind::Truth => text.parse::<bool>().map_or_else(|_| said(), Value::from),
            Kind::Texts if text.trim().is_empty() => Value::Array(Vec::new()),
            Kind::Texts => text
                .split(',')
                .map(|part| Value::from(part.trim()))
                .collect(),
            Kind::Tree => serde_yaml::from_str(text).unwrap_or_else(|_| said()),
        }
    }
}

fn real(text: &str) -> Option<Value> {
    let number = serde_json::Number::from_f64(text.parse().ok()?)?;
    Some(Value::Number(number))
}

fn spelled(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', "_").to_uppercase())
}

/// Every setting, in the order of the alphabet.
#[must_use]
pub fn keys() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
        let defaults = serde_json::to_value(File::default()).unwrap_or_default();
        let mut keys = Vec::new();
        gather(schema(), "", &defaults, &mut keys);
        keys
    });
    &KEYS
}

/// The key of a variable.
pub(super) fn of_variable(name: &str) -> Option<&'static Key> {
    let other = OTHER_NAMES.iter().find(|(known, _)| *known == name);
    keys().iter().find(|key| match other {
        Some((_, path)) => key.path == *path,
        None => spelled(&key.path) == name,
    })
}

/// The JSON Schema of the file.
#[must_use]
pub fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.inline_subschemas = true;
        });
        settings
            .into_generator()
            .into_root_schema_for::<File>()
            .to_value()
    });
    &SCHEMA
}

fn gather(schema: &Value, path: &str, default: &Value, keys: &mut Vec<Key>) {
    for (name, inner) in properties(schema) {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let default = default.get(name).cloned().unwrap_or_default();
        let solid = without_null(inner);
        if is_section(solid) {
            gather(solid, &path, &default, keys);
            continue;
        }
        keys.push(Key {
            is_live: is_live(&path),
            path,
            kind: kind(solid),
            description: description(inner),
            default,
            is_secret: solid.get("writeOnly").is_some(),
        });
    }
}

fn is_live(path: &str) -> bool {
    LIVE.iter().chain(&LIVE_LIMITS).any(|live| {
        path.strip_prefix(live)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// A schema without the alternative that there is nothing.
pub(super) fn without_null(schema: &Value) -> &Value {
    let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) else {
        return schema;
    };
    let is_something = |one: &&Value| one.get("type").and_then(Value::as_str) != Some("null");
    let mut rest = alternatives.iter().filter(is_something);
    match (rest.next(), rest.next()) {
        (Some(only), None) => only,
        _ => schema,
    }
}

/// Whether it is a mapping with keys that are known.
fn is_section(schema: &Value) -> bool {
    schema.get("properties").is_some()
}

/// The keys of a mapping, of whichever form it has.
pub(super) fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
}

fn kind(schema: &Value) -> Kind {
    let has = |word: &str| match schema.get("type") {
        Some(Value::String(only)) => only == word,
        Some(Value::Array(several)) => several.iter().any(|one| one == word),
        _ => false,
    };
    if has("boolean") {
        return Kind::Truth;
    }
    if has("integer") || has("number") {
        return Kind::Number;
    }
    if has("array") {
        let items = schema.get("items").map(kind);
        return match items {
            Some(Kind::Text) => Kind::Texts,
            _ => Kind::Tree,
        };
    }
    let of_words = schema.get("oneOf").and_then(Value::as_array);
    let is_word = |one: &Value| one.get("const").is_some() || one.get("enum").is_some();
    if has("string")
        || schema.get("enum").is_some()
        || of_words.is_some_and(|all| all.iter().all(is_word))
    {
        return Kind::Text;
    }
    Kind::Tree
}

fn description(schema: &Value) -> String {
    let said = schema.get("description").and_then(Value::as_str);
    let said = said.or_else(|| without_null(schema).get("description")?.as_str());
    said.unwrap_or_default().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_setting_has_a_description_and_a_variable_of_its_own() {
        let mut variables = BTreeSet::new();
        for key in keys() {
            assert!(
                key.description.ends_with('.'),
                "{}: {}",
                key.path,
                key.description
            );
            assert!(variables.insert(key.variable()), "{}", key.variable());
            let found = of_variable(&key.variable()).unwrap();
            assert_eq!(found.path, key.path);
        }
        assert!(variables.len() > 20);
        for (_, path) in OTHER_NAMES {
            assert!(keys().iter().any(|key| key.path == path), "{path}");
        }
    }

    #[test]
    fn texts_are_read_by_the_kind_of_their_setting() {
        let value = |path: &str, text: &str| {
            let key = keys().iter().find(|key| key.path == path).unwrap();
            key.value_of(text)
        };
        assert_eq!(value("evaluation.workers", "3"), 3);
        assert_eq!(value("evaluation.workers", "many"), "many");
        assert_eq!(value("evaluation.worker_stack", "16MiB"), "16MiB");
        assert_eq!(value("policies.exit_on_invalid", "true"), true);
        assert_eq!(value("policies.folder", "3"), "3");
        let doors = serde_json::json!(["grpc", "http"]);
        assert_eq!(value("doors", "grpc, http"), doors);
        assert_eq!(value("doors", ""), serde_json::json!([]));
    }
}
