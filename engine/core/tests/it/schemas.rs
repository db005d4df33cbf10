//! The JSON Schemas of policy files, by which editors complete and check them, against the
//! parsers, which have the last word.

mod validator;

use std::path::PathBuf;

use embargo_core::bundle::{Bundle, Role, role};
use embargo_core::lint;
use embargo_core::snapshot::Snapshot;
use serde_json::Value;

use crate::support::shipped_files;
use validator::faults;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema(name: &str) -> Value {
    let path = root().join(format!("policies/schema/{name}.schema.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The schema of a file, by its role.
const fn name_of(role: Role) -> Option<&'static str> {
    match role {
        Role::Catalogue => Some("catalogue"),
        Role::Instrument => Some("instrument"),
        Role::Waivers => Some("waivers"),
        Role::Cases => Some("cases"),
        Role::Rule | Role::RuleTest | Role::Data => None,
    }
}

fn document(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

#[test]
fn each_shipped_file_names_its_schema_in_its_first_line_and_keeps_it() {
    let mut tried = 0;
    for (path, content) in shipped_files() {
        // The example is a set of its own, two folders further down.
        let (below, within) = match path.strip_prefix("examples/approved-software/") {
            Some(within) => (2, within),
            None => (0, path.as_str()),
        };
        let Some(name) = role(within).and_then(name_of) else {
            continue;
        };
        let text = std::str::from_utf8(&content).unwrap();
        let up = "../".repeat(within.matches('/').count() + below);
        let wanted = format!("# yaml-language-server: $schema={up}schema/{name}.schema.json");
        assert_eq!(text.lines().next(), Some(wanted.as_str()), "{path}");
        let faults = faults(&schema(name), &document(text));
        assert!(faults.is_empty(), "{path}: {faults:?}");
        tried += 1;
    }
    assert!(tried > 150, "{tried}");
}

const CATALOGUE: &str = "vendor: {id: acme, name: Acme}
products:
  - id: acme.agent
    name: Agent
    class: scanner
    display_names: [{value: Acme Agent, mark: own, exact: true}]
    package_ids: [{value: acme-agent, mark: V1, sources: [deb_packages]}]
    bundle_ids: [{value: com.acme., mark: own, prefix: true}]
    team_ids: [{value: ABCDE12345, mark: own}]
    examples: [{name: acme-agent, source: deb_packages}]
not: [{name: Other}]
";

const INSTRUMENT: &str = "id: no-acme
title: No Acme
issuer: Example
role: binding
citations: [{title: Rule 1, url: \"https://example.org/1\"}]
concerns: {products: [acme.agent]}
scope: {owner_kinds: [business], jurisdictions: [US]}
phases:
  - {id: ban, from: 2024-01-01T00:00:00Z, until: 2025-01-01T00:00:00Z, actions: [presence], effect: deny, basis: published, provenance: own}
";

const WAIVERS: &str = "waivers:
  - id: lab
    instruments: [no-acme]
    hosts: {groups: [lab]}
    products: {ids: [acme.agent]}
    reason: R
    owner: O
    ticket: T
    expires: 2030-01-01T00:00:00Z
";

const CASES: &str = "cases:
  - name: one
    question: Q
    facts:
      host_id: h
      owner: {kind: business, jurisdictions: [US], us_person: true}
      os: {family: linux, version: \"12\"}
      software: [{name: acme-agent, source: deb_packages}]
      coverage: [{source: deb_packages, state: complete}]
      attributes: {a: {b: [1]}}
    action: install
    at: 2024-06-01T00:00:00Z
    want: {effect: allow, decided_by: [], not_decided_by: [no-acme]}
    confidence: high
";

const INSTANTS: &str = "cases:
  - name: one
    facts: {host_id: h}
    instants:
      - {at: 2024-06-01T00:00:00Z, effect: allow}
      - {at: 2025-06-01T00:00:00Z, effect: allow, exempt_by: []}
    want: {not_decided_by: [no-acme]}
";

const RULE: &str = "# METADATA\n# custom: {instrument: no-acme}\npackage restrictions.no_acme\n\ndeny contains \"x\" if input.action == \"use\"\n";

/// A set of one file of each kind, with one of them in other words.
fn set(name: &str, text: &str) -> Bundle {
    let files = [
        ("catalogue", "catalogue/acme.yaml", CATALOGUE),
        (
            "instrument",
            "instruments/no-acme/instrument.yaml",
            INSTRUMENT,
        ),
        ("waivers", "waivers/waivers.yaml", WAIVERS),
        ("cases", "instruments/no-acme/cases.yaml", CASES),
        ("", "instruments/no-acme/rule.rego", RULE),
    ];
    let files = files.map(|(kind, path, plain)| {
        let text = if kind == name { text } else { plain };
        (path.to_owned(), text.as_bytes().to_vec())
    });
    Bundle::new(files).unwrap()
}

/// Whether the parsers, and what is checked beyond them, take the set.
fn is_taken(bundle: &Bundle) -> Result<(), String> {
    if let Some(fault) = lint::cases(bundle).first() {
        return Err(fault.to_string());
    }
    match Snapshot::compile(bundle.clone()) {
        Ok(_) => Ok(()),
        Err(faults) => Err(faults.first().unwrap().to_string()),
    }
}

#[test]
fn schemas_and_parsers_take_the_same_documents() {
    for (name, text) in [
        ("catalogue", CATALOGUE),
        ("instrument", INSTRUMENT),
        ("waivers", WAIVERS),
        ("cases", CASES),
        ("cases", INSTANTS),
    ] {
        assert_eq!(is_taken(&set(name, text)), Ok(()), "{name}");
        assert_eq!(faults(&schema(name), &document(text)), [""; 0], "{name}");
    }
}

#[test]
fn schemas_and_parsers_refuse_the_same_documents() {
    /// A kind of file, a sound one, and changes that make it unsound.
    type Row = (
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
    );
    let rows: &[Row] = &[
        (
            "catalogue",
            CATALOGUE,
            &[
                ("vendor:", "vendr:"),
                ("name: Acme}", "nmae: Acme}"),
                (", name: Acme}", "}"),
                ("id: acme, name", "name"),
                ("id: acme.agent", "id: agent"),
                ("mark: own, exact", "mark: X, exact"),
                ("exact: true", "exact: maybe"),
                ("mark: V1, sources", "sources"),
                (", sources: [deb_packages]", ""),
                ("value: com.acme.", "value: com.acme"),
                ("class: scanner", "clas: scanner"),
                ("examples: [{name:", "examples: [{nam:"),
                ("not: [{name: Other}]", "not: {name: Other}"),
            ],
        ),
        (
            "instrument",
            INSTRUMENT,
            &[
                ("title: No Acme\n", ""),
                ("issuer: Example\n", ""),
                ("id: no-acme\n", ""),
                ("issuer:", "isuer:"),
                ("role: binding", "role: bindng"),
                ("https://example.org/1", "example.org/1"),
                ("{title: Rule 1, url:", "{url:"),
                ("{products:", "{product:"),
                ("owner_kinds: [business]", "owner_kinds: [company]"),
                ("jurisdictions:", "jurisdiction:"),
                ("from: 2024-01-01T00:00:00Z", "from: 2024-01-01"),
                ("from: 2024-01-01T00:00:00Z, ", ""),
                ("until: 2025-01-01T00:00:00Z", "until: soon"),
                ("actions: [presence]", "actions: []"),
                ("actions: [presence]", "actions: [have]"),
                ("effect: deny", "effect: allow"),
                ("effect: deny, ", ""),
                ("basis: published, ", ""),
                ("basis: published", "basis: known"),
                ("provenance: own", "provenance: recalled"),
                ("provenance: own", "provenance: mine"),
                (", provenance: own", ""),
                ("{id: ban, ", "{"),
            ],
        ),
        (
            "waivers",
            WAIVERS,
            &[
                ("waivers:", "waiver:"),
                ("    reason: R\n", ""),
                ("    owner: O\n", ""),
                ("    ticket: T\n", ""),
                ("    expires: 2030-01-01T00:00:00Z\n", ""),
                ("expires: 2030-01-01T00:00:00Z", "expires: never"),
                ("reason: R", "reason: ''"),
                ("instruments: [no-acme]", "instruments: []"),
                ("{groups: [lab]}", "{}"),
                ("{groups: [lab]}", "{groups: []}"),
                ("{groups: [lab]}", "{group: [lab]}"),
                ("{groups: [lab]}", "{all: false}"),
                ("{ids: [acme.agent]}", "{}"),
                ("{ids: [acme.agent]}", "{vendors: []}"),
                ("owner: O", "owner: [O]"),
            ],
        ),
        (
            "cases",
            CASES,
            &[
                ("cases:", "case:"),
                ("name: one", "nme: one"),
                ("host_id: h\n", "host: h\n"),
                ("host_id: h\n", "host_id: ''\n"),
                ("kind: business", "kind: company"),
                ("jurisdictions: [US]", "jurisdictions: [us]"),
                ("us_person: true", "us_person: perhaps"),
                ("family: linux", "family: Linux OS"),
                ("{name: acme-agent, source", "{source"),
                ("state: complete", "state: whole"),
                ("action: install", "action: eat"),
                ("at: 2024-06-01T00:00:00Z", "at: yesterday"),
                ("    at: 2024-06-01T00:00:00Z\n", ""),
                ("effect: allow, ", ""),
                ("effect: allow", "effect: maybe"),
                ("decided_by: [],", "decidd_by: [],"),
                ("confidence: high", "confidence: sure"),
                ("confidence: high", "instants: []"),
            ],
        ),
        (
            "cases",
            INSTANTS,
            &[
                (
                    "    instants:",
                    "    at: 2024-06-01T00:00:00Z\n    instants:",
                ),
                ("- {at: 2024-06-01T00:00:00Z, effect", "- {effect"),
                (", effect: allow}", "}"),
                ("effect: allow, exempt_by", "effect: allow, exempted_by"),
                ("want: {", "want: {effect: allow, "),
            ],
        ),
    ];
    let mut taken = Vec::new();
    for (name, plain, changes) in rows {
        let schema = schema(name);
        for (right, wrong) in *changes {
            assert!(plain.contains(right), "{name}: {right}");
            let text = plain.replacen(right, wrong, 1);
            if is_taken(&set(name, &text)).is_ok() {
                taken.push(format!("the parser takes {name} with `{wrong}`"));
            }
            if faults(&schema, &document(&text)).is_empty() {
                taken.push(format!("the schema takes {name} with `{wrong}`"));
            }
        }
    }
    assert!(taken.is_empty(), "{taken:#?}");
}
