//! What is remarked on and what is not, one slip at a time.

use crate::bundle::Bundle;
use crate::diagnostic::{Diagnostic, Severity};
use crate::snapshot::Snapshot;

use super::{arrange, cases, of};

const CATALOGUE: &str = "vendor: {id: acme, name: Acme, publishers: [{value: Acme, mark: own}]}
products:
  - {id: acme.agent, name: Agent, display_names: [{value: Acme Agent, mark: own}]}
  - {id: acme.viewer, name: Viewer, package_ids: [{value: viewer, mark: own, sources: [deb_packages]}]}
";

const INSTRUMENT: &str = "id: no-acme
title: No Acme
issuer: Example
citations: [{title: Rule 1}]
concerns: {products: [acme.agent]}
phases:
  - {id: ban, from: 2024-01-01T00:00:00Z, actions: [presence], effect: deny, basis: published, provenance: own}
";

const RULE: &str = "# METADATA
# custom: {instrument: no-acme}
package restrictions.no_acme

deny contains {\"identified\": i} if {
	some i, found in input.identified
	found.product == \"acme.agent\"
}
";

const PATHS: [&str; 5] = [
    "catalogue/acme.yaml",
    "instruments/no-acme/instrument.yaml",
    "instruments/no-acme/rule.rego",
    "instruments/no-viewer/instrument.yaml",
    "instruments/no-viewer/rule.rego",
];

fn bundle(files: &[(&str, &str)]) -> Bundle {
    let viewer = |text: &str| {
        text.replace("no-acme", "no-viewer")
            .replace("no_acme", "no_viewer")
            .replace("acme.agent", "acme.viewer")
    };
    let (instrument, rule) = (viewer(INSTRUMENT), viewer(RULE));
    let plain = PATHS
        .into_iter()
        .zip([CATALOGUE, INSTRUMENT, RULE, &instrument, &rule]);
    let is_replaced = |path: &str| files.iter().any(|(other, _)| *other == path);
    let kept = plain.filter(|(path, _)| !is_replaced(path));
    let all = kept.chain(files.iter().copied());
    let owned = all.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    Bundle::new(owned).unwrap()
}

/// What is remarked on a set with these files in place of the plain ones, on 1 June 2024.
fn remarks(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let snapshot = match Snapshot::compile(bundle(files)) {
        Ok(snapshot) => snapshot,
        Err(remarks) => panic!("{}", remarks.first().unwrap()),
    };
    of(&snapshot, "2024-06-01T00:00:00Z".parse().unwrap())
}

/// The only remark, with its code, line and hint.
fn only(files: &[(&str, &str)]) -> (&'static str, u32, String) {
    let mut remarks = remarks(files);
    assert_eq!(remarks.len(), 1, "{remarks:#?}");
    let remark = remarks.remove(0);
    assert_eq!(remark.severity, Severity::Warning);
    let line = remark.span.map_or(0, |span| span.start_line);
    (remark.code, line, remark.hint)
}

fn with_rule(body: &str) -> String {
    format!("{RULE}\n{body}\n")
}

#[test]
fn a_plain_set_has_no_remark() {
    assert_eq!(remarks(&[]), []);
}

#[test]
fn products_that_names_alone_tell_are_remarked_on() {
    let nameless = CATALOGUE.replace(", publishers: [{value: Acme, mark: own}]", "");
    let (code, line, _) = only(&[(PATHS[0], &nameless)]);
    assert_eq!((code, line), ("lint-name-only", 3));
    let nothing = CATALOGUE.replace(", display_names: [{value: Acme Agent, mark: own}]", "");
    assert_eq!(only(&[(PATHS[0], &nothing)]).0, "lint-no-identifier");
}

#[test]
fn products_that_no_policy_concerns_are_remarked_on() {
    let beside = format!(
        "{CATALOGUE}  - {{id: acme.tool, name: Tool, display_names: [{{value: Acme Tool, mark: own}}]}}\n"
    );
    let (code, line, _) = only(&[(PATHS[0], &beside)]);
    assert_eq!((code, line), ("lint-unused-product", 5));
    let other = "vendor: {id: other, name: Other, publishers: [{value: Other, mark: own}]}
products:
  - {id: other.tool, name: Tool, display_names: [{value: Other Tool, mark: own}]}
";
    let (code, line, _) = only(&[("catalogue/other.yaml", other)]);
    assert_eq!((code, line), ("lint-unused-product", 3));
    let always = "package restrictions.always\n\ndeny contains \"x\" if input.action == \"use\"\n";
    let files = [
        ("catalogue/other.yaml", other),
        ("rules/always.rego", always),
    ];
    assert_eq!(remarks(&files), []);
}

#[test]
fn instruments_say_on_what_they_rest_and_since_when() {
    let uncited = INSTRUMENT.replace("citations: [{title: Rule 1}]\n", "");
    assert_eq!(only(&[(PATHS[1], &uncited)]).0, "lint-no-citation");
    let (timeless, _) = INSTRUMENT.split_once("phases:").unwrap();
    assert_eq!(only(&[(PATHS[1], timeless)]).0, "lint-no-phase");
    let context = format!("{timeless}role: context\n");
    assert_eq!(remarks(&[(PATHS[1], &context)]), []);
}

