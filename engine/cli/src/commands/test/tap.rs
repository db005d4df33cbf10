//! Results in the Test Anything Protocol, version 14.

use embargo_core::diagnostic::Diagnostic;
use serde_json::Value;

use super::report::{Outcome, Report, percent};

pub(super) fn text(report: &Report) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", report.outcomes.len());
    for (number, outcome) in (1..).zip(&report.outcomes) {
        text.push_str(&point(number, outcome));
    }
    for measured in &report.measured {
        for (path, file) in measured.coverage.files() {
            for line in &file.uncovered {
                text.push_str(&format!("# uncovered {path}:{line}\n"));
            }
        }
        let percent = percent(measured.coverage.percent());
        text.push_str(&format!("# coverage {percent} %\n"));
    }
    if let Some((_, threshold)) = report.missed() {
        text.push_str(&format!(
            "# the coverage is below the threshold of {threshold} %\n"
        ));
    }
    text
}

fn point(number: usize, outcome: &Outcome) -> String {
    let status = match outcome.failure {
        None => "ok",
        Some(_) => "not ok",
    };
    let took = outcome.took.as_secs_f64() * 1_000.0;
    let mut text = format!(
        "{status} {number} - {}\n  ---\n  duration_ms: {took:.3}\n",
        described(&outcome.name)
    );
    if let Some(failure) = &outcome.failure {
        add_failure(failure, &mut text);
    }
    text.push_str("  ...\n");
    text
}

fn add_failure(failure: &Diagnostic, text: &mut String) {
    text.push_str(&format!("  message: {}\n", quoted(&failure.message)));
    text.push_str("  severity: fail\n");
    text.push_str(&format!("  code: {}\n", quoted(failure.code)));
    if let Some(span) = &failure.span {
        text.push_str(&format!(
            "  at:\n    file: {}\n    line: {}\n    column: {}\n",
            quoted(&span.path),
            span.start_line,
            span.start_column
        ));
    }
    for (position, note) in failure.notes.iter().enumerate() {
        if position == 0 {
            text.push_str("  values:\n");
        }
        text.push_str(&format!("    - {}\n", quoted(note)));
    }
}

/// A description: `#` would begin a directive, and a line is a line.
fn described(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '#' => text.push_str("\\#"),
            control if control.is_control() => text.push(' '),
            other => text.push(other),
        }
    }
    text
}

/// A text in YAML: one of JSON is one.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_directive() {
        assert_eq!(
            described("c.yaml#a \\ # SKIP\nb"),
            "c.yaml\\#a \\\\ \\# SKIP b"
        );
    }
}
