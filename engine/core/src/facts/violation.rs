//! Violations: fields that break a rule, for the person who sent them.

use std::fmt;

use thiserror::Error;

use super::limits;

/// One field that breaks a stated rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field, as a path from the facts: `software[17].sha256`.
    pub field: String,
    /// The rule that is broken and what to do, without the value: facts are personal.
    pub description: String,
}

impl Violation {
    /// A violation of `field`.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            description: description.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.description)
    }
}

/// Facts that break the rules of the API, and are therefore not judged at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", summary(.violations, *.total))]
pub struct FactsInvalid {
    /// The first fields at fault, at most 16.
    pub violations: Vec<Violation>,
    /// How many fields are at fault.
    pub total: usize,
}

fn summary(violations: &[Violation], total: usize) -> String {
    let Some(first) = violations.first() else {
        return "the facts break a rule".to_owned();
    };
    match total {
        0 | 1 => first.to_string(),
        _ => format!("{first} (and {} more)", total - 1),
    }
}

/// Collects violations: the first 16 by name, all by number.
#[derive(Default)]
pub(super) struct Violations {
    named: Vec<Violation>,
    total: usize,
}

impl Violations {
    pub(super) fn add(&mut self, field: impl fmt::Display, description: impl fmt::Display) {
        self.total += 1;
        if self.named.len() < limits::NAMED_VIOLATIONS {
            self.named
                .push(Violation::new(field.to_string(), description.to_string()));
        }
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, FactsInvalid> {
        if self.total == 0 {
            return Ok(value);
        }
        Err(FactsInvalid {
            violations: self.named,
            total: self.total,
        })
    }
}
