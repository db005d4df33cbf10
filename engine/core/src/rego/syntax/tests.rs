//! What rules are said to read, against what they read.

use crate::rego::gate::parse;
use crate::rego::reads::{FoundPart, HostPart, ReadSet, TimeRead};

use super::RuleSyntax;

fn rule(body: &str) -> RuleSyntax {
    let text = format!(
        "package restrictions.a\n\nimport data.lib.host\nimport input.host as device\n\n_limit := time.parse_rfc3339_ns(\"2024-01-01T00:00:00Z\")\n\n{body}\n"
    );
    let module = parse("a.rego", &text).unwrap_or_else(|refused| panic!("{refused}"));
    module.rules.into_iter().last().unwrap()
}

fn host_parts(reads: &ReadSet) -> Vec<HostPart> {
    HostPart::ALL
        .into_iter()
        .filter(|part| reads.reads_host(*part))
        .collect()
}

fn found_parts(reads: &ReadSet) -> Vec<FoundPart> {
    FoundPart::ALL
        .into_iter()
        .filter(|part| reads.reads_found(*part))
        .collect()
}

#[test]
fn host_facts_are_found_however_they_are_written() {
    use HostPart::{FormFactor, Jurisdictions, OwnerKind, Sectors};
    for (body, wanted) in [
        (
            "deny contains 1 if input.host.owner.kind == \"government\"",
            vec![OwnerKind],
        ),
        (
            "deny contains 1 if input[\"host\"].owner[\"kind\"] == \"government\"",
            vec![OwnerKind],
        ),
        (
            "deny contains 1 if device.owner.kind == \"government\"",
            vec![OwnerKind],
        ),
        (
            "deny contains 1 if { o := input.host.owner; k := o.kind; k == \"government\" }",
            vec![OwnerKind],
        ),
        (
            "deny contains 1 if \"US\" in input.host.owner.jurisdictions",
            vec![Jurisdictions],
        ),
        (
            "deny contains 1 if { some s in input.host.owner.sectors; s == \"x\" }",
            vec![Sectors],
        ),
        (
            "deny contains 1 if object.get(input, [\"host\", \"form_factor\"], \"\") == \"mobile\"",
            vec![FormFactor],
        ),
        (
            "deny contains 1 if object.get(input.host, \"form_factor\", \"\") == \"mobile\"",
            vec![FormFactor],
        ),
        (
            "deny contains 1 if { x := [k | k := input.host.owner.kind]; count(x) == 1 }",
            vec![OwnerKind],
        ),
        (
            "deny contains 1 if not input.host.owner.kind",
            vec![OwnerKind],
        ),
        (
            "deny contains 1 if { found := input.identified[input.host.owner.kind]; found.nothing }",
            vec![OwnerKind],
        ),
        (
            "f(x) := x\n\ndeny contains 1 if { k := f(input.host.owner.kind).x; k == 1 }",
            vec![OwnerKind],
        ),
        (
            "deny contains 1 if every s in input.host.owner.sectors { s == \"x\" }",
            vec![Sectors],
        ),
    ] {
        let rule = rule(body);
        assert_eq!(host_parts(&rule.reads), wanted, "{body}");
        assert!(
            !rule.reads.software && rule.reads.time == TimeRead::Never,
            "{body}"
        );
    }
}

#[test]
fn identifications_are_read_field_by_field() {
    use FoundPart::{EmbeddedIn, Index, Name, Product};
    for (body, wanted) in [
        (
            "deny contains {\"identified\": i} if { some i, found in input.identified; found.vendor == \"a\" }",
            vec![Product],
        ),
        (
            "deny contains found.software.name if { some found in input.identified; not found.software.embedded_in }",
            vec![Name, EmbeddedIn],
        ),
        (
            "deny contains i if { found := input.identified[_]; i := found.software.index }",
            vec![Index],
        ),
        (
            "deny contains i if { some i; input.identified[i].class == \"a\" }",
            vec![Product],
        ),
    ] {
        let rule = rule(body);
        assert_eq!(found_parts(&rule.reads), wanted, "{body}");
        assert!(rule.reads.identified, "{body}");
    }
}

#[test]
fn what_is_not_settled_reads_everything_it_could() {
    for body in [
        "deny contains found if some found in input.identified",
        "deny contains x if { some found in input.identified; x := object.keys(found) }",
        "deny contains 1 if { some {\"vendor\": v} in input.identified; v == \"a\" }",
        "deny contains 1 if { some found in input.identified; field := \"vendor\"; found[field] == \"a\" }",
        "deny contains 1 if { [found] = input.identified; found.vendor == \"a\" }",
        "deny contains 1 if count(input.identified) > 3",
    ] {
        assert_eq!(
            found_parts(&rule(body).reads).len(),
            FoundPart::ALL.len(),
            "{body}"
        );
    }
    for body in [
        "deny contains 1 if { x := input; x.anything == 1; count(x) > 2 }",
        "deny contains 1 if { k := \"host\"; input[k].id == \"a\" }",
        "deny contains 1 if { walk(input, [_, v]); v == 1 }",
        "deny contains 1 if data.lib.x.y with input as {}",
    ] {
        let reads = rule(body).reads;
        assert_eq!(host_parts(&reads).len(), HostPart::ALL.len(), "{body}");
        assert!(
            reads.software && reads.coverage && reads.time == TimeRead::Free,
            "{body}"
        );
    }
}

