//! What can happen to the files of a set.

use embargo_core::bundle::role;

use super::Files;
use super::set::{CASES, CATALOGUE, DATA, INSTRUMENT, LIBRARY, RULE, TEST, WAIVERS};

/// A set that something has happened to.
pub(super) struct Mutation {
    pub(super) what: String,
    pub(super) files: Files,
}

/// Files that are cut off at each byte, or at one byte of `stride`; flipped bytes; and all
/// else that was thought of.
pub(super) fn mutations(good: &Files, stride: usize) -> Vec<Mutation> {
    let mut all = Vec::new();
    let mut add = |what: String, path: &str, content: Option<Vec<u8>>| {
        let mut files = good.clone();
        match content {
            Some(content) => files.insert(path.to_owned(), content),
            None => files.remove(path),
        };
        // Nobody reads a file without a role.
        if files != *good && role(path).is_some() {
            all.push(Mutation { what, files });
        }
    };
    for path in good.keys() {
        let text = &good[path];
        for length in (0..text.len()).step_by(stride) {
            let what = format!("{path} cut off at {length}");
            add(what, path, Some(text[..length].to_vec()));
        }
        let mut chance = Chance(0x9e37_79b9 ^ u64::try_from(text.len()).unwrap());
        for _ in 0..text.len() / (stride * 4) {
            let at = chance.below(text.len());
            let bit = chance.below(8);
            let mut flipped = text.clone();
            flipped[at] ^= 1 << bit;
            add(
                format!("{path}: bit {bit} of byte {at}"),
                path,
                Some(flipped),
            );
        }
        for line in 0..text.split_inclusive(|byte| *byte == b'\n').count() {
            let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
            let doubled = lines[line];
            lines.insert(line, doubled);
            add(
                format!("{path}: line {line} twice"),
                path,
                Some(lines.concat()),
            );
            lines.drain(line..line + 2);
            add(
                format!("{path}: without line {line}"),
                path,
                Some(lines.concat()),
            );
        }
        add(format!("{path} twice over"), path, Some(text.repeat(2)));
        add(format!("{path} in a merge"), path, Some(merge(text)));
        add(format!("{path} of zeros"), path, Some(vec![0; text.len()]));
        add(
            format!("{path} not in UTF-8"),
            path,
            Some([&b"\xff\xfe"[..], text].concat()),
        );
        add(
            format!("{path} huge"),
            path,
            Some(vec![b' '; 1_024 * 1_024 + 1]),
        );
        if ![TEST, CASES].contains(&path.as_str()) {
            // A set without its tests says nothing that could be wrong; the test about it
            // stands beside this one.
            add(format!("without {path}"), path, None);
        }
        let copy = format!("copy/{path}");
        add(format!("{path} in two places"), &copy, Some(text.clone()));
    }
    for (path, what, from, to) in EDITS {
        let text = String::from_utf8(good[*path].clone()).unwrap();
        assert!(text.contains(from), "{what}");
        add(
            (*what).to_owned(),
            path,
            Some(text.replacen(from, to, 1).into_bytes()),
        );
    }
    for (what, extra) in EXTRAS {
        add(
            (*what).to_owned(),
            "rules/extra.rego",
            Some(extra.as_bytes().to_vec()),
        );
    }
    let deep = format!(
        "package restrictions.deep\n\ndeny contains {}1{} if true\n",
        "[".repeat(40),
        "]".repeat(40)
    );
    add(
        "deep literals".to_owned(),
        "rules/extra.rego",
        Some(deep.into_bytes()),
    );
    let chain: String = (0..300)
        .map(|at| format!("r{at} if r{}\n", at + 1))
        .collect();
    let chain =
        format!("package restrictions.chain\n\ndeny contains \"x\" if r0\n\n{chain}r300 if true\n");
    add(
        "a long chain".to_owned(),
        "rules/extra.rego",
        Some(chain.into_bytes()),
    );
    all
}

/// A file as a merge leaves it that nobody has finished.
fn merge(text: &[u8]) -> Vec<u8> {
    [
        b"<<<<<<< ours\n",
        text,
        b"=======\n",
        text,
        b">>>>>>> theirs\n",
    ]
    .concat()
}

