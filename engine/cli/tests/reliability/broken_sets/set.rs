//! A small set whose tests and cases pin what it decides, and hosts to tell by.

use embargo_proto::v1 as pb;

use super::Files;

pub(super) const CATALOGUE: &str = "catalogue/acme.yaml";
pub(super) const INSTRUMENT: &str = "instruments/acme/instrument.yaml";
pub(super) const RULE: &str = "instruments/acme/rule.rego";
pub(super) const LIBRARY: &str = "lib/owner.rego";
pub(super) const TEST: &str = "instruments/acme/rule_test.rego";
pub(super) const CASES: &str = "instruments/acme/cases.yaml";
pub(super) const WAIVERS: &str = "waivers/lab.yaml";
pub(super) const DATA: &str = "data/floor.yaml";

const FILES: [(&str, &str); 8] = [
    (
        CATALOGUE,
        "# What Acme makes.
vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}
products:
  - {id: acme.shield, name: Shield, class: antivirus, display_names: [{value: Acme Shield, mark: V2}]}
",
    ),
    (
        INSTRUMENT,
        "id: acme
title: No Acme
issuer: The works
concerns: {vendors: [acme]}
scope: {owner_kinds: [business]}
message: \"{software} is not allowed\"
remediation: Remove it.
phases:
  - {id: notice, from: 2024-01-01T00:00:00Z, until: 2025-01-01T00:00:00Z, actions: [presence], effect: warn, basis: published, provenance: own}
  - {id: ban, from: 2025-01-01T00:00:00Z, actions: [presence], effect: deny, basis: published, provenance: own}
",
    ),
    (
        RULE,
        "# METADATA
# title: No Acme
# custom: {instrument: acme}
package restrictions.acme

import data.lib.owner

_held(found) if found.class == \"antivirus\"

warn contains {\"identified\": i} if {
\tsome i, found in input.identified
\t_held(found)
\towner.known
\tinput.now_ns >= data.instruments.acme.phases[0].from_ns
}

deny contains {\"identified\": i} if {
\tsome i, found in input.identified
\t_held(found)
\towner.known
\tinput.now_ns >= data.instruments.acme.phases[1].from_ns
}

# Whoever has much is asked.
review contains {\"message\": \"too much\"} if count(input.identified) > data.floor.items
",
    ),
    (
        LIBRARY,
        "package lib.owner

# Nobody is bound whom nobody knows.
known if input.host.owner.kind
",
    ),
    (
        TEST,
        "package restrictions.acme_test

import data.restrictions.acme

_asked(now_ns, items) := {
\t\"now_ns\": now_ns,
\t\"host\": {\"owner\": {\"kind\": \"business\"}},
\t\"identified\": items,
}

_one := [{\"class\": \"antivirus\"}]

_ban := time.parse_rfc3339_ns(\"2025-01-01T00:00:00Z\")

test_notice if {
\tacme.warn == {{\"identified\": 0}} with input as _asked(_ban - 1, _one)
\tacme.deny == set() with input as _asked(_ban - 1, _one)
}

test_ban if acme.deny == {{\"identified\": 0}} with input as _asked(_ban, _one)

test_much if {
\tacme.review == {{\"message\": \"too much\"}} with input as _asked(_ban, [{}, {}, {}])
\tacme.review == set() with input as _asked(_ban, [{}, {}])
\tacme.deny == set() with input as _asked(_ban, [{}, {}])
}

# Whatever of the instrument is shown or decides, as it stands in the file.
test_instrument if data.instruments.acme == {
\t\"id\": \"acme\",
\t\"title\": \"No Acme\",
\t\"issuer\": \"The works\",
\t\"concerns\": {\"vendors\": [\"acme\"]},
\t\"scope\": {\"owner_kinds\": [\"business\"]},
\t\"message\": \"{software} is not allowed\",
\t\"remediation\": \"Remove it.\",
\t\"phases\": [
\t\t{\"id\": \"notice\", \"from\": \"2024-01-01T00:00:00Z\", \"from_ns\": 1704067200000000000, \"until\": \"2025-01-01T00:00:00Z\", \"until_ns\": 1735689600000000000, \"actions\": [\"presence\"], \"effect\": \"warn\", \"basis\": \"published\", \"provenance\": \"own\"},
\t\t{\"id\": \"ban\", \"from\": \"2025-01-01T00:00:00Z\", \"from_ns\": 1735689600000000000, \"actions\": [\"presence\"], \"effect\": \"deny\", \"basis\": \"published\", \"provenance\": \"own\"},
\t],
}
",
    ),
    (
        CASES,
        "cases:
  - {name: before, facts: {host_id: h, owner: {kind: business}, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2023-12-31T23:59:59Z, want: {effect: allow}}
  - {name: notice, facts: {host_id: h, owner: {kind: business}, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2024-01-01T00:00:00Z, want: {effect: warn, decided_by: [acme]}}
  - {name: last-of-notice, facts: {host_id: h, owner: {kind: business}, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2024-12-31T23:59:59Z, want: {effect: warn, decided_by: [acme]}}
  - {name: ban, facts: {host_id: h, owner: {kind: business}, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2025-01-01T00:00:00Z, want: {effect: deny, decided_by: [acme]}}
  - {name: private, facts: {host_id: h, owner: {kind: personal}, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2025-01-01T00:00:00Z, want: {effect: allow}}
  - {name: by-publisher, facts: {host_id: h, owner: {kind: business}, software: [{name: Other, publisher: Acme Labs}]}, at: 2025-01-01T00:00:00Z, want: {effect: allow}}
  - {name: in-the-lab, facts: {host_id: h, groups: [lab], owner: {kind: business}, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2025-12-31T23:59:59Z, want: {effect: warn, not_decided_by: [acme]}}
  - {name: in-the-lab-later, facts: {host_id: h, groups: [lab], owner: {kind: business}, software: [{name: Acme Shield, publisher: Acme Labs}]}, at: 2026-01-01T00:00:00Z, want: {effect: deny}}
",
    ),
    (
        WAIVERS,
        "waivers:
  - {id: lab, instruments: [acme], hosts: {groups: [lab]}, products: {vendors: [acme]}, reason: tests, owner: lab, ticket: T-1, expires: 2026-01-01T00:00:00Z}
",
    ),
    (DATA, "items: 2\n"),
];

pub(super) fn files() -> Files {
    FILES
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .collect()
}

fn item(name: &str, publisher: &str) -> pb::Software {
    pb::Software {
        name: name.to_owned(),
        publisher: Some(publisher.to_owned()),
        ..Default::default()
    }
}

fn host(id: &str, kind: pb::owner::Kind, items: &[(&str, &str)]) -> pb::HostFacts {
    pb::HostFacts {
        host_id: id.to_owned(),
        owner: Some(pb::Owner {
            kind: kind.into(),
            ..Default::default()
        }),
        software: items
            .iter()
            .map(|(name, publisher)| item(name, publisher))
            .collect(),
        ..Default::default()
    }
}

/// The hosts by which sets are told apart.
pub(super) fn panel() -> Vec<pb::HostFacts> {
    let shield = ("Acme Shield", "Acme Labs");
    let business = pb::owner::Kind::Business;
    let mut lab = host("lab", business, &[shield]);
    lab.groups = vec!["lab".to_owned()];
    vec![
        host("shielded", business, &[("Editor", "Somebody"), shield]),
        host("plain", business, &[("Editor", "Somebody")]),
        host("private", pb::owner::Kind::Personal, &[shield]),
        host("much", business, &[shield, shield, shield]),
        host(
            "near",
            business,
            &[("Acme Sword", "Acme Labs"), ("Acme Shield", "Else")],
        ),
        lab,
    ]
}

/// A panel that sees no difference would prove nothing.
pub(super) fn assert_tells_apart(decided: &[pb::Decision]) {
    for effect in [
        pb::Effect::Allow,
        pb::Effect::Warn,
        pb::Effect::Review,
        pb::Effect::Deny,
    ] {
        assert!(
            decided.iter().any(|decision| decision.effect() == effect),
            "{effect:?}: {decided:#?}"
        );
    }
    assert!(decided.iter().all(|decision| decision.failures.is_empty()));
}

/// An instant as messages have it.
pub(super) fn seconds(text: &str) -> Option<prost_types::Timestamp> {
    let instant: embargo_core::instant::Instant = text.parse().unwrap();
    let seconds = instant.unix_nanoseconds() / 1_000_000_000;
    Some(prost_types::Timestamp {
        seconds: i64::try_from(seconds).unwrap(),
        nanos: 0,
    })
}
