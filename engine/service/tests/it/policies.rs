//! Small policy sets, and hosts to judge by them.

use std::fs;
use std::path::Path;

use embargo_proto::v1 as pb;
use tempfile::TempDir;

const CATALOGUE: &str = "
vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}
products:
  - {id: acme.shield, name: Acme Shield, class: antivirus, display_names: [{value: Acme Shield, mark: V2}], bundle_ids: [{value: com.acme.shield, mark: V2}]}
";

const INSTRUMENT: &str = "
id: ban
title: A ban on Acme
issuer: The test
citations: [{title: Test 1, url: \"https://example.org/ban\"}]
concerns: {vendors: [acme]}
message: \"{software} is banned\"
remediation: Remove it.
phases:
  - {id: warn, from: 2024-01-01T00:00:00Z, until: 2026-01-01T00:00:00Z, actions: [presence, use], effect: warn, basis: published, provenance: own}
  - {id: deny, from: 2025-01-01T00:00:00Z, until: 2026-01-01T00:00:00Z, actions: [presence, use], effect: deny, basis: published, provenance: own}
";

const RULE: &str = r#"# METADATA
# title: No Acme
# description: Acme is banned.
# custom: {instrument: ban}
package restrictions.ban

_effects contains phase.effect if {
	some phase in data.instruments.ban.phases
	input.action in phase.actions
	phase.from_ns <= input.now_ns
	not phase.until_ns <= input.now_ns
}

deny contains {"identified": i} if {
	"deny" in _effects
	some i, _ in input.identified
}

warn contains {"identified": i} if {
	"warn" in _effects
	not "deny" in _effects
	some i, _ in input.identified
}
"#;

pub(crate) fn write(root: &Path, path: &str, content: &str) {
    let place = root.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, content).unwrap();
}

/// A folder with one product and one instrument: a warning in 2024, a denial in 2025.
pub(crate) fn ban() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "catalogue/acme.yaml", CATALOGUE);
    write(root.path(), "instruments/ban/instrument.yaml", INSTRUMENT);
    write(root.path(), "instruments/ban/rule.rego", RULE);
    root
}

/// A folder whose rules go by the id of the host: `deny`, `review`, `warn`, and `indeterminate`, for
/// which one fails. Every other host is allowed.
pub(crate) fn verdicts() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let of = |effect: &str| {
        format!("{effect} contains \"by its id\" if input.host.id == \"{effect}\"\n\n")
    };
    let effects: String = ["deny", "review", "warn"].map(of).concat();
    let rule = format!("package restrictions.verdicts\n\n{effects}");
    write(root.path(), "rules/verdicts.rego", &rule);
    let failing = "package restrictions.failing\n\ndeny contains \"x\" if {\n\tinput.host.id == \"indeterminate\"\n\tto_number(input.host.id) > 0\n}\n";
    write(root.path(), "rules/failing.rego", failing);
    root
}

/// A folder with a rule that takes as long as it may.
pub(crate) fn slow() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let numbers = (0..100)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let rule = format!(
        "package restrictions.slow\n\n_n := [{numbers}]\n\ndeny contains \"x\" if {{ some a in _n; \
         some b in _n; some c in _n; some d in _n; a + b + c + d == 1000 }}\n"
    );
    write(root.path(), "slow.rego", &rule);
    root
}

/// The files of a set in which every decision carries the version twice, from two packages.
pub(crate) fn stamped(version: &str) -> Vec<(String, String)> {
    ["left", "right"]
        .map(|side| {
            let rule = format!(
                "package restrictions.{side}\n\nwarn contains {{\"message\": \"{version}\"}} if \
                 input.host.id\n"
            );
            (format!("rules/{side}.rego"), rule)
        })
        .to_vec()
}

pub(crate) fn write_stamped(root: &Path, version: &str) {
    for (path, content) in stamped(version) {
        write(root, &path, &content);
    }
}

pub(crate) fn item(name: &str) -> pb::Software {
    pb::Software {
        name: name.to_owned(),
        ..Default::default()
    }
}

/// A host with one item that is banned, between two that are not.
pub(crate) fn host(id: &str) -> pb::HostFacts {
    let shield = pb::Software {
        version: Some("3.1".to_owned()),
        publisher: Some("Acme Labs".to_owned()),
        bundle_id: Some("com.acme.shield".to_owned()),
        ..item("Acme Shield")
    };
    pb::HostFacts {
        host_id: id.to_owned(),
        software: vec![item("Editor"), shield, item("Browser")],
        ..Default::default()
    }
}

/// A host with nothing that is banned.
pub(crate) fn clean_host(id: &str) -> pb::HostFacts {
    pb::HostFacts {
        host_id: id.to_owned(),
        software: vec![item("Editor")],
        ..Default::default()
    }
}

/// Facts with one field at fault.
pub(crate) fn bad_host(id: &str) -> pb::HostFacts {
    let mut facts = host(id);
    facts.software[1].sha256 = Some(vec![0; 20]);
    facts
}

pub(crate) fn ask(facts: pb::HostFacts) -> pb::DecideHostRequest {
    pb::DecideHostRequest {
        facts: Some(facts),
        ..Default::default()
    }
}

const DOUBTS: &str = r#"package restrictions.doubts

review contains {"message": "who is it for?"} if input.action == "acquire"

deny contains {"message": "never"} if {
	input.action == "connect"
	to_number(input.host.id) == 1
}
"#;

/// The ban, and a policy that asks for a review of acquiring, and fails for connecting.
pub(crate) fn doubts() -> TempDir {
    let root = ban();
    write(root.path(), "doubts/rule.rego", DOUBTS);
    root
}
