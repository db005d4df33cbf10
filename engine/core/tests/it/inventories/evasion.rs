//! What a document hides must not pass for what is not there.

use embargo_core::facts::CoverageState;
use embargo_core::facts::inventory::{
    Format, InventoriedHost, Inventory, Remark, RemarkKind, read,
};
use serde_json::Value;

use super::{Document, PATHS, documents};

/// The documents that are JSON and no facts, as values.
fn json_documents() -> Vec<(Document, Value)> {
    documents()
        .into_iter()
        .filter(|document| document.format != Format::Facts)
        .filter_map(|document| {
            let value = serde_json::from_slice(&document.bytes).ok()?;
            Some((document, value))
        })
        .collect()
}

fn items(inventory: &Inventory) -> usize {
    let items = inventory
        .hosts
        .iter()
        .map(|host| host.record.software.len());
    items.sum()
}

/// Whether every host is such that nothing can be ruled out about it, as in
/// `software_that_was_not_or_could_not_be_read_is_never_allowed`.
fn is_unknown(inventory: &Inventory) -> bool {
    let unknown = |host: &InventoriedHost| {
        let has = |states: &[CoverageState]| {
            let mut covered = host.record.coverage.iter();
            covered.any(|entry| states.contains(&entry.state))
        };
        has(&[CoverageState::Unreadable])
            || host.record.software.is_empty()
                && !host.record.coverage.is_empty()
                && !has(&[CoverageState::Complete, CoverageState::Partial])
    };
    inventory.hosts.iter().any(unknown)
}

/// Goes through all lists of a value and changes each in turn; gives what results.
fn variants(
    value: &Value,
    change: &dyn Fn(&mut serde_json::Map<String, Value>, &str),
) -> Vec<(String, Value)> {
    fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (key, below) in fields {
                    let path = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                    if below.is_array() {
                        found.push(path.clone());
                    }
                    paths(below, &path, found);
                }
            }
            Value::Array(values) => {
                for (index, below) in values.iter().enumerate() {
                    paths(below, &format!("{at}/{index}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    paths(value, "", &mut found);
    found
        .into_iter()
        .map(|path| {
            let (parent, key) = path.rsplit_once('/').unwrap();
            let key = key.replace("~1", "/").replace("~0", "~");
            let mut changed = value.clone();
            let object = changed
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap();
            change(object, &key);
            (path, changed)
        })
        .collect()
}

#[test]
fn no_other_format_takes_a_document_for_its_own() {
    for document in documents() {
        for other in Format::ALL {
            let Ok(inventory) = read(PATHS[0], &document.bytes, Some(other)) else {
                assert_ne!(other, document.format, "{}", document.name);
                continue;
            };
            // Lines of text are taken for what they are said to be, and unread where they
            // are not.
            let is_unread = |host: &InventoriedHost| {
                let covered = &host.record.coverage;
                covered
                    .iter()
                    .any(|entry| entry.state == CoverageState::Unreadable)
            };
            assert!(
                other == document.format || inventory.hosts.iter().all(is_unread),
                "{} as {}",
                document.name,
                other.word()
            );
        }
    }
}

#[test]
fn a_list_that_is_misspelt_null_or_gone_leaves_a_host_of_which_nothing_can_be_ruled_out() {
    type Change = fn(&mut serde_json::Map<String, Value>, &str);
    let changes: [(&str, Change); 5] = [
        ("in another case", |object, key| {
            let value = object.remove(key).unwrap();
            let other = if key == key.to_uppercase() {
                key.to_lowercase()
            } else {
                key.to_uppercase()
            };
            object.insert(other, value);
        }),
        ("misspelt", |object, key| {
            let value = object.remove(key).unwrap();
            object.insert(format!("{key}X"), value);
        }),
        ("null", |object, key| {
            object.insert(key.to_owned(), Value::Null);
        }),
        ("gone", |object, key| {
            object.remove(key);
        }),
        ("an object", |object, key| {
            let value = object.remove(key).unwrap();
            object.insert(key.to_owned(), serde_json::json!({ "values": value }));
        }),
    ];
    // Components need not be made of components, and no installed version is written as null.
    let may_vanish = |document: &Document, path: &str, what: &str| {
        (document.format == Format::CycloneDx && path == "/components/1/components")
            && what != "an object"
            || (document.format == Format::Fleet && path == "/software/0/installed_versions")
                && what == "null"
    };
    let mut vanished = Vec::new();
    for (document, value) in json_documents() {
        let whole = read(PATHS[1], &document.bytes, None).unwrap();
        for (what, change) in changes {
            for (path, changed) in variants(&value, &change) {
                let bytes = serde_json::to_vec(&changed).unwrap();
                let Ok(inventory) = read(PATHS[1], &bytes, Some(document.format)) else {
                    continue;
                };
                if items(&inventory) < items(&whole)
                    && !is_unknown(&inventory)
                    && !may_vanish(&document, &path, what)
                {
                    vanished.push(format!("{}: {path} is {what}", document.name));
                }
            }
        }
    }
    assert!(
        vanished.is_empty(),
        "items vanish where\n{}",
        vanished.join("\n")
    );
}

#[test]
fn a_record_of_many_parts_takes_no_longer_than_its_length_asks() {
    const PARTS: usize = 50_000;
    let list = |part: &dyn Fn(usize) -> String| (0..PARTS).map(part).collect::<Vec<_>>().join(",");
    let signed =
        list(&|at| format!(r#"{{"installed_path": "/p/{at}", "team_identifier": "{at:010}"}}"#));
    let fleet = format!(
        r#"{{"host": {{"hardware_serial": "S", "software": [{{"name": "a", "source": "apps", "signature_information": [{signed}]}}]}}}}"#
    );
    let referred =
        list(&|at| format!(r#"{{"referenceType": "purl", "referenceLocator": "pkg:npm/a{at}"}}"#));
    let spdx = format!(
        r#"{{"spdxVersion": "SPDX-2.3", "packages": [{{"name": "a", "externalRefs": [{referred}]}}]}}"#
    );
    for document in [fleet, spdx] {
        // A tenth of a second, or minutes if each part is held against each.
        let inventory = read(PATHS[0], document.as_bytes(), None).unwrap();
        // What is left out is said to be unread.
        let unread = |remark: &Remark| remark.kind == RemarkKind::Unread;
        assert!(items(&inventory) > 1);
        assert!(inventory.hosts[0].remarks.iter().any(unread));
    }
}
