use std::collections::{BTreeMap, BTreeSet};

use embargo_core::bundle::Bundle;
use embargo_core::catalogue::{Evidence, EvidenceKind, Strength};
use embargo_core::decision::{
    Disposition, FailureKind, Finding, Judgement, NextEffect, PolicyFailure, SoftwareRef, WaiverRef,
};
use embargo_core::diagnostic::{Diagnostic, Span};
use embargo_core::facts::HostRecord;
use embargo_proto::FILE_DESCRIPTOR_SET;
use proptest::prelude::*;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Value, json};

use super::*;
use crate::config::Door;
use crate::decision_log::{DecisionLogSettings, Format, Mask, MaskOp};
use crate::identity::Caller;
use crate::release::Release;
use crate::transport::codec;

/// What becomes of a field of facts where nothing is said of masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Policies go by it, and it names no person.
    Kept,
    /// It is personal, or may be: no part of it is in an entry.
    Masked,
}
use Class::{Kept, Masked};

/// Every field of facts that holds a text, bytes or anything. A new one has to be put here.
const CLASSES: [(&str, Class); 29] = [
    ("hostId", Masked),
    ("os.family", Kept),
    ("os.version", Kept),
    ("os.architecture", Kept),
    ("formFactor", Kept),
    ("owner.jurisdictions", Kept),
    ("owner.sectors", Kept),
    ("owner.contractClauses", Kept),
    ("purposes", Kept),
    ("groups", Masked),
    ("software.name", Kept),
    ("software.version", Kept),
    ("software.publisher", Kept),
    ("software.source", Kept),
    ("software.bundleId", Kept),
    ("software.packageId", Kept),
    ("software.extensionId", Kept),
    ("software.productCode", Kept),
    ("software.teamId", Kept),
    ("software.signer", Kept),
    ("software.sha256", Kept),
    ("software.purl", Kept),
    ("software.cpe", Kept),
    // Below a home folder; elsewhere a path is kept.
    ("software.path", Masked),
    ("software.embeddedIn", Kept),
    ("coverage.source", Kept),
    ("attributes", Masked),
    // Who owns a host in numbers and truth values.
    ("owner.kind", Kept),
    ("owner.usPerson", Kept),
];
/// Fields that are instants or words of the API, none of which can name anybody.
const HARMLESS: [&str; 4] = [
    "coverage.state",
    "collectTime",
    "software.installTime",
    "coverage.collectTime",
];

fn pool() -> DescriptorPool {
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap()
}

/// Every field that holds something itself, by its path.
fn leaves(message: &MessageDescriptor, prefix: &str, into: &mut BTreeSet<String>) {
    for field in message.fields() {
        let path = format!("{prefix}{}", field.json_name());
        match inner(&field) {
            Some(inner) => leaves(&inner, &format!("{path}."), into),
            None => assert!(into.insert(path)),
        }
    }
}

fn inner(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    match field.kind() {
        Kind::Message(inner) if inner.full_name().starts_with("embargo.") => Some(inner),
        _ => None,
    }
}

#[test]
fn every_field_of_facts_is_known_to_be_personal_or_not() {
    let mut found = BTreeSet::new();
    let facts = pool().get_message_by_name("embargo.v1.HostFacts").unwrap();
    leaves(&facts, "", &mut found);
    let known = CLASSES.iter().map(|(path, _)| *path).chain(HARMLESS);
    let known: BTreeSet<String> = known.map(str::to_owned).collect();
    assert_eq!(
        found, known,
        "say in CLASSES whether a new field is personal, and mask it if it is"
    );
}

