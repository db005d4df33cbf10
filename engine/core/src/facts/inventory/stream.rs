//! Streams: files with many documents, read one by one, so that memory is bounded by the
//! largest document and not by the file.
//!
//! A file is one document, a document a line (NDJSON), or a JSON array of documents. Whether
//! the elements of an array are documents is told by the first of them.

use std::io::{BufRead, Chain, Cursor, Read};

use serde::de::IgnoredAny;
use thiserror::Error;

use super::format;
use super::node::Node;

/// Bytes of one document, at most.
pub const DOCUMENT_BYTES: usize = 16 * 1_024 * 1_024;

/// The byte order mark of UTF-8, which some systems put before the first line.
const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// A document of a stream.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands in the stream: `line 7`, `[3]`; empty if it is all of it.
    pub place: String,
    /// The document.
    pub bytes: Vec<u8>,
}

/// Why a stream cannot be read on. What came before it was whole.
#[derive(Debug, Error)]
pub enum StreamError {
    /// Reading failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A document is too long.
    #[error(
        "{place} is longer than {DOCUMENT_BYTES} bytes, and no part of it was judged\n  hint: leave out what no rule asks for, or give each host a line of its own"
    )]
    TooLong {
        /// Where it stands.
        place: String,
    },
    /// The array of documents is not sound, so that it cannot be told where the next begins.
    #[error(
        "{place} is not where a list of hosts goes on or ends, and nothing after it was judged\n  hint: export the list again"
    )]
    Unsound {
        /// Where it stands.
        place: String,
    },
}

/// The documents of a stream, in its order. The first error ends it.
pub struct Documents<R> {
    from: Chain<Cursor<Vec<u8>>, R>,
    form: Form,
    /// Lines or elements that have been read.
    at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    One,
    Lines,
    Array,
    Ended,
}

impl<R: BufRead> Documents<R> {
    /// Tells the form of what `from` holds by its beginning.
    ///
    /// # Errors
    /// If reading fails.
    pub fn new(mut from: R) -> Result<Self, StreamError> {
        let most = u64::try_from(DOCUMENT_BYTES).unwrap_or(u64::MAX);
        let mut head = Vec::new();
        from.by_ref()
            .take(most.saturating_add(1))
            .read_to_end(&mut head)?;
        if head.starts_with(MARK) {
            head.drain(..MARK.len());
        }
        let form = form_of(&head);
        let mut from = Cursor::new(head).chain(from);
        if form == Form::Array {
            // The bracket that opens the list.
            skip_blanks(&mut from)?;
            from.consume(1);
        }
        Ok(Self { from, form, at: 0 })
    }

    /// Whether there may be several documents.
    #[must_use]
    pub const fn is_several(&self) -> bool {
        matches!(self.form, Form::Lines | Form::Array)
    }

    fn read(&mut self) -> Result<Option<Piece>, StreamError> {
        match self.form {
            Form::Ended => Ok(None),
            Form::One => {
                self.form = Form::Ended;
                let mut bytes = Vec::new();
                self.take_rest(&mut bytes, "the document")?;
                Ok(Some(Piece {
                    place: String::new(),
                    bytes,
                }))
            }
            Form::Lines => self.line(),
            Form::Array => self.element(),
        }
    }

    fn take_rest(&mut self, bytes: &mut Vec<u8>, place: &str) -> Result<(), StreamError> {
        let most = u64::try_from(DOCUMENT_BYTES).unwrap_or(u64::MAX);
        self.from
            .by_ref()
            .take(most.saturating_add(1))
            .read_to_end(bytes)?;
        within_limit(bytes, place)
    }

