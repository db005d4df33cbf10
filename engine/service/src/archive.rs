//! Archives: a set of policies as one file, in the form of OPA's bundles: a tar archive,
//! compressed by gzip, with a `.manifest` and, if it is signed, a `.signatures.json`.
//!
//! Nothing is ever unpacked to a disk. An archive is taken as a whole or refused with its
//! place: regular files and folders only, each path once, and nothing that different programs
//! could read in different ways. However much a stranger packs into it, no more is inflated
//! than [`INFLATED_BYTES`].

mod gzip;
mod invalid;
mod manifest;
mod tar;
mod write;

use std::collections::BTreeMap;
use std::fmt;

use embargo_core::bundle::{Bundle, FILE_BYTES, TOTAL_BYTES, is_fixture, role};

pub use self::invalid::ArchiveInvalid;
pub use self::manifest::Manifest;
pub(crate) use self::write::write_signed;
pub use self::write::{WriteArchiveError, pack};

/// Bytes of an archive as it is transported, at most.
pub const PACKED_BYTES: usize = 16 * 1_024 * 1_024;
/// Bytes of an archive when it is inflated, at most: all files, their headers and padding.
pub const INFLATED_BYTES: usize = 32 * 1_024 * 1_024;
/// Bytes of the file with the signatures, at most: it names every other file.
pub(crate) const SIGNATURES_BYTES: usize = 4 * 1_024 * 1_024;

/// What OPA calls the file that describes the whole.
pub(crate) const MANIFEST: &str = ".manifest";
/// What OPA calls the file with the signatures.
pub(crate) const SIGNATURES: &str = ".signatures.json";

/// The content of an archive that keeps every rule. Nobody has looked yet whether it is signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Archive {
    files: BTreeMap<String, Vec<u8>>,
    signatures: Option<Vec<u8>>,
    manifest: Manifest,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

impl Archive {
    /// Reads an archive.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(packed: &[u8]) -> Result<Self, ArchiveInvalid> {
        let inflated = gzip::inflate(packed)?;
        let mut files = BTreeMap::new();
        let mut signatures = None;
        let mut total = 0_usize;
        for entry in tar::entries(&inflated)? {
            let is_signatures = entry.path == SIGNATURES;
            let most = if is_signatures {
                SIGNATURES_BYTES
            } else {
                FILE_BYTES
            };
            if entry.content.len() > most {
                return Err(ArchiveInvalid::TooMuch {
                    path: Some(entry.path),
                    what: format!("a file has more than {most} bytes"),
                });
            }
            if is_signatures {
                signatures = Some(entry.content.to_vec());
                continue;
            }
            total = total.saturating_add(entry.content.len());
            if total > TOTAL_BYTES {
                return Err(ArchiveInvalid::TooMuch {
                    path: None,
                    what: format!("all files have more than {TOTAL_BYTES} bytes"),
                });
            }
            files.insert(entry.path, entry.content.to_vec());
        }
        let manifest = match files.get(MANIFEST) {
            Some(content) => Manifest::read(content)?,
            None => Manifest::default(),
        };
        let archive = Self {
            files,
            signatures,
            manifest,
        };
        archive.refuse_what_would_be_lost()?;
        Ok(archive)
    }

    /// What it says about itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// All files but the one with the signatures, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// The file with the signatures.
    #[must_use]
    pub fn signatures(&self) -> Option<&[u8]> {
        self.signatures.as_deref()
    }

    /// The set of policies in it.
    ///
    /// # Errors
    /// If there is none, or it does not make up a bundle.
    pub fn bundle(&self) -> Result<Bundle, ArchiveInvalid> {
        if !self.files.keys().any(|path| role(path).is_some()) {
            return Err(ArchiveInvalid::Empty);
        }
        let files = self.files.iter();
        let bundle = Bundle::new(files.map(|(path, content)| (path.clone(), content.clone())));
        bundle.map_err(|invalid| ArchiveInvalid::TooMuch {
            path: invalid.path,
            what: invalid.cause,
        })
    }

    /// The fixtures in it, which only tests of rules see.
    #[must_use]
    pub fn fixtures(&self) -> Vec<(String, Vec<u8>)> {
        let fixtures = self.files.iter().filter(|(path, _)| is_fixture(path));
        fixtures
            .map(|(path, content)| (path.clone(), content.clone()))
            .collect()
    }

    /// Refuses what decides in OPA and would be passed over here: a set from which something
    /// is left out may allow what the whole denies.
    fn refuse_what_would_be_lost(&self) -> Result<(), ArchiveInvalid> {
        for (path, content) in &self.files {
            if role(path).is_some() || is_fixture(path) {
                continue;
            }
            let name = path.rsplit('/').next().unwrap_or(path);
            let what = match name {
                "plan.json" => "a plan",
                _ if name.ends_with(".wasm") => "a module of WebAssembly",
                _ if path == "patch.json" => "a patch, which makes it a delta bundle",
                "data.json" | "data.yaml" | "data.yml" if holds_data(content) => {
                    "data that OPA gives to rules from outside of the folder `data`"
                }
                _ => continue,
            };
            return Err(ArchiveInvalid::Unsupported {
                path: path.clone(),
                what: format!("it holds {what}"),
            });
        }
        Ok(())
    }
}

/// Whether this is more than an empty object, which `opa build` writes where there is no data.
fn holds_data(content: &[u8]) -> bool {
    let text = content.trim_ascii();
    !text.is_empty() && text != b"{}" && text != b"null"
}

#[cfg(test)]
pub(crate) mod testing {
    //! Archives that no honest program packs.

    use super::*;

    /// Packs these files, whatever they are.
    pub(crate) fn packed_as_they_are(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
        let files = files.iter();
        let files = files.map(|(path, content)| (path.as_str(), content.as_slice()));
        write::pack_as_they_are(files.collect()).unwrap()
    }
}

#[cfg(test)]
mod tests;
