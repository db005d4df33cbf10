use embargo_core::instrument::Action;

use super::*;

fn read_many(text: &str) -> Result<Asked, Unread> {
    read(text.as_bytes(), true)
}

fn said(text: &str) -> String {
    match read_many(text) {
        Ok(asked) => panic!("{text}: {asked:?}"),
        Err(Unread::Malformed(cause)) => cause,
        Err(Unread::Refused(refusal)) => refusal.to_string(),
    }
}

fn one(text: &str) -> judging::Asked {
    match read_many(text) {
        Ok(Asked::One(evaluation)) => evaluation.asked().unwrap(),
        _ => panic!("{text}"),
    }
}

const SUBJECT: &str =
    r#""subject": {"type": "device", "id": "h", "properties": {"purposes": ["a"]}}"#;
const ACTION: &str = r#""action": {"name": "install", "properties": {"any": 1}}"#;
const RESOURCE: &str =
    r#""resource": {"type": "software", "id": "Acme", "properties": {"version": "1"}}"#;

#[test]
fn a_device_and_software_are_a_host_with_one_item() {
    let asked = one(&format!(
        r#"{{{SUBJECT}, {ACTION}, {RESOURCE}, "foo": 1, "context":
            {{"evaluate_time": "2024-06-01T00:00:00Z", "require_snapshot_id": "s", "ip": "1"}}}}"#
    ));
    let record = asked.facts.record();
    assert_eq!(record.host_id, "h");
    assert_eq!(record.purposes, ["a"]);
    assert_eq!(record.software.len(), 1);
    assert_eq!(record.software[0].name, "Acme");
    assert_eq!(record.software[0].version.as_deref(), Some("1"));
    assert_eq!(asked.action, Action::Install);
    assert_eq!(asked.required, "s");
    assert!(asked.at.is_some());
}

#[test]
fn a_device_as_the_resource_is_asked_about_with_all_of_its_software() {
    let asked = one(r#"{"subject": {"type": "device", "id": "h",
            "properties": {"software": [{"name": "a"}, {"name": "b"}]}},
            "action": {"name": "presence"}, "resource": {"type": "device", "id": "h"},
            "context": null, "evaluations": []}"#);
    assert_eq!(asked.facts.record().software.len(), 2);
}

#[test]
fn what_an_evaluation_leaves_out_stands_above_and_its_own_goes_before() {
    let text = format!(
        r#"{{{SUBJECT}, {ACTION}, "options": {{"evaluations_semantic": "deny_on_first_deny"}},
            "evaluations": [{{{RESOURCE}}},
            {{"action": {{"name": "use"}}, {RESOURCE}}},
            {{"subject": {{"type": "device", "id": "i"}}, {RESOURCE}}}]}}"#
    );
    let Ok(Asked::Many(read, semantic)) = read_many(&text) else {
        panic!("{text}");
    };
    assert_eq!(semantic, Semantic::DenyOnFirstDeny);
    let read = read.into_iter().map(|one| one.asked().unwrap());
    let read: Vec<_> = read
        .map(|asked| (asked.facts.record().host_id.clone(), asked.action))
        .collect();
    let wanted = [
        ("h", Action::Install),
        ("h", Action::Use),
        ("i", Action::Install),
    ];
    assert_eq!(read, wanted.map(|(id, action)| (id.to_owned(), action)));
}

#[test]
fn only_first_answers_of_the_kind_end_an_evaluation() {
    for (semantic, permitted, wanted) in [
        (Semantic::ExecuteAll, true, false),
        (Semantic::ExecuteAll, false, false),
        (Semantic::DenyOnFirstDeny, true, false),
        (Semantic::DenyOnFirstDeny, false, true),
        (Semantic::PermitOnFirstPermit, true, true),
        (Semantic::PermitOnFirstPermit, false, false),
    ] {
        assert_eq!(semantic.ends_with(permitted), wanted, "{semantic:?}");
    }
}

