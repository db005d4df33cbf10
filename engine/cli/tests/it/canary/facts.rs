//! Facts with a canary in every field that takes one.

use embargo_proto::v1 as pb;
use serde_json::{Value, json};

/// What must be nowhere.
pub(super) const CANARY: &str = "canarybird";

/// The forms in which it would be found: as it is, in hexadecimal, in base64, as a list of bytes; and
/// the instants that stand in the facts. In lower case.
pub(super) fn forms() -> Vec<String> {
    let hexadecimal: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let bytes: Vec<String> = CANARY.bytes().map(|byte| byte.to_string()).collect();
    let escaped: String = CANARY.bytes().map(|byte| format!("%{byte:02x}")).collect();
    vec![
        CANARY.to_owned(),
        hexadecimal,
        escaped,
        bytes.join(", "),
        "Y2FuYXJ5Ymlyz".to_lowercase(),
        "63616e61-7279-6269".to_owned(),
        "2011-11-11".to_owned(),
        "1321009871".to_owned(),
    ]
}

fn instant() -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp {
        seconds: 1_321_009_871,
        nanos: 0,
    })
}

fn some(text: &str) -> Option<String> {
    Some(text.replace('*', CANARY))
}

fn item() -> pb::Software {
    pb::Software {
        name: CANARY.to_owned(),
        version: some("1.*"),
        publisher: some("*"),
        source: some("*"),
        bundle_id: some("com.*"),
        package_id: some("*"),
        extension_id: some("*"),
        product_code: some("63616e61-7279-6269-7264-63616e617279"),
        team_id: Some(CANARY.to_uppercase()),
        signer: some("*"),
        sha256: Some(CANARY.bytes().cycle().take(32).collect()),
        purl: some("pkg:npm/*@1"),
        cpe: some(
            "cpe:2.3:a:*:*:1:*:*:*:*:*:*:*"
                .replacen('*', CANARY, 2)
                .as_str(),
        ),
        path: some("/opt/*"),
        embedded_in: some("*"),
        install_time: instant(),
    }
}

/// Facts that are judged.
pub(super) fn sound() -> pb::HostFacts {
    let value = prost_types::Value {
        kind: Some(prost_types::value::Kind::StringValue(CANARY.to_owned())),
    };
    pb::HostFacts {
        host_id: CANARY.to_owned(),
        os: Some(pb::OperatingSystem {
            family: some("linux"),
            version: some("1.*"),
            architecture: some("*"),
        }),
        form_factor: some("laptop"),
        owner: Some(pb::Owner {
            jurisdictions: vec!["US".to_owned()],
            us_person: Some(true),
            contract_clauses: vec![CANARY.to_owned()],
            ..Default::default()
        }),
        purposes: vec![CANARY.to_owned()],
        groups: vec![CANARY.to_owned()],
        software: vec![item(), item()],
        coverage: Vec::new(),
        collect_time: instant(),
        attributes: Some(prost_types::Struct {
            fields: [(CANARY.to_owned(), value)].into(),
        }),
    }
}

/// Facts that are refused, each for a canary in another field.
pub(super) fn unsound() -> Vec<pb::HostFacts> {
    let long = CANARY.repeat(10_000);
    let of = |change: &dyn Fn(&mut pb::HostFacts)| {
        let mut facts = sound();
        change(&mut facts);
        facts
    };
    let software = |change: &dyn Fn(&mut pb::Software)| {
        of(&|facts| facts.software.iter_mut().for_each(change))
    };
    let owner =
        |change: &dyn Fn(&mut pb::Owner)| of(&|facts| facts.owner.iter_mut().for_each(change));
    let text = |text: &str| Some(format!("{text}\u{0}"));
    vec![
        of(&|facts| facts.host_id = long.clone()),
        of(&|facts| facts.host_id = format!("{CANARY}\u{0}")),
        of(&|facts| facts.purposes = vec![long.clone()]),
        of(&|facts| facts.groups = vec![long.clone()]),
        owner(&|owner| owner.jurisdictions = vec![CANARY.to_owned()]),
        owner(&|owner| owner.sectors = vec![long.clone()]),
        owner(&|owner| owner.contract_clauses = vec![long.clone()]),
        software(&|item| item.name = long.clone()),
        software(&|item| item.version = text(CANARY)),
        software(&|item| item.publisher = Some(long.clone())),
        software(&|item| item.bundle_id = Some(long.clone())),
        software(&|item| item.purl = Some(CANARY.to_owned())),
        software(&|item| item.cpe = Some(CANARY.to_owned())),
        software(&|item| item.path = Some(long.clone())),
        software(&|item| item.sha256 = Some(CANARY.as_bytes().to_vec())),
        software(&|item| item.product_code = Some(long.clone())),
        software(&|item| item.team_id = Some(long.clone())),
        software(&|item| item.signer = Some(long.clone())),
        software(&|item| item.extension_id = Some(long.clone())),
        software(&|item| item.package_id = Some(long.clone())),
    ]
}

/// The same as files have them.
pub(super) fn text() -> String {
    json!({
        "host_id": CANARY,
        "os": {"family": "linux", "version": format!("1.{CANARY}"), "architecture": CANARY},
        "purposes": [CANARY],
        "groups": [CANARY],
        "software": [{
            "name": CANARY, "version": format!("1.{CANARY}"), "publisher": CANARY,
            "bundle_id": format!("com.{CANARY}"), "path": format!("/opt/{CANARY}"),
            "signer": CANARY, "team_id": CANARY.to_uppercase(), "source": CANARY, "package_id": CANARY,
            "install_time": "2011-11-11T11:11:11Z",
        }],
        "collect_time": "2011-11-11T11:11:11Z",
        "attributes": {CANARY: CANARY},
    })
    .to_string()
}

/// Texts that are no facts, each in another way.
pub(super) fn malformed_texts() -> Vec<String> {
    let whole = text();
    let half: String = whole.chars().take(whole.len() / 2).collect();
    let typed = json!({"host_id": [CANARY], "software": CANARY}).to_string();
    let unknown = json!({"host_id": CANARY, CANARY: CANARY}).to_string();
    let late = json!({"host_id": CANARY, "collect_time": CANARY}).to_string();
    let yaml = format!("host_id: {CANARY}\nsoftware: [{{name: {CANARY}\n{CANARY}: : {CANARY}");
    vec![half, typed, unknown, late, yaml, CANARY.to_owned()]
}

/// Facts of files by the names that JSON has for the API.
pub(super) fn named(facts: &Value) -> Value {
    match facts {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| {
                let mut parts = key.split('_');
                let mut name = parts.next().unwrap_or_default().to_owned();
                for part in parts {
                    let (first, rest) = part.split_at(1);
                    name += &first.to_uppercase();
                    name += rest;
                }
                (name, named(value))
            })
            .collect(),
        Value::Array(items) => items.iter().map(named).collect(),
        other => other.clone(),
    }
}
