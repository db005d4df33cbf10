//! The shipped set: the project's policies, inside of the binary.

use std::path::Path;

use embargo_core::bundle::{Bundle, role};
use include_dir::{Dir, include_dir};

use super::ReadSourceError;

static POLICIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../policies");

pub(super) fn bundle() -> Result<Bundle, ReadSourceError> {
    let mut files = Vec::new();
    gather(&POLICIES, &mut files);
    Ok(Bundle::new(files)?)
}

fn gather(folder: &Dir<'_>, files: &mut Vec<(String, Vec<u8>)>) {
    for file in folder.files() {
        let path = with_slashes(file.path());
        if role(&path).is_some() {
            files.push((path, file.contents().to_vec()));
        }
    }
    for below in folder.dirs() {
        gather(below, files);
    }
}

/// The path as bundles have it, on every system.
fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}
