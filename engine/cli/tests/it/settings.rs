//! The page about settings: made of the settings themselves, with the test that shows each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use embargo_service::{Key, keys};
use serde_json::Value;

use crate::support::root;

/// Set to have the page written instead of compared.
const WRITE: &str = "EMBARGO_WRITE_DOCS";
const PAGE: &str = "docs/operations/settings.md";
/// Which test shows what a setting does, or all settings of a section.
const HELD: &str = include_str!("settings.tsv");

/// The test that shows a setting: that of the setting itself, else that of its section.
fn held(path: &str) -> Option<(&'static str, &'static str)> {
    let rows = HELD
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let rows = rows.map(|line| {
        let parts: Vec<&str> = line.split('\t').collect();
        assert_eq!(parts.len(), 3, "{line}");
        (parts[0], (parts[1], parts[2]))
    });
    let rows: BTreeMap<&str, (&str, &str)> = rows.collect();
    let mut part = path;
    loop {
        if let Some(found) = rows.get(part) {
            return Some(*found);
        }
        part = part.rsplit_once('.')?.0;
    }
}

fn default(key: &Key) -> String {
    match &key.default {
        Value::Null => "none".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Settings\n\nEvery setting of `embargo.yaml`, made of the settings themselves. `embargo config check` prints what holds and who \
         says so, `embargo schema config` the JSON Schema for editors.\n\nA flag (`--set evaluation.workers=4`, or one of its own) stands \
         over the environment, the environment over the file, the file over the default. The variable of a setting is `EMBARGO_` and its \
         path in capitals with `_` for dots: `EMBARGO_EVALUATION_WORKERS`; `EMBARGO_POLICIES`, `EMBARGO_STATE` and `EMBARGO_LOG` are short \
         for `policies.folder`, `policies.state` and `log.level`. In values of the file, `${NAME:default}` stands for a variable.\n\n\
         Settings marked *live* are taken up while the server runs, at most two seconds after the file has changed, or at SIGHUP.\n\n\
         | setting | default | what it does | shown by |\n|---|---|---|---|\n",
    );
    for key in keys() {
        let live = if key.is_live { " *live*" } else { "" };
        let (file, test) = held(&key.path).unwrap_or_else(|| {
            panic!(
                "no test in engine/cli/tests/it/settings.tsv shows `{}`",
                key.path
            )
        });
        let _ = writeln!(
            page,
            "| `{}`{live} | {} | {} | `{test}` ({file}) |",
            key.path,
            default(key),
            key.description.replace('|', "\\|"),
        );
    }
    page
}

#[test]
fn the_page_about_settings_says_all_of_them_with_a_test_that_there_is() {
    let page = page();
    let path = root().join(PAGE);
    if std::env::var_os(WRITE).is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stands == page, "{PAGE} differs; {WRITE}=1 writes it");
    for line in HELD
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let parts: Vec<&str> = line.split('\t').collect();
        let file = root().join(Path::new(parts[1]));
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let name = parts[2];
        assert!(text.contains(&format!("fn {name}(")), "{line}");
        let begins =
            |key: &Key| key.path == parts[0] || key.path.starts_with(&format!("{}.", parts[0]));
        assert!(keys().iter().any(begins), "no setting: {line}");
    }
}
