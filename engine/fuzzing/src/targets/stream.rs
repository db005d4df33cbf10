//! Streams: the documents of any bytes, through a buffer as large as the first byte says.
//!
//! No panic. Documents are parts of the stream in its order; a stream of one document is
//! that document, without a mark of its encoding. A list that is sound JSON is neither refused nor cut, and one that is not
//! ends with an error or holds a document that is not.

use std::io::BufReader;

use embargo_core::facts::inventory::Documents;
use serde::de::IgnoredAny;

use crate::target::Target;

pub(crate) const STREAM: Target = Target::new(
    "stream",
    &["engine/fuzzing/corpus/stream"],
    &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        "\u{c}",
        "null",
        "1e5",
        "\u{feff}",
        "\u{1e}",
        "{\"a\": [1]}",
        "\\u00e9",
    ],
    feed,
);

fn feed(input: &[u8]) {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let reader = BufReader::with_capacity(usize::from(*size) + 1, bytes);
    let mut documents = Documents::new(reader).expect("memory is always read");
    let is_several = documents.is_several();
    let mut pieces = Vec::new();
    let mut failed = false;
    for piece in documents.by_ref() {
        assert!(!failed, "the stream goes on after an error");
        match piece {
            Ok(piece) => pieces.push(piece),
            Err(_) => failed = true,
        }
    }
    assert!(
        documents.next().is_none(),
        "the stream goes on after its end"
    );

    if !is_several {
        assert!(!failed);
        assert_eq!(pieces.len(), 1);
        let bare = bytes.strip_prefix("\u{feff}".as_bytes());
        assert_eq!(pieces[0].bytes, bare.unwrap_or(bytes));
        return;
    }
    let mut rest = bytes;
    for piece in &pieces {
        let at = rest
            .windows(piece.bytes.len())
            .position(|part| part == piece.bytes)
            .expect("a document is a part of the stream, after the one before it");
        rest = &rest[at + piece.bytes.len()..];
    }
    // Form feeds are blanks to the stream, and no JSON. Where the first line is a document, so
    // is every line.
    let text = bytes.trim_ascii_start();
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_list = text.starts_with(b"[") && serde_json::from_slice::<IgnoredAny>(line).is_err();
    if !is_list || bytes.contains(&0x0C) {
        return;
    }
    let is_text = std::str::from_utf8(bytes).is_ok();
    match serde_json::from_slice::<Vec<IgnoredAny>>(bytes) {
        Ok(all) if is_text => {
            assert!(!failed, "a sound list is refused");
            assert_eq!(pieces.len(), all.len());
        }
        _ => {
            let is_sound = |piece: &[u8]| {
                std::str::from_utf8(piece).is_ok()
                    && serde_json::from_slice::<IgnoredAny>(piece).is_ok()
            };
            assert!(
                failed || !pieces.iter().all(|piece| is_sound(&piece.bytes)),
                "an unsound list passes"
            );
        }
    }
}
