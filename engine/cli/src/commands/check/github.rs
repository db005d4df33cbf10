//! Remarks as workflow commands, which GitHub shows beside the lines of a change.

use embargo_core::diagnostic::{Diagnostic, Severity, page};

use super::places::{Places, columns};
use crate::output::github::{self, Level};

pub(super) fn annotations(remarks: &[Diagnostic], places: &Places) -> String {
    remarks
        .iter()
        .map(|remark| annotation(remark, places))
        .collect()
}

fn annotation(remark: &Diagnostic, places: &Places) -> String {
    let level = match remark.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
    };
    let mut properties = Vec::new();
    if let Some(span) = &remark.span {
        let columns = columns(remark, span);
        properties.push(("file", places.path(span)));
        properties.push(("line", span.start_line.to_string()));
        if span.end_line != span.start_line {
            properties.push(("endLine", span.end_line.to_string()));
        }
        properties.push(("col", columns.start.to_string()));
        if let Some(end) = columns.end {
            properties.push(("endColumn", end.to_string()));
        }
    }
    properties.push(("title", remark.code.to_owned()));
    let mut message = remark.message.clone();
    if !remark.hint.is_empty() {
        message.push_str("\nhint: ");
        message.push_str(&remark.hint);
    }
    message.push_str("\nsee: ");
    message.push_str(&page::of(remark.code));
    github::annotation(level, &properties, &message)
}

#[cfg(test)]
mod tests {
    use embargo_core::diagnostic::Span;
    use embargo_service::Source;

    use super::*;

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        let mut span = Span::at("a,b:c%/rule.rego", 3, 2);
        span.end_column = 5;
        let remark = Diagnostic::error("rego-parse-error", "100%:\r\nno, really")
            .at(span)
            .excerpt("abcdef")
            .hint("mend: it");
        let places = Places::below(&Source::Folder("policies".into()));
        assert_eq!(
            annotations(&[remark], &places),
            "::error file=policies/a%2Cb%3Ac%25/rule.rego,line=3,col=2,endColumn=5,\
             title=rego-parse-error::100%25:%0D%0Ano, really%0Ahint: mend: it%0A\
             see: docs/codes/rego.md#rego-parse-error\n"
        );
    }

    #[test]
    fn a_remark_without_a_place_has_a_title_alone() {
        let places = Places::below(&Source::Embedded);
        let remark = Diagnostic::warning("source-empty", "nothing");
        let line = annotations(&[remark], &places);
        assert!(
            line.starts_with("::warning title=source-empty::nothing%0Asee: "),
            "{line}"
        );
    }
}
