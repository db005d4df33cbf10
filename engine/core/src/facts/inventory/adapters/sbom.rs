//! What bills of materials have in common.

use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::{CoverageState, Software};

/// The source of items of which no package system is known.
pub(super) const SOURCE: &str = "sbom";

/// The source of an item with this package URL.
fn source(purl: Option<&str>) -> &'static str {
    let kind = purl.and_then(|purl| {
        let (scheme, rest) = purl.split_once(':')?;
        let (kind, _) = rest.trim_start_matches('/').split_once('/')?;
        scheme
            .eq_ignore_ascii_case("pkg")
            .then(|| kind.to_ascii_lowercase())
    });
    match kind.as_deref() {
        Some("deb") => "deb_packages",
        Some("rpm") => "rpm_packages",
        Some("npm") => "npm_packages",
        Some("pypi") => "python_packages",
        _ => SOURCE,
    }
}

/// Takes a record for an item, of the source that its package URL names. What else that
/// source holds the document does not say: it lists what one thing is made of.
pub(super) fn item(draft: &mut Draft<'_>, at: &At<'_>, item: Software) {
    let item = sourced(draft, item);
    draft.item(at, item);
}

/// Takes one more item of the record that was just taken.
pub(super) fn item_too(draft: &mut Draft<'_>, at: &At<'_>, item: Software) {
    let item = sourced(draft, item);
    draft.item_too(at, item);
}

fn sourced(draft: &mut Draft<'_>, mut item: Software) -> Software {
    let source = source(item.purl.as_deref());
    item.source = Some(source.to_owned());
    if source != SOURCE {
        draft.cover(source, CoverageState::Partial);
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_url_decides_the_source() {
        for (purl, expected) in [
            ("pkg:deb/debian/tool@1", "deb_packages"),
            ("PKG:RPM/redhat/tool@1", "rpm_packages"),
            ("pkg:npm/%40example/tool@1", "npm_packages"),
            ("pkg:/pypi/tool", "python_packages"),
            ("pkg:maven/org.example/tool@1", "sbom"),
            ("pkg:debian/tool", "sbom"),
            ("npm/tool", "sbom"),
            ("", "sbom"),
        ] {
            assert_eq!(source(Some(purl)), expected, "{purl}");
        }
        assert_eq!(source(None), "sbom");
    }
}
