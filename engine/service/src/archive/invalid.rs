//! What is wrong with an archive: one variant for each code.

use embargo_core::bundle::FILES;
use thiserror::Error;

use super::{INFLATED_BYTES, PACKED_BYTES};

/// Why an archive is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArchiveInvalid {
    /// It has more bytes than an archive may have.
    #[error(
        "the archive has more than {PACKED_BYTES} bytes\n  hint: pack policies alone, as `embargo bundle build` does"
    )]
    TooLarge,
    /// It is not one whole member of gzip.
    #[error(
        "the archive cannot be inflated: {cause}\n  hint: pack it by `embargo bundle build`, and look whether it was transported whole"
    )]
    Gzip {
        /// What is wrong.
        cause: String,
    },
    /// It inflates to more than it may.
    #[error(
        "the archive is a bomb: it {cause}, and was not inflated any further\n  hint: do not trust where it came from; a set of policies inflates to at most {INFLATED_BYTES} bytes"
    )]
    Bomb {
        /// Which bound is passed.
        cause: String,
    },
    /// Something follows where it ends.
    #[error(
        "the archive goes on behind its end: {cause}\n  hint: pack it anew by `embargo bundle build`; different programs read what follows in different ways"
    )]
    Trailing {
        /// What follows.
        cause: &'static str,
    },
    /// Its table of contents is damaged.
    #[error(
        "the archive is damaged at byte {at} of what it inflates to: {cause}\n  hint: pack it by `embargo bundle build`, or by `tar --format=ustar`"
    )]
    Tar {
        /// Where, in bytes from the beginning of the inflated archive.
        at: usize,
        /// What is wrong.
        cause: &'static str,
    },
    /// An entry is neither a regular file nor a folder.
    #[error(
        "`{path}` is {what}, and an archive may hold regular files and folders only\n  hint: pack it by `embargo bundle build`, or by `tar --format=ustar --dereference`"
    )]
    Entry {
        /// The path as it is written there.
        path: String,
        /// What it is.
        what: String,
    },
    /// A path is not one that stays below the root.
    #[error(
        "the path `{path}` {cause}\n  hint: write it relative to the root, with `/` and without empty parts, `.` and `..`"
    )]
    Path {
        /// The path, with U+FFFD for what is not UTF-8.
        path: String,
        /// What is wrong.
        cause: &'static str,
    },
    /// A path appears twice.
    #[error(
        "the path `{path}` appears twice\n  hint: pack each file once; different programs take different ones"
    )]
    Duplicate {
        /// The path.
        path: String,
    },
    /// There is more than a set may hold.
    #[error("{what}\n  hint: keep only policies in the archive; it may hold {FILES} files")]
    TooMuch {
        /// The file at fault, if it is one.
        path: Option<String>,
        /// Which limit is passed.
        what: String,
    },
    /// The manifest cannot be read.
    #[error(
        "`.manifest` cannot be read: {cause}\n  hint: write an object in JSON with `revision`, or let `embargo bundle build` write it"
    )]
    Manifest {
        /// What is wrong.
        cause: String,
    },
    /// It needs what only OPA has.
    #[error(
        "{what}, which decides in OPA and would be passed over here\n  hint: pack the sources, and put data into the folder `data`"
    )]
    Unsupported {
        /// The file at fault.
        path: String,
        /// What it needs.
        what: String,
    },
    /// It holds no policies.
    #[error(
        "the archive holds no policy file\n  hint: an empty archive is not an empty policy; pack the policy folder itself, not the folder above it"
    )]
    Empty,
}

impl ArchiveInvalid {
    /// The code, which does not change.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "archive-too-large",
            Self::Gzip { .. } => "archive-gzip",
            Self::Bomb { .. } => "archive-bomb",
            Self::Trailing { .. } => "archive-trailing",
            Self::Tar { .. } => "archive-tar",
            Self::Entry { .. } => "archive-entry",
            Self::Path { .. } => "archive-path",
            Self::Duplicate { .. } => "archive-duplicate",
            Self::TooMuch { .. } => "archive-too-much",
            Self::Manifest { .. } => "archive-manifest",
            Self::Unsupported { .. } => "archive-unsupported",
            Self::Empty => "archive-empty",
        }
    }

    /// The file at fault, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Entry { path, .. }
            | Self::Path { path, .. }
            | Self::Duplicate { path }
            | Self::Unsupported { path, .. } => Some(path),
            Self::TooMuch { path, .. } => path.as_deref(),
            Self::Manifest { .. } => Some(super::MANIFEST),
            Self::TooLarge
            | Self::Gzip { .. }
            | Self::Bomb { .. }
            | Self::Trailing { .. }
            | Self::Tar { .. }
            | Self::Empty => None,
        }
    }
}
