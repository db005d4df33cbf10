use super::*;
use crate::facts::inventory::adapters::testing::{coverage, kinds};
use crate::facts::inventory::{InventoriedHost, RemarkKind, read};

fn host(text: &str) -> InventoriedHost {
    let inventory = read("bom", text.as_bytes(), None).unwrap();
    assert_eq!(inventory.format, Format::CycloneDx, "{text}");
    assert_eq!(inventory.hosts.len(), 1, "{text}");
    inventory.hosts.into_iter().next().unwrap()
}

fn json(inner: &str) -> InventoriedHost {
    host(&format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.5", {inner}}}"#
    ))
}

fn xml(inner: &str) -> InventoriedHost {
    host(&format!(
        "<?xml version=\"1.0\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\" version=\"1\">{inner}</bom>"
    ))
}

const JSON: &str = r#""metadata": {"timestamp": "2024-01-02T03:04:05Z", "component": {"type": "container", "name": "image"}}, "components": [
    {"type": "library", "bom-ref": "r", "group": "org.example", "name": "tool", "version": "1.2", "publisher": "Example Org", "supplier": {"name": "Other"}, "author": "Somebody", "purl": "pkg:maven/org.example/tool@1.2", "cpe": "cpe:2.3:a:example:tool:1.2:*:*:*:*:*:*:*", "hashes": [{"alg": "SHA-256", "content": "00"}]},
    {"type": "library", "group": "@example", "name": "ui", "supplier": {"name": "Example Org"}, "author": "Somebody", "purl": "pkg:npm/%40example/ui@1"},
    {"type": "application", "name": "Example App", "author": "Somebody", "components": [
        {"type": "library", "name": "inner", "components": [{"type": "library", "name": "innermost"}]}
    ]},
    {"type": "device", "name": "Example Box", "components": [{"type": "firmware", "name": "Example Firmware"}]}
]"#;

const XML: &str = r#"<metadata><timestamp>2024-01-02T03:04:05Z</timestamp><component type="container"><name>image</name></component></metadata><components>
    <component type="library" bom-ref="r"><publisher>Example Org</publisher><supplier><name>Other</name></supplier><author>Somebody</author><group>org.example</group><name>tool</name><version>1.2</version><hashes><hash alg="SHA-256">00</hash></hashes><cpe>cpe:2.3:a:example:tool:1.2:*:*:*:*:*:*:*</cpe><purl>pkg:maven/org.example/tool@1.2</purl></component>
    <component type="library"><supplier><name>Example Org</name></supplier><author>Somebody</author><group>@example</group><name>ui</name><purl>pkg:npm/%40example/ui@1</purl></component>
    <component type="application"><author>Somebody</author><name>Example App</name><components>
        <component type="library"><name>inner</name><components><component type="library"><name>innermost</name></component></components></component>
    </components></component>
    <component type="device"><name>Example Box</name><components><component type="firmware"><name>Example Firmware</name></component></components></component>
</components>"#;

#[test]
fn both_forms_give_the_same_items() {
    let text = |text: &str| Some(text.to_owned());
    let named = |name: &str| Software {
        name: name.to_owned(),
        source: text("sbom"),
        ..Software::default()
    };
    let expected = [
        Software {
            version: text("1.2"),
            publisher: text("Example Org"),
            purl: text("pkg:maven/org.example/tool@1.2"),
            cpe: text("cpe:2.3:a:example:tool:1.2:*:*:*:*:*:*:*"),
            ..named("tool")
        },
        Software {
            publisher: text("Example Org"),
            purl: text("pkg:npm/%40example/ui@1"),
            source: text("npm_packages"),
            ..named("@example/ui")
        },
        Software {
            publisher: text("Somebody"),
            ..named("Example App")
        },
        Software {
            embedded_in: text("Example App"),
            ..named("inner")
        },
        named("innermost"),
        named("Example Firmware"),
    ];
    for host in [json(JSON), xml(XML)] {
        assert_eq!(host.record.host_id, "");
        assert_eq!(
            host.record.collect_time,
            "2024-01-02T03:04:05Z".parse().ok()
        );
        assert_eq!(host.record.software, expected);
        assert_eq!(host.records, 7);
        assert_eq!(
            coverage(&host),
            [
                ("sbom", CoverageState::Complete),
                ("npm_packages", CoverageState::Partial),
            ]
        );
    }
    assert_eq!(
        kinds(&json(JSON)),
        [
            (RemarkKind::Skipped, "metadata.component"),
            (RemarkKind::Skipped, "components[3]"),
        ]
    );
    assert_eq!(
        kinds(&xml(XML)),
        [
            (RemarkKind::Skipped, "metadata.component"),
            (RemarkKind::Skipped, "components.component[3]"),
        ]
    );
}

