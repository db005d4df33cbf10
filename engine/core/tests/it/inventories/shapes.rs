//! The same document as other systems would have written it.

use embargo_core::facts::inventory::{Documents, Inventory, read};

use super::{Document, PATHS, documents};

fn is_text(document: &Document) -> bool {
    str::from_utf8(&document.bytes).is_ok()
}

fn told(inventory: &Inventory) -> Vec<(String, usize, usize)> {
    let hosts = inventory.hosts.iter();
    let told = hosts.map(|host| {
        let record = &host.record;
        (record.host_id.clone(), host.records, record.software.len())
    });
    told.collect()
}

#[test]
fn encodings_and_ends_of_lines_do_not_change_what_is_read() {
    for document in documents().iter().filter(|document| is_text(document)) {
        let whole = read(PATHS[1], &document.bytes, None).unwrap();
        let text = str::from_utf8(&document.bytes).unwrap();
        let wide = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let marked = format!("\u{feff}{text}");
            marked.encode_utf16().flat_map(unit).collect()
        };
        for (what, bytes) in [
            ("marked", format!("\u{feff}{text}").into_bytes()),
            ("UTF-16", wide(u16::to_le_bytes)),
            ("UTF-16 of old systems", wide(u16::to_be_bytes)),
            (
                "with ends of lines in two characters",
                text.replace('\n', "\r\n").into_bytes(),
            ),
            (
                "before blank lines",
                format!("{text}\n\r\n \n").into_bytes(),
            ),
        ] {
            // What XML says of its encoding is true of the original.
            let inventory = read(PATHS[1], &bytes, None)
                .unwrap_or_else(|refused| panic!("{} {what}: {refused}", document.name));
            assert_eq!(
                (inventory.format, told(&inventory)),
                (whole.format, told(&whole)),
                "{} {what}",
                document.name
            );
        }
    }
}

#[test]
fn documents_of_json_may_stand_on_a_line_each() {
    for document in documents() {
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(&document.bytes) else {
            continue;
        };
        for end in ["\n", "\r\n"] {
            let lines = format!("{value}{end}{end}{value}{end}");
            let pieces: Vec<_> = Documents::new(lines.as_bytes())
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert_eq!(pieces.len(), 2, "{}", document.name);
            let whole = read(PATHS[1], &document.bytes, None).unwrap();
            for piece in pieces {
                let inventory = read(PATHS[1], &piece.bytes, None).unwrap();
                assert_eq!(inventory.format, document.format, "{}", document.name);
                assert_eq!(told(&inventory), told(&whole), "{}", document.name);
            }
        }
    }
}