#[test]
fn an_instant_compared_with_sources_steps_and_any_other_use_is_free() {
    for (body, time, after) in [
        (
            "deny contains 1 if input.now_ns >= 1704067200000000000",
            TimeRead::Stepped,
            false,
        ),
        (
            "deny contains 1 if input.now_ns < time.parse_rfc3339_ns(\"2024-01-01T00:00:00Z\")",
            TimeRead::Stepped,
            false,
        ),
        (
            "deny contains 1 if input.now_ns > 1704067200000000000",
            TimeRead::Stepped,
            true,
        ),
        (
            "deny contains 1 if 1704067200000000000 < input.now_ns",
            TimeRead::Stepped,
            true,
        ),
        (
            "deny contains 1 if 1704067200000000000 <= input.now_ns",
            TimeRead::Stepped,
            false,
        ),
        (
            "deny contains 1 if input.now_ns >= _limit",
            TimeRead::Stepped,
            false,
        ),
        (
            "deny contains 1 if { some p in data.instruments[\"x\"].phases; p.from_ns <= input.now_ns; not p.until_ns <= input.now_ns }",
            TimeRead::Stepped,
            false,
        ),
        (
            "deny contains 1 if { n := input.now_ns; n >= _limit }",
            TimeRead::Stepped,
            false,
        ),
        (
            "deny contains 1 if input.now_ns == 1704067200000000000",
            TimeRead::Free,
            false,
        ),
        (
            "deny contains 1 if input.now_ns - 5 > _limit",
            TimeRead::Free,
            false,
        ),
        (
            "deny contains 1 if input.now_ns > time.parse_rfc3339_ns(input.host.collect_time)",
            TimeRead::Free,
            false,
        ),
        (
            "deny contains 1 if input.now >= \"2024-01-01T00:00:00Z\"",
            TimeRead::Free,
            false,
        ),
        (
            "deny contains 1 if { some f in input.identified; f.from_ns <= input.now_ns }",
            TimeRead::Free,
            false,
        ),
        (
            "f(p) := 1 if p.until_ns <= input.now_ns",
            TimeRead::Free,
            false,
        ),
    ] {
        let reads = rule(body).reads;
        assert_eq!((reads.time, reads.turns_after), (time, after), "{body}");
    }
}

#[test]
fn instants_texts_calls_and_uses_are_gathered() {
    let rule = rule(
        "deny contains host.mobile if { input.now_ns >= time.parse_rfc3339_ns(\"2025-06-01T00:00:00Z\"); _helper(1); data.lib.x.y; upper(\"us-x\") == \"US-X\" }",
    );
    assert_eq!(
        rule.instants
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["2025-06-01T00:00:00Z"]
    );
    assert!(rule.texts.contains("us-x"));
    for called in ["upper", "time.parse_rfc3339_ns"] {
        assert!(rule.calls.contains_key(&(called.to_owned(), 1)), "{called}");
    }
    let uses: Vec<String> = rule.uses.iter().map(|path| path.join(".")).collect();
    for wanted in ["lib.host.mobile", "lib.x.y", "restrictions.a._helper"] {
        assert!(
            uses.iter().any(|path| path == wanted),
            "{wanted} in {uses:?}"
        );
    }
}

#[test]
fn facts_that_leave_a_rule_undefined_are_named_as_facts_are_written() {
    let rule = rule(
        "deny contains 1 if { input.host.owner.us_person; some f in input.identified; f.software.version == \"1\"; object.get(input, [\"host\", \"id\"], \"\") }",
    );
    assert_eq!(
        rule.facts.iter().map(String::as_str).collect::<Vec<_>>(),
        ["host.owner.us_person", "identified[].software.version"]
    );
}

#[test]
fn what_is_written_in_the_source_is_a_step_only_if_it_is_an_instant_of_ours() {
    for (body, time) in [
        ("deny contains 1 if input.now_ns < 1000", TimeRead::Stepped),
        (
            "deny contains 1 if input.now_ns < 99999999999999999999",
            TimeRead::Free,
        ),
        (
            "deny contains 1 if input.now_ns < time.parse_rfc3339_ns(\"soon\")",
            TimeRead::Free,
        ),
    ] {
        assert_eq!(rule(body).reads.time, time, "{body}");
    }
    let small = rule("deny contains 1 if input.now_ns < 1000");
    assert_eq!(small.instants.len(), 1);
}

#[test]
fn a_step_that_is_no_parameter_may_lead_to_every_instrument() {
    let all = vec!["instruments".to_owned()];
    for (body, wanted) in [
        ("deny contains 1 if data.instruments[_].id == \"x\"", true),
        (
            "deny contains 1 if { some i; data.instruments[i].id == \"x\" }",
            true,
        ),
        (
            "deny contains 1 if { x := data.instruments[_]; x.id == \"x\" }",
            true,
        ),
        ("deny contains 1 if data.instruments.a.id == \"x\"", false),
        ("f(id) := data.instruments[id].title", false),
    ] {
        assert_eq!(rule(body).uses.contains(&all), wanted, "{body}");
    }
}

#[test]
fn every_name_that_a_statement_gives_a_value_is_bound() {
    for body in [
        "deny contains 1 if every g in [1, 2] { g > 0 }",
        "deny contains 1 if every i, g in {\"a\"} { i == g }",
        "deny contains x if some x in [1, 2]",
        "deny contains x if { [x, _] := [1, 2] }",
        "deny contains i if input.identified[i].vendor == \"a\"",
    ] {
        assert!(rule(body).unbound.is_empty(), "{body}");
    }
    for body in [
        "deny contains x if true",
        "deny contains 1 if { x := typo; x == 1 }",
    ] {
        assert_eq!(rule(body).unbound.len(), 1, "{body}");
    }
}
