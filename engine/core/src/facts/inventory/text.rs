//! Text: from the bytes of a document to characters, with a remark for whatever could not
//! be taken as it stands.

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;

use super::remark::{Log, RemarkKind};

/// The text of a document: UTF-8 with or without a byte order mark, or UTF-16 with one, as
/// PowerShell writes it. Bytes that are no characters become U+FFFD, which names are
/// compared without, and a remark says where.
///
/// # Errors
/// If UTF-16 is announced and the bytes are not UTF-16.
pub(super) fn decode<'a>(bytes: &'a [u8], log: &Log) -> Result<Cow<'a, str>, Diagnostic> {
    if let Some(rest) = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
        return Ok(utf8(rest, log));
    }
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        return utf16(rest, u16::from_be_bytes);
    }
    Ok(utf8(bytes, log))
}

fn utf8<'a>(bytes: &'a [u8], log: &Log) -> Cow<'a, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut line = 1_usize;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        line += chunk.valid().bytes().filter(|byte| *byte == b'\n').count();
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            log.add(
                RemarkKind::Changed,
                format!("line {line}"),
                "bytes that are not UTF-8 were read as U+FFFD",
            );
        }
    }
    Cow::Owned(text)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, Diagnostic> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
        _ => Err(Diagnostic::error(
            "inventory-unreadable",
            "the document begins like UTF-16 and is not",
        )
        .hint("export it as UTF-8")),
    }
}

/// The number of a line and the line, without empty ones.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, usize) {
        let log = Log::default();
        let text = decode(bytes, &log).unwrap().into_owned();
        (text, log.take().len())
    }

    #[test]
    fn what_powershell_and_old_systems_write_is_read() {
        let wide: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain("{ü}".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let narrow: Vec<u8> = [0xFE, 0xFF]
            .into_iter()
            .chain("{ü}".encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        for bytes in [
            wide.as_slice(),
            narrow.as_slice(),
            "\u{feff}{ü}".as_bytes(),
            "{ü}".as_bytes(),
        ] {
            assert_eq!(read(bytes), ("{ü}".to_owned(), 0));
        }
        assert_eq!(
            read(b"a\nSoci\xE9t\xE9"),
            ("a\nSoci\u{fffd}t\u{fffd}".to_owned(), 2)
        );
        assert!(decode(&[0xFF, 0xFE, 0x41], &Log::default()).is_err());
    }
}