#[test]
fn what_the_described_thing_is_made_of_is_read() {
    let host = json(
        r#""metadata": {"component": {"type": "application", "name": "Example App", "components": [{"type": "library", "name": "inner"}]}}, "components": []"#,
    );
    assert_eq!(host.records, 1);
    let item = &host.record.software[0];
    assert_eq!(
        (item.name.as_str(), item.embedded_in.as_deref()),
        ("inner", Some("Example App"))
    );
}

#[test]
fn how_far_a_document_goes() {
    for (inner, state) in [
        (r#""components": []"#, CoverageState::Complete),
        (r#""version": 1"#, CoverageState::NotCollected),
        (
            r#""components": [], "compositions": [{"aggregate": "complete"}]"#,
            CoverageState::Complete,
        ),
        (
            r#""components": [{"name": "a"}], "compositions": [{"aggregate": "complete"}, {"aggregate": "incomplete"}]"#,
            CoverageState::Partial,
        ),
        (
            r#""components": [{"name": "a"}], "compositions": [{"aggregate": "unknown"}]"#,
            CoverageState::Partial,
        ),
        // A part that lists nothing tells of nothing.
        (
            r#""components": [], "compositions": [{"aggregate": "unknown"}]"#,
            CoverageState::NotCollected,
        ),
        (r#""components": null"#, CoverageState::NotCollected),
    ] {
        assert_eq!(coverage(&json(inner)), [("sbom", state)], "{inner}");
    }
    for (inner, state) in [
        ("<components/>", CoverageState::Complete),
        ("", CoverageState::NotCollected),
        (
            "<components><component><name>a</name></component></components><compositions><composition><aggregate>incomplete</aggregate></composition></compositions>",
            CoverageState::Partial,
        ),
    ] {
        assert_eq!(coverage(&xml(inner)), [("sbom", state)], "{inner}");
    }
}

#[test]
fn what_cannot_be_read_is_remarked() {
    for inner in [
        r#""components": {}"#,
        r#""components": ["tool"]"#,
        r#""components": [{"type": "library"}]"#,
        r#""components": [{"name": ["tool"], "purl": "pkg:npm/tool"}]"#,
        r#""components": [{"name": "tool", "purl": {}}]"#,
        r#""components": [{"name": "tool", "components": 7}]"#,
        r#""components": [{"name": "tool", "supplier": 7}]"#,
    ] {
        let host = json(inner);
        assert!(
            host.remarks
                .iter()
                .any(|remark| remark.kind == RemarkKind::Unread),
            "{inner}"
        );
        assert_eq!(coverage(&host)[0].1, CoverageState::Unreadable, "{inner}");
    }
    for inner in [
        "<components><component type='library'/></components>",
        "<components><component><name>tool</name><name>other</name></component></components>",
        "<components><component><name>tool</name><purl><a/></purl></component></components>",
        "<components><Component><name>tool</name></Component></components>",
        "<components/><components><component><name>tool</name></component></components>",
    ] {
        let host = xml(inner);
        assert!(
            host.remarks
                .iter()
                .any(|remark| remark.kind == RemarkKind::Unread),
            "{inner}"
        );
        assert_eq!(coverage(&host)[0].1, CoverageState::Unreadable, "{inner}");
    }
    let odd_time = json(r#""metadata": {"timestamp": "yesterday"}, "components": []"#);
    assert_eq!(
        kinds(&odd_time),
        [(RemarkKind::Changed, "metadata.timestamp")]
    );
}

#[test]
fn a_record_without_a_name_is_named_by_its_package_url() {
    let host = json(r#""components": [{"purl": "pkg:deb/debian/tool@1"}]"#);
    assert_eq!(host.record.software[0].name, "pkg:deb/debian/tool@1");
    assert_eq!(
        host.record.software[0].source.as_deref(),
        Some("deb_packages")
    );
}

#[test]
fn documents_of_others_are_not_taken() {
    for text in [
        r#"{"bomFormat": "Other", "components": []}"#,
        r#"{"components": [{"name": "tool"}]}"#,
        r#"{"spdxVersion": "SPDX-2.3", "packages": []}"#,
    ] {
        let node = Node::from_json("a", text).unwrap();
        assert!(!(ADAPTER.recognises)(&node), "{text}");
    }
    for text in [
        "<bom/>",
        "<bom xmlns='http://example.org'/>",
        "<a xmlns='http://cyclonedx.org/schema/bom/1.5'/>",
    ] {
        let node = xml::read("a", text).unwrap();
        assert!(!(ADAPTER.recognises)(&node), "{text}");
    }
    let prefixed = "<x:bom xmlns:x='http://cyclonedx.org/schema/bom/1.2'/>";
    let node = xml::read("a", prefixed).unwrap();
    assert!((ADAPTER.recognises)(&node));
}
