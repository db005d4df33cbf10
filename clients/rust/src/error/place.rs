//! Where a failure happened.

use std::{fmt, sync::Arc};

use super::{CallError, Malformed};

/// Which call to which server, and which item of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    method: &'static str,
    endpoint: Arc<str>,
    item: Option<Box<str>>,
}

impl Place {
    pub(crate) fn new(method: &'static str, endpoint: Arc<str>) -> Self {
        Self {
            method,
            endpoint,
            item: None,
        }
    }

    pub(crate) fn item(&self, correlation_id: &str) -> Self {
        Self {
            item: Some(correlation_id.into()),
            ..self.clone()
        }
    }

    pub(crate) fn malformed(&self, cause: Malformed) -> CallError {
        CallError::Malformed {
            cause,
            place: self.clone(),
        }
    }

    /// The method, such as `DecideHost`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The endpoint, as it was given.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The correlation id of the item, if it is about one.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.item.as_deref()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(item) = &self.item {
            write!(f, "item `{item}` of ")?;
        }
        write!(f, "{} at {}", self.method, self.endpoint)
    }
}
