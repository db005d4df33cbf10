//! Writing an archive: the same bytes for the same content, wherever and whenever.
//!
//! Entries stand in the order of their paths, without times, owners and rights of their own, so
//! that an archive that was built twice tells by its digest that nothing differs.

use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};
use thiserror::Error;

use super::manifest::check_revision;
use super::{Archive, ArchiveInvalid, MANIFEST, Manifest, SIGNATURES};

/// Rights of each file.
const MODE: u32 = 0o644;
/// How gzip says that no system is named.
const NO_SYSTEM: u8 = 255;

/// Why an archive cannot be written.
#[derive(Debug, Error)]
pub enum WriteArchiveError {
    /// The revision cannot be one.
    #[error("{0}\n  hint: write a number, a version or an instant")]
    Revision(String),
    /// A path does not fit into a header.
    #[error(
        "the path `{path}` does not fit into an archive: {cause}\n  hint: shorten it; a name may have 100 bytes, and the folders before it 155"
    )]
    Path {
        /// The path.
        path: String,
        /// Why.
        cause: io::Error,
    },
    /// Memory cannot be written.
    #[error("the archive cannot be written: {0}")]
    Written(io::Error),
    /// What was written would be refused.
    #[error("the archive would be refused: {0}")]
    Invalid(#[from] ArchiveInvalid),
}

/// Packs files, given by path and content, with what is said about them.
///
/// # Errors
/// If a path is too long, or a reader would refuse what comes of it.
pub fn pack<'a>(
    manifest: &Manifest,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    signatures: Option<&[u8]>,
) -> Result<Vec<u8>, WriteArchiveError> {
    check_revision(&manifest.revision).map_err(WriteArchiveError::Revision)?;
    let written = manifest.written();
    let mut all: Vec<(&str, &[u8])> = vec![(MANIFEST, &written)];
    all.extend(signatures.map(|signatures| (SIGNATURES, signatures)));
    for (path, content) in files {
        // What is said here takes the place of what was said before.
        if path != MANIFEST {
            all.push((path, content));
        }
    }
    pack_as_they_are(all)
}

/// The same archive with these signatures.
pub(crate) fn write_signed(
    archive: &Archive,
    signatures: &[u8],
) -> Result<Vec<u8>, WriteArchiveError> {
    let mut files: Vec<(&str, &[u8])> = archive.files().collect();
    files.push((SIGNATURES, signatures));
    pack_as_they_are(files)
}

/// Packs these files and no others.
pub(super) fn pack_as_they_are(
    mut files: Vec<(&str, &[u8])>,
) -> Result<Vec<u8>, WriteArchiveError> {
    files.sort_unstable_by_key(|(path, _)| *path);
    let gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(NO_SYSTEM)
        .write(Vec::new(), Compression::best());
    let mut builder = Builder::new(gzip);
    for (path, content) in files {
        let mut header = Header::new_ustar();
        header
            .set_path(path)
            .map_err(|cause| WriteArchiveError::Path {
                path: path.to_owned(),
                cause,
            })?;
        header.set_entry_type(EntryType::Regular);
        header.set_size(u64::try_from(content.len()).unwrap_or(u64::MAX));
        header.set_mode(MODE);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_cksum();
        builder
            .append(&header, content)
            .map_err(WriteArchiveError::Written)?;
    }
    let mut gzip = builder.into_inner().map_err(WriteArchiveError::Written)?;
    gzip.flush().map_err(WriteArchiveError::Written)?;
    let packed = gzip.finish().map_err(WriteArchiveError::Written)?;
    Archive::read(&packed)?;
    Ok(packed)
}
