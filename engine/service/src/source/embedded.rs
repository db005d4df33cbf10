//! The shipped set: the project's policies, inside of the binary.

use std::path::Path;

use embargo_core::bundle::{Bundle, is_fixture, role};
use include_dir::{Dir, include_dir};

use super::ReadSourceError;

static POLICIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../policies");

pub(super) fn bundle() -> Result<Bundle, ReadSourceError> {
    Ok(Bundle::new(gathered(|path| role(path).is_some()))?)
}

/// The fixtures of the set, by path.
pub(super) fn fixtures() -> Vec<(String, Vec<u8>)> {
    gathered(is_fixture)
}

fn gathered(wanted: fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    gather(&POLICIES, wanted, &mut files);
    files
}

fn gather(folder: &Dir<'_>, wanted: fn(&str) -> bool, files: &mut Vec<(String, Vec<u8>)>) {
    for file in folder.files() {
        let path = with_slashes(file.path());
        if wanted(&path) {
            files.push((path, file.contents().to_vec()));
        }
    }
    for below in folder.dirs() {
        gather(below, wanted, files);
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
