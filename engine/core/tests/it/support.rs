//! Bundles for tests: the shipped one, and small ones written in place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use embargo_core::bundle::Bundle;
use embargo_core::decision::Evaluator;
use embargo_core::snapshot::Snapshot;

/// The shipped policies as files.
pub(crate) fn shipped_files() -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut files = Vec::new();
    gather(&root, &root, &mut files);
    files
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, files);
        } else {
            let relative = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push((relative, fs::read(&path).unwrap()));
        }
    }
}

/// The shipped policies, compiled.
pub(crate) fn shipped() -> Arc<Snapshot> {
    compile(shipped_files())
}

/// Compiles files, or shows everything that is wrong with them.
pub(crate) fn compile(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Arc<Snapshot> {
    match Snapshot::compile(Bundle::new(files).unwrap()) {
        Ok(snapshot) => Arc::new(snapshot),
        Err(remarks) => {
            let shown: Vec<String> = remarks.iter().map(ToString::to_string).collect();
            panic!("{}", shown.join("\n\n"));
        }
    }
}

pub(crate) fn evaluator(snapshot: &Arc<Snapshot>) -> Evaluator {
    Evaluator::new(Arc::clone(snapshot), Evaluator::DEFAULT_BUDGET * 100)
}

/// Runs on a stack as large as the service's.
pub(crate) fn on_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(64 * 1024 * 1024).spawn(work).unwrap();
    match thread.join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}
