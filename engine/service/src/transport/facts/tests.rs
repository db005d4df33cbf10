use std::collections::BTreeMap;

use embargo_core::facts::Attribute;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

use super::*;

fn item(name: &str) -> pb::Software {
    pb::Software {
        name: name.to_owned(),
        ..Default::default()
    }
}

fn fields(refused: Result<HostFacts, Refusal>) -> Vec<String> {
    match refused {
        Err(Refusal::FactsInvalid { violations, .. }) => {
            violations.into_iter().map(|v| v.field).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_full_message_becomes_the_same_record() {
    let at = Timestamp {
        seconds: 1_700_000_000,
        nanos: 999_999_999,
    };
    let text = |value: &str| Some(value.to_owned());
    let digest: Vec<u8> = (0..32).collect();
    let list = ListValue {
        values: vec![Value {
            kind: Some(Kind::NumberValue(1.5)),
        }],
    };
    let attributes = Struct {
        fields: BTreeMap::from([(
            "list".to_owned(),
            Value {
                kind: Some(Kind::ListValue(list)),
            },
        )]),
    };
    let facts = pb::HostFacts {
        host_id: "h".to_owned(),
        os: Some(pb::OperatingSystem {
            family: text("windows"),
            version: text("10.0"),
            architecture: text("x86_64"),
        }),
        form_factor: text("laptop"),
        owner: Some(pb::Owner {
            kind: pb::owner::Kind::Contractor.into(),
            jurisdictions: vec!["US".to_owned()],
            sectors: vec!["federal-civilian".to_owned()],
            us_person: Some(false),
            contract_clauses: vec!["FAR 52.204-23".to_owned()],
        }),
        purposes: vec!["contract-performance".to_owned()],
        groups: vec!["g".to_owned()],
        software: vec![pb::Software {
            name: "n".to_owned(),
            version: text("v"),
            publisher: text("p"),
            source: text("programs"),
            bundle_id: text("b"),
            package_id: text("k"),
            extension_id: text("e"),
            product_code: text("27534751-4a40-48bd-b393-bc3bf28c876e"),
            team_id: text("2Y8XE5CQ94"),
            signer: text("s"),
            sha256: Some(digest),
            purl: text("u"),
            cpe: text("c"),
            path: text("/p"),
            embedded_in: text("i"),
            install_time: Some(at),
        }],
        coverage: vec![pb::Coverage {
            source: "programs".to_owned(),
            state: pb::coverage::State::NotPermitted.into(),
            collect_time: Some(at),
        }],
        collect_time: Some(at),
        attributes: Some(attributes),
    };
    let checked = checked(Some(facts)).unwrap();
    let record = checked.record();
    let at: Instant = "2023-11-14T22:13:20.999999999Z".parse().unwrap();
    let owner = record.owner.as_ref().unwrap();
    assert_eq!(owner.kind, Some(OwnerKind::Contractor));
    assert_eq!(owner.us_person, Some(false));
    assert_eq!(record.collect_time, Some(at));
    assert_eq!(record.coverage[0].state, CoverageState::NotPermitted);
    assert_eq!(record.coverage[0].collect_time, Some(at));
    let software = &record.software[0];
    assert_eq!(software.install_time, Some(at));
    assert_eq!(software.sha256.unwrap().0[31], 31);
    let all = [
        &software.version,
        &software.publisher,
        &software.bundle_id,
        &software.package_id,
        &software.extension_id,
        &software.signer,
        &software.purl,
        &software.cpe,
        &software.path,
        &software.embedded_in,
    ];
    let words: Vec<&str> = all.into_iter().flatten().map(String::as_str).collect();
    assert_eq!(words, ["v", "p", "b", "k", "e", "s", "u", "c", "/p", "i"]);
    assert_eq!(
        record.attributes.as_ref().unwrap()["list"],
        Attribute::List(vec![Attribute::Number(1.5)])
    );
}

#[test]
fn what_is_not_said_stays_absent() {
    let facts = pb::HostFacts {
        host_id: "h".to_owned(),
        owner: Some(pb::Owner::default()),
        software: vec![item("n")],
        ..Default::default()
    };
    let checked = checked(Some(facts)).unwrap();
    let record = checked.record();
    assert!(record.os.is_none() && record.attributes.is_none() && record.collect_time.is_none());
    let owner = record.owner.as_ref().unwrap();
    assert!(owner.kind.is_none() && owner.us_person.is_none());
    assert_eq!(record.software[0].version, None);
}

#[test]
fn facts_that_are_missing_are_refused() {
    assert_eq!(fields(checked(None)), ["facts"]);
}

#[test]
fn what_only_a_message_can_get_wrong_is_named() {
    let bad = Timestamp {
        seconds: 0,
        nanos: 1_000_000_000,
    };
    let facts = pb::HostFacts {
        host_id: "h".to_owned(),
        owner: Some(pb::Owner {
            kind: 9,
            ..Default::default()
        }),
        software: vec![
            item("a"),
            pb::Software {
                sha256: Some(vec![0; 20]),
                install_time: Some(bad),
                ..item("b")
            },
        ],
        coverage: vec![
            pb::Coverage {
                source: "a".to_owned(),
                ..Default::default()
            },
            pb::Coverage {
                source: "b".to_owned(),
                state: 77,
                collect_time: Some(bad),
            },
        ],
        collect_time: Some(bad),
        attributes: Some(Struct {
            fields: BTreeMap::from([("k".to_owned(), Value { kind: None })]),
        }),
        ..Default::default()
    };
    let mut fields = fields(checked(Some(facts)));
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "facts.attributes",
            "facts.collect_time",
            "facts.coverage[0].state",
            "facts.coverage[1].collect_time",
            "facts.coverage[1].state",
            "facts.owner.kind",
            "facts.software[1].install_time",
            "facts.software[1].sha256",
        ]
    );
}

#[test]
fn items_that_stand_alone_are_named_without_facts_before_them() {
    let bad = pb::Software {
        sha256: Some(Vec::new()),
        ..item("")
    };
    let Err(Refusal::FactsInvalid { violations, .. }) = checked_software(vec![bad]) else {
        panic!("no refusal");
    };
    let fields: Vec<&str> = violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(fields, ["software[0].sha256", "software[0].name"]);
}
