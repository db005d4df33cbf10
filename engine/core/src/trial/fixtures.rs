//! Fixtures: what tests of rules see as `data.testdata`, and nobody else.
//!
//! JSON and YAML below a folder `testdata` are fixtures: no part of a bundle, so that neither a
//! server nor the id of a snapshot knows them. A server leaves out the tests that need them.

use sha2::{Digest as _, Sha256};

use crate::bundle::{TESTDATA, is_fixture};
use crate::diagnostic::{Diagnostic, Span};
use crate::snapshot::place;
use crate::yaml;

/// The fixtures of a set: `testdata/a/b.yaml` is `data.testdata.a.b`, and
/// `instruments/x/testdata/b.yaml` is `data.testdata.instruments.x.b`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fixtures(serde_json::Map<String, serde_json::Value>);

impl Fixtures {
    /// Reads the fixtures among some files, given by path and content.
    ///
    /// # Errors
    /// A remark for each file that cannot be read.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut root = serde_json::Map::new();
        let mut remarks = Vec::new();
        for (path, content) in files {
            if !is_fixture(path) {
                continue;
            }
            if let Err(remark) = one(&mut root, path, content) {
                remarks.push(remark);
            }
        }
        if remarks.is_empty() {
            Ok(Self(root))
        } else {
            Err(remarks)
        }
    }

    /// As a value of `data`.
    pub(crate) fn value(&self) -> serde_json::Value {
        self.0.clone().into()
    }

    /// A digest of all of them.
    pub(super) fn digest(&self) -> [u8; 32] {
        let text = serde_json::to_vec(&self.0).unwrap_or_default();
        Sha256::digest(text).into()
    }
}

fn one(
    root: &mut serde_json::Map<String, serde_json::Value>,
    path: &str,
    content: &[u8],
) -> Result<(), Diagnostic> {
    let Ok(text) = std::str::from_utf8(content) else {
        let remark = Diagnostic::error("not-utf-8", "the file is not UTF-8");
        return Err(remark.at(Span::start_of(path)).hint("save it as UTF-8"));
    };
    let value = yaml::read::<serde_json::Value>(path, text, "data-parse-error")?;
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let mut steps: Vec<&str> = stem.split('/').collect();
    if let Some(at) = steps.iter().position(|step| *step == TESTDATA) {
        steps.remove(at);
    }
    if place(root, &steps, value) {
        return Ok(());
    }
    let remark = Diagnostic::error("data-conflict", "another file holds data in the same place");
    Err(remark
        .at(Span::start_of(path))
        .hint("give a file and a folder different names"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixture_stands_where_its_path_says() {
        let files: [(&str, &[u8]); 4] = [
            ("testdata/hosts/laptop.json", b"{\"id\": 1}"),
            ("instruments/x/testdata/b.yaml", b"[2]"),
            ("testdata/rule.rego", b"package x"),
            ("data/list.yaml", b"[3]"),
        ];
        let read = Fixtures::read(files).unwrap();
        let wanted = "{\"hosts\":{\"laptop\":{\"id\":1}},\"instruments\":{\"x\":{\"b\":[2]}}}";
        assert_eq!(read.value().to_string(), wanted);
    }

    #[test]
    fn two_files_in_one_place_and_broken_ones_are_refused() {
        let files: [(&str, &[u8]); 4] = [
            ("testdata/a.yaml", b"1"),
            ("testdata/a.json", b"2"),
            ("testdata/b.yaml", b"[1"),
            ("testdata/c.yaml", b"\xff"),
        ];
        let refused = Fixtures::read(files).unwrap_err();
        let codes: Vec<&str> = refused.iter().map(|remark| remark.code).collect();
        assert_eq!(codes, ["data-conflict", "data-parse-error", "not-utf-8"]);
    }
}
