//! SPDX 2 in JSON: the packages of an image or an application.
//!
//! The document names what it describes, and no host. The package that it describes is the
//! thing itself; a document that describes several packages lists them as its contents.

use std::collections::HashSet;

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};

use super::sbom;

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Spdx,
    recognises,
    tells_a_host: recognises,
    read,
};

/// The id of the document in its relationships.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

fn recognises(node: &Node) -> bool {
    node.get("spdxVersion")
        .and_then(Node::as_text)
        .is_some_and(|version| version.starts_with("SPDX-2."))
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    if let Some(creation) = top.object("creationInfo") {
        draft.collected(creation.instant("created"));
    }
    let state = if top.get("packages").is_some() {
        CoverageState::Complete
    } else {
        CoverageState::NotCollected
    };
    draft.cover(sbom::SOURCE, state);
    let packages = top.list("packages");
    let described = described(top);
    let is_described = |package: &At<'_>| {
        let id = package.node().get("SPDXID").and_then(Node::as_text);
        id.is_some_and(|id| described.contains(id))
    };
    let has_subject = packages
        .iter()
        .filter(|package| is_described(package))
        .count()
        == 1;
    for package in &packages {
        let Node::Object(_) = package.node() else {
            draft.lose(package, "the package is not an object");
            continue;
        };
        if has_subject && is_described(package) {
            draft.skip(
                package,
                "this is what the document describes, and no item of it",
            );
            continue;
        }
        let (item, further_purls) = item(package);
        for purl in further_purls {
            let further = Software {
                purl: Some(purl),
                ..item.clone()
            };
            sbom::item_too(&mut draft, package, further);
        }
        sbom::item(&mut draft, package, item);
    }
    hosts.add(draft);
}

/// The ids of what the document says that it describes.
fn described<'a>(top: &At<'a>) -> HashSet<&'a str> {
    let listed = top.list("documentDescribes");
    let mut ids: HashSet<&str> = listed.iter().filter_map(|id| id.node().as_text()).collect();
    for relationship in top.list("relationships") {
        let text = |key| relationship.node().get(key).and_then(Node::as_text);
        let (Some(one), Some(other)) = (text("spdxElementId"), text("relatedSpdxElement")) else {
            continue;
        };
        match text("relationshipType") {
            Some("DESCRIBES") if one == DOCUMENT => ids.insert(other),
            Some("DESCRIBED_BY") if other == DOCUMENT => ids.insert(one),
            _ => continue,
        };
    }
    ids
}

/// The package by its first package URL, and the URLs that name other packages: each of them
/// may be the one that is known.
fn item(package: &At<'_>) -> (Software, Vec<String>) {
    let (mut purls, cpe) = references(package);
    let further = purls.split_off(purls.len().min(1));
    let item = Software {
        name: package.text("name").unwrap_or_default(),
        version: asserted(package, "versionInfo"),
        publisher: party(package, "supplier").or_else(|| party(package, "originator")),
        purl: purls.pop(),
        cpe,
        ..Software::default()
    };
    (item, further)
}

/// The text of a key, unless it says that nothing is said.
fn asserted(package: &At<'_>, key: &str) -> Option<String> {
    package
        .text(key)
        .filter(|text| !matches!(text.as_str(), "NOASSERTION" | "NONE"))
}

