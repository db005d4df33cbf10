//! `embargo test`: run tests of rules and case files.
//!
//! A path is a case file, a folder of case files, or a policy folder, whose own tests and
//! cases then run under it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use embargo_core::bundle::{Role, role};
use embargo_core::cases;
use embargo_service::{Source, load};

use crate::args::{Policies, Test};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::offline::Desk;
use crate::output::{self, Paint};
use crate::policies;

/// The time that one test rule may take.
const RULE_LIMIT: Duration = Duration::from_secs(10);

/// What came out so far.
struct Tally<'a> {
    passed: usize,
    failed: usize,
    chosen: &'a str,
    verbose: bool,
    paint: Paint,
}

impl Tally<'_> {
    fn record(&mut self, name: &str, failure: Option<String>) -> Result<(), Failure> {
        match failure {
            None => {
                self.passed += 1;
                if self.verbose {
                    output::print(&format!("{} {name}\n", self.paint.green("pass")))?;
                }
            }
            Some(failure) => {
                self.failed += 1;
                let indented = failure.replace('\n', "\n    ");
                output::print(&format!(
                    "{} {name}\n    {indented}\n",
                    self.paint.red("FAIL")
                ))?;
            }
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
        let desk = Desk::new(policies::snapshot(&test.policies)?)?;
        whole_set(&desk, &mut tally)?;
    }
    for path in &test.paths {
        if is_policy_folder(path) {
            let desk = Desk::new(load(&Source::Folder(path.clone()))?)?;
            whole_set(&desk, &mut tally)?;
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
fn whole_set(desk: &Desk, tally: &mut Tally<'_>) -> Result<(), Failure> {
    let snapshot = desk.snapshot().clone();
    let chosen = tally.chosen.to_owned();
    let results = desk.work(move |_| {
        let mut results = Vec::new();
        let ran = snapshot.run_rule_tests(RULE_LIMIT, &|name| name.contains(&chosen), |test| {
            results.push(test);
        });
        ran.map(|()| results)
    })?;
    for test in results.map_err(Failure::Diagnostic)? {
        tally.record(&test.name, test.failure.map(|failure| failure.to_string()))?;
    }
    let snapshot = desk.snapshot().clone();
    for (path, text) in snapshot.case_files() {
        run_cases(desk, path, text, tally)?;
    }
    Ok(())
}

fn case_files(path: &Path, policies: &Policies, tally: &mut Tally<'_>) -> Result<(), Failure> {
    let desk = Desk::new(policies::snapshot(policies)?)?;
    for file in gathered(path)? {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).map_err(|cause| Failure::Unreadable {
            what: format!("`{name}`"),
            cause,
        })?;
        run_cases(&desk, &name, &text, tally)?;
    }
    Ok(())
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

fn run_cases(desk: &Desk, path: &str, text: &str, tally: &mut Tally<'_>) -> Result<(), Failure> {
    for case in cases::read(path, text).map_err(Failure::Diagnostic)? {
        let name = format!("{path}#{}", case.name);
        if !name.contains(tally.chosen) {
            continue;
        }
        let question = case.question.clone();
        let differences = desk.work(move |evaluator| cases::run(case, evaluator))?;
        let failure = (!differences.is_empty()).then(|| {
            let asked = if question.is_empty() {
                String::new()
            } else {
                format!("{question}\n")
            };
            format!("{asked}{}", differences.join("\n"))
        });
        tally.record(&name, failure)?;
    }
    Ok(())
}