/// Edits of one place: the file, what was meant, the text and what it becomes.
const EDITS: &[(&str, &str, &str, &str)] = &[
    (
        RULE,
        "a package renamed",
        "package restrictions.acme",
        "package restrictions.acne",
    ),
    (
        RULE,
        "a package elsewhere",
        "package restrictions.acme",
        "package elsewhere.acme",
    ),
    (
        RULE,
        "another instrument",
        "{instrument: acme}",
        "{instrument: acne}",
    ),
    (RULE, "no instrument", "# custom: {instrument: acme}\n", ""),
    (
        RULE,
        "a condition turned round",
        "input.now_ns >=",
        "input.now_ns <",
    ),
    (
        RULE,
        "a condition negated",
        "\t_held(found)",
        "\tnot _held(found)",
    ),
    (RULE, "another field", "found.class", "found.klass"),
    (
        RULE,
        "a set as a value",
        "deny contains {\"identified\": i} if",
        "deny := {\"identified\": i} if",
    ),
    (RULE, "weaker", "deny contains", "warn contains"),
    (RULE, "stronger", "review contains", "deny contains"),
    (RULE, "the clock", "input.now_ns >=", "time.now_ns() >="),
    (
        RULE,
        "a refused function",
        "count(input.identified) >",
        "count(http.send({\"url\": input.host.id})) >",
    ),
    (RULE, "an unknown function", "count(", "cuont("),
    (RULE, "an unknown name", "\t_held(found)", "\t_held(fonud)"),
    (
        RULE,
        "an error at run time",
        "count(input.identified) >",
        "to_number(input.host.owner.kind) >",
    ),
    (
        RULE,
        "a malformed finding",
        "{\"message\": \"too much\"}",
        "{\"massage\": \"too much\"}",
    ),
    (
        RULE,
        "an item that is none",
        "deny contains {\"identified\": i}",
        "deny contains {\"identified\": 99}",
    ),
    (
        LIBRARY,
        "always undefined",
        "input.host.owner.kind",
        "input.host.owner.kin",
    ),
    (
        LIBRARY,
        "recursion",
        "known if input.host.owner.kind",
        "known if known",
    ),
    (
        INSTRUMENT,
        "a phase earlier",
        "from: 2025-01-01T00:00:00Z",
        "from: 2024-06-01T00:00:00Z",
    ),
    (
        INSTRUMENT,
        "no such day",
        "from: 2025-01-01",
        "from: 2025-02-30",
    ),
    (
        INSTRUMENT,
        "a phase of another effect",
        "effect: deny",
        "effect: review",
    ),
    (
        INSTRUMENT,
        "a phase of another action",
        "actions: [presence], effect: deny",
        "actions: [use], effect: deny",
    ),
    (INSTRUMENT, "another scope", "[business]", "[government]"),
    (INSTRUMENT, "an unknown key", "remediation:", "remedation:"),
    (
        INSTRUMENT,
        "denies what is recalled",
        "effect: deny, basis: published, provenance: own",
        "effect: deny, basis: published, provenance: recalled",
    ),
    (
        CATALOGUE,
        "another class",
        "class: antivirus",
        "class: firewall",
    ),
    (
        CATALOGUE,
        "another name",
        "value: Acme Shield",
        "value: Acme Sheild",
    ),
    (CATALOGUE, "unverified", "mark: V2}]}\n", "mark: R}]}\n"),
    (
        WAIVERS,
        "a waiver without its end",
        "expires: 2026-01-01T00:00:00Z",
        "expires: 9999-01-01T00:00:00Z",
    ),
    (
        WAIVERS,
        "a waiver for others",
        "{groups: [lab]}",
        "{groups: [office]}",
    ),
    (
        WAIVERS,
        "a waiver of nothing",
        "[acme], hosts",
        "[acne], hosts",
    ),
    (DATA, "another floor", "2", "1"),
    (DATA, "no number", "2", "two"),
    (
        TEST,
        "a failing test",
        "acme.deny == {{\"identified\": 0}}",
        "acme.deny == {{\"identified\": 1}}",
    ),
    (
        TEST,
        "a test of what is not there",
        "import data.restrictions.acme",
        "import data.restrictions.acne as acme",
    ),
    (
        TEST,
        "a test that runs into an error",
        "test_much if {",
        "test_much if {\n\tto_number(\"x\") == 1",
    ),
    (
        CASES,
        "a failing case",
        "want: {effect: allow}",
        "want: {effect: deny}",
    ),
    (CASES, "two cases of a name", "name: notice", "name: before"),
    (
        CASES,
        "facts that are refused",
        "host_id: h, owner: {kind: business}",
        "host_id: \"\", owner: {kind: business}",
    ),
];

/// Files beside those of the good set.
const EXTRAS: &[(&str, &str)] = &[
    (
        "a second rule of the package",
        "package restrictions.acme\n\ndeny contains {\"message\": \"more\"} if input.identified\n",
    ),
    (
        "recursion",
        "package restrictions.extra\n\ndeny contains \"x\" if a\n\na if b\n\nb if a\n",
    ),
    (
        "two complete values",
        "package lib.owner\n\nknown := false if input.host\n",
    ),
    (
        "tests that fail",
        "package restrictions.extra_test\n\ntest_it if 1 == 2\n",
    ),
    ("nothing", ""),
    ("only a comment", "# package restrictions.extra\n"),
    (
        "a package in no place",
        "package extra\n\ndeny contains \"x\" if true\n",
    ),
    (
        "data in the way of a package",
        "package instruments.acme\n\nx := 1\n",
    ),
];

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}
