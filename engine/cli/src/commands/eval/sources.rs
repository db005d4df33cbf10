//! What a query is asked of: files, folders, and sets of policies.

use std::io::Read as _;
use std::path::Path;

use embargo_core::bundle::{Role, role};
use embargo_core::diagnostic::Diagnostic;
use embargo_core::query::{Sources, read_document};
use embargo_service::{Source, load};
use serde_json::{Map, Value};

use crate::args::eval::Eval;
use crate::commands::Failure;

/// Bytes of a file, at most.
const FILE_BYTES: u64 = 64 * 1_024 * 1_024;

/// Modules and data, or what is wrong with them.
pub(super) fn gathered(eval: &Eval) -> Result<Result<Sources, Vec<Diagnostic>>, Failure> {
    let mut sources = Sources::default();
    let mut faults = Vec::new();
    if let Some(folder) = &eval.policies {
        of_set(folder, &mut sources)?;
    }
    for path in &eval.data {
        take(path, &[], &mut sources, &mut faults)?;
    }
    Ok(if faults.is_empty() {
        Ok(sources)
    } else {
        Err(faults)
    })
}

/// `input`, or what is wrong with it.
pub(super) fn input(eval: &Eval) -> Result<Result<Option<Value>, Diagnostic>, Failure> {
    let (name, text) = match &eval.input {
        Some(path) => (path.display().to_string(), read(path)?),
        None if eval.stdin_input => {
            let mut text = String::new();
            let read = std::io::stdin().take(FILE_BYTES).read_to_string(&mut text);
            read.map_err(|cause| Failure::Unreadable {
                what: "standard input".to_owned(),
                cause,
            })?;
            ("standard input".to_owned(), text)
        }
        None => return Ok(Ok(None)),
    };
    Ok(read_document(&name, &text).map(Some))
}

/// The rules of a set of policies, and `data` as they see it.
fn of_set(folder: &Path, sources: &mut Sources) -> Result<(), Failure> {
    let source = if folder == Path::new("shipped") && !folder.exists() {
        Source::Embedded
    } else {
        Source::at(folder)
    };
    let bundle = source
        .read_settled()
        .map_err(|refused| Failure::Said(refused.to_string()))?;
    let snapshot = load(&source)?;
    for (path, bytes) in bundle.files() {
        if matches!(role(path), Some(Role::Rule | Role::RuleTest))
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            sources.modules.push((path.to_owned(), text.to_owned()));
        }
    }
    let data = read_document("data.json", &snapshot.data_json()).map_err(Failure::Diagnostic)?;
    sources.data.push(("data.json".to_owned(), data));
    Ok(())
}

/// A file, or all files of a folder whose endings say that they are rules or data. `keys` are
/// the names of the folders that lead to it.
fn take(
    path: &Path,
    keys: &[String],
    sources: &mut Sources,
    faults: &mut Vec<Diagnostic>,
) -> Result<(), Failure> {
    let name = path.display().to_string();
    let unreadable = |cause| Failure::Unreadable {
        what: format!("`{name}`"),
        cause,
    };
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(unreadable)?;
        let entries: Result<Vec<_>, _> = entries.collect();
        let mut entries = entries.map_err(unreadable)?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let below = entry.path();
            let called = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(unreadable)?;
            if called.starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                let mut keys = keys.to_vec();
                keys.push(called);
                take(&below, &keys, sources, faults)?;
            } else if is_rego(&below) || is_data(&below) {
                take(&below, keys, sources, faults)?;
            }
        }
        return Ok(());
    }
    let text = read(path)?;
    if is_rego(path) {
        sources.modules.push((name, text));
    } else if is_data(path) {
        match read_document(&name, &text) {
            Ok(value) => sources.data.push((name, below(keys, value))),
            Err(fault) => faults.push(fault),
        }
    } else {
        return Err(Failure::Said(format!(
            "`{name}` is neither Rego nor data\n  hint: a file's name ends in .rego, .json, .yaml or .yml"
        )));
    }
    Ok(())
}

/// A value under keys of objects in each other.
fn below(keys: &[String], value: Value) -> Value {
    keys.iter().rev().fold(value, |value, key| {
        Value::Object(Map::from_iter([(key.clone(), value)]))
    })
}

fn is_rego(path: &Path) -> bool {
    has_ending(path, &["rego"])
}

fn is_data(path: &Path) -> bool {
    has_ending(path, &["json", "yaml", "yml"])
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|found| endings.iter().any(|ending| found == *ending))
}

fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |cause| Failure::Unreadable {
        what: format!("`{}`", path.display()),
        cause,
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() > FILE_BYTES {
        return Err(Failure::Said(format!(
            "`{}` is longer than {FILE_BYTES} bytes\n  hint: leave out what the query does not ask for",
            path.display()
        )));
    }
    let mut text = String::new();
    file.take(FILE_BYTES)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    Ok(text)
}
