//! Places as tools beside the set need them: paths from where the command runs, columns in
//! characters.

use std::path::PathBuf;

use embargo_core::diagnostic::{Diagnostic, Span};
use embargo_service::Source;

use crate::output::workspace;

/// Where the files of a set lie.
pub(super) struct Places {
    root: PathBuf,
}

/// Columns of a remark in characters, from 1; the end is the column behind the last one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) start: usize,
    /// Nothing, if the remark ends on a later line.
    pub(super) end: Option<usize>,
}

impl Places {
    pub(super) fn below(source: &Source) -> Self {
        Self {
            root: match source {
                Source::Folder(folder) => folder.clone(),
                // What is packed lies nowhere.
                Source::Bundle(_) | Source::Embedded => PathBuf::new(),
            },
        }
    }

    /// The path of a file, with `/`; absolute if the set lies elsewhere.
    pub(super) fn path(&self, span: &Span) -> String {
        workspace::path(&self.root.join(&span.path))
    }
}

/// The columns of a remark, which counts bytes.
pub(super) fn columns(remark: &Diagnostic, span: &Span) -> Columns {
    let in_characters = |column: u32| {
        let bytes = usize::try_from(column).unwrap_or(1).saturating_sub(1);
        match remark.excerpt.get(..bytes) {
            Some(before) => before.chars().count() + 1,
            // Behind the excerpt, which is cut, or without one.
            None => {
                let known = remark.excerpt.chars().count();
                known + bytes.saturating_sub(remark.excerpt.len()) + 1
            }
        }
    };
    Columns {
        start: in_characters(span.start_column),
        end: (span.start_line == span.end_line).then(|| in_characters(span.end_column)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_from_where_the_command_runs() {
        let path = |root: PathBuf| {
            let places = Places::below(&Source::Folder(root));
            places.path(&Span::at("a/rule.rego", 1, 1))
        };
        assert_eq!(path("policies".into()), "policies/a/rule.rego");
        assert_eq!(path("./policies/".into()), "policies/a/rule.rego");
        assert_eq!(path(".".into()), "a/rule.rego");
        let here = std::env::current_dir().unwrap();
        assert_eq!(path(here.join("set")), "set/a/rule.rego");
        assert_eq!(path("/elsewhere/set".into()), "/elsewhere/set/a/rule.rego");
    }

    #[test]
    fn columns_count_characters() {
        let mut span = Span::at("a", 1, 4);
        span.end_column = 7;
        let remark = Diagnostic::error("c", "m").at(span.clone()).excerpt("éxöz");
        let columns = columns(&remark, &span);
        assert_eq!((columns.start, columns.end), (3, Some(5)));
        span.end_line = 2;
        assert_eq!(super::columns(&remark, &span).end, None);
    }
}
