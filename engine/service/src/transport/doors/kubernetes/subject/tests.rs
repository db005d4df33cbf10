//! Whose facts objects carry, in every place, and what is no facts.

use serde_json::{Value, json};

use super::*;
use crate::transport::doors::kubernetes::words::of_lack;

fn of(object: &Value) -> Result<Subject, Lack> {
    let object = object.to_string();
    read(&Review {
        uid: "u".to_owned(),
        operation: Operation::Create,
        namespace: "default".to_owned(),
        name: "h".to_owned(),
        object: &object,
    })
}

fn names(subject: &Subject) -> Vec<&str> {
    let hosts = subject.hosts.iter();
    hosts
        .flat_map(|host| &host.record.software)
        .map(|item| item.name.as_str())
        .collect()
}

const ONE: &str = "software: [{name: Editor}]";
const FLEET: &str = r#"[
  {"host": {"uuid": "H1", "platform": "darwin", "software": [{"name": "One.app", "source": "apps"}]}},
  {"host": {"uuid": "H2", "platform": "darwin", "software": [{"name": "Two.app", "source": "apps"}]}}]"#;
const BOM: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": "Part"}]}"#;

#[test]
fn facts_are_found_in_every_place_in_its_order() {
    let annotations = |notes: Value| json!({"metadata": {"annotations": notes}});
    let base64 = BASE64.encode(FLEET);
    for (object, wanted, place) in [
        (
            annotations(json!({FACTS: ONE})),
            vec!["Editor"],
            "metadata.annotations[embargo.dev/facts]",
        ),
        (
            json!({"spec": {"template": annotations(json!({FACTS: ONE}))}}),
            vec!["Editor"],
            "metadata.annotations[embargo.dev/facts]",
        ),
        (
            json!({"spec": {"jobTemplate": {"spec": {"template": annotations(json!({FACTS: ONE}))}}}}),
            vec!["Editor"],
            "metadata.annotations[embargo.dev/facts]",
        ),
        (
            json!({"data": {"embargo-facts": ONE, "inventory": FLEET}}),
            vec!["Editor"],
            "data[embargo-facts]",
        ),
        (
            json!({"data": {"inventory": FLEET}}),
            vec!["One.app", "Two.app"],
            "data[inventory]",
        ),
        (
            json!({"metadata": {"annotations": {INVENTORY_KEY: "fleet.json", INVENTORY_FORMAT: "fleet"}}, "data": {"fleet.json": FLEET, "inventory": "x"}}),
            vec!["One.app", "Two.app"],
            "data[fleet.json]",
        ),
        (
            json!({"binaryData": {"inventory": base64}}),
            vec!["One.app", "Two.app"],
            "binaryData[inventory]",
        ),
        (
            annotations(json!({SBOM: BOM})),
            vec!["Part"],
            "metadata.annotations[embargo.dev/sbom]",
        ),
        (
            json!({"metadata": {"annotations": {FACTS: ONE, SBOM: BOM}}, "data": {"inventory": FLEET}}),
            vec!["Editor"],
            "metadata.annotations[embargo.dev/facts]",
        ),
    ] {
        let subject = of(&object).unwrap_or_else(|lack| panic!("{object}: {lack:?}"));
        assert_eq!(names(&subject), wanted, "{object}");
        assert_eq!(subject.place, place, "{object}");
        assert_eq!(subject.name, "default/h");
        assert_eq!(subject.action, Action::Install);
    }
}

#[test]
fn the_objects_own_annotations_stand_over_its_templates() {
    let object = json!({
        "metadata": {"annotations": {ACTION: "use"}},
        "spec": {"template": {"metadata": {"annotations": {ACTION: "connect", FACTS: ONE, ABOUT: "{owner: {kind: government}}"}}}},
    });
    let subject = of(&object).unwrap();
    assert_eq!(subject.action, Action::Use);
    let mut hosts = subject.hosts.into_iter();
    let record = subject.about.complete(hosts.next().unwrap(), &subject.name);
    assert_eq!(record.host_id, "default/h");
    assert!(record.owner.is_some());
}

