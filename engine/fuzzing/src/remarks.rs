//! What holds for remarks about sources, whoever made them.

use embargo_core::diagnostic::{Diagnostic, Severity};

/// Bytes of a message or an excerpt, at most.
const MESSAGE_BYTES: usize = 4_096;
const EXCERPT_BYTES: usize = 512;

/// Remarks that are about a set as a whole.
const WITHOUT_PLACE: [&str; 2] = ["bundle-empty", "catalogue-patterns"];

/// Panics if a remark has no place, or one outside of the files; or cannot be shown.
pub(crate) fn check(remarks: &[Diagnostic], files: &[(&str, &[u8])]) {
    for remark in remarks {
        assert!(!remark.message.trim().is_empty(), "{remark:?}");
        assert!(remark.message.len() <= MESSAGE_BYTES, "{remark:?}");
        assert!(remark.excerpt.len() <= EXCERPT_BYTES, "{remark:?}");
        assert!(!remark.to_string().is_empty());
        let Some(span) = &remark.span else {
            assert!(WITHOUT_PLACE.contains(&remark.code), "no place: {remark:?}");
            continue;
        };
        let file = files.iter().find(|(path, _)| *path == span.path);
        let Some((_, bytes)) = file else {
            panic!("a place in no file: {remark:?}");
        };
        let text = String::from_utf8_lossy(bytes);
        // The place behind the last byte is one, also where a last line is empty.
        let lines: Vec<&str> = text.split('\n').collect();
        let line = |number: u32| {
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            at.checked_sub(1).and_then(|at| lines.get(at)).copied()
        };
        let (Some(first), Some(last)) = (line(span.start_line), line(span.end_line)) else {
            panic!("a place behind the end of the file: {remark:?}");
        };
        for (column, line) in [(span.start_column, first), (span.end_column, last)] {
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            assert!(
                (1..=line.len() + 2).contains(&column),
                "a place behind the end of the line: {remark:?}"
            );
        }
        assert!(
            (span.start_line, span.start_column) <= (span.end_line, span.end_column),
            "a place that ends before it begins: {remark:?}"
        );
    }
}

/// Panics unless an error is among remarks that kept a set from being compiled.
pub(crate) fn check_refusal(remarks: &[Diagnostic], files: &[(&str, &[u8])]) {
    assert!(
        remarks
            .iter()
            .any(|remark| remark.severity == Severity::Error),
        "refused without an error: {remarks:?}"
    );
    check(remarks, files);
}
