//! The limits on facts, each at its edge.

mod software;

use embargo_proto::v1 as pb;
use prost_types::Timestamp;

use super::attributes;
use super::row::{Held, Row, facts};
use super::times;
use crate::policies::item;

type Set = fn(&mut pb::HostFacts, String);

/// What a text of `bytes` bytes may be made of.
fn texts(bytes: usize) -> [String; 2] {
    let mut wide = "é".repeat(bytes / 2);
    if !bytes.is_multiple_of(2) {
        wide.push('x');
    }
    ["x".repeat(bytes), wide]
}

fn given(set: Set, text: impl Into<String>) -> pb::HostFacts {
    facts(|facts| set(facts, text.into()))
}

/// A text of `least` to `most` bytes without U+0000.
fn text(
    place: &'static str,
    stated: &'static str,
    field: &str,
    (least, most): (usize, usize),
    set: Set,
) -> Row {
    let field = format!("facts.{field}");
    let mut passes: Vec<pb::HostFacts> = texts(most).map(|text| given(set, text)).into();
    passes.push(given(set, "x".repeat(least)));
    let mut refused: Vec<pb::HostFacts> = texts(most + 1).map(|text| given(set, text)).into();
    refused.push(given(set, "a\0b"));
    if let Some(less) = least.checked_sub(1) {
        refused.push(given(set, "x".repeat(less)));
    }
    row(place, stated, &field, passes, refused)
}

/// A text of 1,024 bytes at most, as those that say nothing else.
fn usual(place: &'static str, field: &str, set: Set) -> Row {
    text(place, "", field, (0, 1_024), set)
}

/// A word in kebab-case of 64 bytes at most.
fn word(place: &'static str, stated: &'static str, field: &str, set: Set) -> Row {
    let passes = ["x".repeat(64), "x".to_owned(), "x-1".to_owned()];
    let refused = ["X", "a--b", "-a", "a-", "a_b", "é", "a\0b", ""];
    let mut refused: Vec<String> = refused.map(str::to_owned).into();
    refused.push("x".repeat(65));
    form(place, stated, field, set, passes.into(), refused)
}

fn form(
    place: &'static str,
    stated: &'static str,
    field: &str,
    set: Set,
    passes: Vec<String>,
    refused: Vec<String>,
) -> Row {
    let make = |texts: Vec<String>| texts.into_iter().map(|text| given(set, text)).collect();
    let field = format!("facts.{field}");
    row(place, stated, &field, make(passes), make(refused))
}

fn row(
    place: &'static str,
    stated: &'static str,
    field: &str,
    passes: Vec<pb::HostFacts>,
    refused: Vec<pb::HostFacts>,
) -> Row {
    let refused = refused
        .into_iter()
        .map(|facts| (facts, field.to_owned()))
        .collect();
    Row {
        place,
        stated,
        held: Held::Facts(passes, refused),
    }
}

/// A list of at most so many.
fn count(
    place: &'static str,
    stated: &'static str,
    field: &str,
    most: usize,
    set: fn(&mut pb::HostFacts, usize),
) -> Row {
    let make = |count| facts(|facts| set(facts, count));
    let field = format!("facts.{field}");
    row(
        place,
        stated,
        &field,
        vec![make(most)],
        vec![make(most + 1)],
    )
}

fn time(place: &'static str, field: &str, set: fn(&mut pb::HostFacts, Timestamp)) -> Row {
    let make = |time: &Timestamp| facts(|facts| set(facts, *time));
    let passes = times::SOUND.iter().map(make).collect();
    let refused = times::UNSOUND.iter().map(make).collect();
    row(place, "", &format!("facts.{field}"), passes, refused)
}

fn os(facts: &mut pb::HostFacts) -> &mut pb::OperatingSystem {
    facts.os.get_or_insert_default()
}

fn owner(facts: &mut pb::HostFacts) -> &mut pb::Owner {
    facts.owner.get_or_insert_default()
}

fn covered(source: String) -> pb::Coverage {
    pb::Coverage {
        source,
        state: pb::coverage::State::Complete.into(),
        collect_time: None,
    }
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("w{number}")).collect()
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = host_rows();
    rows.extend(owner_rows());
    rows.extend(software::rows());
    rows.extend(attributes::rows());
    rows
}

