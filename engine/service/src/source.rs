//! Sources: where policies come from.
//!
//! A source gives a whole bundle or an error that names path, cause and remedy. It never
//! gives a part: what cannot be read is not left out.

mod embedded;
mod folder;
mod packed;
mod fetch;
mod reader;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use embargo_core::bundle::{Bundle, BundleInvalid};
use embargo_core::diagnostic::{Diagnostic, Span};
use thiserror::Error;

use crate::archive::{Archive, ArchiveInvalid};
use crate::clock::Clock;
use crate::release::Release;
use crate::signature::SignatureInvalid;

pub use self::packed::{BundlePlace, BundleSource, Remote, SignatureTerms};
pub(crate) use self::reader::Reader;

/// How often a folder is read in a row before it counts as one that does not settle.
const READS: usize = 6;

/// Where policies come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder and all below it. Symbolic links are followed, hidden entries are not read.
    Folder(PathBuf),
    /// A set that is packed into one file, on a disk or a web server.
    Bundle(BundleSource),
    /// The set that is shipped inside of this crate.
    Embedded,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bundle(bundle) => bundle.place.fmt(f),
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
    /// The packed set is not there.
    #[error("there is no file `{}`\n  hint: put it in place, or name another; `embargo bundle build` makes one", .path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// The packed set cannot be fetched.
    #[error("`{url}` cannot be fetched: {cause}\n  hint: {hint}")]
    Unfetched {
        /// From where, without what may be secret in it.
        url: String,
        /// Why.
        cause: String,
        /// What to look at.
        hint: &'static str,
    },
    /// A key to verify by cannot be used.
    #[error("the key in `{}` cannot be used: {cause}", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        cause: String,
    },
    /// The packed set breaks a rule.
    #[error(transparent)]
    Archive(#[from] ArchiveInvalid),
    /// The packed set is not signed as it must be.
    #[error(transparent)]
    Signature(#[from] SignatureInvalid),
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
            Self::NoFile { .. } => ("source-no-file", None),
            Self::Unfetched { .. } => ("source-unfetched", None),
            Self::Key { .. } => ("signature-key", None),
            Self::Archive(invalid) => (invalid.code(), invalid.path()),
            Self::Signature(invalid) => (invalid.code(), invalid.path()),
            Self::Unreadable { path, .. } => ("source-unreadable", Some(path.as_str())),
            Self::DanglingLink { path } => ("source-dangling-link", Some(path.as_str())),
            Self::Loop { path } => ("source-loop", Some(path.as_str())),
            Self::NotAFile { path } => ("source-not-a-file", Some(path.as_str())),
            Self::NameNotUtf8 { path } => ("source-name", Some(path.as_str())),
            Self::TooMuch { .. } => ("source-too-much", None),
            Self::Empty { .. } => ("source-empty", None),
            Self::Invalid(invalid) => ("source-invalid", invalid.path.as_deref()),
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

/// What a source gives: a set, and which release it is if it was packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) bundle: Bundle,
    pub(crate) release: Option<Release>,
}

impl Reading {
    pub(crate) const fn of(bundle: Bundle) -> Self {
        Self {
            bundle,
            release: None,
        }
    }
}

impl Source {
    /// What a path names: a packed set, if it is a file or ends like one, and else a folder.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if path.is_file() || (is_packed(&path) && !path.is_dir()) {
            Self::Bundle(BundleSource::file(path))
        } else {
            Self::Folder(path)
        }
    }

    /// Reads everything once. What changes meanwhile can make a mixture.
    ///
    /// # Errors
    /// If anything is missing, unreadable or beyond a limit.
    pub fn read(&self) -> Result<Bundle, ReadSourceError> {
        match self {
            Self::Folder(path) => folder::read(path),
            Self::Bundle(_) => {
                let mut reader = Reader::new(self.clone(), Clock::system());
                reader.read().map(|reading| reading.bundle)
            }
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
            Self::Bundle(bundle) => match &bundle.place {
                BundlePlace::File(path) => Ok(Archive::read(&packed::bytes_of(path)?)?.fixtures()),
                // Only servers fetch, and they never read fixtures.
                BundlePlace::Url(_) => Ok(Vec::new()),
            },
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

/// Whether a name ends like that of a packed set.
fn is_packed(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".tar.gz") || name.ends_with(".tgz")
}

/// Reads until two reads in a row agree. An error counts only if the next read, too, ends in
/// one: while files are being replaced, what was listed can be gone.
fn settle<T: PartialEq>(
    mut read: impl FnMut() -> Result<T, ReadSourceError>,
) -> Result<T, ReadSourceError> {
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
pub(crate) fn agree<T: PartialEq>(
    before: &Result<T, ReadSourceError>,
    present: &Result<T, ReadSourceError>,
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
