//! `embargo check`: what is wrong with policies, and what is probably not meant, in one pass.

mod github;
mod json;
mod pages;
mod places;
mod sarif;

use std::sync::Arc;

use embargo_core::diagnostic::{Diagnostic, Severity};
use embargo_core::lint;
use embargo_core::snapshot::Snapshot;
use embargo_service::{LoadError, ReadSourceError, Source, load_bundle};

use crate::args::{Check, CheckFormat};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output::{self, Paint};
use crate::{offline, policies};

use self::places::Places;

/// All that was found.
struct Report {
    source: Source,
    diagnostics: Vec<Diagnostic>,
    /// The set, if it compiles.
    snapshot: Option<Arc<Snapshot>>,
}

pub(crate) fn run(check: &Check) -> Result<Exit, Failure> {
    let source = match &check.folder {
        Some(folder) => Source::at(folder),
        None => policies::source(&check.policies),
    };
    let report = Report::of(source, check)?;
    let exit = report.exit(check.strict);
    let places = Places::below(&report.source);
    output::print(&match check.format {
        CheckFormat::Pretty => report.pretty(check.strict, Paint::for_results()),
        CheckFormat::Json => output::json::text(&json::report(&report)),
        CheckFormat::Github => github::annotations(&report.diagnostics, &places),
        CheckFormat::Sarif => output::json::text(&sarif::log(&report.diagnostics, &places)),
    })?;
    Ok(exit)
}

impl Report {
    fn of(source: Source, check: &Check) -> Result<Self, Failure> {
        let refused = |diagnostics| LoadError { diagnostics };
        let bundle = match source.read_settled() {
            Ok(bundle) => bundle,
            Err(
                error @ (ReadSourceError::NoFolder { .. }
                | ReadSourceError::NoFile { .. }
                | ReadSourceError::Unreadable { .. }
                | ReadSourceError::Unsettled),
            ) => return Err(refused(vec![error.diagnostic()]).into()),
            Err(error) => {
                return Ok(Self {
                    source,
                    diagnostics: vec![error.diagnostic()],
                    snapshot: None,
                });
            }
        };
        let mut diagnostics = lint::cases(&bundle);
        let snapshot = match load_bundle(bundle) {
            Ok(snapshot) => {
                let at = check.at.unwrap_or_else(offline::now);
                diagnostics.extend(snapshot.warnings().iter().cloned());
                diagnostics.extend(lint::of(&snapshot, at));
                Some(snapshot)
            }
            Err(refused) => {
                diagnostics.extend(refused.diagnostics);
                None
            }
        };
        lint::arrange(&mut diagnostics);
        Ok(Self {
            source,
            diagnostics,
            snapshot,
        })
    }

    fn count(&self, severity: Severity) -> usize {
        let of_it = |remark: &&Diagnostic| remark.severity == severity;
        self.diagnostics.iter().filter(of_it).count()
    }

    fn exit(&self, strict: bool) -> Exit {
        let is_clean =
            self.count(Severity::Error) == 0 && !(strict && self.count(Severity::Warning) > 0);
        if is_clean { Exit::Done } else { Exit::Refused }
    }

    fn pretty(&self, strict: bool, paint: Paint) -> String {
        let mut text = shown(&self.diagnostics, paint);
        let found: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning")]
            .into_iter()
            .map(|(severity, word)| (self.count(severity), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
            .collect();
        let found = found.join(", ");
        let source = &self.source;
        match &self.snapshot {
            Some(snapshot) if self.exit(strict) == Exit::Done => {
                let counts = policies::counts(snapshot);
                let found = match found.is_empty() {
                    true => String::new(),
                    false => format!(", {found}"),
                };
                text.push_str(&format!(
                    "{} {source}: {counts}, snapshot {}{found}\n",
                    paint.green("valid"),
                    snapshot.id(),
                ));
            }
            _ => text.push_str(&format!("{} {source}: {found}\n", paint.red("invalid"))),
        }
        text
    }
}

/// Diagnostics with place, line and caret, a blank line behind each.
pub(crate) fn shown(diagnostics: &[Diagnostic], paint: Paint) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let plain = diagnostic.to_string();
        let (word, painted) = match diagnostic.severity {
            Severity::Error => ("error[", paint.red("error")),
            Severity::Warning => ("warning[", paint.yellow("warning")),
        };
        text.push_str(&plain.replacen(word, &format!("{painted}["), 1));
        text.push_str("\n\n");
    }
    text
}