/// Facts with a mark in every field, and the marks by the path of their field.
fn marked(mark: &str) -> (HostFacts, BTreeMap<&'static str, String>) {
    let m = |name: &str| format!("{mark}-{name}");
    let marks = BTreeMap::from([
        ("hostId", m("host")),
        ("os.family", m("family")),
        ("os.version", m("osversion")),
        ("os.architecture", m("arch")),
        ("formFactor", m("form")),
        ("owner.jurisdictions", "US-TX".to_owned()),
        ("owner.sectors", m("sector")),
        ("owner.contractClauses", m("clause")),
        ("owner.kind", "KIND_PERSONAL".to_owned()),
        ("owner.usPerson", "usPerson".to_owned()),
        ("purposes", m("purpose")),
        ("groups", m("group")),
        ("software.name", m("name")),
        ("software.version", m("version")),
        ("software.publisher", m("publisher")),
        ("software.source", m("source")),
        ("software.bundleId", m("bundle")),
        ("software.packageId", m("package")),
        ("software.extensionId", m("extension")),
        (
            "software.productCode",
            "{00000000-0000-0000-0000-00000000C0DE}".to_owned(),
        ),
        ("software.teamId", "TEAMTEAM42".to_owned()),
        ("software.signer", m("signer")),
        (
            "software.sha256",
            "KysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKys=".to_owned(),
        ),
        ("software.purl", m("purl")),
        ("software.cpe", m("cpe")),
        ("software.path", m("whose")),
        ("software.embeddedIn", m("embedded")),
        ("coverage.source", m("covered")),
        ("attributes", m("attribute")),
    ]);
    let of = |path: &str| marks[path].clone();
    let facts = json!({
        "hostId": of("hostId"),
        "os": {"family": of("os.family"), "version": of("os.version"), "architecture": of("os.architecture")},
        "formFactor": of("formFactor"),
        "owner": {
            "kind": "KIND_PERSONAL", "usPerson": true, "jurisdictions": [of("owner.jurisdictions")],
            "sectors": [of("owner.sectors")], "contractClauses": [of("owner.contractClauses")],
        },
        "purposes": [of("purposes")],
        "groups": [of("groups"), "g2"],
        "software": [
            {"name": "plain"},
            {
                "name": of("software.name"), "version": of("software.version"),
                "publisher": of("software.publisher"), "source": of("software.source"),
                "bundleId": of("software.bundleId"), "packageId": of("software.packageId"),
                "extensionId": of("software.extensionId"), "productCode": of("software.productCode"),
                "teamId": of("software.teamId"), "signer": of("software.signer"),
                "sha256": of("software.sha256"), "purl": of("software.purl"), "cpe": of("software.cpe"),
                "path": format!("/Users/{}/Applications/\"Ünder\\{mark}-below.app", of("software.path")),
                "embeddedIn": of("software.embeddedIn"), "installTime": "2024-02-03T04:05:06.5Z",
            },
            {"name": "elsewhere", "path": "/opt/elsewhere"},
        ],
        "coverage": [{"source": of("coverage.source"), "state": "STATE_NOT_PERMITTED", "collectTime": "2024-01-01T00:00:00Z"}],
        "collectTime": "2024-01-02T00:00:00Z",
        "attributes": {"site": of("attributes"), "more": [1.5, true, null, {"deep": of("attributes")}]},
    });
    (read_facts(&facts), marks)
}

fn read_facts(facts: &Value) -> HostFacts {
    let request = json!({ "facts": facts }).to_string();
    let method = "/embargo.v1.DecisionService/DecideHost";
    let json = codec::Json::load().unwrap();
    let wire = json
        .read_request(method, request.as_bytes())
        .expect("facts");
    codec::request_facts(&wire, usize::MAX).unwrap()
}

