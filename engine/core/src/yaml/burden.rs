//! The burden of YAML: what its reader would take in time and memory.
//!
//! It looks at every bracket that is open whenever it reads a token, and keeps all tokens
//! before it hands out the first. So documents are bounded here; JSON, which is YAML too, is
//! read by another reader where it is heavy.

use crate::diagnostic::{Diagnostic, Span};
use crate::facts::inventory::VALUES;

/// Brackets that may stay open times tokens, at most: some seconds.
const WORK: usize = 1_000_000_000;
/// Brackets within each other on a line that counts as closed.
const LEVELS: usize = 8;

/// Refuses facts that would take their reader too long, or too much memory.
///
/// # Errors
/// With the remedy, which is to give the same as JSON.
pub(crate) fn check(path: &str, text: &str) -> Result<(), Diagnostic> {
    if !is_heavy(text) {
        return Ok(());
    }
    let message = "the facts are too large, or have too many brackets, to be read as YAML";
    Err(Diagnostic::error("facts-too-large", message)
        .at(Span::start_of(path))
        .hint("give them as JSON, or leave out what no rule asks for"))
}

/// Whether a text would take the reader of YAML too long, or too much memory.
pub(super) fn is_heavy(text: &str) -> bool {
    let (mut opened, mut tokens) = (LEVELS, 0_usize);
    for line in text.lines() {
        let brackets = line.bytes().filter(|byte| matches!(byte, b'[' | b'{'));
        let brackets = brackets.count();
        if brackets > 0 && !closes(line) {
            opened += brackets;
        }
        let commas = line.bytes().filter(|byte| *byte == b',').count();
        let marks = line.as_bytes().windows(2).filter(
            |pair| matches!(pair, [b':' | b'-' | b'?', blank] if blank.is_ascii_whitespace()),
        );
        tokens += brackets + commas + marks.count() + 1;
    }
    tokens > VALUES || opened.saturating_mul(tokens) > WORK
}

/// Whether a line certainly leaves no more brackets open than there were before it, whatever
/// that was. Where quotes begin and end is not known here: they may be open from the line
/// before, or be letters of a word. So there is no bracket in quotes, a quote begins only
/// where it can be nothing else, and what could hide a bracket otherwise does not occur.
fn closes(line: &str) -> bool {
    let (mut depth, mut in_quotes) = (0_usize, false);
    // The last byte that is no blank, and whether a blank came after it.
    let (mut last, mut is_apart) = (0_u8, false);
    let mut bytes = line.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if in_quotes => _ = bytes.next(),
            b'"' if in_quotes => in_quotes = false,
            b'[' | b'{' | b']' | b'}' if in_quotes => return false,
            _ if in_quotes => {}
            b'"' if matches!(last, b',' | b'[' | b'{') || (last == b':' && is_apart) => {
                in_quotes = true;
            }
            b'"' | b'\'' | b'#' => return false,
            b'[' | b'{' if depth == LEVELS => return false,
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 0 => return false,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        is_apart = byte.is_ascii_whitespace();
        if !is_apart {
            last = byte;
        }
    }
    depth == 0 && !in_quotes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_light_and_what_takes_hours_is_not() {
        let block = "  - name: Application\n    version: \"1.2\"\n    source: programs\n";
        let flow = "  - {name: \"Application\", version: \"1.2\", source: programs, path: \"C:\\\\Apps\\\\\"}\n";
        for items in [block.repeat(20_000), flow.repeat(20_000)] {
            let text = format!("host_id: h\nsoftware:\n{items}");
            assert!(check("a.yaml", &text).is_ok());
        }
        for heavy in [
            "[".repeat(50_000),
            format!("{}{}", "[".repeat(5_000), "1,".repeat(500_000)),
            "- ".repeat(2_000_000),
            "? ".repeat(2_000_000),
            "[\"]\",".repeat(50_000),
            "[\"]\",\n".repeat(50_000),
            "[\"\n], \",\n".repeat(50_000),
            "[ a\"b, \"]\", c\"d,\n".repeat(50_000),
            "[ a- \"b, \"], \"c, d- \"e,\n".repeat(50_000),
            "[ ']',\n".repeat(50_000),
            "[ # ]\n".repeat(50_000),
        ] {
            let refused = check("a.yaml", &format!("host_id: {heavy}")).unwrap_err();
            assert_eq!(refused.code, "facts-too-large");
        }
    }
}
