//! Sets: several files in one text, each behind a line with its path.
//!
//! No panic; a set is refused with an error in its place, or compiles and answers: the same
//! with and without memory.

use crate::target::Target;

use super::set;

/// What a line with a path begins with.
const MARK: &str = "=== ";

pub(crate) const BUNDLE: Target = Target::new(
    "bundle",
    &["engine/fuzzing/corpus/bundle"],
    &[
        "\n=== a.rego\n",
        "\n=== catalogue/b.yaml\n",
        "\n=== data/a/b.yaml\n",
        "\n=== data/a.json\n",
        "\n=== i/instrument.yaml\n",
        "\n=== waivers/w.yaml\n",
        "\n=== cases/c.yaml\n",
        "\n=== a_test.rego\n",
        "package restrictions.a\n",
        "import data.lib.a\n",
        "deny contains \"x\" if ",
        "input.identified",
        "data.instruments",
        "# METADATA\n# custom: {instrument: a}\n",
    ],
    feed,
);

fn feed(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut files: Vec<(&str, &[u8])> = Vec::new();
    for part in format!("\n{text}").split(&format!("\n{MARK}")).skip(1) {
        let (path, content) = part.split_once('\n').unwrap_or((part, ""));
        let at = text.find(content).unwrap_or(0);
        let content = text.as_bytes().get(at..at + content.len());
        let path = text.find(path).and_then(|at| text.get(at..at + path.len()));
        files.extend(path.zip(content));
    }
    set::compile_and_ask(&files);
}
