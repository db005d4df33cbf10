//! Bundles for tests: the shipped one, and small ones written in place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use embargo_core::bundle::Bundle;
use embargo_core::decision::{Budget, Evaluator};
use embargo_core::diagnostic::Diagnostic;
use embargo_core::facts::HostFacts;
use embargo_core::instant::Instant;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{self, Examiner, Limits, Trial};

/// The shipped policies as files.
pub(crate) fn shipped_files() -> Vec<(String, Vec<u8>)> {
    files_of("../../policies")
}

/// A policy folder as files.
pub(crate) fn files_of(folder: &str) -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
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
            let relative = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
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
    Evaluator::new(
        Arc::clone(snapshot),
        Budget::of_policy(std::time::Duration::from_secs(10)),
    )
}

/// What becomes of each test that a set brings along.
pub(crate) fn own_tests(snapshot: &Arc<Snapshot>) -> Vec<(String, Option<Diagnostic>)> {
    let (trials, faults) = trial::of(snapshot);
    assert_eq!(faults, []);
    let limits = Limits {
        policy: Budget::POLICY * 100,
        ..Limits::default()
    };
    let mut examiner = Examiner::new(Arc::clone(snapshot), limits);
    let run = |trial: &Trial| (trial.name().to_owned(), examiner.run(trial));
    trials.iter().map(run).collect()
}

/// Runs on a stack as large as the service's.
pub(crate) fn on_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new()
        .stack_size(64 * 1024 * 1024)
        .spawn(work)
        .unwrap();
    match thread.join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// A bundle with one product, `acme.shield`, and the files given.
pub(crate) fn acme(files: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    const CATALOGUE: &str = "
vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}
products:
  - {id: acme.shield, name: Acme Shield, class: antivirus, display_names: [{value: Acme Shield, mark: V2}]}
  - {id: acme.guess, name: Acme Guess, class: antivirus, display_names: [{value: Acme Guess, mark: R}]}
";
    let mut all = vec![("catalogue/acme.yaml".to_owned(), CATALOGUE.into())];
    all.extend(
        files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())),
    );
    all
}

/// Facts from YAML.
pub(crate) fn facts(yaml: &str) -> HostFacts {
    let case = format!(
        "cases: [{{name: n, at: 2024-01-01T00:00:00Z, want: {{effect: allow}}, facts: {yaml}}}]"
    );
    let case = embargo_core::cases::read("facts.yaml", &case, None)
        .unwrap()
        .remove(0);
    HostFacts::check(case.facts).unwrap()
}

/// A host with Acme Shield.
pub(crate) fn shielded() -> HostFacts {
    facts(
        "{host_id: h, groups: [lab], software: [{name: Other}, {name: Acme Shield 3, version: \"3\", publisher: Acme Labs}]}",
    )
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}