#[test]
fn a_field_that_no_input_has_is_shown_with_the_one_that_was_meant() {
    for (body, column, meant) in [
        (
            "x if input.host.ownr.kind == \"business\"",
            17,
            "`input.host.owner`",
        ),
        (
            "x if { some item in input.softwre; item.name == \"a\" }",
            27,
            "`input.software`",
        ),
        (
            "x if { some found in input.identified; found.vendr == \"acme\" }",
            46,
            "`input.identified[_].vendor`",
        ),
        (
            "x if { o := input.host.ownr; o.kind == \"business\" }",
            24,
            "`input.host.owner`",
        ),
        (
            "x if object.get(input, [\"host\", \"ownr\"], {}) == {}",
            34,
            "`input.host.owner`",
        ),
        (
            "x if input.identified.product == \"acme.agent\"",
            23,
            "`item.product`",
        ),
    ] {
        let rule = with_rule(body);
        let remarks = remarks(&[(PATHS[2], &rule)]);
        let [remark] = remarks.as_slice() else {
            panic!("{body}: {remarks:#?}");
        };
        let span = remark.span.as_ref().unwrap();
        assert_eq!(
            (remark.code, span.start_line, span.start_column),
            ("lint-unknown-field", 10, column),
            "{remark}"
        );
        assert!(remark.hint.contains(meant), "{remark}");
    }
}

#[test]
fn what_may_be_there_is_no_unknown_field() {
    for body in [
        "x if input.host.attributes.anything.below == 1",
        "x if { some key, value in input.host; key == value.nothing }",
        "x if { y := {\"ownr\": 1}; y.ownr == 1 }",
        "f(found) if found.whatever == 1",
        "x if { some y in [s | some s in input.identified]; y.nothing == 1 }",
        "x if { a := [y | some y in input.identified; y.vendor == \"a\"]; b := [y | some y in input.coverage; y.state == \"partial\"]; count(a) > count(b) }",
        "x if f(1) with input.nothing as 1\nf(y) if y == 1",
    ] {
        let rule = with_rule(body);
        assert_eq!(remarks(&[(PATHS[2], &rule)]), [], "{body}");
    }
}

#[test]
fn the_raw_inventory_taken_with_itself_is_remarked_on_in_every_spelling() {
    for body in [
        "x if { some a in input.software; some b in input.software; a.name == b.path }",
        "x if { a := input.software[_]; b := input.software[_]; a.name == b.path }",
        "x if { some i, j; input.software[i].name == input.software[j].path }",
        "x if { some a in input.software; every b in input.software { a.name != b.path } }",
        "x if { some a in input.software; count({b | some b in input.software; b.name == a.path}) > 0 }",
        "x if { every a in input.software { not a.name in {b.path | some b in input.software} } }",
        "x if { some a in input.software; f(a) }\nf(a) if { some b in input.software; b.path == a.name }",
    ] {
        let rule = with_rule(body);
        assert_eq!(only(&[(PATHS[2], &rule)]).0, "lint-cross-product", "{body}");
    }
}

#[test]
fn going_through_the_raw_inventory_once_or_one_after_the_other_is_fine() {
    for body in [
        "x if { some a in input.software; a.name == \"a\" }",
        "x if { some i; input.software[i].name == \"a\"; input.software[i].version == \"1\" }",
        "x if { names := {a.name | some a in input.software}; paths := {b.path | some b in input.software}; count(names & paths) > 0 }",
        "x if { every a in input.software { a.name != \"\" }; every b in input.software { b.path != \"\" } }",
        "x if { some found in input.identified; item := input.software[found.software.index]; item.name == found.product }",
        "x if { some a in input.software; f(a) }\nf(a) if a.name == \"a\"",
    ] {
        let rule = with_rule(body);
        assert_eq!(remarks(&[(PATHS[2], &rule)]), [], "{body}");
    }
}

#[test]
fn a_rule_that_a_package_does_not_have_is_remarked_on() {
    let library = "package lib.thing\n\nwanted := 1\n";
    let rule = RULE.replace(
        "deny contains",
        "import data.lib.thing\n\nx if thing.wantd == 1\n\ndeny contains",
    );
    let (code, line, hint) = only(&[("lib/thing.rego", library), (PATHS[2], &rule)]);
    assert_eq!((code, line), ("lint-unknown-rule", 7));
    assert_eq!(hint, "did you mean `wanted`?");
}

#[test]
fn a_package_lies_in_a_folder_or_a_file_of_its_name() {
    let other = "package restrictions.other\n\ndeny contains \"x\" if input.action == \"use\"\n";
    for path in [
        "rules/other.rego",
        "instruments/other/rule.rego",
        "rules/other/deep/rule.rego",
    ] {
        assert_eq!(remarks(&[(path, other)]), [], "{path}");
    }
    let (code, line, hint) = only(&[("instruments/an-other/rule.rego", other)]);
    assert_eq!((code, line), ("lint-package-folder", 1));
    assert!(hint.contains("`restrictions.an_other`"), "{hint}");
    let tests = "package restrictions.no_acme_test\n\ntest_x if true\n";
    assert_eq!(
        remarks(&[("instruments/no-acme/rule_test.rego", tests)]),
        []
    );
    assert_eq!(
        only(&[("instruments/x/rule_test.rego", tests)]).0,
        "lint-package-folder"
    );
}