#[test]
fn what_is_no_facts_is_a_lack_that_is_answered_and_shows_no_value() {
    let note = |key: &str, value: Value| json!({"metadata": {"annotations": {key: value}}});
    for (object, reason) in [
        (json!({}), "FactsMissing"),
        (
            json!({"metadata": null, "data": null, "spec": 7}),
            "FactsMissing",
        ),
        (
            json!({"metadata": {"annotations": {}}, "data": {"other": "x"}}),
            "FactsMissing",
        ),
        (json!({"spec": {"template": "secret"}}), "FactsMissing"),
        (note(FACTS, json!("{software: secret}")), "FactsInvalid"),
        (note(FACTS, json!("{softwares: []}")), "FactsInvalid"),
        (note(FACTS, json!("")), "FactsInvalid"),
        (note(FACTS, json!("{}")), "FactsInvalid"),
        (note(FACTS, json!("# nothing")), "FactsInvalid"),
        (note(FACTS, json!("null")), "FactsInvalid"),
        (note(FACTS, json!(5)), "AnnotationInvalid"),
        (
            note(ABOUT, json!("{software: [{name: secret}]}")),
            "FactsInvalid",
        ),
        (note(ABOUT, json!("secret")), "FactsInvalid"),
        (note(ACTION, json!("secret")), "AnnotationInvalid"),
        (note(INVENTORY_FORMAT, json!("secret")), "AnnotationInvalid"),
        (note(INVENTORY_KEY, json!("secret")), "AnnotationInvalid"),
        (note(SBOM, json!("secret")), "InventoryInvalid"),
        (note(SBOM, json!(FLEET)), "FactsInvalid"),
        (json!({"data": {"inventory": "secret"}}), "InventoryInvalid"),
        (json!({"data": {"inventory": ["secret"]}}), "FactsInvalid"),
        (
            json!({"binaryData": {"inventory": "se cret"}}),
            "FactsInvalid",
        ),
        (json!({"data": "secret"}), "FactsInvalid"),
        (json!({"metadata": "secret"}), "FactsInvalid"),
        (
            json!({"metadata": {"annotations": "secret"}}),
            "FactsInvalid",
        ),
        (json!("secret"), "FactsInvalid"),
    ] {
        let lack = of(&object).map(|_| ()).expect_err("no facts");
        let words = of_lack(&lack).expect("answered");
        assert_eq!(words.reason, reason, "{object}: {lack:?}");
        assert!(!words.allowed);
        assert!(!format!("{lack:?}").contains("secret"), "{lack:?}");
    }
}

#[test]
fn one_name_is_not_given_to_several_hosts() {
    let hosts = r#"[{"host": {"platform": "darwin", "software": []}}, {"host": {"platform": "darwin", "software": []}}]"#;
    let object = json!({
        "metadata": {"annotations": {ABOUT: "{host_id: one}", INVENTORY_FORMAT: "fleet"}},
        "data": {"inventory": hosts},
    });
    let lack = of(&object).map(|_| ()).expect_err("ambiguous");
    assert!(
        format!("{lack:?}").contains("several without a name"),
        "{lack:?}"
    );
}

#[test]
fn a_host_is_called_as_its_object_within_the_limit() {
    let review = |namespace: &str, name: &str| Review {
        uid: String::new(),
        operation: Operation::Update,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        object: "{}",
    };
    assert_eq!(name(&review("n", "h"), "made-up-"), "n/h");
    assert_eq!(name(&review("n", ""), "made-up-"), "n/made-up-");
    assert_eq!(name(&review("", "h"), ""), "h");
    assert_eq!(name(&review("", ""), ""), "unnamed");
    let long = name(&review(&"n".repeat(63), &"h".repeat(253)), "");
    assert_eq!(long.len(), limits::HOST_ID_BYTES);
}
