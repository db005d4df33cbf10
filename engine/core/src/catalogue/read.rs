//! Reading the files of a catalogue: YAML, or JSON of the same shape.
//!
//! A YAML reader takes more time than all the rest of loading a large catalogue, so what is
//! plain enough is read as JSON. Where that does not succeed the YAML reader has the word.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::diagnostic::Diagnostic;
use crate::yaml;

use super::entry::CatalogueFile;
use super::plain;

/// A file of a catalogue, and the JSON that it is read from.
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    json: Option<Cow<'a, str>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: &'a str, text: &'a str) -> Self {
        let json = if path.ends_with(".json") {
            Some(Cow::Borrowed(text))
        } else {
            plain::json(text).map(Cow::Owned)
        };
        Self { path, text, json }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The first fault, in its place.
    pub(super) fn read(&self) -> Result<CatalogueFile<'_>, Diagnostic> {
        const CODE: &str = "catalogue-parse-error";
        match &self.json {
            Some(Cow::Borrowed(json)) => yaml::read_json(self.path, json, CODE),
            Some(Cow::Owned(json)) => {
                serde_json::from_str(json).or_else(|_| yaml::read(self.path, self.text, CODE))
            }
            None => yaml::read(self.path, self.text, CODE),
        }
    }
}

/// Reads a map and nothing else: without keys, JSON would take a list for one.
pub(super) fn keyed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Keyed<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Keyed<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_map(Keyed(PhantomData))
}
