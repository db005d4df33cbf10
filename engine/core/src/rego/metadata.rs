//! METADATA: what an author says about a package in a comment block before it.
//!
//! The evaluator sees only comments, so they are read here, in the form that OPA has.

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::yaml;

/// What stands in the METADATA block of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) instruments: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Block {
    title: String,
    description: String,
    custom: Custom,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Custom {
    instrument: Option<String>,
    instruments: Vec<String>,
}

/// The block that stands directly before the package, or an empty one.
pub(super) fn read(path: &str, text: &str, package_line: u32) -> Result<Metadata, Diagnostic> {
    let package_line = usize::try_from(package_line).unwrap_or(1);
    let before: Vec<&str> = text.lines().take(package_line.saturating_sub(1)).collect();
    let comments = before
        .iter()
        .rev()
        .take_while(|line| line.trim_start().starts_with('#'))
        .count();
    let first = before.len() - comments;
    let block = before.get(first..).unwrap_or_default();
    let Some(start) = block
        .iter()
        .position(|line| line.trim().trim_start_matches('#').trim() == "METADATA")
    else {
        return Ok(Metadata::default());
    };

    // Blank lines keep the numbers of the lines as they are in the file.
    let mut yaml_text = "\n".repeat(first + start + 1);
    for line in block.iter().skip(start + 1) {
        let bare = line.trim_start().trim_start_matches('#');
        yaml_text.push_str(bare.strip_prefix(' ').unwrap_or(bare));
        yaml_text.push('\n');
    }
    if yaml_text.trim().is_empty() {
        return Ok(Metadata::default());
    }
    let block: Block = yaml::read(path, &yaml_text, "rego-metadata").map_err(|remark| {
        remark
            .excerpt_from(text)
            .hint("METADATA is YAML behind `# `, up to the line of the package")
    })?;
    let mut instruments = block.custom.instruments;
    instruments.extend(block.custom.instrument);
    instruments.sort_unstable();
    instruments.dedup();
    Ok(Metadata {
        title: block.title.trim().to_owned(),
        description: block.description.trim().to_owned(),
        instruments,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_before_the_package_is_read() {
        let text = "# Copyright\n\n# METADATA\n# title: T\n# description: |\n#   one\n#   two\n# custom: {instrument: a}\npackage x\n";
        let metadata = read("r.rego", text, 9).unwrap();
        assert_eq!(
            (metadata.title.as_str(), metadata.description.as_str()),
            ("T", "one\ntwo")
        );
        assert_eq!(metadata.instruments, ["a"]);
    }

    #[test]
    fn a_block_of_a_rule_is_not_that_of_the_package() {
        assert_eq!(
            read("r.rego", "package x\n# METADATA\n# title: T\ny := 1\n", 1).unwrap(),
            Metadata::default()
        );
    }

    #[test]
    fn a_broken_block_is_shown_in_its_place() {
        let refused = read("r.rego", "# METADATA\n# title: [\npackage x\n", 3).unwrap_err();
        assert!(refused.span.as_ref().unwrap().start_line >= 2, "{refused}");
    }
}