    fn line(&mut self) -> Result<Option<Piece>, StreamError> {
        loop {
            self.at += 1;
            let place = format!("line {}", self.at);
            let mut bytes = Vec::new();
            let most = u64::try_from(DOCUMENT_BYTES).unwrap_or(u64::MAX);
            let read = self
                .from
                .by_ref()
                .take(most.saturating_add(2))
                .read_until(b'\n', &mut bytes)?;
            if read == 0 {
                return Ok(None);
            }
            if bytes.last() == Some(&b'\n') {
                bytes.pop();
            }
            within_limit(&bytes, &place)?;
            if !bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(Piece { place, bytes }));
            }
        }
    }

    fn element(&mut self) -> Result<Option<Piece>, StreamError> {
        let place = format!("[{}]", self.at);
        let unsound = || StreamError::Unsound {
            place: place.clone(),
        };
        let mut next = skip_blanks(&mut self.from)?;
        if self.at > 0 && next == Some(b',') {
            self.from.consume(1);
            next = skip_blanks(&mut self.from)?;
        } else if next == Some(b']') {
            self.from.consume(1);
            return match skip_blanks(&mut self.from)? {
                None => Ok(None),
                Some(_) => Err(unsound()),
            };
        } else if self.at > 0 {
            return Err(unsound());
        }
        if next.is_none_or(|byte| matches!(byte, b',' | b']')) {
            return Err(unsound());
        }
        let bytes = value(&mut self.from, &place)?;
        self.at += 1;
        Ok(Some(Piece { place, bytes }))
    }
}

impl<R: BufRead> Iterator for Documents<R> {
    type Item = Result<Piece, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read().transpose();
        if !matches!(read, Some(Ok(_))) {
            self.form = Form::Ended;
        }
        read
    }
}

fn within_limit(bytes: &[u8], place: &str) -> Result<(), StreamError> {
    if bytes.len() <= DOCUMENT_BYTES {
        return Ok(());
    }
    Err(StreamError::TooLong {
        place: place.to_owned(),
    })
}

/// The form of a stream that begins so.
fn form_of(head: &[u8]) -> Form {
    let text = head.trim_ascii_start();
    match text.first() {
        Some(b'{' | b'[') if is_lines(text) => Form::Lines,
        Some(b'[') if is_list_of_hosts(text) => Form::Array,
        _ => Form::One,
    }
}

/// Whether the first line is a whole document and not the only one.
fn is_lines(text: &[u8]) -> bool {
    let Some(end) = text.iter().position(|byte| *byte == b'\n') else {
        return false;
    };
    let (first, rest) = text.split_at(end);
    !rest.trim_ascii().is_empty() && serde_json::from_slice::<IgnoredAny>(first).is_ok()
}

/// Whether the first element of a list tells of a host by itself.
fn is_list_of_hosts(text: &[u8]) -> bool {
    let mut rest = text.get(1..).unwrap_or_default().trim_ascii_start();
    let Ok(first) = value(&mut rest, "[0]") else {
        return false;
    };
    let node = str::from_utf8(&first).map(|text| Node::from_json("", text));
    let Ok(Ok(node)) = node else {
        return false;
    };
    node.names("host_id")
        || format::recognise(&node).is_some_and(|adapter| (adapter.tells_a_host)(&node))
}

/// Goes to the next byte that is not blank, and tells it.
fn skip_blanks(from: &mut impl BufRead) -> Result<Option<u8>, StreamError> {
    loop {
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let blanks = buffer
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let next = buffer.get(blanks).copied();
        from.consume(blanks);
        if next.is_some() {
            return Ok(next);
        }
    }
}

