//! The pages that explain codes, for those who have the binary and not the project.

use embargo_core::diagnostic::page;

/// The pages of the codes that a check can give, by their paths in the project.
const PAGES: [(&str, &str); 8] = [
    (
        "docs/codes/bundle.md",
        include_str!("../../../../../docs/codes/bundle.md"),
    ),
    (
        "docs/codes/case.md",
        include_str!("../../../../../docs/codes/case.md"),
    ),
    (
        "docs/codes/catalogue.md",
        include_str!("../../../../../docs/codes/catalogue.md"),
    ),
    (
        "docs/codes/instrument.md",
        include_str!("../../../../../docs/codes/instrument.md"),
    ),
    (
        "docs/codes/lint.md",
        include_str!("../../../../../docs/codes/lint.md"),
    ),
    (
        "docs/codes/rego.md",
        include_str!("../../../../../docs/codes/rego.md"),
    ),
    (
        "docs/codes/source.md",
        include_str!("../../../../../docs/codes/source.md"),
    ),
    (
        "docs/codes/waiver.md",
        include_str!("../../../../../docs/codes/waiver.md"),
    ),
];

/// The section of a code, in Markdown without its heading.
pub(super) fn section(code: &str) -> Option<&'static str> {
    let place = page::of(code);
    let (path, _) = place.split_once('#')?;
    let (_, text) = PAGES.iter().find(|(known, _)| *known == path)?;
    let (_, behind) = text.split_once(&format!("\n## {code}\n"))?;
    let section = behind.split("\n## ").next().unwrap_or(behind);
    Some(section.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_section_and_nothing_of_the_next() {
        let section = section("rego-import").unwrap();
        assert!(
            section.contains("**Mend**") && !section.contains("##"),
            "{section}"
        );
        assert_eq!(super::section("rego-imp"), None);
    }
}
