//! Documents of SPDX.

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
    assert_eq!(kinds(&other), [(RemarkKind::Changed, "packages[0]"); 2]);
    let message = &other.remarks[0].message;
    assert!(message.contains("2 others"), "{message}");
    let named = other.record.software.iter();
    let purls: Vec<_> = named.filter_map(|item| item.purl.as_deref()).collect();
    assert_eq!(purls, ["pkg:npm/tool@1", "pkg:npm/tool-two@1"]);
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
