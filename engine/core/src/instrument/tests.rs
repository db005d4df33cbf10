//! Instrument files: what is read, and what is refused with its place.

use super::*;

const FILE: &str = r#"
id: eu-rule
title: A rule
issuer: Somebody
citations: [{title: "1 X 2", url: "https://example.org/x"}]
scope: {jurisdictions: [EU], owner_kinds: [government]}
message: "{software} is barred"
phases:
  - {id: later, from: 2024-01-01T00:00:00Z, actions: [use], effect: deny, basis: published, provenance: verified-primary}
  - {id: early, from: 2023-01-01T00:00:00+01:00, until: 2024-01-01T00:00:00Z, actions: [use, install], effect: warn, basis: assumed-start-of-day, provenance: recalled}
"#;

fn compile(text: &str) -> (BTreeMap<String, Instrument>, Vec<Diagnostic>) {
    let mut remarks = Vec::new();
    let files = [("instruments/eu-rule/instrument.yaml", text)];
    let instruments =
        Instrument::compile(files.into_iter(), Some(&Catalogue::default()), &mut remarks);
    (instruments, remarks)
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

#[test]
fn phases_are_half_open_and_in_order() {
    let (instruments, remarks) = compile(FILE);
    assert!(remarks.is_empty(), "{remarks:?}");
    let instrument = &instruments["eu-rule"];
    let ids = |action, at| {
        instrument
            .in_force(action, at)
            .map(|phase| phase.id.as_str())
            .collect::<Vec<_>>()
    };
    assert!(ids(Action::Use, at("2022-12-31T22:59:59.999999999Z")).is_empty());
    assert_eq!(ids(Action::Use, at("2022-12-31T23:00:00Z")), ["early"]);
    assert_eq!(ids(Action::Use, at("2024-01-01T00:00:00Z")), ["later"]);
    assert!(ids(Action::Install, at("2024-01-01T00:00:00Z")).is_empty());
    assert_eq!(instrument.phases[0].id, "early");
}

#[test]
fn a_scope_excludes_only_by_facts_that_are_there() {
    let (instruments, _) = compile(FILE);
    let scope = &instruments["eu-rule"].scope;
    let codes = |codes: &[&str]| {
        codes
            .iter()
            .map(|code| (*code).to_owned())
            .collect::<Vec<_>>()
    };
    assert!(!scope.excludes(None, &[]));
    assert!(!scope.excludes(Some(OwnerKind::Government), &codes(&["DE", "EU"])));
    assert!(scope.excludes(Some(OwnerKind::Business), &[]));
    assert!(scope.excludes(None, &codes(&["DE"])));
}

#[test]
fn what_an_instrument_may_not_say_is_refused_in_its_place() {
    for (from, to, code) in [
        (
            "effect: warn",
            "effect: deny",
            "instrument-unverified-denial",
        ),
        ("effect: warn", "effect: allow", "instrument-phase"),
        ("until: 2024", "until: 2021", "instrument-phase"),
        ("actions: [use]", "actions: []", "instrument-phase"),
        ("id: early", "id: later", "instrument-phase"),
        ("id: eu-rule", "id: other", "instrument-folder"),
        ("https://example", "ftp://example", "instrument-citations"),
        ("issuer:", "isuer:", "instrument-parse-error"),
        (
            "from: 2024-01-01T00:00:00Z",
            "from: 2024-01-01",
            "instrument-parse-error",
        ),
        (
            "message: ",
            "concerns: {vendors: [nobody]}\nmessage: ",
            "instrument-concerns",
        ),
    ] {
        let (_, remarks) = compile(&FILE.replacen(from, to, 1));
        let found = remarks.iter().find(|remark| remark.code == code);
        assert!(
            found.is_some_and(|remark| !remark.excerpt.is_empty()),
            "{to}: {remarks:?}"
        );
    }
}
