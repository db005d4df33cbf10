//! Sources: where policies come from.
//!
//! A source gives a whole bundle or an error that names path, cause and remedy. It never
//! gives a part: what cannot be read is not left out.

mod embedded;
mod folder;

use std::fmt;
use std::io;
use std::path::PathBuf;

use embargo_core::bundle::{Bundle, BundleInvalid};
use embargo_core::diagnostic::{Diagnostic, Span};
use thiserror::Error;

/// How often a folder is read in a row before it counts as one that does not settle.
const READS: usize = 6;

/// Where policies come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder and all below it. Symbolic links are followed, hidden entries are not read.
    Folder(PathBuf),
    /// The set that is shipped inside of this crate.
    Embedded,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Embedded => f.write_str("the shipped set"),
        }
    }
}

/// Why a source gives no bundle.
#[derive(Debug, Error)]
pub enum ReadSourceError {
    /// The folder is not there, or is something else than a folder.
    #[error("there is no folder `{}`\n  hint: create it, or name another", .path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// An entry cannot be read.
    #[error(
        "`{path}` cannot be read: {cause}\n  hint: let the server's user read it, or move it out of the policy folder"
    )]
    Unreadable {
        /// The entry, relative to the root.
        path: String,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// A symbolic link leads nowhere.
    #[error(
        "the symbolic link `{path}` leads nowhere\n  hint: correct it or remove it; what it should hold would be missing"
    )]
    DanglingLink {
        /// The link, relative to the root.
        path: String,
    },
    /// A folder contains itself by way of a symbolic link.
    #[error("`{path}` leads back to a folder that contains it\n  hint: remove the symbolic link")]
    Loop {
        /// The link, relative to the root.
        path: String,
    },
    /// Something has the name of a policy file and is none.
    #[error("`{path}` is not a regular file\n  hint: move it out of the policy folder")]
    NotAFile {
        /// The entry, relative to the root.
        path: String,
    },
    /// A name is not UTF-8.
    #[error("the name `{path}` is not UTF-8\n  hint: rename it")]
    NameNotUtf8 {
        /// The entry, with U+FFFD for what is not UTF-8.
        path: String,
    },
    /// There is more than a policy folder may hold.
    #[error("{cause}\n  hint: keep only policies in the policy folder")]
    TooMuch {
        /// Which limit is passed, in words.
        cause: String,
    },
    /// No file in the folder is a policy file.
    #[error("`{}` holds no policy file\n  hint: an empty folder is not an empty policy; restore its files, or name another folder", .path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// The files do not make up a bundle.
    #[error(transparent)]
    Invalid(#[from] BundleInvalid),
    /// The content differed from one read to the next, each time.
    #[error(
        "the content changes while it is being read\n  hint: replace the folder at once, by a rename or by a symbolic link"
    )]
    Unsettled,
}

impl ReadSourceError {
    /// The same as a remark, for those who show remarks.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let (code, path) = match self {
            Self::NoFolder { .. } => ("source-no-folder", None),
            Self::Unreadable { path, .. } => ("source-unreadable", Some(path)),
            Self::DanglingLink { path } => ("source-dangling-link", Some(path)),
            Self::Loop { path } => ("source-loop", Some(path)),
            Self::NotAFile { path } => ("source-not-a-file", Some(path)),
            Self::NameNotUtf8 { path } => ("source-name", Some(path)),
            Self::TooMuch { .. } => ("source-too-much", None),
            Self::Empty { .. } => ("source-empty", None),
            Self::Invalid(invalid) => ("source-invalid", invalid.path.as_ref()),
            Self::Unsettled => ("source-unsettled", None),
        };
        let text = self.to_string();
        let (message, hint) = text.split_once("\n  hint: ").unwrap_or((&text, ""));
        let diagnostic = Diagnostic::error(code, message).hint(hint);
        match path {
            Some(path) => diagnostic.at(Span::start_of(path)),
            None => diagnostic,
        }
    }
}

impl Source {
    /// Reads everything once. What changes meanwhile can make a mixture.
    ///
    /// # Errors
    /// If anything is missing, unreadable or beyond a limit.
    pub fn read(&self) -> Result<Bundle, ReadSourceError> {
        match self {
            Self::Folder(path) => folder::read(path),
            Self::Embedded => embedded::bundle(),
        }
    }

    /// Reads the fixtures, by path, which are no part of the bundle and which no server reads.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_fixtures(&self) -> Result<Vec<(String, Vec<u8>)>, ReadSourceError> {
        match self {
            Self::Folder(path) => folder::fixtures(path),
            Self::Embedded => Ok(embedded::fixtures()),
        }
    }

    /// Reads everything until two reads in a row agree, so that the bundle is one that the
    /// folder did hold.
    ///
    /// # Errors
    /// As [`Source::read`], and if the content does not settle.
    pub fn read_settled(&self) -> Result<Bundle, ReadSourceError> {
        settle(|| self.read())
    }
}

/// Reads until two reads in a row agree. An error counts only if the next read, too, ends in
/// one: while files are being replaced, what was listed can be gone.
fn settle(
    mut read: impl FnMut() -> Result<Bundle, ReadSourceError>,
) -> Result<Bundle, ReadSourceError> {
    let mut before = read();
    for _ in 1..READS {
        let present = read();
        if agree(&before, &present) {
            return present;
        }
        before = present;
    }
    Err(ReadSourceError::Unsettled)
}

/// Whether two reads in a row are the same content, or both failed.
pub(crate) fn agree(
    before: &Result<Bundle, ReadSourceError>,
    present: &Result<Bundle, ReadSourceError>,
) -> bool {
    match (before, present) {
        (Ok(first), Ok(second)) => first == second,
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

/// The set that is shipped inside of this crate.
///
/// # Errors
/// If the shipped files do not make up a bundle, which a test of this crate excludes.
pub fn shipped_bundle() -> Result<Bundle, ReadSourceError> {
    embedded::bundle()
}

#[cfg(test)]
mod tests;
