//! Diagnostics: remarks about sources, written for the person who edits them.
//!
//! A diagnostic says what is wrong, where, what would put it right, and which page tells
//! more. Its code is stable; its wording is not.

pub mod page;

use std::fmt;

/// Bytes of a message, at most.
pub const MESSAGE_BYTES: usize = 4_096;
/// Bytes of an excerpt, at most.
const EXCERPT_BYTES: usize = 512;

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The bundle cannot be activated.
    Error,
    /// The bundle can be activated.
    Warning,
}

/// A place in a source: from its first byte to the one after its last. Lines and
/// columns count from 1, columns in bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The path relative to the bundle's root.
    pub path: String,
    /// The line it starts on.
    pub start_line: u32,
    /// The column it starts on.
    pub start_column: u32,
    /// The line it ends on.
    pub end_line: u32,
    /// The column after its last byte.
    pub end_column: u32,
}

impl Span {
    /// One byte at a line and column of a file.
    #[must_use]
    pub fn at(path: &str, line: u32, column: u32) -> Self {
        let (line, column) = (line.max(1), column.max(1));
        Self {
            path: path.to_owned(),
            start_line: line,
            start_column: column,
            end_line: line,
            end_column: column.saturating_add(1),
        }
    }

    /// Moves what lies behind the last word of a source to the end of that word, since what is
    /// unfinished stands before it, and what lies behind the end of a line to that end.
    fn bring_within(&mut self, source: &str) {
        let line = |number: u32| {
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            source.lines().nth(at.saturating_sub(1))
        };
        let length = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let here = line(self.start_line).unwrap_or_default();
        if here.trim().is_empty() {
            let words = source.lines().zip(1_u32..);
            let last = words.filter(|(text, _)| !text.trim().is_empty()).last();
            match last {
                None => *self = Self::start_of(&self.path),
                Some((text, last)) if self.start_line > last => {
                    let column = length(text.trim_end()).saturating_add(1);
                    *self = Self::at(&self.path, last, column);
                }
                Some(_) => {}
            }
        }
        let here = line(self.start_line).unwrap_or_default();
        self.start_column = self.start_column.min(length(here).saturating_add(1));
        match line(self.end_line) {
            Some(end) if self.end_line > self.start_line => {
                self.end_column = self.end_column.min(length(end).saturating_add(2));
            }
            _ => {
                self.end_line = self.start_line;
                let most = length(here).saturating_add(2);
                let least = self.start_column.saturating_add(1);
                self.end_column = self.end_column.min(most).max(least);
            }
        }
    }

    /// The first byte of a file.
    #[must_use]
    pub fn start_of(path: &str) -> Self {
        Self::at(path, 1, 1)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.start_line, self.start_column)
    }
}

/// A remark about a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// A stable code in kebab-case.
    pub code: &'static str,
    /// One sentence in lower case without a full stop.
    pub message: String,
    /// Where; absent if it concerns the bundle as a whole.
    pub span: Option<Span>,
    /// What would put it right; empty if that is not known.
    pub hint: String,
    /// The source line on which the span starts.
    pub excerpt: String,
    /// What is shown below that line, such as the values that it had.
    pub notes: Vec<String>,
}

impl Diagnostic {
    /// A fault that keeps a bundle from being activated.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// A remark that does not keep a bundle from being activated.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    fn new(severity: Severity, code: &'static str, message: String) -> Self {
        let message = cut(message, MESSAGE_BYTES);
        Self {
            severity,
            code,
            message,
            span: None,
            hint: String::new(),
            excerpt: String::new(),
            notes: Vec::new(),
        }
    }

    /// With its place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// With a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// With lines to show below the source.
    #[must_use]
    pub fn notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// With the line of the source that the span starts on. The span is brought within the
    /// source: readers name the place behind the end when they run out of text.
    #[must_use]
    pub fn excerpt_from(mut self, source: &str) -> Self {
        if let Some(span) = &mut self.span {
            span.bring_within(source);
            let index = usize::try_from(span.start_line)
                .unwrap_or(1)
                .saturating_sub(1);
            let line = source.lines().nth(index).unwrap_or_default();
            return self.excerpt(line);
        }
        self
    }

    /// With this line of the source.
    #[must_use]
    pub fn excerpt(mut self, line: &str) -> Self {
        self.excerpt = cut(line.trim_end().to_owned(), EXCERPT_BYTES);
        self
    }

    fn order(&self) -> (Severity, Option<&Span>, &str, &str) {
        (self.severity, self.span.as_ref(), self.code, &self.message)
    }
}

/// Sorts diagnostics worst first, then by path and position.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
}

