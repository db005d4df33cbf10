//! One row for each limit that the API states about facts.

use super::super::record::{CoverageState, OperatingSystem};
use super::super::{HostFacts, HostRecord};
use super::*;

fn host() -> HostRecord {
    HostRecord {
        host_id: "h".to_owned(),
        ..HostRecord::default()
    }
}

fn item() -> Software {
    Software {
        name: "n".to_owned(),
        ..Software::default()
    }
}

fn with_item(change: impl FnOnce(&mut Software)) -> HostRecord {
    let mut item = item();
    change(&mut item);
    HostRecord {
        software: vec![item],
        ..host()
    }
}

fn with_owner(change: impl FnOnce(&mut Owner)) -> HostRecord {
    let mut owner = Owner::default();
    change(&mut owner);
    HostRecord {
        owner: Some(owner),
        ..host()
    }
}

fn nested(levels: usize) -> HostRecord {
    let mut value = Attribute::Null;
    for _ in 1..levels {
        value = Attribute::List(vec![value]);
    }
    HostRecord {
        attributes: Some([("a".to_owned(), value)].into()),
        ..host()
    }
}

fn sized(bytes: usize) -> HostRecord {
    // The frame of one text field of this size: tags and lengths of entry, key, value and text.
    let frame = (1 + 3) + (1 + 1 + 1) + (1 + 3) + (1 + 3);
    let text = Attribute::Text("x".repeat(bytes - frame));
    HostRecord {
        attributes: Some([("k".to_owned(), text)].into()),
        ..host()
    }
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("w{number}")).collect()
}

