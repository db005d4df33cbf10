//! Who says what holds for a setting, and where.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;

use super::FILE_BYTES;

/// Who says what holds for a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: the default holds.
    Default,
    /// A line of the file.
    File {
        /// The file's name.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
    /// The command line, by this flag.
    Said(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Variable(name) => f.write_str(name),
            Self::Said(by) => f.write_str(by),
        }
    }
}

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// What is wrong, without the value of a secret.
    pub message: String,
    /// Who says so.
    pub origin: Origin,
    /// What would put it right; empty if the message says so.
    pub hint: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.origin != Origin::Default {
            write!(f, "\n  at {}", self.origin)?;
        }
        if !self.hint.is_empty() {
            write!(f, "\n  hint: {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigFault {}

/// A configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is called in messages.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl Document {
    /// What the file says. An empty file says nothing.
    pub(super) fn read(&self) -> Result<Value, ConfigFault> {
        let refused = |message: String, line: usize| ConfigFault {
            message,
            origin: Origin::File {
                name: self.name.clone(),
                line,
            },
            hint: String::new(),
        };
        if self.text.len() > FILE_BYTES {
            let message = format!("the file is larger than {FILE_BYTES} bytes");
            return Err(refused(message, 1));
        }
        // This reads every key once, and refuses one that is there twice.
        let read: serde_yaml::Value = serde_yaml::from_str(&self.text).map_err(|error| {
            let line = error.location().map_or(1, |place| place.line());
            refused(format!("the file is no YAML: {error}"), line)
        })?;
        let value = serde_json::to_value(read)
            .map_err(|error| refused(format!("the file has keys that are no texts: {error}"), 1))?;
        match value {
            Value::Null => Ok(Value::Object(serde_json::Map::new())),
            Value::Object(_) => Ok(value),
            _ => Err(refused("the file is no mapping of settings".to_owned(), 1)),
        }
    }

    pub(super) fn fault(&self, path: &str, message: String, hint: String) -> ConfigFault {
        ConfigFault {
            message,
            origin: self.origin(path),
            hint,
        }
    }

    pub(super) fn origin(&self, path: &str) -> Origin {
        Origin::File {
            name: self.name.clone(),
            line: self.line(path).unwrap_or(1),
        }
    }

    /// Whether something stands at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.line(path).is_some()
    }

    /// The line on which what stands at a path begins. The reader tells places in errors alone, so
    /// one is brought about there.
    fn line(&self, path: &str) -> Option<usize> {
        let steps: Vec<&str> = path
            .split(['.', '[', ']'])
            .filter(|step| !step.is_empty())
            .collect();
        let (last, _) = steps.split_last()?;
        let found = Search { rest: &steps }
            .deserialize(serde_yaml::Deserializer::from_str(&self.text))
            .err()?;
        let line = found.location()?.line();
        // A mapping begins below its key.
        let before: Vec<&str> = self.text.lines().take(line).collect();
        let named = |text: &&str| {
            let text = text.trim_start().trim_start_matches("- ");
            text.strip_prefix(last)
                .is_some_and(|rest| rest.trim_start().starts_with(':'))
        };
        let key = before.iter().rposition(named).map(|at| at + 1);
        Some(key.unwrap_or(line))
    }
}

/// Ends with an error where a path leads.
struct Search<'a> {
    rest: &'a [&'a str],
}

/// What the error says.
const FOUND: &str = "found";

impl<'de> DeserializeSeed<'de> for Search<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Search<'_> {
    fn scalar<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.rest.is_empty() {
            return Err(E::custom(FOUND));
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Search<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.scalar()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.scalar()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.scalar()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.rest.split_first() else {
            return Err(A::Error::custom(FOUND));
        };
        while let Some(key) = map.next_key::<String>()? {
            if key == *first {
                map.next_value_seed(Search { rest })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.rest.split_first() else {
            return Err(A::Error::custom(FOUND));
        };
        let wanted = first.parse::<usize>().ok();
        let mut index = 0;
        loop {
            let found = Some(index) == wanted;
            let went_on = if found {
                items.next_element_seed(Search { rest })?.is_some()
            } else {
                items.next_element::<IgnoredAny>()?.is_some()
            };
            if !went_on {
                return Ok(());
            }
            index += 1;
        }
    }
}
