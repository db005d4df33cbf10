//! A validator for what our schemas use of JSON Schema 2020-12. A keyword that it does not know
//! is a fault of the schema, so that nothing in one goes untried.

use embargo_core::instant::Instant;
use regex::Regex;
use serde_json::Value;

/// Keywords that say nothing about validity.
const SILENT: [&str; 6] = [
    "$schema",
    "$defs",
    "title",
    "description",
    "examples",
    "default",
];

/// Where a document does not keep a schema, and to which keyword.
pub(crate) fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let root = Validator { root: schema };
    root.check(schema, document, "", &mut faults);
    faults
}

struct Validator<'a> {
    root: &'a Value,
}

impl Validator<'_> {
    fn holds(&self, schema: &Value, value: &Value) -> bool {
        let mut faults = Vec::new();
        self.check(schema, value, "", &mut faults);
        faults.is_empty()
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        if schema == false {
            faults.push(format!("{at}: must not be there"));
            return;
        }
        for (keyword, wanted) in schema.as_object().unwrap() {
            if !self.keeps(schema, keyword, wanted, value, at, faults) {
                faults.push(format!("{at}: {keyword}"));
            }
        }
    }

    /// Whether a value keeps one keyword; faults of what lies within are added.
    fn keeps(
        &self,
        schema: &Value,
        keyword: &str,
        wanted: &Value,
        value: &Value,
        at: &str,
        faults: &mut Vec<String>,
    ) -> bool {
        let number = || usize::try_from(wanted.as_u64().unwrap()).unwrap();
        let text = value.as_str();
        let list = value.as_array();
        match keyword {
            _ if SILENT.contains(&keyword) => true,
            "type" => match wanted {
                Value::Array(names) => names.iter().any(|name| is_of(name, value)),
                name => is_of(name, value),
            },
            "enum" => wanted.as_array().unwrap().contains(value),
            "const" => wanted == value,
            "pattern" => text.is_none_or(|text| pattern(wanted).is_match(text)),
            "minLength" => text.is_none_or(|text| text.chars().count() >= number()),
            "maxLength" => text.is_none_or(|text| text.chars().count() <= number()),
            "format" => {
                assert_eq!(wanted, "date-time");
                text.is_none_or(|text| text.parse::<Instant>().is_ok())
            }
            "minItems" => list.is_none_or(|list| list.len() >= number()),
            "maxItems" => list.is_none_or(|list| list.len() <= number()),
            "uniqueItems" => list.is_none_or(|list| {
                let is_first = |(at, item)| list.iter().position(|other| other == item) == Some(at);
                list.iter().enumerate().all(is_first)
            }),
            "items" => {
                for (number, item) in list.into_iter().flatten().enumerate() {
                    self.check(wanted, item, &format!("{at}/{number}"), faults);
                }
                true
            }
            "required" => value.as_object().is_none_or(|object| {
                let names = wanted.as_array().unwrap().iter();
                names
                    .map(|name| name.as_str().unwrap())
                    .all(|name| object.contains_key(name))
            }),
            "properties" => {
                for (name, below) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = wanted.get(name) {
                        self.check(schema, below, &format!("{at}/{name}"), faults);
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(wanted, false);
                let known = schema.get("properties").unwrap();
                let mut names = value
                    .as_object()
                    .into_iter()
                    .flat_map(|object| object.keys());
                names.all(|name| known.get(name).is_some())
            }
            "$ref" => {
                let place = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                let below = self
                    .root
                    .pointer(place)
                    .unwrap_or_else(|| panic!("{place}"));
                self.check(below, value, at, faults);
                true
            }
            "anyOf" => {
                let mut schemas = wanted.as_array().unwrap().iter();
                schemas.any(|schema| self.holds(schema, value))
            }
            "oneOf" => {
                let schemas = wanted.as_array().unwrap().iter();
                schemas.filter(|schema| self.holds(schema, value)).count() == 1
            }
            "not" => !self.holds(wanted, value),
            "if" => {
                if self.holds(wanted, value) {
                    self.check(schema.get("then").unwrap(), value, at, faults);
                }
                true
            }
            "then" => true,
            other => panic!("the schema has `{other}`, which is not tried"),
        }
    }
}

fn is_of(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the schema has the type `{other}`, which is not tried"),
    }
}

/// A pattern of ECMA 262 in the words of Rust, where letters of all scripts are in `\w`.
fn pattern(wanted: &Value) -> Regex {
    let text = wanted.as_str().unwrap().replace(r"[\p{L}\p{N}]", r"[^\W_]");
    Regex::new(&text).unwrap()
}
