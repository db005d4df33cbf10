//! Results for people: what fails, with the place; then numbers, and lines that nothing reached.

use crate::output::Paint;

use super::report::{Measured, Report, percent};

pub(super) fn text(report: &Report) -> String {
    let paint = Paint::for_results();
    let mut text = String::new();
    for outcome in &report.outcomes {
        let name = &outcome.name;
        match &outcome.failure {
            None if report.is_verbose => {
                let took = format!("({:.1?})", outcome.took);
                text.push_str(&format!(
                    "{} {name} {}\n",
                    paint.green("pass"),
                    paint.dim(&took)
                ));
            }
            None => {}
            Some(failure) => {
                let asked = match outcome.question.as_str() {
                    "" => String::new(),
                    question => format!("    {}\n", indented(question)),
                };
                text.push_str(&format!(
                    "{} {name}\n{asked}    {}\n",
                    paint.red("FAIL"),
                    indented(&failure.to_string())
                ));
            }
        }
    }
    text.push_str(&coverage(report, paint));
    text.push_str(&format!(
        "{} passed, {} failed\n",
        report.passed(),
        report.failed()
    ));
    text
}

/// The coverage of each set with the lines that were not evaluated; empty if it was not asked
/// for.
pub(super) fn coverage(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    for measured in &report.measured {
        text.push_str(&uncovered(measured, paint));
        let found = &measured.coverage;
        let of = match report.measured.as_slice() {
            [_] => String::new(),
            _ => format!(" of {}", measured.root),
        };
        let all = found.covered() + found.uncovered();
        text.push_str(&format!(
            "coverage{of} {} %: {} of {all} lines\n",
            percent(found.percent()),
            found.covered(),
        ));
    }
    if let Some((least, threshold)) = report.missed() {
        let said = format!(
            "the coverage of {} % is below the threshold of {threshold} %",
            percent(least.coverage.percent()),
        );
        text.push_str(&format!("{}\n", paint.red(&said)));
    }
    text
}

fn uncovered(measured: &Measured, paint: Paint) -> String {
    let mut text = String::new();
    for (path, file) in measured.coverage.files() {
        if file.uncovered.is_empty() {
            continue;
        }
        text.push_str(&format!(
            "{} {path}  {} %\n",
            paint.yellow("uncovered"),
            percent(file.percent())
        ));
        let source = source(measured, path);
        let lines: Vec<&str> = source.lines().collect();
        for line in &file.uncovered {
            let at = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
            let shown = lines.get(at).copied().unwrap_or_default().trim();
            text.push_str(&format!("    {path}:{line}  {}\n", paint.dim(shown)));
        }
    }
    text
}

fn source(measured: &Measured, path: &str) -> String {
    let mut files = measured.sources.bundle().files();
    let found = files.find(|(known, _)| *known == path);
    let content = found.map(|(_, content)| content).unwrap_or_default();
    String::from_utf8_lossy(content).into_owned()
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}
