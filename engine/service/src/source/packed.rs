//! Packed sets: where they come from, and what is asked of them.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Url;

use crate::archive::{Archive, ArchiveInvalid, PACKED_BYTES};
use crate::signature::{SignatureInvalid, Trust};

use super::{ReadSourceError, Reading};

/// A set of policies that is packed into one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleSource {
    /// Where the file is.
    pub place: BundlePlace,
    /// By whom it must be signed.
    pub signature: SignatureTerms,
    /// Whether one set may go live that comes before the one that was live.
    pub allows_rollback: bool,
}

/// Where a packed set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BundlePlace {
    /// On a disk.
    File(PathBuf),
    /// On a web server.
    Url(Box<Remote>),
}

/// How a packed set is fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    /// From where.
    pub url: Url,
    /// How often it is asked for, at least.
    pub poll_interval: Duration,
    /// How long fetching may take.
    pub timeout: Duration,
    /// How long it may fail before that counts.
    pub stale_after: Duration,
    /// A file with a token for the web server.
    pub token_file: Option<PathBuf>,
    /// A file with the authorities that may vouch for it.
    pub ca_file: Option<PathBuf>,
    /// A file with the certificate that is shown to it.
    pub client_certificate_file: Option<PathBuf>,
    /// A file with the key of that.
    pub client_key_file: Option<PathBuf>,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Remote").field(&self.to_string()).finish()
    }
}

/// Without what stands behind the path: there are URLs that are passwords.
impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        shown.fmt(f)
    }
}

impl fmt::Display for BundlePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(remote) => remote.fmt(f),
        }
    }
}

/// By whom a packed set must be signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureTerms {
    /// Whether one that nobody signed is refused.
    pub is_required: bool,
    /// A file with the public keys.
    pub key_file: Option<PathBuf>,
    /// The name that the signature must give its key.
    pub key_id: Option<String>,
    /// What it must be signed for.
    pub scope: String,
}

impl BundleSource {
    /// A file that its user trusts: no signature is looked at.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            place: BundlePlace::File(path.into()),
            signature: SignatureTerms::default(),
            allows_rollback: false,
        }
    }
}

impl SignatureTerms {
    /// The public keys as they are in their file at present.
    pub(super) fn keys(&self) -> Result<Option<String>, ReadSourceError> {
        let Some(path) = &self.key_file else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path).map_err(|cause| ReadSourceError::Key {
            path: path.clone(),
            cause: format!("it cannot be read: {cause}\n  hint: let the server's user read it"),
        })?;
        Ok(Some(text))
    }

    /// Whose signatures are taken.
    pub(super) fn trust(&self, keys: Option<&str>) -> Result<Trust, ReadSourceError> {
        let (Some(keys), Some(path)) = (keys, &self.key_file) else {
            return Ok(Trust::in_everything());
        };
        let trust = Trust::in_keys(keys).map_err(|invalid| ReadSourceError::Key {
            path: path.clone(),
            cause: invalid.to_string(),
        })?;
        let trust = if self.is_required {
            trust
        } else {
            trust.optional()
        };
        Ok(trust
            .of_key_id(self.key_id.clone())
            .for_scope(self.scope.clone()))
    }
}

/// The bytes of a packed set on a disk, never more than there may be.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>, ReadSourceError> {
    let failed = |cause: std::io::Error| match cause.kind() {
        ErrorKind::NotFound => ReadSourceError::NoFile {
            path: path.to_owned(),
        },
        _ => ReadSourceError::Unreadable {
            path: path.display().to_string(),
            cause,
        },
    };
    // Opening a pipe would wait for ever.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(ReadSourceError::NotAFile {
            path: path.display().to_string(),
        });
    }
    let most = u64::try_from(PACKED_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(failed)?;
    Ok(bytes)
}

/// Why what is in the bytes is not taken. The same bytes and keys give the same.
#[derive(Clone)]
pub(super) enum Refused {
    Archive(ArchiveInvalid),
    Signature(SignatureInvalid),
}

impl From<ArchiveInvalid> for Refused {
    fn from(invalid: ArchiveInvalid) -> Self {
        Self::Archive(invalid)
    }
}

impl From<SignatureInvalid> for Refused {
    fn from(invalid: SignatureInvalid) -> Self {
        Self::Signature(invalid)
    }
}

impl From<Refused> for ReadSourceError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Archive(invalid) => invalid.into(),
            Refused::Signature(invalid) => invalid.into(),
        }
    }
}

/// What is in the bytes, if whoever signed them may say so.
pub(super) fn opened(packed: &[u8], trust: &Trust) -> Result<Reading, Refused> {
    let archive = Archive::read(packed)?;
    let release = trust.verify(&archive)?;
    Ok(Reading {
        bundle: archive.bundle()?,
        release: Some(release),
    })
}