fn host_rows() -> Vec<Row> {
    let words = "At most 64 values of at most 64 bytes";
    vec![
        text(
            "HostFacts.host_id",
            "Required; 1 to 256 bytes",
            "host_id",
            (1, 256),
            |f, t| f.host_id = t,
        ),
        text(
            "HostFacts",
            "Strings are at most 1,024 bytes of UTF-8 and hold no U+0000",
            "os.version",
            (0, 1_024),
            |f, t| os(f).version = Some(t),
        ),
        time("HostFacts.collect_time", "collect_time", |f, t| {
            f.collect_time = Some(t);
        }),
        word(
            "OperatingSystem.family",
            "kebab-case and at most 64 bytes",
            "os.family",
            |f, t| os(f).family = Some(t),
        ),
        usual("OperatingSystem.version", "os.version", |f, t| {
            os(f).version = Some(t);
        }),
        usual("OperatingSystem.architecture", "os.architecture", |f, t| {
            os(f).architecture = Some(t);
        }),
        word(
            "HostFacts.form_factor",
            "kebab-case and at most 64 bytes",
            "form_factor",
            |f, t| f.form_factor = Some(t),
        ),
        word("HostFacts.purposes", "kebab-case", "purposes[0]", |f, t| {
            f.purposes = vec![t];
        }),
        count("HostFacts.purposes", words, "purposes", 64, |f, n| {
            f.purposes = numbered(n);
        }),
        text(
            "HostFacts.groups",
            "of 1 to 256 bytes",
            "groups[0]",
            (1, 256),
            |f, t| f.groups = vec![t],
        ),
        count(
            "HostFacts.groups",
            "At most 1,000 values",
            "groups",
            1_000,
            |f, n| f.groups = numbered(n),
        ),
        count(
            "HostFacts.software",
            "At most 20,000 items",
            "software",
            20_000,
            |f, n| f.software.resize(n, item("x")),
        ),
        count(
            "HostFacts.coverage",
            "At most 256 entries",
            "coverage",
            256,
            |f, n| f.coverage = numbered(n).into_iter().map(covered).collect(),
        ),
        form(
            "HostFacts.coverage",
            "no two with the same source",
            "coverage[1].source",
            |f, t| f.coverage = vec![covered("a".to_owned()), covered(t)],
            vec!["b".to_owned()],
            vec!["a".to_owned()],
        ),
        text(
            "Coverage.source",
            "Required; 1 to 64 bytes",
            "coverage[0].source",
            (1, 64),
            |f, t| f.coverage = vec![covered(t)],
        ),
        state("Coverage.state", "Required"),
        state(
            "Coverage.State",
            "a server refuses one that it does not know",
        ),
        state("Coverage.State.STATE_UNSPECIFIED", "Not allowed"),
        time(
            "Coverage.collect_time",
            "coverage[0].collect_time",
            |f, t| {
                f.coverage = vec![pb::Coverage {
                    collect_time: Some(t),
                    ..covered("a".to_owned())
                }];
            },
        ),
    ]
}

fn state(place: &'static str, stated: &'static str) -> Row {
    let make = |state: i32| {
        facts(|facts| {
            let source = covered("a".to_owned());
            facts.coverage = vec![pb::Coverage { state, ..source }];
        })
    };
    let passes = (1..=5).map(make).collect();
    let refused = [0, 6, -1, i32::MAX, i32::MIN].map(make).into();
    row(place, stated, "facts.coverage[0].state", passes, refused)
}

fn owner_rows() -> Vec<Row> {
    let kind = |kind: i32| facts(|facts| owner(facts).kind = kind);
    let strings = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    vec![
        row(
            "Owner.Kind",
            "a server refuses one that it does not know",
            "facts.owner.kind",
            (0..=4).map(kind).collect(),
            [5, -1, i32::MAX].map(kind).into(),
        ),
        form(
            "Owner.jurisdictions",
            "Upper case; the form is checked",
            "owner.jurisdictions[0]",
            |f, t| owner(f).jurisdictions = vec![t],
            strings(&["US", "US-TX", "EU", "FR-75C"]),
            strings(&["", "us", "USA", "US-", "US-TXAS", "ÜS", "US\0"]),
        ),
        count(
            "Owner.jurisdictions",
            "At most 256 values",
            "owner.jurisdictions",
            256,
            |f, n| owner(f).jurisdictions = vec!["US".to_owned(); n],
        ),
        word("Owner.sectors", "kebab-case", "owner.sectors[0]", |f, t| {
            owner(f).sectors = vec![t];
        }),
        count(
            "Owner.sectors",
            "At most 64 values of at most 64 bytes",
            "owner.sectors",
            64,
            |f, n| owner(f).sectors = numbered(n),
        ),
        text(
            "Owner.contract_clauses",
            "of 1 to 128 bytes",
            "owner.contract_clauses[0]",
            (1, 128),
            |f, t| owner(f).contract_clauses = vec![t],
        ),
        count(
            "Owner.contract_clauses",
            "At most 256 values",
            "owner.contract_clauses",
            256,
            |f, n| owner(f).contract_clauses = numbered(n),
        ),
    ]
}
