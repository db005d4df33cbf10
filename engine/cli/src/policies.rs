//! Which policies judge: the folder or bundle that is named, `policies` beside the caller, or the
//! shipped set.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use embargo_core::snapshot::Snapshot;
use embargo_service::{BundleSection, LoadError, SignatureSection, Source, load};

use crate::args::{Policies, Serving};
use crate::commands::Failure;

/// The folder that is taken without being named.
const FOLDER: &str = "policies";

/// Where the policies come from.
pub(crate) fn source(policies: &Policies) -> Source {
    match &policies.policies {
        Some(folder) if !folder.as_os_str().is_empty() => Source::at(folder),
        _ if Path::new(FOLDER).is_dir() => Source::Folder(PathBuf::from(FOLDER)),
        _ => Source::Embedded,
    }
}

/// Where those come from that are served.
///
/// # Errors
/// If what is said of a bundle cannot be meant.
pub(crate) fn served(serving: &Serving) -> Result<Source, Failure> {
    let asked = &serving.bundle;
    let Some(place) = &asked.bundle else {
        let mut source = source(&serving.policies);
        if let Source::Bundle(bundle) = &mut source {
            bundle.allows_rollback = asked.allow_revision_rollback;
        }
        return Ok(source);
    };
    let is_url = place.contains("://");
    let defaults = BundleSection::default();
    let section = BundleSection {
        file: (!is_url).then(|| place.into()),
        url: is_url.then(|| place.clone()),
        poll_interval: asked.bundle_poll_interval.unwrap_or(defaults.poll_interval),
        allow_rollback: asked.allow_revision_rollback,
        signature: SignatureSection {
            key_file: asked.bundle_key.clone(),
            ..SignatureSection::default()
        },
        ..defaults
    };
    match section.source() {
        Ok(Some(bundle)) => Ok(Source::Bundle(bundle)),
        Ok(None) => Ok(Source::Embedded),
        Err(invalid) => Err(Failure::Said(invalid.to_string())),
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
