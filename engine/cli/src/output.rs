//! Output: results on standard output, everything else on standard error.

pub(crate) mod json;
pub(crate) mod pretty;
pub(crate) mod standing;
pub(crate) mod timeline;
pub(crate) mod github;
pub(crate) mod junit;
pub(crate) mod sarif;
pub(crate) mod workspace;
pub(crate) mod words;

use std::io::{self, IsTerminal as _, Write as _};

use crate::commands::Failure;

/// Writes a result. A reader that has gone is not an error; a result that is lost otherwise
/// is no result.
///
/// # Errors
/// If the result cannot be written.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Said(format!(
            "the result cannot be written: {cause}"
        ))),
        _ => Ok(()),
    }
}

/// Columns that results are laid out for: those of the terminal, or 80 if there is none.
pub(crate) fn columns() -> usize {
    let out = io::stdout();
    let size = out
        .is_terminal()
        .then(|| terminal_size::terminal_size_of(&out))
        .flatten();
    size.map_or(80, |(width, _)| usize::from(width.0))
}

/// Writes a remark for the person, not part of the result.
pub(crate) fn remark(text: &str) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "{text}");
}

/// Writes what must not be overlooked.
pub(crate) fn warn(text: &str) {
    remark(&format!(
        "{}: {text}",
        Paint::for_errors().yellow("warning")
    ));
}

/// Writes why there is no result.
pub(crate) fn complain(text: &str) {
    remark(&format!("{}: {text}", Paint::for_errors().red("error")));
}

/// Colour, where it is wanted: on a terminal, unless `NO_COLOR` says otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint(bool);

impl Paint {
    /// For standard output.
    pub(crate) fn for_results() -> Self {
        Self(io::stdout().is_terminal() && is_wanted())
    }

    /// For standard error.
    pub(crate) fn for_errors() -> Self {
        Self(io::stderr().is_terminal() && is_wanted())
    }

    /// For what is no terminal.
    pub(crate) const fn none() -> Self {
        Self(false)
    }

    pub(crate) const fn is_on(self) -> bool {
        self.0
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.with("1;32", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }
}

fn is_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
