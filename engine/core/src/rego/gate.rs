//! The gate: what a Rego source must be before the evaluator may see it.
//!
//! The parser cannot be stopped, so what would make it run long or deep is refused on the raw
//! text first (`scan`). Functions come from a closed list, checked on the syntax tree.

use regorus::Engine;

use crate::diagnostic::{Diagnostic, Span};
use crate::likeness::nearest;

use super::aliases::{self, Expanded};
use super::graph;
use super::metadata::{self, Metadata};
use super::scan;
use super::syntax::{self, RuleSyntax};

/// A Rego source that passed the gate.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text with imports written out, which is what the evaluator sees.
    expanded: Expanded,
    /// The package below `data`, with dots.
    pub(crate) package: String,
    pub(crate) package_span: Span,
    pub(crate) metadata: Metadata,
    pub(crate) rules: Vec<RuleSyntax>,
    /// Paths below `data` that it imports, with their places.
    pub(crate) imports: Vec<(Vec<String>, Span)>,
}

/// Reads a source.
pub(crate) fn parse(path: &str, text: &str) -> Result<Module, Diagnostic> {
    scan::check(path, text)?;
    let mut engine = Engine::new();
    if let Err(error) = engine.add_policy(path.to_owned(), text.to_owned()) {
        return Err(from_evaluator(
            path,
            text,
            "rego-parse-error",
            &error.to_string(),
        ));
    }
    let modules = engine.get_modules();
    let Some(ast) = modules.first() else {
        return Err(
            Diagnostic::error("rego-parse-error", "the file holds no package")
                .at(Span::start_of(path)),
        );
    };
    let package_span = syntax::span(path, &ast.package.span);
    let expanded = aliases::expand(ast, text);
    if let Some((line, bytes)) = expanded.too_long {
        let message = format!("the line has {bytes} bytes with its imports written out");
        return Err(Diagnostic::error("rego-line-length", message)
            .at(Span::at(path, line, 1))
            .excerpt_from(text)
            .hint("break the line"));
    }
    Ok(Module {
        path: path.to_owned(),
        text: text.to_owned(),
        expanded,
        package: syntax::package_path(ast).join("."),
        metadata: metadata::read(path, text, package_span.start_line)?,
        package_span,
        rules: syntax::rules(path, ast),
        imports: syntax::imported(path, ast),
    })
}

impl Module {
    /// Gives the module to an evaluator.
    pub(super) fn load(&self, engine: &mut Engine) -> Result<(), Diagnostic> {
        match engine.add_policy(self.path.clone(), self.expanded.text.clone()) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.fault("rego-parse-error", &error.to_string())),
        }
    }

    /// The text as the evaluator sees it.
    pub(super) fn expanded_text(&self) -> &str {
        &self.expanded.text
    }

    /// The evaluator's message about this module, in the author's lines and columns.
    pub(super) fn fault(&self, code: &'static str, message: &str) -> Diagnostic {
        let mut diagnostic = from_evaluator(&self.path, &self.expanded.text, code, message);
        if let Some(span) = &mut diagnostic.span {
            let column = self.expanded.column(span.start_line, span.start_column);
            *span = Span::at(&span.path, span.start_line, column);
        }
        self.without_value(diagnostic).excerpt_from(&self.text)
    }

    /// What the evaluator says of a name without a value, as the gate says it: where a name may
    /// get its value from a call or a pattern, only the evaluator can tell that it does not.
    fn without_value(&self, diagnostic: Diagnostic) -> Diagnostic {
        let name = diagnostic
            .message
            .strip_prefix("use of undefined variable `")
            .and_then(|rest| rest.split('`').next());
        let (Some(name), Some(at)) = (name, &diagnostic.span) else {
            return diagnostic;
        };
        let mut span = at.clone();
        let length = u32::try_from(name.len()).unwrap_or(1);
        span.end_column = span.start_column.saturating_add(length);
        // The last rule that begins before the place.
        let rule = self
            .rules
            .iter()
            .filter(|rule| rule.span.start_line <= at.start_line)
            .max_by_key(|rule| rule.span.start_line);
        let own = rule.into_iter().flat_map(|rule| &rule.noted.names);
        let rules = self.rules.iter().map(|rule| rule.name.as_str());
        let meant = nearest(name, own.map(String::as_str).chain(rules));
        graph::unbound_name(self, name, &span, meant)
    }

    /// A place in the text that the evaluator sees, as the author's place, and what stands
    /// there, on one line.
    pub(super) fn authors(&self, seen: &Span) -> (Span, String) {
        let span = Span {
            start_column: self.expanded.column(seen.start_line, seen.start_column),
            end_column: self.expanded.column(seen.end_line, seen.end_column),
            ..seen.clone()
        };
        let offset = |line: u32, column: u32| {
            let before = usize::try_from(line).unwrap_or(1).saturating_sub(1);
            let lines = self.text.split_inclusive('\n').take(before);
            let column = usize::try_from(column).unwrap_or(1).saturating_sub(1);
            lines.map(str::len).sum::<usize>() + column
        };
        let start = offset(span.start_line, span.start_column);
        let end = offset(span.end_line, span.end_column);
        let text = self.text.get(start..end).unwrap_or_default();
        let words: Vec<&str> = text.split_whitespace().collect();
        (span, words.join(" "))
    }

    /// The module among these that a message of the evaluator is about.
    pub(super) fn named_in<'a>(modules: &'a [Self], message: &str) -> Option<&'a Self> {
        let (file, ..) = place(message)?;
        modules.iter().find(|module| module.path == file)
    }
}