/// A decision in which every field has something, and texts repeat facts.
fn decision(facts: &HostFacts) -> Decision {
    let record = facts.record();
    let item = record.software.get(1).cloned().unwrap_or_default();
    let path = item.path.clone().unwrap_or_default();
    let whose = path.split('/').nth(2).unwrap_or_default();
    let telling = format!(
        "{} of {:?} in {path} of {whose}, {:?}",
        record.host_id, record.groups, record.attributes
    );
    let at: instant::Instant = "2025-06-01T12:00:00.123456789Z".parse().unwrap();
    let evidence = |kind, value: &str, strength| Evidence {
        kind,
        value: value.to_owned(),
        strength,
        verified: true,
    };
    let finding = |disposition| Finding {
        instrument: None,
        policy_id: "restrictions.x".into(),
        effect: Effect::Deny,
        disposition,
        software: Some(SoftwareRef {
            index: 1,
            name: item.name.clone(),
            version: item.version.clone(),
        }),
        product_id: "acme.x".to_owned(),
        vendor_id: "acme".to_owned(),
        evidence: vec![
            evidence(EvidenceKind::Path, &path, Strength::Weak),
            evidence(EvidenceKind::BundleId, "com.acme.x", Strength::Strong),
        ],
        message: telling.clone(),
        detail: telling.clone(),
        remediation: telling.clone(),
        since_time: Some(at),
        next: Some(NextEffect {
            effect: Effect::Allow,
            time: at,
        }),
        rule_span: Some(Span::at("x/rule.rego", 3, 1)),
    };
    let mut diagnostic = Diagnostic::error("rego-runtime-error", telling.clone())
        .at(Span::at("x/rule.rego", 4, 2))
        .hint("look");
    diagnostic.notes = vec![telling.clone()];
    diagnostic.excerpt = "x := 1".to_owned();
    Decision {
        decision_id: "d".repeat(64),
        host_id: record.host_id.clone(),
        action: Action::Install,
        judgement: Judgement {
            effect: Effect::Deny,
            findings: vec![
                finding(Disposition::Active),
                finding(Disposition::Exempt),
                finding(Disposition::Waived(WaiverRef {
                    id: "w".to_owned(),
                    expires: at,
                    owner: "IT".to_owned(),
                    reason: "needed".to_owned(),
                })),
            ],
            omitted_findings: 7,
            failures: vec![PolicyFailure {
                policy_id: "restrictions.y".into(),
                kind: FailureKind::RuntimeError,
                diagnostic,
            }],
            missing_facts: vec!["host.owner.us_person".to_owned()],
        },
        snapshot_id: "s".repeat(64).into(),
        evaluate_time: at,
        next_change_time: Some(at),
    }
}

fn active() -> Active {
    let rule = "package restrictions.one\n\ndeny contains \"x\" if input.host.id\n";
    let file = ("one/rule.rego".to_owned(), rule.as_bytes().to_vec());
    Active {
        snapshot: crate::load::load_bundle(Bundle::new([file]).unwrap()).unwrap(),
        generation: 3,
        activate_time: "2025-01-01T00:00:00Z".parse().unwrap(),
        is_recalled: false,
        release: Some(Arc::new(Release {
            revision: "r-7".to_owned(),
            is_signed: true,
            key_id: None,
            issued: None,
            begins: None,
            expires: None,
        })),
    }
}

fn written(settings: &DecisionLogSettings, facts: HostFacts, id: &str) -> Vec<u8> {
    let decisions = vec![decision(&facts), decision(&facts)];
    DecisionLog::written(settings, |event_id| Draft {
        event_id,
        time: now(),
        call: Arc::new(Call {
            caller: Caller::anonymous(Door::Grpc),
            method: "DecideHost",
            active: active(),
            trace: None,
        }),
        correlation_id: id.to_owned(),
        content: Content::Judged(Box::new(Judged {
            facts: Arc::new(facts),
            decisions,
            queued: Duration::from_micros(12),
            evaluated: Duration::from_millis(1_500),
        })),
    })
}

fn unmasked() -> DecisionLogSettings {
    DecisionLogSettings {
        mask_personal: false,
        ..DecisionLogSettings::default()
    }
}

#[test]
fn without_masks_an_entry_holds_the_facts_and_the_decision_as_the_api_has_them() {
    let (facts, _) = marked("seen");
    let entry: Value = serde_json::from_slice(&written(&unmasked(), facts.clone(), "c-1")).unwrap();
    assert_eq!(read_facts(&entry["facts"]), facts);
    let descriptor = pool().get_message_by_name("embargo.v1.Decision").unwrap();
    let wanted = codec::decision(decision(&facts));
    let wanted = DynamicMessage::decode(descriptor.clone(), wanted.as_slice()).unwrap();
    for said in [&entry["decision"], &entry["laterDecisions"][0]] {
        let text = said.to_string();
        let mut reader = serde_json::Deserializer::from_str(&text);
        let read = DynamicMessage::deserialize(descriptor.clone(), &mut reader).unwrap();
        assert_eq!(read, wanted);
        // And nothing beside it.
        let mut wire = Vec::new();
        let mut writer = serde_json::Serializer::new(&mut wire);
        serde::Serialize::serialize(&wanted, &mut writer).unwrap();
        assert_eq!(*said, serde_json::from_slice::<Value>(&wire).unwrap());
    }
    for (name, wanted) in [
        ("door", json!("grpc")),
        ("method", json!("DecideHost")),
        ("principal", json!({"kind": "anonymous"})),
        ("correlationId", json!("c-1")),
        ("action", json!("ACTION_INSTALL")),
        ("evaluateTime", json!("2025-06-01T12:00:00.123456789Z")),
        (
            "durations",
            json!({"queue": "0.000012000s", "evaluation": "1.500000000s"}),
        ),
    ] {
        assert_eq!(entry[name], wanted, "{name}");
    }
    assert_eq!(entry["snapshot"]["generation"], "3");
    for absent in ["erased", "masked", "hmacKeyId", "traceId", "error"] {
        assert_eq!(entry.get(absent), None);
    }
}

