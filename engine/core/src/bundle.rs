//! Bundles: the files of a policy folder, as bytes.
//!
//! What a file is follows from its path. A bundle keeps every limit of the API; whether it
//! compiles is another question.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};
use thiserror::Error;

/// Files of a bundle, at most.
pub const FILES: usize = 5_000;
/// Bytes of a file, at most.
pub const FILE_BYTES: usize = 1_024 * 1_024;
/// Bytes of all files, at most.
pub const TOTAL_BYTES: usize = 12 * 1_024 * 1_024;
/// Bytes of a path, at least 1.
pub const PATH_BYTES: usize = 1_024;

/// The name of folders with fixtures, which are no part of a bundle.
pub const TESTDATA: &str = "testdata";

/// What a file of a bundle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Vendors and products.
    Catalogue,
    /// An instrument.
    Instrument,
    /// Rules and their helpers.
    Rule,
    /// Tests of rules.
    RuleTest,
    /// Waivers.
    Waivers,
    /// Cases.
    Cases,
    /// Data of the author's own.
    Data,
}

/// Files that do not make up a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{cause}{}\n  hint: {hint}", path_suffix(.path.as_deref()))]
pub struct BundleInvalid {
    /// The first file at fault, if the fault is in one file.
    pub path: Option<String>,
    /// What is wrong.
    pub cause: String,
    /// What would put it right.
    pub hint: &'static str,
}

fn path_suffix(path: Option<&str>) -> String {
    path.map(|path| format!(": `{path}`")).unwrap_or_default()
}

/// A set of files that keeps the limits, in the order of their paths.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    files: BTreeMap<String, Vec<u8>>,
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

impl Bundle {
    /// Gathers files, given by path and content. Files that no part of the engine reads are
    /// left out; paths are relative to the root, with `/`.
    ///
    /// # Errors
    /// If there is no file, a path is malformed or appears twice, or a limit is passed.
    pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, BundleInvalid> {
        let mut kept = BTreeMap::new();
        let (mut count, mut total) = (0_usize, 0_usize);
        for (path, content) in files {
            count += 1;
            total = total.saturating_add(content.len());
            let fault = |cause: String, hint| {
                Err(BundleInvalid {
                    path: Some(path.clone()),
                    cause,
                    hint,
                })
            };
            if !is_path(&path) {
                return fault(
                    "the path is malformed".to_owned(),
                    "write it relative to the root, with `/` and without empty parts, `.` and `..`",
                );
            }
            if content.len() > FILE_BYTES {
                return fault(
                    format!(
                        "the file has {} bytes, and may have {FILE_BYTES}",
                        content.len()
                    ),
                    "split it, or move it out of the policy folder",
                );
            }
            if kept.contains_key(&path) {
                return fault("the path appears twice".to_owned(), "send each file once");
            }
            if count > FILES || total > TOTAL_BYTES {
                return Err(BundleInvalid {
                    path: None,
                    cause: format!("there are more than {FILES} files or {TOTAL_BYTES} bytes"),
                    hint: "keep only policies in the policy folder",
                });
            }
            if role(&path).is_some() {
                kept.insert(path, content);
            }
        }
        if count == 0 {
            return Err(BundleInvalid {
                path: None,
                cause: "there is no file".to_owned(),
                hint: "an empty folder is not an empty policy; remove it to serve the shipped set",
            });
        }
        Ok(Self { files: kept })
    }

    /// The files, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// A digest of all files: 64 lower-case hexadecimal digits. Equal content gives equal
    /// digests on every machine, whatever the order in which the files were read.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"embargo-bundle-1");
        for (path, content) in &self.files {
            for part in [path.as_bytes(), content] {
                hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
                hasher.update(part);
            }
        }
        crate::facts::Sha256(hasher.finalize().into()).to_string()
    }
}

/// What a file is, by its path; nothing if no part of the engine reads it.
#[must_use]
pub fn role(path: &str) -> Option<Role> {
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop()?;
    if name.starts_with('.') || parts.iter().any(|part| part.starts_with('.')) {
        return None;
    }
    // What tests alone see.
    if parts.contains(&TESTDATA) {
        return None;
    }
    // Each example is a folder of its own.
    if parts.first() == Some(&"examples") {
        return None;
    }
    if let Some(stem) = name.strip_suffix(".rego") {
        return Some(if stem.ends_with("_test") {
            Role::RuleTest
        } else {
            Role::Rule
        });
    }
    let (stem, ending) = name.rsplit_once('.')?;
    let is_yaml = matches!(ending, "yaml" | "yml");
    let is_cases = stem == "cases" || stem.ends_with("_cases") || parts.last() == Some(&"cases");
    match parts.first().copied() {
        Some("data") if is_yaml || ending == "json" => Some(Role::Data),
        // A schema beside the catalogue describes it and is no part of it.
        Some("catalogue") if ending == "json" && !stem.ends_with(".schema") => {
            Some(Role::Catalogue)
        }
        _ if !is_yaml => None,
        Some("catalogue") => Some(Role::Catalogue),
        Some("waivers") => Some(Role::Waivers),
        _ if stem == "instrument" => Some(Role::Instrument),
        _ if is_cases => Some(Role::Cases),
        _ => None,
    }
}

