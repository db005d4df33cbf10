//! `embargo test`: run tests of rules and case files.
//!
//! A path is a case file, a folder of case files, or a policy folder, whose own tests and
//! cases then run under it, as they do before it goes live.

mod sets;
mod report;
mod pretty;
mod json;
mod junit;
mod tap;
mod benches;
mod watching;

use embargo_core::trial::Limits;
use embargo_service::{Examination, Next, Ran, Terms};

use crate::args::{Test, TestFormat};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output;

use self::report::{Measured, Outcome, Report};
use self::sets::Set;

pub(crate) fn run(test: &Test) -> Result<Exit, Failure> {
    if test.bench && matches!(test.format, TestFormat::Junit | TestFormat::Tap) {
        return Err(Failure::Said(
            "times are written as `pretty` or `json`\n  hint: leave out --bench or --format"
                .to_owned(),
        ));
    }
    if test.watch {
        return watching::run(test);
    }
    once(test)
}

/// Runs all that was asked for once.
fn once(test: &Test) -> Result<Exit, Failure> {
    match run_all(test) {
        Err(Failure::Policies(refused)) => {
            output::complain(&Failure::Policies(refused).to_string());
            Ok(Exit::Refused)
        }
        other => other,
    }
}

fn run_all(test: &Test) -> Result<Exit, Failure> {
    let sets = sets::gathered(test)?;
    if sets.iter().all(|set| set.trials.is_empty()) {
        let what = match &test.run {
            None => String::new(),
            Some(pattern) => format!(" whose name matches `{pattern}`"),
        };
        return Err(Failure::Said(format!(
            "there is no test{what}\n  hint: name a case file, or a policy folder with `_test.rego` files and cases"
        )));
    }
    if test.bench {
        return benches::run(test, sets);
    }
    let mut report = Report::new(test);
    for set in sets {
        examine(set, test, &mut report)?;
    }
    output::print(&match test.format {
        TestFormat::Pretty => pretty::text(&report),
        TestFormat::Json => json::text(&report),
        TestFormat::Junit => junit::text(&report),
        TestFormat::Tap => tap::text(&report),
    })?;
    if test.format == TestFormat::Junit {
        // The format has no place for it.
        let coverage = pretty::coverage(&report, output::Paint::for_errors());
        if !coverage.is_empty() {
            output::remark(coverage.trim_end());
        }
    }
    Ok(if report.is_good() {
        Exit::Done
    } else {
        Exit::Refused
    })
}

/// How the tests of a set are run.
fn terms(set: &Set, test: &Test) -> Terms {
    let cores = std::thread::available_parallelism();
    let threads = test.parallel.or(cores.ok()).map_or(1, usize::from);
    Terms {
        fixtures: set.fixtures.clone(),
        notes_lines: test.coverage || test.threshold.is_some(),
        ..Terms::plain(Limits::default(), threads)
    }
}

/// Runs tests of a set and records them in their order.
fn examine(set: Set, test: &Test, report: &mut Report) -> Result<(), Failure> {
    let terms = terms(&set, test);
    let notes_lines = terms.notes_lines;
    let Set {
        root,
        snapshot,
        trials,
        ..
    } = set;
    let mut examination = Examination::start(snapshot, trials, terms)
        .map_err(|cause| Failure::Said(format!("no thread can be started: {cause}")))?;
    let mut results: Vec<Ran> = Vec::new();
    loop {
        match examination.next(None) {
            Next::Result(ran) => results.push(ran),
            Next::Finished => break,
            Next::TooLate | Next::Lost => {
                return Err(Failure::Said("the tests did not come to an end".to_owned()));
            }
        }
    }
    results.sort_by_key(|ran| ran.at);
    for (trial, ran) in examination.trials().iter().zip(results) {
        report.outcomes.push(Outcome {
            name: trial.name().to_owned(),
            question: trial.question().to_owned(),
            took: ran.took,
            failure: ran.failure,
        });
    }
    if notes_lines {
        let sources = examination.snapshot().clone();
        let coverage = examination.coverage().ok_or_else(|| {
            Failure::Said("which lines can be evaluated was not found out in time".to_owned())
        })?;
        report.measured.push(Measured {
            root,
            coverage,
            sources,
        });
    }
    Ok(())
}