#[test]
fn what_is_personal_is_in_no_part_of_an_entry_and_what_policies_go_by_is() {
    let (facts, marks) = marked("canary");
    let entry = written(
        &DecisionLogSettings::default(),
        facts,
        "asset of canary-host",
    );
    let text = String::from_utf8(entry.clone()).unwrap();
    for (path, class) in CLASSES {
        let mark = &marks[path];
        match class {
            Kept => assert!(text.contains(mark.as_str()), "{path} is not there: {text}"),
            Masked => assert!(!text.contains(mark.as_str()), "{path} is there: {text}"),
        }
    }
    assert!(!text.contains("canary-below"), "{text}");
    let entry: Value = serde_json::from_slice(&entry).unwrap();
    assert_eq!(entry["correlationId"], "asset of …");
    assert_eq!(entry["facts"]["software"][1]["path"], "/Users/…");
    assert_eq!(entry["facts"]["software"][2]["path"], "/opt/elsewhere");
    assert_eq!(entry["facts"]["hostId"], entry["decision"]["hostId"]);
    assert_eq!(
        entry["facts"]["hostId"],
        entry["laterDecisions"][0]["hostId"]
    );
    assert_eq!(entry["erased"], json!(["/facts/attributes"]));
    assert!(
        entry["masked"]
            .as_array()
            .unwrap()
            .contains(&json!("/facts/groups/*"))
    );
    assert_eq!(entry["hmacKeyId"].as_str().unwrap().len(), 16);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_personal_is_nowhere_in_an_entry(mark in "[a-z]{8}[a-zA-Z0-9ß漢\"\\\\<&%$']{0,24}z") {
        // Groups and hosts are any text, and paths have no separators in a name.
        let host = format!("{mark}-h/{mark}");
        let facts = read_facts(&json!({
            "hostId": host,
            "groups": [format!("{mark}-g")],
            "attributes": {"a": [{"b": format!("{mark}-a")}]},
            "software": [{"name": "x"}, {"name": "y", "path": format!("C:\\Users\\{}\\x.exe", mark.replace(['\\', '/'], ""))}],
        }));
        for format in [Format::Embargo, Format::Opa] {
            let entry = written(&DecisionLogSettings::default(), facts.clone(), &host);
            let entry = crate::decision_log::rendered(format, &entry);
            let read: Value = serde_json::from_slice(&entry).unwrap();
            let mut texts = Vec::new();
            gather(&read, &mut texts);
            for text in texts {
                prop_assert!(!text.contains(mark.as_str()), "{mark:?}: {text:?}");
            }
        }
    }
}

fn gather(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
        Value::Object(members) => members.iter().for_each(|(key, item)| {
            into.push(key.clone());
            gather(item, into);
        }),
        _ => {}
    }
}

