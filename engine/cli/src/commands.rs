//! The commands, one file each.

pub(crate) mod serve;
pub(crate) mod with;
pub(crate) mod decide;
pub(crate) mod gate;
pub(crate) mod explain;
pub(crate) mod timeline;
pub(crate) mod diff;
pub(crate) mod log;
pub(crate) mod replay;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod new;
pub(crate) mod schema;
pub(crate) mod test;
pub(crate) mod identify;
pub(crate) mod inspect;
pub(crate) mod bundle;
pub(crate) mod bench;
pub(crate) mod eval;
pub(crate) mod token;
pub(crate) mod healthcheck;
pub(crate) mod completions;
pub(crate) mod man;
pub(crate) mod version;

use std::io;

use embargo_client::{CallError, ConnectError};
use embargo_core::diagnostic::Diagnostic;
use embargo_core::facts::FactsInvalid;
use embargo_service::{LoadError, StoredUnreadable, Unjudged};
use thiserror::Error;

/// Why a command gave no answer; it ends with exit code 2.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("{what} cannot be read: {cause}")]
    Unreadable { what: String, cause: io::Error },
    #[error("{0}")]
    Diagnostic(Diagnostic),
    #[error("the facts in {file} break a rule, and no part of them was judged{}", listed(.cause))]
    Facts { file: String, cause: FactsInvalid },
    #[error("the policies cannot be loaded\n\n{0}")]
    Policies(#[from] LoadError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Unjudged(#[from] Unjudged),
    #[error("{0}")]
    Said(String),
}

impl From<StoredUnreadable> for Failure {
    fn from(unreadable: StoredUnreadable) -> Self {
        Self::Said(unreadable.to_string())
    }
}

fn listed(cause: &FactsInvalid) -> String {
    let mut text = String::new();
    for violation in &cause.violations {
        text.push_str("\n  ");
        text.push_str(&violation.to_string());
    }
    let unnamed = cause.total.saturating_sub(cause.violations.len());
    if unnamed > 0 {
        text.push_str(&format!("\n  and {unnamed} more"));
    }
    text
}