#[test]
fn each_limit_holds_at_its_edge_and_names_its_field_beyond_it() {
    type Row = (&'static str, fn(usize) -> HostRecord, usize);
    let rows: Vec<Row> = vec![
        (
            "host_id",
            |n| HostRecord {
                host_id: "x".repeat(n),
                ..host()
            },
            256,
        ),
        (
            "os.family",
            |n| HostRecord {
                os: Some(OperatingSystem {
                    family: Some("x".repeat(n)),
                    ..Default::default()
                }),
                ..host()
            },
            64,
        ),
        (
            "os.version",
            |n| HostRecord {
                os: Some(OperatingSystem {
                    version: Some("x".repeat(n)),
                    ..Default::default()
                }),
                ..host()
            },
            1_024,
        ),
        (
            "os.architecture",
            |n| HostRecord {
                os: Some(OperatingSystem {
                    architecture: Some("x".repeat(n)),
                    ..Default::default()
                }),
                ..host()
            },
            1_024,
        ),
        (
            "form_factor",
            |n| HostRecord {
                form_factor: Some("x".repeat(n)),
                ..host()
            },
            64,
        ),
        (
            "purposes",
            |n| HostRecord {
                purposes: numbered(n),
                ..host()
            },
            64,
        ),
        (
            "purposes[0]",
            |n| HostRecord {
                purposes: vec!["x".repeat(n)],
                ..host()
            },
            64,
        ),
        (
            "groups",
            |n| HostRecord {
                groups: numbered(n),
                ..host()
            },
            1_000,
        ),
        (
            "groups[0]",
            |n| HostRecord {
                groups: vec!["x".repeat(n)],
                ..host()
            },
            256,
        ),
        (
            "owner.jurisdictions",
            |n| with_owner(|owner| owner.jurisdictions = vec!["US".to_owned(); n]),
            256,
        ),
        (
            "owner.sectors",
            |n| with_owner(|owner| owner.sectors = numbered(n)),
            64,
        ),
        (
            "owner.sectors[0]",
            |n| with_owner(|owner| owner.sectors = vec!["x".repeat(n)]),
            64,
        ),
        (
            "owner.contract_clauses",
            |n| with_owner(|owner| owner.contract_clauses = numbered(n)),
            256,
        ),
        (
            "owner.contract_clauses[0]",
            |n| with_owner(|owner| owner.contract_clauses = vec!["x".repeat(n)]),
            128,
        ),
        (
            "software",
            |n| HostRecord {
                software: vec![item(); n],
                ..host()
            },
            20_000,
        ),
        (
            "software[0].name",
            |n| with_item(|item| item.name = "x".repeat(n)),
            1_024,
        ),
        (
            "software[0].version",
            |n| with_item(|item| item.version = Some("x".repeat(n))),
            1_024,
        ),
        (
            "software[0].publisher",
            |n| with_item(|item| item.publisher = Some("x".repeat(n))),
            1_024,
        ),
        (
            "software[0].source",
            |n| with_item(|item| item.source = Some("x".repeat(n))),
            64,
        ),
        (
            "software[0].bundle_id",
            |n| with_item(|item| item.bundle_id = Some("x".repeat(n))),
            1_024,
        ),
        (
            "software[0].package_id",
            |n| with_item(|item| item.package_id = Some("x".repeat(n))),
            1_024,
        ),
        (
            "software[0].extension_id",
            |n| with_item(|item| item.extension_id = Some("x".repeat(n))),
            1_024,
        ),
        (
            "software[0].signer",
            |n| with_item(|item| item.signer = Some("x".repeat(n))),
            1_024,
        ),
        (
            "software[0].purl",
            |n| with_item(|item| item.purl = Some("x".repeat(n))),
            4_096,
        ),
        (
            "software[0].cpe",
            |n| with_item(|item| item.cpe = Some("x".repeat(n))),
            1_024,
        ),
        (
            "software[0].path",
            |n| with_item(|item| item.path = Some("x".repeat(n))),
            4_096,
        ),
        (
            "software[0].embedded_in",
            |n| with_item(|item| item.embedded_in = Some("x".repeat(n))),
            1_024,
        ),
        (
            "coverage",
            |n| HostRecord {
                coverage: numbered(n)
                    .into_iter()
                    .map(|source| Coverage {
                        source,
                        state: CoverageState::Complete,
                        collect_time: None,
                    })
                    .collect(),
                ..host()
            },
            256,
        ),
        (
            "coverage[0].source",
            |n| HostRecord {
                coverage: vec![Coverage {
                    source: "x".repeat(n),
                    state: CoverageState::Partial,
                    collect_time: None,
                }],
                ..host()
            },
            64,
        ),
        ("attributes", nested, 24),
        ("attributes", sized, 256 * 1_024),
    ];
    for (field, make, limit) in rows {
        assert!(HostFacts::check(make(limit)).is_ok(), "{field} at {limit}");
        let refused = HostFacts::check(make(limit + 1)).unwrap_err();
        assert_eq!(
            refused.violations[0].field,
            field,
            "{field} at {}",
            limit + 1
        );
        assert!(
            refused.violations[0].description.contains(": "),
            "{refused} has a remedy"
        );
    }
}

#[test]
fn each_form_is_checked() {
    let rows: Vec<(&str, HostRecord)> = vec![
        ("host_id", HostRecord::default()),
        (
            "host_id",
            HostRecord {
                host_id: "a\0b".to_owned(),
                ..host()
            },
        ),
        (
            "form_factor",
            HostRecord {
                form_factor: Some("Lap Top".to_owned()),
                ..host()
            },
        ),
        (
            "form_factor",
            HostRecord {
                form_factor: Some(String::new()),
                ..host()
            },
        ),
        (
            "purposes[1]",
            HostRecord {
                purposes: vec!["ok".to_owned(), "a--b".to_owned()],
                ..host()
            },
        ),
        (
            "groups[0]",
            HostRecord {
                groups: vec![String::new()],
                ..host()
            },
        ),
        (
            "owner.jurisdictions[0]",
            with_owner(|owner| owner.jurisdictions = vec!["us".to_owned()]),
        ),
        (
            "owner.jurisdictions[0]",
            with_owner(|owner| owner.jurisdictions = vec!["US-".to_owned()]),
        ),
        (
            "owner.jurisdictions[0]",
            with_owner(|owner| owner.jurisdictions = vec!["USA".to_owned()]),
        ),
        (
            "owner.contract_clauses[0]",
            with_owner(|owner| owner.contract_clauses = vec![String::new()]),
        ),
        ("software[0].name", with_item(|item| item.name.clear())),
        (
            "software[0].path",
            with_item(|item| item.path = Some("\0".to_owned())),
        ),
        (
            "software[0].team_id",
            with_item(|item| item.team_id = Some("2y8xe5cq94".to_owned())),
        ),
        (
            "software[0].team_id",
            with_item(|item| item.team_id = Some("2Y8XE5CQ9".to_owned())),
        ),
        (
            "software[0].product_code",
            with_item(|item| item.product_code = Some("WeChat".to_owned())),
        ),
        (
            "attributes",
            HostRecord {
                attributes: Some([("a".to_owned(), Attribute::Number(f64::NAN))].into()),
                ..host()
            },
        ),
        (
            "coverage[1].source",
            HostRecord {
                coverage: vec![
                    Coverage {
                        source: "apps".to_owned(),
                        state: CoverageState::Complete,
                        collect_time: None
                    };
                    2
                ],
                ..host()
            },
        ),
    ];
    for (field, record) in rows {
        let refused = HostFacts::check(record).unwrap_err();
        assert_eq!(refused.violations[0].field, field, "{refused}");
    }
}

#[test]
fn what_is_well_formed_passes() {
    for code in ["US", "US-TX", "GB-ENG", "EU", "FR-75"] {
        let record = with_owner(|owner| owner.jurisdictions = vec![code.to_owned()]);
        assert!(HostFacts::check(record).is_ok(), "{code}");
    }
    for code in [
        "{27534751-4A40-48BD-B393-BC3BF28C876E}",
        "27534751-4a40-48bd-b393-bc3bf28c876e",
    ] {
        assert!(
            HostFacts::check(with_item(|item| item.product_code = Some(code.to_owned()))).is_ok()
        );
    }
}

#[test]
fn lists_without_order_are_sorted_and_lose_repeats() {
    let record = HostRecord {
        groups: ["b", "a", "b"].map(str::to_owned).to_vec(),
        ..host()
    };
    assert_eq!(
        HostFacts::check(record).unwrap().record().groups,
        ["a", "b"]
    );
}

#[test]
fn sixteen_violations_are_named_and_the_rest_are_counted() {
    let record = HostRecord {
        software: vec![Software::default(); 40],
        ..host()
    };
    let refused = HostFacts::check(record).unwrap_err();
    assert_eq!((refused.violations.len(), refused.total), (16, 40));
    assert_eq!(
        refused.to_string(),
        "`software[0].name` is required: give 1 to 1024 bytes (and 39 more)"
    );
}

#[test]
fn a_refusal_never_shows_the_value() {
    let record = with_item(|item| item.name = format!("Secret{}", "x".repeat(1_024)));
    assert!(
        !HostFacts::check(record)
            .unwrap_err()
            .to_string()
            .contains("Secret")
    );
}