#[test]
fn what_is_missing_or_does_not_fit_is_named_and_values_are_not_repeated() {
    let device = |rest: &str| format!(r#""subject": {{"type": "device", "id": "h"{rest}}}"#);
    let software = |rest: &str| format!(r#""resource": {{"type": "software", "id": "a"{rest}}}"#);
    for (unsound, place) in [
        (format!("{ACTION}, {RESOURCE}"), "`subject`"),
        (format!("{SUBJECT}, {RESOURCE}"), "`action`"),
        (format!("{SUBJECT}, {ACTION}"), "`resource`"),
        (
            format!(r#""subject": "secret", {ACTION}, {RESOURCE}"#),
            "`subject`",
        ),
        (
            format!(r#""subject": {{"id": "h"}}, {ACTION}, {RESOURCE}"#),
            "`subject.type`",
        ),
        (
            format!(r#""subject": {{"type": "device"}}, {ACTION}, {RESOURCE}"#),
            "`subject.id`",
        ),
        (
            format!(r#""subject": {{"type": "user", "id": "h"}}, {ACTION}, {RESOURCE}"#),
            "`subject.type`",
        ),
        (
            format!(r#"{SUBJECT}, "action": {{}}, {RESOURCE}"#),
            "`action.name`",
        ),
        (
            format!(r#"{SUBJECT}, "action": {{"name": 123}}, {RESOURCE}"#),
            "`action.name`",
        ),
        (
            format!(r#"{SUBJECT}, "action": {{"name": "secret"}}, {RESOURCE}"#),
            "`action.name`",
        ),
        (
            format!(r#"{SUBJECT}, {ACTION}, "resource": {{"id": "a"}}"#),
            "`resource.type`",
        ),
        (
            format!(r#"{SUBJECT}, {ACTION}, "resource": {{"type": "software"}}"#),
            "`resource.id`",
        ),
        (
            format!(r#"{SUBJECT}, {ACTION}, "resource": {{"type": "book", "id": "a"}}"#),
            "`resource.type`",
        ),
        (
            format!(r#"{SUBJECT}, {ACTION}, "resource": {{"type": "device", "id": "i"}}"#),
            "`resource.id`",
        ),
        (
            format!(
                "{}, {ACTION}, {RESOURCE}",
                device(r#", "properties": {"host_id": "i"}"#)
            ),
            "`subject.properties.host_id`",
        ),
        (
            format!(
                "{}, {ACTION}, {RESOURCE}",
                device(r#", "properties": {"sofware": []}"#)
            ),
            "`subject.properties`",
        ),
        (
            format!(
                "{}, {ACTION}, {RESOURCE}",
                device(r#", "properties": {"purposes": ["Not Kebab"]}"#)
            ),
            "`subject.properties.purposes[0]`",
        ),
        (
            format!(
                "{}, {ACTION}, {RESOURCE}",
                device(r#", "properties": {"software": [{"name": "b"}]}"#)
            ),
            "`resource`",
        ),
        (
            format!(
                "{SUBJECT}, {ACTION}, {}",
                software(r#", "properties": {"name": "b"}"#)
            ),
            "`resource.properties.name`",
        ),
        (
            format!(
                "{SUBJECT}, {ACTION}, {}",
                software(r#", "properties": {"vendor": "secret"}"#)
            ),
            "`resource.properties`",
        ),
        (
            format!(
                "{SUBJECT}, {ACTION}, {}",
                software(r#", "properties": {"version": ["secret"]}"#)
            ),
            "`resource.properties`",
        ),
        (
            format!(r#"{SUBJECT}, {ACTION}, {RESOURCE}, "context": {{"evaluate_time": "secret"}}"#),
            "`context.evaluate_time`",
        ),
        (
            format!(r#"{SUBJECT}, {ACTION}, {RESOURCE}, "evaluations": {{}}"#),
            "`evaluations`",
        ),
        (
            format!(r#"{SUBJECT}, {ACTION}, "evaluations": [{{{RESOURCE}}}, {{}}]"#),
            "`evaluations[1].resource`",
        ),
        (
            format!(
                r#"{SUBJECT}, {ACTION}, "options": {{"evaluations_semantic": "secret"}}, "evaluations": [{{{RESOURCE}}}]"#
            ),
            "`options.evaluations_semantic`",
        ),
        (
            format!("{SUBJECT}, {SUBJECT}, {ACTION}, {RESOURCE}"),
            "`subject` is given twice",
        ),
    ] {
        let said = said(&format!("{{{unsound}}}"));
        assert!(said.contains(place), "{unsound}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
    assert!(said("").contains("no JSON"));
    assert!(said("[]").contains("braces"));
}

#[test]
fn evaluations_and_their_software_are_bounded() {
    let many = vec![format!("{{{RESOURCE}}}"); EVALUATIONS + 1].join(",");
    let text = format!("{{{SUBJECT}, {ACTION}, \"evaluations\": [{many}]}}");
    assert!(said(&text).contains("1001 items"));

    let items = vec![r#"{"name": "a"}"#; 10_000].join(",");
    let whole = r#"{"resource": {"type": "device", "id": "h"}}"#;
    let text = format!(
        r#"{{"subject": {{"type": "device", "id": "h", "properties": {{"software": [{items}]}}}},
            {ACTION}, "evaluations": [{whole}, {whole}, {whole}]}}"#
    );
    assert!(said(&text).contains("`evaluations[2].resource`"));
}