/// Takes a JSON value: up to the end of its brackets and strings, which is all that is
/// looked at here.
fn value(from: &mut impl BufRead, place: &str) -> Result<Vec<u8>, StreamError> {
    let mut taken = Vec::new();
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    loop {
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            return Err(StreamError::Unsound {
                place: place.to_owned(),
            });
        }
        let mut used = 0;
        let mut whole = false;
        for byte in buffer {
            if !in_text
                && depth == 0
                && !taken.is_empty() | (used > 0)
                && matches!(byte, b',' | b']')
            {
                whole = true;
                break;
            }
            used += 1;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' | b'[' if !in_text => depth += 1,
                b'}' | b']' if !in_text => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        whole = true;
                        break;
                    }
                }
                _ => {}
            }
        }
        taken.extend(buffer.iter().take(used));
        from.consume(used);
        within_limit(&taken, place)?;
        if whole {
            return Ok(taken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Result<Vec<(String, String)>, StreamError> {
        // A small buffer, so that every seam is crossed.
        let reader = std::io::BufReader::with_capacity(3, text.as_bytes());
        Documents::new(reader)?
            .map(|piece| {
                let piece = piece?;
                Ok((piece.place, String::from_utf8(piece.bytes).unwrap()))
            })
            .collect()
    }

    fn texts(text: &str) -> Vec<String> {
        pieces(text)
            .unwrap()
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    }

    #[test]
    fn a_document_a_line() {
        let read = pieces("{\"host_id\": \"a\"}\n\n{\"host_id\": \"b\"}").unwrap();
        assert_eq!(read[0].0, "line 1");
        assert_eq!(
            read[1],
            ("line 3".to_owned(), "{\"host_id\": \"b\"}".to_owned())
        );
        assert_eq!(texts("{\"host_id\": \"a\"}\n"), ["{\"host_id\": \"a\"}\n"]);
        assert_eq!(texts("{\n}\n{}").len(), 1);
        assert_eq!(texts("[{\"Name\": \"a\"}]\n[{\"Name\": \"b\"}]").len(), 2);
        assert_eq!(texts("[\n{\"Name\": \"a\"}]\n").len(), 1);
    }

    #[test]
    fn lines_and_lists_may_begin_with_a_mark_and_lines_end_in_two_characters() {
        let lines = "\u{feff}{\"host_id\": \"a\"}\r\n\r\n{\"host_id\": \"b\"}\r\n\r\n";
        assert_eq!(
            texts(lines),
            ["{\"host_id\": \"a\"}\r", "{\"host_id\": \"b\"}\r"]
        );
        assert_eq!(
            texts("\u{feff}[{\"host_id\": \"a\"}]"),
            [r#"{"host_id": "a"}"#]
        );
    }

    #[test]
    fn a_list_of_hosts_and_a_list_that_is_one_document() {
        let hosts =
            r#" [ {"host_id": "]},\"["} , {"host_id": "b", "software": [{"name": "x"}]} ] "#;
        assert_eq!(
            texts(hosts),
            [
                r#"{"host_id": "]},\"["}"#,
                r#"{"host_id": "b", "software": [{"name": "x"}]}"#
            ]
        );
        let packages = r#"[{"Name": "x"}, {"Name": "y"}]"#;
        assert_eq!(texts(packages), [packages]);
        assert_eq!(texts("[]"), ["[]"]);
    }

    #[test]
    fn an_unsound_list_ends_with_an_error_and_never_early() {
        for text in [
            r#"[{"host_id": "a"} {"host_id": "b"}]"#,
            r#"[{"host_id": "a"},]"#,
            r#"[{"host_id": "a"}"#,
            r#"[{"host_id": "a"}] x"#,
            r#"[{"host_id": "a"}, {"host_id": "#,
        ] {
            assert!(
                matches!(pieces(text), Err(StreamError::Unsound { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn a_document_that_is_too_long_is_refused_and_a_long_stream_is_not() {
        let long = " ".repeat(DOCUMENT_BYTES + 1);
        assert!(matches!(pieces(&long), Err(StreamError::TooLong { .. })));
        let line = format!("{{\"host_id\": \"{}\"}}\n", "a".repeat(DOCUMENT_BYTES / 3));
        let reader = std::io::BufReader::new(Cursor::new(line.repeat(5)));
        assert_eq!(Documents::new(reader).unwrap().count(), 5);
    }
}
