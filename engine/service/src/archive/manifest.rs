//! `.manifest`: what an archive says about itself, in OPA's words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ArchiveInvalid, MANIFEST};

/// Bytes of a revision, at most.
const REVISION_BYTES: usize = 256;
/// The version of Rego that is judged by here.
const REGO: i64 = 1;

/// What an archive says about itself. Members that nobody knows are passed over, as OPA does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Manifest {
    /// Which release it is, in the author's words; empty if it has none. At most 256 bytes.
    pub revision: String,
    /// The parts of `data` that it owns, as OPA knows them. A set here always owns all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<Vec<String>>,
    /// The version of Rego that its rules are written in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rego_version: Option<i64>,
    /// Versions of Rego of files, by pattern.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub file_rego_versions: BTreeMap<String, i64>,
    /// Modules of WebAssembly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wasm: Vec<Value>,
    /// Whatever the author says beside.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

impl Manifest {
    /// That of a release.
    #[must_use]
    pub fn of(revision: &str) -> Self {
        Self {
            revision: revision.to_owned(),
            roots: Some(vec![String::new()]),
            rego_version: Some(REGO),
            ..Self::default()
        }
    }

    /// Its bytes in an archive.
    pub(super) fn written(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    pub(super) fn read(content: &[u8]) -> Result<Self, ArchiveInvalid> {
        let invalid = |cause: String| ArchiveInvalid::Manifest { cause };
        // A list would be read as the members in their order.
        if !content.trim_ascii_start().starts_with(b"{") {
            return Err(invalid("it is no object".to_owned()));
        }
        let manifest: Self =
            serde_json::from_slice(content).map_err(|cause| invalid(cause.to_string()))?;
        if !manifest.wasm.is_empty() {
            return Err(unsupported("it needs a module of WebAssembly".to_owned()));
        }
        let versions = manifest.file_rego_versions.values().copied();
        if let Some(other) = manifest
            .rego_version
            .into_iter()
            .chain(versions)
            .find(|version| *version != REGO)
        {
            return Err(unsupported(format!("it is written in Rego v{other}")));
        }
        check_revision(&manifest.revision).map_err(invalid)?;
        if let Some((one, other)) = overlapping(manifest.roots.as_deref().unwrap_or_default()) {
            return Err(invalid(format!("the roots `{one}` and `{other}` overlap")));
        }
        Ok(manifest)
    }
}

/// Whether this can be a revision.
///
/// # Errors
/// Why it cannot.
pub(super) fn check_revision(revision: &str) -> Result<(), String> {
    if revision.len() > REVISION_BYTES {
        return Err(format!("`revision` has more than {REVISION_BYTES} bytes"));
    }
    if revision.chars().any(char::is_control) {
        return Err("`revision` holds a control character".to_owned());
    }
    Ok(())
}

fn unsupported(what: String) -> ArchiveInvalid {
    ArchiveInvalid::Unsupported {
        path: MANIFEST.to_owned(),
        what,
    }
}

/// Two roots of which one contains the other.
fn overlapping(roots: &[String]) -> Option<(&str, &str)> {
    let roots: Vec<&str> = roots.iter().map(|root| root.trim_matches('/')).collect();
    roots.iter().enumerate().find_map(|(at, one)| {
        let others = roots.iter().skip(at + 1);
        let mut overlap = others.filter(|other| contains(one, other) || contains(other, one));
        overlap.next().map(|other| (*one, *other))
    })
}

fn contains(root: &str, other: &str) -> bool {
    root.is_empty()
        || other
            .strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