/// Whether a file is a fixture: JSON or YAML below a folder `testdata`, which tests of rules see
/// as `data.testdata` and nobody else sees at all.
#[must_use]
pub fn is_fixture(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    let is_hidden = |part: &&str| part.starts_with('.');
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "json" | "yaml" | "yml")
        && parts.contains(&TESTDATA)
        && parts.first() != Some(&"examples")
        && !is_hidden(&name)
        && !parts.iter().any(is_hidden)
}

fn is_path(path: &str) -> bool {
    !path.is_empty()
        && path.len() <= PATH_BYTES
        && !path.bytes().any(|byte| byte == 0 || byte == b'\\')
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str) -> (String, Vec<u8>) {
        (path.to_owned(), content.as_bytes().to_vec())
    }

    #[test]
    fn what_a_file_is_follows_from_its_path() {
        for (path, wanted) in [
            ("catalogue/a.yaml", Some(Role::Catalogue)),
            ("catalogue/a.json", Some(Role::Catalogue)),
            ("instruments/x/instrument.json", None),
            ("instruments/x/instrument.yaml", Some(Role::Instrument)),
            ("instruments/x/rule.rego", Some(Role::Rule)),
            ("instruments/x/rule_test.rego", Some(Role::RuleTest)),
            ("instruments/x/cases.yaml", Some(Role::Cases)),
            ("cases/all.yaml", Some(Role::Cases)),
            ("waivers/w.yml", Some(Role::Waivers)),
            ("data/lists/a.json", Some(Role::Data)),
            ("README.md", None),
            ("catalogue/catalogue.schema.json", None),
            ("schema/catalogue.schema.json", None),
            ("examples/x/rule.rego", None),
            ("instruments/examples/rule.rego", Some(Role::Rule)),
            (".git/x.rego", None),
            ("catalogue/.a.yaml.swp", None),
            ("testdata/a.yaml", None),
            ("instruments/x/testdata/rule.rego", None),
            ("data/testdata/a.json", None),
        ] {
            assert_eq!(role(path), wanted, "{path}");
        }
    }

    #[test]
    fn fixtures_are_data_below_a_folder_of_their_own() {
        for (path, wanted) in [
            ("testdata/a.yaml", true),
            ("instruments/x/testdata/b/c.json", true),
            ("testdata/rule.rego", false),
            ("testdata/.a.yaml", false),
            ("testdata.yaml", false),
            ("examples/x/testdata/a.yaml", false),
        ] {
            assert_eq!(is_fixture(path), wanted, "{path}");
            assert!(!wanted || role(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_digest_depends_on_content_and_not_on_order() {
        let a = Bundle::new([file("a.rego", "1"), file("b.rego", "2")]).unwrap();
        let b = Bundle::new([
            file("b.rego", "2"),
            file("a.rego", "1"),
            file("README.md", "x"),
        ])
        .unwrap();
        let c = Bundle::new([file("a.rego", "12"), file("b.rego", "")]).unwrap();
        assert_eq!(a.digest(), b.digest());
        assert_ne!(a.digest(), c.digest());
        assert_eq!(a.digest().len(), 64);
    }

    #[test]
    fn each_limit_is_refused_with_its_path() {
        for path in [
            "",
            "/a.rego",
            "a//b.rego",
            "../a.rego",
            "a/./b.rego",
            "a\\b.rego",
            &"a".repeat(PATH_BYTES + 1),
        ] {
            assert_eq!(
                Bundle::new([file(path, "")]).unwrap_err().path.as_deref(),
                Some(path)
            );
        }
        let large = vec![b' '; FILE_BYTES + 1];
        assert!(Bundle::new([("a.rego".to_owned(), large)]).is_err());
        assert!(Bundle::new([file("a.rego", ""), file("a.rego", "")]).is_err());
        assert!(Bundle::new((0..=FILES).map(|at| file(&format!("{at}.rego"), ""))).is_err());
        let mebibytes = (0..13).map(|at| (format!("{at}.rego"), vec![b' '; FILE_BYTES]));
        assert!(Bundle::new(mebibytes).is_err());
        assert!(Bundle::new([]).is_err());
    }
}
