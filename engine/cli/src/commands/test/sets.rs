//! Sets: what the paths of the command line stand for.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use embargo_core::bundle::{Role, role};
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{self, Beside, Fixtures, Trial};
use embargo_service::{BundlePlace, BundleSource, Source, load, load_fixtures};

use crate::args::Test;
use crate::commands::Failure;
use crate::policies;

/// Tests that run under one set of policies.
pub(super) struct Set {
    /// Where the policies come from.
    pub(super) root: String,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) trials: Vec<Trial>,
    pub(super) fixtures: Option<Arc<Fixtures>>,
}

impl Set {
    fn load(source: &Source) -> Result<Self, Failure> {
        Ok(Self {
            root: source.to_string(),
            snapshot: load(source)?,
            trials: Vec::new(),
            fixtures: Some(Arc::new(load_fixtures(source)?)),
        })
    }

    fn beside(&self, test: &Test) -> Beside {
        Beside {
            at: test.at,
            fixtures: self.fixtures.clone(),
        }
    }

    /// Adds the tests and cases that the policies bring along.
    fn add_own(&mut self, test: &Test) -> Result<(), Failure> {
        let (trials, faults) = trial::of_set(&self.snapshot, &self.beside(test));
        if let Some(fault) = faults.into_iter().next() {
            return Err(Failure::Diagnostic(fault));
        }
        self.trials.extend(trials);
        Ok(())
    }

    fn add_cases(&mut self, path: &Path, test: &Test) -> Result<(), Failure> {
        for file in case_files(path)? {
            let name = file.display().to_string();
            let text = fs::read_to_string(&file).map_err(|cause| Failure::Unreadable {
                what: format!("`{name}`"),
                cause,
            })?;
            let cases = trial::of_cases(&self.snapshot, &name, &text, &self.beside(test));
            self.trials.extend(cases.map_err(Failure::Diagnostic)?);
        }
        Ok(())
    }
}

/// The tests that are asked for.
pub(super) fn gathered(test: &Test) -> Result<Vec<Set>, Failure> {
    let mut sets = Vec::new();
    let is_folder = |path: &&PathBuf| is_set(path);
    for folder in test.paths.iter().filter(is_folder) {
        let mut set = Set::load(&Source::at(folder))?;
        set.add_own(test)?;
        sets.push(set);
    }
    let files: Vec<&PathBuf> = test.paths.iter().filter(|path| !is_folder(path)).collect();
    if test.paths.is_empty() || !files.is_empty() {
        let mut set = Set::load(&policies::source(&test.policies))?;
        if test.paths.is_empty() {
            set.add_own(test)?;
        }
        for path in files {
            set.add_cases(path, test)?;
        }
        sets.push(set);
    }
    if let Some(pattern) = &test.run {
        for set in &mut sets {
            set.trials.retain(|trial| pattern.is_match(trial.name()));
        }
    }
    Ok(sets)
}

/// Where the files lie of which the results are made.
pub(super) fn places(test: &Test) -> Vec<PathBuf> {
    let mut places = test.paths.clone();
    if (places.is_empty() || !places.iter().all(|path| is_set(path)))
        && let Source::Folder(place)
        | Source::Bundle(BundleSource {
            place: BundlePlace::File(place),
            ..
        }) = policies::source(&test.policies)
    {
        places.push(place);
    }
    places
}

/// A policy folder or a bundle.
fn is_set(path: &Path) -> bool {
    is_policy_folder(path)
        || (path.is_file()
            && path
                .extension()
                .is_some_and(|ending| ending == "gz" || ending == "tgz"))
}

/// A folder that holds rules or a catalogue.
fn is_policy_folder(path: &Path) -> bool {
    path.is_dir()
        && (path.join("catalogue").is_dir()
            || path.join("instruments").is_dir()
            || holds_rules(path))
}

fn holds_rules(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            holds_rules(&path)
        } else {
            path.extension().is_some_and(|ending| ending == "rego")
        }
    })
}

/// The file itself, or the case files of a folder in order.
fn case_files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |cause| Failure::Unreadable {
        what: format!("`{}`", path.display()),
        cause,
    };
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let below = entry.map_err(unreadable)?.path();
        if below.is_dir() {
            files.extend(case_files(&below)?);
        } else if is_case_file(&below) {
            files.push(below);
        }
    }
    files.sort();
    Ok(files)
}

/// A file that a policy folder would take for cases, or any YAML in a folder of its own.
fn is_case_file(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    role(&format!("cases/{name}")) == Some(Role::Cases)
}
