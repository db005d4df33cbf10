//! `embargo test`: run tests of rules and case files.
//!
//! A path is a case file, a folder of case files, or a policy folder, whose own tests and
//! cases then run under it, as they do before it goes live.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use embargo_core::bundle::{Role, role};
use embargo_core::diagnostic::Diagnostic;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{self, Limits, Trial};
use embargo_service::{Examination, Next, Source, load};

use crate::args::{Policies, Test};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output::{self, Paint};
use crate::policies;

/// What came out so far.
struct Tally<'a> {
    passed: usize,
    failed: usize,
    chosen: &'a str,
    verbose: bool,
    paint: Paint,
}

impl Tally<'_> {
    fn record(&mut self, trial: &Trial, failure: Option<&Diagnostic>) -> Result<(), Failure> {
        let name = trial.name();
        match failure {
            None => {
                self.passed += 1;
                if self.verbose {
                    output::print(&format!("{} {name}\n", self.paint.green("pass")))?;
                }
            }
            Some(failure) => {
                self.failed += 1;
                let asked = match trial.question() {
                    "" => String::new(),
                    question => format!("    {}\n", question.replace('\n', "\n    ")),
                };
                let indented = failure.to_string().replace('\n', "\n    ");
                output::print(&format!(
                    "{} {name}\n{asked}    {indented}\n",
                    self.paint.red("FAIL")
                ))?;
            }
        }
        Ok(())
    }

    /// Runs tests of a set and records them in their order.
    fn run(&mut self, snapshot: &Arc<Snapshot>, mut trials: Vec<Trial>) -> Result<(), Failure> {
        trials.retain(|trial| trial.name().contains(self.chosen));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let snapshot = Arc::clone(snapshot);
        let mut examination = Examination::start(snapshot, trials, Limits::default(), threads)
            .map_err(|cause| Failure::Said(format!("no thread can be started: {cause}")))?;
        let mut results = Vec::new();
        loop {
            match examination.next(None) {
                Next::Result(at, failure) => results.push((at, failure)),
                Next::Finished => break,
                Next::TooLate | Next::Lost => {
                    return Err(Failure::Said("the tests did not come to an end".to_owned()));
                }
            }
        }
        results.sort_by_key(|(at, _)| *at);
        for (trial, (_, failure)) in examination.trials().iter().zip(&results) {
            self.record(trial, failure.as_ref())?;
        }
        Ok(())
    }
}

pub(crate) fn run(test: &Test) -> Result<Exit, Failure> {
    match run_all(test) {
        Err(Failure::Policies(refused)) => {
            output::complain(&Failure::Policies(refused).to_string());
            Ok(Exit::Refused)
        }
        other => other,
    }
}

fn run_all(test: &Test) -> Result<Exit, Failure> {
    let mut tally = Tally {
        passed: 0,
        failed: 0,
        chosen: &test.run,
        verbose: test.verbose,
        paint: Paint::for_results(),
    };
    if test.paths.is_empty() {
        whole_set(&policies::snapshot(&test.policies)?, &mut tally)?;
    }
    for path in &test.paths {
        if is_policy_folder(path) {
            whole_set(&load(&Source::Folder(path.clone()))?, &mut tally)?;
        } else {
            case_files(path, &test.policies, &mut tally)?;
        }
    }
    if tally.passed + tally.failed == 0 {
        let what = if test.run.is_empty() {
            String::new()
        } else {
            format!(" whose name contains `{}`", test.run)
        };
        return Err(Failure::Said(format!(
            "there is no test{what}\n  hint: name a case file, or a policy folder with `_test.rego` files and cases"
        )));
    }
    output::print(&format!(
        "{} passed, {} failed\n",
        tally.passed, tally.failed
    ))?;
    Ok(if tally.failed == 0 {
        Exit::Done
    } else {
        Exit::Refused
    })
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

/// The tests and cases that a policy set brings along.
fn whole_set(snapshot: &Arc<Snapshot>, tally: &mut Tally<'_>) -> Result<(), Failure> {
    let (trials, faults) = trial::of(snapshot);
    if let Some(fault) = faults.into_iter().next() {
        return Err(Failure::Diagnostic(fault));
    }
    tally.run(snapshot, trials)
}

fn case_files(path: &Path, policies: &Policies, tally: &mut Tally<'_>) -> Result<(), Failure> {
    let snapshot = policies::snapshot(policies)?;
    let mut trials = Vec::new();
    for file in gathered(path)? {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).map_err(|cause| Failure::Unreadable {
            what: format!("`{name}`"),
            cause,
        })?;
        trials.extend(trial::of_cases(&snapshot, &name, &text).map_err(Failure::Diagnostic)?);
    }
    tally.run(&snapshot, trials)
}

/// The file itself, or the case files of a folder in order.
fn gathered(path: &Path) -> Result<Vec<PathBuf>, Failure> {
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
            files.extend(gathered(&below)?);
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
