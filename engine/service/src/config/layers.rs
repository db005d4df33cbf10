//! Layers: what a file, the environment and the command line say, read as one configuration.
//!
//! The command line stands over the environment, the environment over the file, and the file over
//! the defaults. A fault names the layer and the place in it.

mod origin;
mod unknown;
mod variables;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::file::File;
use super::keys::{Key, keys, of_variable};
use super::{Config, ConfigInvalid};

pub use self::origin::{ConfigFault, Document, Origin};

/// Bytes of a configuration file, at most.
pub const FILE_BYTES: usize = 1_024 * 1_024;

/// What somebody says on the command line.
#[derive(Clone, Debug)]
pub struct Said {
    /// The setting.
    pub path: String,
    /// The value, as text.
    pub text: String,
    /// How it was said, for messages, such as `--workers`.
    pub by: String,
}

/// The layers.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The file, if there is one.
    pub file: Option<Document>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The command line; what is said later stands over what is said before.
    pub said: Vec<Said>,
}

/// A configuration as it was given: what holds, and who says so.
#[derive(Clone, Debug)]
pub struct Given {
    /// The file that says the same as all layers together.
    pub file: File,
    /// What the layers say, without defaults.
    value: Value,
    origins: BTreeMap<String, Origin>,
    document: Option<Document>,
    /// Variables that look like settings and are none.
    pub unknown_variables: Vec<String>,
}

impl Layers {
    /// Reads the layers.
    ///
    /// # Errors
    /// All unknown keys, else the first fault of another kind.
    pub fn read(self) -> Result<Given, Vec<ConfigFault>> {
        let mut origins = BTreeMap::new();
        let mut value = Value::Object(Map::new());
        if let Some(document) = &self.file {
            let written = document.read().map_err(|fault| vec![fault])?;
            let unknown = unknown::in_file(&written);
            if !unknown.is_empty() {
                let faults = unknown.iter().map(|fault| fault.in_document(document));
                return Err(faults.collect());
            }
            value = variables::put_in(written, &self.environment)
                .map_err(|fault| vec![document.fault(&fault.path, fault.message, fault.hint)])?;
            for key in keys() {
                if at(&value, &key.path).is_some_and(|value| !value.is_null()) {
                    origins.insert(key.path.clone(), document.origin(&key.path));
                }
            }
        }
        let mut unknown_variables = Vec::new();
        for (name, text) in &self.environment {
            match of_variable(name) {
                Some(key) => {
                    put(&mut value, &key.path, key.value_of(text));
                    origins.insert(key.path.clone(), Origin::Variable(name.clone()));
                }
                None => unknown_variables.extend(unknown::variable(name)),
            }
        }
        let mut faults = Vec::new();
        for said in &self.said {
            let origin = Origin::Said(said.by.clone());
            match key_of(&said.path) {
                Some(key) => {
                    put(&mut value, &key.path, key.value_of(&said.text));
                    origins.insert(key.path.clone(), origin);
                }
                None => faults.push(unknown::said(&said.path, origin)),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let file = serde_path_to_error::deserialize(&value).map_err(|error| {
            let path = error.path().to_string();
            let message = format!("`{path}`: {}", error.into_inner());
            vec![ConfigFault {
                message,
                origin: place(&origins, self.file.as_ref(), &path),
                hint: String::new(),
            }]
        })?;
        Ok(Given {
            file,
            value,
            origins,
            document: self.file,
            unknown_variables,
        })
    }
}

impl Given {
    /// The configuration, if every setting keeps its range.
    ///
    /// # Errors
    /// The first that does not, and who says so.
    pub fn config(&self) -> Result<Config, ConfigFault> {
        let settings = self.file.settings();
        settings
            .and_then(Config::new)
            .map_err(|invalid| self.fault(&invalid))
    }

    /// A setting that is outside of its range, with its place.
    #[must_use]
    pub fn fault(&self, invalid: &ConfigInvalid) -> ConfigFault {
        ConfigFault {
            message: invalid.to_string(),
            origin: place(&self.origins, self.document.as_ref(), &invalid.setting),
            hint: String::new(),
        }
    }

    /// Each setting with its value, secrets hidden, and who says so.
    #[must_use]
    pub fn effective(&self) -> Vec<(&'static Key, Value, Origin)> {
        let whole = serde_json::to_value(&self.file).unwrap_or_default();
        let each = keys().iter().map(|key| {
            let value = at(&whole, &key.path).cloned().unwrap_or_default();
            let origin = self.origins.get(&key.path).cloned();
            (key, value, origin.unwrap_or(Origin::Default))
        });
        each.collect()
    }

    /// The settings in which another configuration differs.
    #[must_use]
    pub fn changes(&self, other: &Self) -> Vec<&'static Key> {
        let said = |given: &Self, key: &Key| {
            let value = at(&given.value, &key.path).filter(|value| !value.is_null());
            value.unwrap_or(&key.default).clone()
        };
        let differs = |key: &&Key| said(self, key) != said(other, key);
        keys().iter().filter(differs).collect()
    }

    /// What the file held that this was read from.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.document
            .as_ref()
            .map(|document| document.text.as_str())
    }

    /// Who says what holds for a setting.
    #[must_use]
    pub fn origin(&self, path: &str) -> Origin {
        place(&self.origins, self.document.as_ref(), path)
    }
}

fn key_of(path: &str) -> Option<&'static Key> {
    keys().iter().find(|key| key.path == path)
}

/// Where a value comes from whose path may lead below a setting.
fn place(origins: &BTreeMap<String, Origin>, document: Option<&Document>, path: &str) -> Origin {
    let holds = |key: &str| {
        path.strip_prefix(key)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let found = origins.iter().find(|(key, _)| holds(key));
    match (found, document) {
        (Some((_, Origin::File { .. })), Some(document)) => document.origin(path),
        (Some((_, origin)), _) => origin.clone(),
        // A section that is no mapping, or a combination that no single setting makes.
        (None, Some(document)) if document.has(path) => document.origin(path),
        (None, _) => Origin::Default,
    }
}

/// The value at a path with dots.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(value, |value, name| value.get(name))
}

/// Puts a value at a path with dots. What stands in its way is replaced.
fn put(value: &mut Value, path: &str, new: Value) {
    let mut here = value;
    for name in path.split('.') {
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        let Value::Object(map) = here else { return };
        here = map.entry(name).or_insert(Value::Null);
    }
    *here = new;
}

#[cfg(test)]
mod tests;