/// The name of an organisation or a person, without the kind before and the address behind.
fn party(package: &At<'_>, key: &str) -> Option<String> {
    let text = asserted(package, key)?;
    let name = ["Organization:", "Person:"]
        .into_iter()
        .find_map(|kind| text.strip_prefix(kind))
        .unwrap_or(&text);
    let name = match name.rsplit_once('(') {
        Some((name, address)) if address.contains('@') || address.trim() == ")" => name,
        _ => name,
    };
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The package URLs, one for each package that they name, and the first CPE name, with a remark
/// where others name another product.
fn references(package: &At<'_>) -> (Vec<String>, Option<String>) {
    let mut purls: Vec<String> = Vec::new();
    let mut named = HashSet::new();
    let mut cpe: Option<String> = None;
    let mut is_other = false;
    for reference in package.list("externalRefs") {
        let kind = reference.text("referenceType").unwrap_or_default();
        let locator = || reference.text("referenceLocator");
        // Old documents write the types as addresses.
        match kind.rsplit('/').next().unwrap_or_default() {
            "purl" => {
                purls.extend(locator().filter(|purl| named.insert(package_of(purl).to_owned())));
            }
            "cpe23Type" | "cpe22Type" => match (&cpe, locator()) {
                (Some(first), Some(name)) => is_other |= product_of(first) != product_of(&name),
                (None, name) => cpe = name,
                (Some(_), None) => {}
            },
            _ => {}
        }
    }
    if is_other {
        package.changed("of its CPE names the first was taken, and others name another product");
    }
    (purls, cpe)
}

/// A package URL up to its version.
fn package_of(purl: &str) -> &str {
    let bare = purl.split(['?', '#']).next().unwrap_or_default();
    match bare.rsplit_once('@') {
        Some((package, version)) if !version.contains('/') => package,
        _ => bare,
    }
}

/// Vendor and product of a CPE name in either form, as they stand there.
fn product_of(cpe: &str) -> &str {
    let bare = cpe
        .strip_prefix("cpe:2.3:")
        .or_else(|| cpe.strip_prefix("cpe:/"))
        .unwrap_or(cpe);
    let (_, names) = bare.split_once(':').unwrap_or_default();
    let end = names.match_indices(':').nth(1);
    end.and_then(|(end, _)| names.get(..end)).unwrap_or(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::inventory::adapters::testing::{coverage, kinds};
    use crate::facts::inventory::{InventoriedHost, RemarkKind, read};

    fn host(inner: &str) -> InventoriedHost {
        let text = format!(
            r#"{{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "creationInfo": {{"created": "2024-01-02T03:04:05Z"}}, {inner}}}"#
        );
        let inventory = read("bom", text.as_bytes(), None).unwrap();
        assert_eq!(inventory.format, Format::Spdx, "{text}");
        assert_eq!(inventory.hosts.len(), 1);
        inventory.hosts.into_iter().next().unwrap()
    }

    fn references(references: &[(&str, &str)]) -> InventoriedHost {
        let references: Vec<String> = references
            .iter()
            .map(|(kind, locator)| {
                format!(r#"{{"referenceType": "{kind}", "referenceLocator": "{locator}"}}"#)
            })
            .collect();
        host(&format!(
            r#""packages": [{{"name": "tool", "externalRefs": [{}]}}]"#,
            references.join(",")
        ))
    }

    #[test]
    fn packages_are_items() {
        let host = host(
            r#""packages": [{"SPDXID": "SPDXRef-a", "name": "tool", "versionInfo": "1.2", "supplier": "Organization: Example Org", "originator": "Person: Somebody", "checksums": [{"algorithm": "SHA256", "checksumValue": "00"}], "externalRefs": [{"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:example:tool:1.2:*:*:*:*:*:*:*"}, {"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator": "pkg:rpm/example/tool@1.2"}]}, {"name": "other", "versionInfo": "NOASSERTION"}]"#,
        );
        assert_eq!(host.record.host_id, "");
        assert_eq!(
            host.record.collect_time,
            "2024-01-02T03:04:05Z".parse().ok()
        );
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            host.record.software,
            [
                Software {
                    name: "tool".to_owned(),
                    version: text("1.2"),
                    publisher: text("Example Org"),
                    source: text("rpm_packages"),
                    purl: text("pkg:rpm/example/tool@1.2"),
                    cpe: text("cpe:2.3:a:example:tool:1.2:*:*:*:*:*:*:*"),
                    ..Software::default()
                },
                Software {
                    name: "other".to_owned(),
                    source: text("sbom"),
                    ..Software::default()
                },
            ]
        );
        assert_eq!(host.remarks, []);
        assert_eq!(
            coverage(&host),
            [
                ("sbom", CoverageState::Complete),
                ("rpm_packages", CoverageState::Partial),
            ]
        );
        assert_eq!(
            coverage(&self::host(r#""files": []"#)),
            [("sbom", CoverageState::NotCollected)]
        );
    }

    #[test]
    fn who_supplies_a_package() {
        for (supplier, publisher) in [
            (
                "Organization: Example (Worldwide) Org",
                Some("Example (Worldwide) Org"),
            ),
            (
                "Organization: Example Org (mail@example.org)",
                Some("Example Org"),
            ),
            ("Organization: Example Org ()", Some("Example Org")),
            ("Person: Somebody (some@example.org)", Some("Somebody")),
            ("NOASSERTION", Some("Origin")),
            ("NONE", Some("Origin")),
            ("Organization:", Some("Origin")),
        ] {
            let host = host(&format!(
                r#""packages": [{{"name": "tool", "supplier": "{supplier}", "originator": "Organization: Origin"}}]"#
            ));
            assert_eq!(
                host.record.software[0].publisher.as_deref(),
                publisher,
                "{supplier}"
            );
        }
    }

    #[test]
    fn the_first_of_several_references_is_taken() {
        let same = references(&[
            ("purl", "pkg:npm/%40example/tool@1?a=b"),
            ("purl", "pkg:npm/%40example/tool@2"),
            ("cpe22Type", "cpe:/a:example:tool:1"),
            (
                "http://spdx.org/rdf/references/cpe23Type",
                "cpe:2.3:a:example:tool:2:*:*:*:*:*:*:*",
            ),
            ("website", "https://example.org"),
        ]);
        let item = &same.record.software[0];
        assert_eq!(item.purl.as_deref(), Some("pkg:npm/%40example/tool@1?a=b"));
        assert_eq!(item.cpe.as_deref(), Some("cpe:/a:example:tool:1"));
        assert_eq!(same.remarks, []);
        let other = references(&[
            ("purl", "pkg:npm/tool@1"),
            ("purl", "pkg:npm/tool-two@1"),
            ("cpe23Type", "cpe:2.3:a:example:tool:1:*:*:*:*:*:*:*"),
            ("cpe23Type", "cpe:2.3:a:other:tool:1:*:*:*:*:*:*:*"),
            ("cpe23Type", "cpe:2.3:a:example:tools:1:*:*:*:*:*:*:*"),
        ]);
        assert_eq!(kinds(&other), [(RemarkKind::Changed, "packages[0]")]);
        let purls = other
            .record
            .software
            .iter()
            .map(|item| item.purl.as_deref());
        let wanted = [Some("pkg:npm/tool-two@1"), Some("pkg:npm/tool@1")];
        assert_eq!(purls.collect::<Vec<_>>(), wanted);
        assert_eq!(other.records, 1);
    }

    #[test]
    fn the_only_package_that_is_described_is_no_item() {
        let packages = r#""packages": [{"SPDXID": "SPDXRef-a", "name": "image"}, {"SPDXID": "SPDXRef-b", "name": "tool"}]"#;
        let relation = |one: &str, kind: &str, other: &str| {
            format!(
                r#"{{"spdxElementId": "{one}", "relationshipType": "{kind}", "relatedSpdxElement": "{other}"}}"#
            )
        };
        let described = relation(DOCUMENT, "DESCRIBES", "SPDXRef-a");
        for said in [
            format!(r#""relationships": [{described}]"#),
            format!(
                r#""relationships": [{}]"#,
                relation("SPDXRef-a", "DESCRIBED_BY", DOCUMENT)
            ),
            r#""documentDescribes": ["SPDXRef-a"]"#.to_owned(),
        ] {
            let host = host(&format!("{packages}, {said}"));
            assert_eq!((host.records, host.record.software.len()), (2, 1), "{said}");
            assert_eq!(host.record.software[0].name, "tool");
            assert_eq!(kinds(&host), [(RemarkKind::Skipped, "packages[0]")]);
        }
        for said in [
            format!(
                r#""relationships": [{described}, {}]"#,
                relation(DOCUMENT, "DESCRIBES", "SPDXRef-b")
            ),
            format!(
                r#""relationships": [{}]"#,
                relation("SPDXRef-b", "DESCRIBES", "SPDXRef-a")
            ),
            format!(
                r#""relationships": [{}]"#,
                relation(DOCUMENT, "CONTAINS", "SPDXRef-a")
            ),
        ] {
            let host = host(&format!("{packages}, {said}"));
            assert_eq!(host.record.software.len(), 2, "{said}");
        }
    }

    #[test]
    fn what_is_of_the_wrong_type_is_unread() {
        for inner in [
            r#""packages": {}"#,
            r#""packages": ["tool"]"#,
            r#""packages": [{"SPDXID": "SPDXRef-a"}]"#,
            r#""packages": [{"name": ["tool"]}]"#,
            r#""packages": [{"name": "tool", "externalRefs": {}}]"#,
            r#""packages": [{"name": "tool", "externalRefs": [{"referenceType": "purl", "referenceLocator": {}}]}]"#,
            r#""packages": [], "relationships": 7"#,
        ] {
            let host = host(inner);
            assert!(
                host.remarks
                    .iter()
                    .any(|remark| remark.kind == RemarkKind::Unread),
                "{inner}"
            );
            assert_eq!(coverage(&host)[0].1, CoverageState::Unreadable, "{inner}");
        }
    }

    #[test]
    fn documents_of_others_are_not_taken() {
        for text in [
            r#"{"bomFormat": "CycloneDX", "components": []}"#,
            r#"{"packages": [{"name": "tool"}]}"#,
            r#"{"spdxVersion": 2, "packages": []}"#,
            r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}"#,
        ] {
            let node = Node::from_json("a", text).unwrap();
            assert!(!recognises(&node), "{text}");
        }
    }
}
