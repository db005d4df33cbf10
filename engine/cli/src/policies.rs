//! Which policies judge: the folder or bundle that is named, `policies` beside the caller, or the
//! shipped set.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use embargo_core::snapshot::Snapshot;
use embargo_service::{LoadError, Source, load};

use crate::args::Policies;

/// The folder that is taken without being named.
const FOLDER: &str = "policies";

/// Where the policies come from.
pub(crate) fn source(policies: &Policies) -> Source {
    source_of(policies.policies.as_deref())
}

/// The same for a folder or bundle that may be named.
pub(crate) fn source_of(folder: Option<&Path>) -> Source {
    match folder {
        Some(folder) if !folder.as_os_str().is_empty() => Source::at(folder),
        _ if Path::new(FOLDER).is_dir() => Source::Folder(PathBuf::from(FOLDER)),
        _ => Source::Embedded,
    }
}

/// Loads them.
///
/// # Errors
/// All that is wrong with them.
pub(crate) fn snapshot(policies: &Policies) -> Result<Arc<Snapshot>, LoadError> {
    load(&source(policies))
}

/// What a set holds, in words.
pub(crate) fn counts(snapshot: &Snapshot) -> String {
    format!(
        "{} policies, {} instruments, {} products",
        snapshot.policies().len(),
        snapshot.instruments().len(),
        snapshot.catalogue().products().len(),
    )
}
