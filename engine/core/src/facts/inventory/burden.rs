//! The burden of YAML: what its reader would take in time and memory.
//!
//! It looks at every bracket that is open whenever it reads a token, and keeps all tokens
//! before it hands out the first. Documents that strangers send are bounded here; JSON,
//! which is YAML too, is bounded by its tree.

use crate::diagnostic::{Diagnostic, Span};

use super::node::VALUES;

/// Brackets that open times tokens, at most: some seconds. Where quotes begin and end is not
/// known here, so that every bracket counts as open to the end.
const WORK: usize = 1_000_000_000;

/// Refuses a text that would take its reader too long, or too much memory.
///
/// # Errors
/// With the remedy, which is to give the same as JSON.
pub(super) fn check(path: &str, text: &str) -> Result<(), Diagnostic> {
    let (mut opened, mut tokens) = (0_usize, 0_usize);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let is_alone = bytes.peek().is_none_or(u8::is_ascii_whitespace);
        match byte {
            b'[' | b'{' => {
                opened += 1;
                tokens += 1;
            }
            b',' | b'\n' => tokens += 1,
            b':' | b'-' | b'?' if is_alone => tokens += 1,
            _ => {}
        }
    }
    let is_heavy = tokens > VALUES || opened.saturating_mul(tokens) > WORK;
    if !is_heavy {
        return Ok(());
    }
    let message = "the facts are too large, or have too many brackets, to be read as YAML";
    Err(Diagnostic::error("facts-too-large", message)
        .at(Span::start_of(path))
        .hint("give them as JSON, or leave out what no rule asks for"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_light_and_what_takes_hours_is_not() {
        let block = "  - name: Application\n    version: \"1.2\"\n    source: programs\n";
        let flow = "  - {name: Application, version: \"1.2\", source: programs}\n";
        for items in [block.repeat(20_000), flow.repeat(5_000)] {
            let text = format!("host_id: h\nsoftware:\n{items}");
            assert!(check("a.yaml", &text).is_ok());
        }
        for heavy in [
            "[".repeat(50_000),
            format!("{}{}", "[".repeat(5_000), "1,".repeat(500_000)),
            "- ".repeat(2_000_000),
            "? ".repeat(2_000_000),
            "[\"]\",".repeat(50_000),
        ] {
            let refused = check("a.yaml", &format!("host_id: {heavy}")).unwrap_err();
            assert_eq!(refused.code, "facts-too-large");
        }
    }
}