/// Turns the evaluator's message into a diagnostic: it names the place in the form
/// `--> file:line:column` and the fault behind `error: `. `seen` is the text as the evaluator
/// saw it.
pub(super) fn from_evaluator(
    path: &str,
    seen: &str,
    code: &'static str,
    message: &str,
) -> Diagnostic {
    let fault = message
        .rsplit_once("error: ")
        .map_or(message, |(_, fault)| fault);
    // What stands behind an arrow is shown by the place and the excerpt.
    let fault = fault.split("-->").next().unwrap_or(fault);
    let fault = fault.trim_end().trim_end_matches('.');
    let fault: Vec<&str> = fault.split_whitespace().collect();
    let span = match place(message) {
        Some((file, line, column)) if file == path || file.is_empty() => {
            Span::at(path, line, column_in_bytes(seen, line, column))
        }
        // It is about no file of the author's, or has blanks in its path that are lost here.
        _ => Span::start_of(path),
    };
    Diagnostic::error(code, fault.join(" "))
        .hint(hint(code))
        .at(span)
        .excerpt_from(seen)
}

/// The column in bytes of one that the evaluator names: to it a tab is four characters.
fn column_in_bytes(text: &str, line: u32, column: u32) -> u32 {
    let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let (mut at, mut bytes) = (1_u32, 1_usize);
    for character in text.lines().nth(line).unwrap_or_default().chars() {
        if at >= column {
            break;
        }
        at = at.saturating_add(if character == '\t' { 4 } else { 1 });
        bytes += character.len_utf8();
    }
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// What mostly puts a fault of this kind right.
fn hint(code: &str) -> &'static str {
    match code {
        "rego-parse-error" => {
            "look here and on the line before for a missing bracket, a missing `if` or an unfinished expression"
        }
        "rego-compile-error" => "give each name a value before it is used",
        _ => "",
    }
}

/// The last place that a message of the evaluator names.
fn place(message: &str) -> Option<(&str, u32, u32)> {
    let line = message
        .lines()
        .rev()
        .find_map(|line| line.trim_start().strip_prefix("--> "))?;
    let mut parts = line.trim().rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line_number = parts.next()?.parse().ok()?;
    Some((parts.next()?, line_number, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_shown_with_file_line_column_and_caret() {
        let refused = parse(
            "a/rule.rego",
            "package restrictions.a\n\ndeny contains x if {\n\tx := \n}\n",
        )
        .unwrap_err();
        let span = refused.span.as_ref().unwrap();
        assert_eq!(span.path, "a/rule.rego");
        assert!(span.start_line >= 4, "{refused}");
        assert!(refused.to_string().contains('^'), "{refused}");
    }

    #[test]
    fn a_file_that_breaks_off_is_shown_where_it_does() {
        let refused = parse("a.rego", "package restrictions.a\n\nx := {\n\n").unwrap_err();
        let span = refused.span.as_ref().unwrap();
        assert_eq!((span.start_line, span.start_column), (3, 7), "{refused}");
        assert!(
            refused.excerpt == "x := {" && !refused.hint.is_empty(),
            "{refused}"
        );
    }

    #[test]
    fn package_and_rules_are_read() {
        let module = parse(
            "a.rego",
            "package restrictions.a_b\ndeny contains 1 if input.action == \"use\"\nf(x) := x\n",
        )
        .unwrap();
        assert_eq!(module.package, "restrictions.a_b");
        let names: Vec<&str> = module.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["deny", "f"]);
        assert!(module.rules[0].is_set && module.rules[1].is_function);
        assert!(module.rules[0].reads.action && !module.rules[1].reads.action);
    }
}
