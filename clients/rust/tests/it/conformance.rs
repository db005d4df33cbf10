//! The form of the cases that clients are held to. Whether the client holds them needs a server: see
//! the test `conformance`.

#[path = "../conformance/case.rs"]
#[expect(dead_code, reason = "the cases are read here and not asked")]
mod case;

use std::collections::HashSet;

#[test]
fn every_case_is_in_its_form_and_has_a_name_of_its_own() {
    let cases = case::all().unwrap();
    assert!(cases.len() > 40, "{}", cases.len());
    let mut names = HashSet::new();
    for case in &cases {
        let is_kebab = !case.name.is_empty()
            && case
                .name
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        assert!(is_kebab, "{}", case.name);
        assert!(
            names.insert(case.name.as_str()),
            "{} stands twice",
            case.name
        );
    }
}

#[test]
fn a_case_out_of_form_is_refused() {
    let sound = "cases: [{name: a, call: GetSnapshot, request: {}, want: {}}]";
    assert_eq!(case::read(sound).unwrap().len(), 1);
    for unsound in [
        "cases: [{name: a, call: GetSnapshot, request: {}, want: {}, wnat: {}}]",
        "cases: [{name: a, call: NoSuchMethod, request: {}, want: {}}]",
        "cases: [{name: a, call: GetSnapshot, want: {}}]",
        "cases: [{name: a, call: GetSnapshot, request: {}}]",
        "cases: [{name: a, call: GetSnapshot, request: {}, want: {}, error: {code: NOT_FOUND}}]",
        "cases: [{name: a, call: GetSnapshot, request: {}, error: {code: NOT_A_CODE}}]",
        "cases: [{name: a, call: GetSnapshot, request: {}, error: {code: NOT_FOUND}, absent: [x]}]",
        "cases: [{name: a, call: GetSnapshot, request: {}, want: {}, deadline: soon}]",
        "cases: [{name: a, call: GetSnapshot, request: {}, want: {}, gate: {}}]",
        "cases: [{name: a, gate: {}, want: ajar}]",
        "cases: [{name: a, cache: {}, want: {reused: maybe}}]",
        "cases: [{name: a, cache: {}, want: {reused: true}, deadline: 1s}]",
        "cases: [{name: a, watch: false, want: {}}]",
        "cases: [{name: a, stream: [], want: []}]",
        "cases: [{name: a, want: {}}]",
    ] {
        assert!(case::read(unsound).is_err(), "{unsound}");
    }
}