/// Whether any of them keeps a bundle from being activated.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Remarks from which on an author has enough to begin with. Placing each takes time in
/// proportion to its file.
const ENOUGH: usize = 500;

/// Whether more remarks would help nobody: there are many, and an error is among them.
#[must_use]
pub(crate) fn is_enough(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.len() >= ENOUGH && has_errors(diagnostics)
}

impl fmt::Display for Diagnostic {
    /// The plain form: place, gravity, message, the line with a caret, the hint, and the page
    /// that explains the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(span) = &self.span {
            write!(f, "{span}: ")?;
        }
        let gravity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{gravity}[{}]: {}", self.code, self.message)?;
        if let (Some(span), false) = (&self.span, self.excerpt.is_empty()) {
            let number = span.start_line.to_string();
            let margin = " ".repeat(number.len());
            let width = self.caret_width(span);
            let before: String = self
                .excerpt
                .char_indices()
                .take_while(|(at, _)| at + 1 < usize::try_from(span.start_column).unwrap_or(1))
                .map(|(_, character)| if character == '\t' { '\t' } else { ' ' })
                .collect();
            write!(f, "\n{margin} |\n{number} | {}", self.excerpt)?;
            write!(f, "\n{margin} | {before}{}", "^".repeat(width))?;
            for note in &self.notes {
                write!(f, "\n{margin} |   {note}")?;
            }
        }
        if !self.hint.is_empty() {
            write!(f, "\n  hint: {}", self.hint)?;
        }
        write!(f, "\n  see: {}", page::of(self.code))
    }
}

impl Diagnostic {
    fn caret_width(&self, span: &Span) -> usize {
        if span.end_line != span.start_line {
            return 1;
        }
        let width = span.end_column.saturating_sub(span.start_column);
        let rest = self.excerpt.len() + 1;
        usize::try_from(width).unwrap_or(1).clamp(1, rest.max(1))
    }
}

/// The text cut to `most` bytes at a character's edge.
#[must_use]
pub fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let mut end = most;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_shows_the_place_the_caret_and_the_remedy() {
        let mut span = Span::at("a/rule.rego", 2, 5);
        span.end_column = 8;
        let diagnostic = Diagnostic::error("rego-parse-error", "expected `}`")
            .at(span)
            .excerpt_from("package a\nx { foo\n")
            .hint("close the body");
        assert_eq!(
            diagnostic.to_string(),
            "a/rule.rego:2:5: error[rego-parse-error]: expected `}`\n  |\n2 | x { foo\n  |     ^^^\n  hint: close the body\n  see: docs/codes/rego.md#rego-parse-error"
        );
    }

    #[test]
    fn a_place_behind_the_end_is_brought_within_the_source() {
        let place = |source: &str, line, column| {
            let remark = Diagnostic::error("c", "m").at(Span::at("a", line, column));
            let span = remark.excerpt_from(source).span.unwrap();
            (span.start_line, span.start_column, span.end_column)
        };
        assert_eq!(place("one\ntwo \n\n", 9, 1), (2, 4, 5));
        assert_eq!(place("one\ntwo \n\n", 3, 1), (2, 4, 5));
        assert_eq!(place("one\ntwo", 1, 99), (1, 4, 5));
        assert_eq!(place("one\n\ntwo", 2, 1), (2, 1, 2));
        assert_eq!(place("", 3, 3), (1, 1, 2));
    }

    #[test]
    fn errors_come_first_and_then_the_order_of_the_sources() {
        let warning = Diagnostic::warning("w", "w").at(Span::at("a", 1, 1));
        let late = Diagnostic::error("e", "late").at(Span::at("b", 9, 1));
        let early = Diagnostic::error("e", "early").at(Span::at("b", 2, 1));
        let mut all = [warning.clone(), late.clone(), early.clone()];
        sort(&mut all);
        assert_eq!(all, [early, late, warning]);
    }

    #[test]
    fn a_message_keeps_to_4096_bytes_and_an_excerpt_to_512() {
        let made = |message: usize, line: usize| {
            let made = Diagnostic::error("e", "x".repeat(message)).at(Span::at("a", 1, 1));
            let made = made.excerpt_from(&"x".repeat(line));
            (made.message.len(), made.excerpt.len())
        };
        assert_eq!(made(4_096, 512), (4_096, 512));
        let (message, excerpt) = made(4_097, 513);
        assert!(message <= 4_096 && excerpt <= 512, "{message}, {excerpt}");
    }

    #[test]
    fn a_long_text_is_cut_at_the_edge_of_a_character() {
        assert_eq!(cut("aä".to_owned(), 2), "a");
    }
}
