//! Inventories of every format, whole and damaged.
//!
//! `inventories/` holds a small document of each, named by the word of its format. They are
//! also what the fuzz targets begin with.

mod accounting;
mod evasion;
mod shapes;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use embargo_core::facts::inventory::{Format, RemarkKind, read};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

const CASES: u32 = 2_000;

/// Paths of documents, some of which name what is in them.
const PATHS: [&str; 3] = [
    "inventory",
    "opt/Cellar/tool/1.2_1/INSTALL_RECEIPT.json",
    "Extensions/abcdefghijklmnopabcdefghijklmnop/1.2_0/manifest.json",
];

/// A document of `inventories/`.
#[derive(Clone, Debug)]
struct Document {
    name: String,
    format: Format,
    bytes: Vec<u8>,
}

fn documents() -> Vec<Document> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/inventories");
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|ending| ending == "rs") {
            continue;
        }
        let (word, _) = name.split_once('.').unwrap();
        documents.push(Document {
            format: Format::from_word(word).unwrap(),
            bytes: fs::read(&path).unwrap(),
            name,
        });
    }
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    documents
}

#[test]
fn every_format_has_documents_that_are_read_as_it() {
    let mut formats = BTreeSet::new();
    for document in documents() {
        for from in [None, Some(document.format)] {
            let inventory = read(PATHS[1], &document.bytes, from)
                .unwrap_or_else(|refused| panic!("{}: {refused}", document.name));
            assert_eq!(inventory.format, document.format, "{}", document.name);
            accounting::check(&inventory);
            for remark in inventory.hosts.iter().flat_map(|host| &host.remarks) {
                assert_ne!(
                    remark.kind,
                    RemarkKind::Unread,
                    "{}: {remark}",
                    document.name
                );
            }
        }
        formats.insert(document.format);
    }
    assert_eq!(formats.len(), Format::ALL.len());
}

/// A way in which a document comes to harm.
#[derive(Clone, Debug)]
enum Harm {
    /// It ends early.
    Truncate(Index),
    /// A bit is another.
    Flip(Index, u8),
    /// A part is there twice.
    Repeat(Index, usize),
    /// A part is gone.
    Remove(Index, usize),
    /// Something stands in it that was not there.
    Insert(Index, &'static [u8]),
    /// It is inside of so many others.
    Nest(&'static str, &'static str, usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    let inserts: Vec<&'static [u8]> = vec![
        b"\0",
        b"\xFF\xFE",
        b"\xEF\xBB\xBF",
        b"\\u0000",
        b"\\ud800",
        b"\n",
        b"\"",
        b"{",
        b"]",
        b":",
        b"1e999",
        b"99999999999999999999",
        b"<!-- -->",
        b"&#0;",
        b"<array/>",
        b"bplist00",
    ];
    let brackets = vec![("[", "]"), ("{\"a\":", "}"), ("<a>", "</a>"), ("- ", "")];
    prop_oneof![
        1 => any::<Index>().prop_map(Harm::Truncate),
        2 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        2 => (any::<Index>(), 1..200_usize).prop_map(|(at, long)| Harm::Repeat(at, long)),
        2 => (any::<Index>(), 1..60_usize).prop_map(|(at, long)| Harm::Remove(at, long)),
        2 => (any::<Index>(), select(inserts)).prop_map(|(at, what)| Harm::Insert(at, what)),
        1 => (select(brackets), select(vec![1, 2, 100, 130, 3_000]))
            .prop_map(|((open, close), times)| Harm::Nest(open, close, times)),
    ]
}

impl Harm {
    fn does(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Truncate(at) => bytes.truncate(at.index(bytes.len() + 1)),
            Self::Flip(at, bit) => {
                let at = at.index(bytes.len() + 1);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            Self::Repeat(at, long) => {
                let at = at.index(bytes.len() + 1);
                let part: Vec<u8> = bytes.iter().skip(at).take(*long).copied().collect();
                bytes.splice(at..at, part);
            }
            Self::Remove(at, long) => {
                let at = at.index(bytes.len() + 1);
                let end = bytes.len().min(at + long);
                bytes.drain(at..end);
            }
            Self::Insert(at, what) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, what.iter().copied());
            }
            Self::Nest(open, close, times) => {
                *bytes = [
                    open.repeat(*times).into_bytes(),
                    std::mem::take(bytes),
                    close.repeat(*times).into_bytes(),
                ]
                .concat();
            }
        }
    }
}

/// The values of a document, itself and those inside of it.
fn count(value: &Value) -> usize {
    let inner: usize = match value {
        Value::Array(values) => values.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    };
    inner + 1
}

/// Replaces the value before which there are `left` others; whether it has been found.
fn replace(value: &mut Value, left: &mut usize, another: &Value) -> bool {
    if *left == 0 {
        *value = another.clone();
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(values) => values.iter_mut().any(|inner| replace(inner, left, another)),
        Value::Object(fields) => fields
            .values_mut()
            .any(|inner| replace(inner, left, another)),
        _ => false,
    }
}

#[test]
fn a_value_of_another_form_is_an_error_or_facts_that_account_for_it() {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("\0"),
        json!("\u{fffd}"),
        json!("x".repeat(5_000)),
        json!([7]),
        json!({}),
    ];
    let mut read_at_all = 0;
    for document in documents() {
        let Ok(whole) = serde_json::from_slice::<Value>(&document.bytes) else {
            continue;
        };
        for at in 0..count(&whole) {
            for another in &others {
                let mut value = whole.clone();
                assert!(replace(&mut value, &mut at.clone(), another));
                let bytes = serde_json::to_vec(&value).unwrap();
                if let Ok(inventory) = read(PATHS[0], &bytes, None) {
                    accounting::check(&inventory);
                    read_at_all += 1;
                }
            }
        }
    }
    assert!(
        read_at_all > 1_000,
        "nearly nothing was read: {read_at_all}"
    );
}

/// What is said of the format of a document.
#[derive(Clone, Debug)]
enum Said {
    Nothing,
    Own,
    Other(Format),
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => Just(Said::Nothing),
        4 => Just(Said::Own),
        1 => select(Format::ALL.to_vec()).prop_map(Said::Other),
    ]
}

#[test]
fn a_damaged_document_is_an_error_or_facts_that_account_for_it() {
    let damaged = (
        select(documents()),
        vec(harm(), 1..4),
        select(PATHS.to_vec()),
        said(),
    );
    let runner = &mut TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let read_at_all = Cell::new(0_u32);
    runner
        .run(&damaged, |(document, harms, path, from)| {
            let mut bytes = document.bytes;
            for harm in &harms {
                harm.does(&mut bytes);
            }
            let from = match from {
                Said::Nothing => None,
                Said::Own => Some(document.format),
                Said::Other(format) => Some(format),
            };
            if let Ok(inventory) = read(path, &bytes, from) {
                accounting::check(&inventory);
                read_at_all.set(read_at_all.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    let read_at_all = read_at_all.get();
    assert!(
        read_at_all > CASES / 20,
        "nearly nothing was read, so that nearly nothing was checked: {read_at_all}"
    );
}
