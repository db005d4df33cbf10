//! The origin of a host: the document that tells of it. What gives no host has one, too.

use crate::commands::Failure;

/// Where a document stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// What it is called in messages: its file, and the place in it if the file holds several.
    pub(super) shown: String,
    /// The path of its file, with `/`. Empty for standard input and the example.
    pub(super) path: String,
    /// The line of the file on which it stands, if a line is one document.
    pub(super) line: Option<u32>,
}

impl Origin {
    pub(super) fn of_file(name: &str, path: &str) -> Self {
        Self {
            shown: name.to_owned(),
            path: path.to_owned(),
            line: None,
        }
    }

    /// The path of the file, if there is a file.
    pub(crate) fn path(&self) -> Option<&str> {
        Some(self.path.as_str()).filter(|path| !path.is_empty())
    }

    /// The line of the file on which it stands, if a line is one document.
    pub(crate) const fn line(&self) -> Option<u32> {
        self.line
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What gives no host, and why.
pub(crate) struct Unread {
    pub(crate) origin: Origin,
    pub(crate) failure: Failure,
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Self {
        unread.failure
    }
}