#[test]
fn masks_of_the_settings_come_after_those_that_hold_by_themselves() {
    let (facts, marks) = marked("seen");
    let mask = |pointer: &str, op| Mask {
        pointer: pointer.to_owned(),
        op,
    };
    let settings = DecisionLogSettings {
        masks: vec![
            mask("/facts/groups/*", MaskOp::Keep),
            mask("/facts/attributes", MaskOp::Keep),
            mask("/facts/attributes/more", MaskOp::Hmac),
            mask("/facts/software/*/publisher", MaskOp::Remove),
            mask("/facts/software/0", MaskOp::Remove),
            mask("/facts/software/*/version", MaskOp::Truncate(4)),
            mask("/principal", MaskOp::Remove),
        ],
        ..DecisionLogSettings::default()
    };
    let entry: Value = serde_json::from_slice(&written(&settings, facts, "")).unwrap();
    assert!(
        entry["facts"]["groups"]
            .as_array()
            .unwrap()
            .contains(&json!(marks["groups"]))
    );
    assert_eq!(
        entry["facts"]["attributes"]["site"],
        marks["attributes"].as_str()
    );
    assert!(
        entry["facts"]["attributes"]["more"]
            .as_str()
            .unwrap()
            .starts_with("hmac:")
    );
    let software = entry["facts"]["software"].as_array().unwrap();
    assert_eq!(software.len(), 2, "one is removed");
    assert_eq!(software[0].get("publisher"), None);
    assert_eq!(software[0]["version"], "seen…");
    assert_eq!(entry.get("principal"), None);
    assert_eq!(
        entry["erased"],
        json!([
            "/facts/software/*/publisher",
            "/facts/software/0",
            "/principal"
        ])
    );
    // What was taken away there is not repeated in texts of the decision either.
    assert!(!entry["decision"].to_string().contains("seen-whose"));
}

#[test]
fn an_entry_in_the_form_of_opa_has_its_fields_and_leaves_nothing_out() {
    let (facts, _) = marked("seen");
    let entry = written(&DecisionLogSettings::default(), facts, "c-1");
    let plain: Value = serde_json::from_slice(&entry).unwrap();
    let event = crate::decision_log::rendered(Format::Opa, &entry);
    let event: Value = serde_json::from_slice(&event).unwrap();
    assert_eq!(event["decision_id"], "d".repeat(64));
    assert_eq!(event["labels"], plain["labels"]);
    assert_eq!(event["path"], "embargo/decision");
    assert_eq!(event["input"]["facts"], plain["facts"]);
    assert_eq!(event["input"]["action"], "ACTION_INSTALL");
    assert_eq!(event["input"]["evaluateTime"], plain["evaluateTime"]);
    assert_eq!(event["result"], plain["decision"]);
    assert_eq!(event["timestamp"], plain["timestamp"]);
    assert_eq!(event["bundles"]["embargo"]["revision"], "r-7");
    assert_eq!(plain["snapshot"]["revision"], "r-7");
    assert_eq!(
        event["metrics"]["timer_rego_query_eval_ns"],
        1_500_000_000_u64
    );
    assert_eq!(event["erased"], json!(["/input/facts/attributes"]));
    assert!(
        event["masked"]
            .as_array()
            .unwrap()
            .contains(&json!("/result/hostId"))
    );
    let custom = &event["custom"];
    assert_eq!(custom["eventId"], plain["eventId"]);
    assert_eq!(custom["door"], "grpc");
    assert_eq!(custom["correlationId"], "c-1");
    assert_eq!(custom["laterDecisions"], plain["laterDecisions"]);
    assert_eq!(custom["snapshot"], plain["snapshot"]);
}

#[test]
fn a_refusal_is_an_entry_without_facts_and_without_a_decision() {
    let entry = DecisionLog::written(&DecisionLogSettings::default(), |event_id| Draft {
        event_id,
        time: now(),
        call: Arc::new(Call {
            caller: Caller::anonymous(Door::Opa),
            method: "data",
            active: active(),
            trace: None,
        }),
        correlation_id: "the name of a host, perhaps".to_owned(),
        content: Content::Refused(Refused {
            code: "INVALID_ARGUMENT",
            reason: "FACTS_INVALID",
        }),
    });
    let entry: Value = serde_json::from_slice(&entry).unwrap();
    assert_eq!(
        entry["error"],
        json!({"code": "INVALID_ARGUMENT", "reason": "FACTS_INVALID"})
    );
    for absent in ["decision", "facts", "correlationId", "action"] {
        assert_eq!(entry.get(absent), None);
    }
}

#[test]
fn empty_facts_make_an_entry_too() {
    let record = HostRecord {
        host_id: "h".to_owned(),
        ..HostRecord::default()
    };
    let facts = HostFacts::check(record).unwrap();
    let entry: Value = serde_json::from_slice(&written(&unmasked(), facts.clone(), "")).unwrap();
    assert_eq!(entry["facts"], json!({"hostId": "h"}));
    assert_eq!(read_facts(&entry["facts"]), facts);
}
