//! `embargo check`: compile policies and show what is wrong with them.

use embargo_core::diagnostic::{Diagnostic, Severity};
use embargo_service::{Source, load};

use crate::args::Check;
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output::{self, Paint};
use crate::policies;

pub(crate) fn run(check: &Check) -> Result<Exit, Failure> {
    let source = match &check.folder {
        Some(folder) => Source::Folder(folder.clone()),
        None => policies::source(&check.policies),
    };
    let paint = Paint::for_results();
    match load(&source) {
        Ok(snapshot) => {
            output::print(&shown(snapshot.warnings(), paint))?;
            output::print(&format!(
                "{} {source}: {}, snapshot {}\n",
                paint.green("valid"),
                policies::counts(&snapshot),
                snapshot.id(),
            ))?;
            Ok(Exit::Done)
        }
        Err(refused) => {
            output::print(&shown(&refused.diagnostics, paint))?;
            let errors = refused
                .diagnostics
                .iter()
                .filter(|remark| remark.severity == Severity::Error)
                .count();
            output::print(&format!(
                "{} {source}: {errors} errors\n",
                paint.red("invalid")
            ))?;
            Ok(Exit::Refused)
        }
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