fn waiver(products: &str, expires: &str) -> String {
    format!(
        "waivers:\n  - id: lab\n    instruments: [no-acme]\n    hosts: {{all: true}}\n    products: {products}\n    reason: r\n    owner: lab@example.org\n    ticket: T-1\n    expires: {expires}\n"
    )
}

#[test]
fn waivers_are_remarked_on_once_they_have_ended_and_thirty_days_before() {
    for (expires, wanted) in [
        ("2024-06-01T00:00:00Z", Some("lint-waiver-expired")),
        (
            "2024-06-01T00:00:00.000000001Z",
            Some("lint-waiver-expires-soon"),
        ),
        ("2024-07-01T00:00:00Z", Some("lint-waiver-expires-soon")),
        ("2024-07-01T00:00:00.000000001Z", None),
    ] {
        let file = waiver("{ids: [acme.agent]}", expires);
        let given = remarks(&[("waivers/w.yaml", &file)]);
        let codes: Vec<&str> = given.iter().map(|remark| remark.code).collect();
        assert_eq!(codes, wanted.into_iter().collect::<Vec<_>>(), "{expires}");
        let places = given.iter().filter_map(|remark| remark.span.as_ref());
        assert!(places.map(|span| span.start_line).all(|line| line == 2));
    }
}

#[test]
fn a_waiver_of_products_that_its_instrument_does_not_concern_matches_nothing() {
    let end = "2030-01-01T00:00:00Z";
    let file = waiver("{ids: [acme.viewer]}", end);
    let (code, line, _) = only(&[("waivers/w.yaml", &file)]);
    assert_eq!((code, line), ("lint-waiver-matches-nothing", 2));
    for products in [
        "{vendors: [acme]}",
        "{all: true}",
        "{ids: [acme.viewer, acme.agent]}",
    ] {
        assert_eq!(remarks(&[("waivers/w.yaml", &waiver(products, end))]), []);
    }
}

#[test]
fn cases_are_checked_without_being_run() {
    let found = |text: &str| {
        let found = cases(&bundle(&[("cases/all.yaml", text)]));
        let told = |remark: Diagnostic| {
            assert_eq!(remark.severity, Severity::Error);
            let span = remark.span.unwrap();
            (remark.code, span.start_line, span.start_column, remark.hint)
        };
        found.into_iter().map(told).collect::<Vec<_>>()
    };
    let case = |facts: &str, want: &str| {
        format!(
            "cases:\n  - name: one\n    facts: {facts}\n    at: 2024-01-01T00:00:00Z\n    want: {want}\n"
        )
    };
    let sound = "{effect: deny, decided_by: [no-acme], not_decided_by: [no-acme]}";
    assert_eq!(found(&case("{host_id: h}", sound)), []);
    let hint = "did you mean `no-acme`?".to_owned();
    assert_eq!(
        found(&case(
            "{host_id: h}",
            "{effect: deny, decided_by: [no-acm]}"
        )),
        [("case-unknown-instrument", 5, 39, hint.clone())]
    );
    assert_eq!(
        found(&case(
            "{host_id: h}",
            "{effect: deny, not_decided_by: [no-acm]}"
        )),
        [("case-unknown-instrument", 5, 43, hint)]
    );
    let refused = found(&case("{host_id: ''}", sound));
    assert!(
        matches!(refused.as_slice(), [("case-facts", 2, 5, _)]),
        "{refused:?}"
    );
    let broken = found("cases:\n  - nme: one\n");
    assert!(
        matches!(broken.as_slice(), [("case-parse-error", 2, ..)]),
        "{broken:?}"
    );
}

#[test]
fn errors_come_first_and_causes_before_what_rests_on_them() {
    let at = |path: &str| crate::diagnostic::Span::start_of(path);
    let wanted = [
        Diagnostic::error("e", "whole"),
        Diagnostic::error("e", "m").at(at("catalogue/z.yaml")),
        Diagnostic::error("e", "m").at(at("instruments/a/instrument.yaml")),
        Diagnostic::error("e", "m").at(at("lib/z.rego")),
        Diagnostic::error("e", "m").at(at("instruments/a/rule.rego")),
        Diagnostic::error("e", "m").at(at("instruments/a/rule_test.rego")),
        Diagnostic::error("e", "m").at(at("instruments/a/cases.yaml")),
        Diagnostic::warning("w", "m").at(at("catalogue/a.yaml")),
    ];
    for turn in 0..wanted.len() {
        let mut mixed = wanted.to_vec();
        mixed.rotate_left(turn);
        mixed.push(wanted[turn].clone());
        mixed.reverse();
        arrange(&mut mixed);
        assert_eq!(mixed, wanted, "{turn}");
    }
}
