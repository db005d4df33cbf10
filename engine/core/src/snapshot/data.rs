//! Data of the author's own, beside instruments and rules.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Span};
use crate::yaml;

/// Keys of `data` that belong to the engine and to packages.
const RESERVED: [&str; 5] = [
    "instruments",
    "restrictions",
    "lib",
    "embargo_entry",
    crate::bundle::TESTDATA,
];

/// Reads data files: `data/a/b.yaml` is `data.a.b`.
pub(super) fn read<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
    remarks: &mut Vec<Diagnostic>,
) -> BTreeMap<String, serde_json::Value> {
    let mut root = serde_json::Map::new();
    for (path, text) in files {
        let value = match yaml::read::<serde_json::Value>(path, text, "data-parse-error") {
            Ok(value) => value,
            Err(remark) => {
                remarks.push(remark);
                continue;
            }
        };
        let bare = path.strip_prefix("data/").unwrap_or(path);
        let stem = bare.rsplit_once('.').map_or(bare, |(stem, _)| stem);
        let mut steps = stem.split('/').peekable();
        if steps.peek().is_some_and(|first| RESERVED.contains(first)) {
            remarks.push(
                Diagnostic::error(
                    "data-reserved",
                    "the name of the file or folder is taken by the engine",
                )
                .at(Span::start_of(path))
                .hint(format!("choose another than {}", RESERVED.join(", "))),
            );
            continue;
        }
        let steps: Vec<&str> = steps.collect();
        if !place(&mut root, &steps, value) {
            remarks.push(
                Diagnostic::error("data-conflict", "another file holds data in the same place")
                    .at(Span::start_of(path))
                    .hint("give a file and a folder different names"),
            );
        }
    }
    root.into_iter().collect()
}

/// Puts a value below these steps; not, if something is there already.
pub(crate) fn place(
    into: &mut serde_json::Map<String, serde_json::Value>,
    steps: &[&str],
    value: serde_json::Value,
) -> bool {
    match steps {
        [] => false,
        [last] => into.insert((*last).to_owned(), value).is_none(),
        [first, rest @ ..] => {
            let below = into
                .entry((*first).to_owned())
                .or_insert_with(|| serde_json::Value::Object(serde_json::Map::new()));
            below
                .as_object_mut()
                .is_some_and(|below| place(below, rest, value))
        }
    }
}
