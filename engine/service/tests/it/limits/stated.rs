//! What the API states in its comments, so that no limit is without a row, no row without a
//! limit, and no text or instant of a request without either.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::row::{Held, Row};

/// What a comment belongs to.
struct Statement {
    /// A field, message, method, service, enumeration or one of its values.
    place: String,
    /// The type of a field; empty for whatever else.
    of_type: String,
    /// The comment on one line, without examples.
    text: String,
}

/// Words that state a rule which has no number in it.
const WORDS: [&str; 17] = [
    "Required",
    "required",
    "kebab-case",
    "U+0000",
    "no two",
    "Unique",
    "finite",
    "refuses",
    "Not allowed",
    "pper case",
    "upper-case",
    "is an error",
    "later than",
    "GUID",
    "no empty part",
    "appears twice",
    "as a word",
];

fn engine() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn statements() -> Vec<Statement> {
    let folder = engine().parent().unwrap().join("proto/embargo/v1");
    let mut statements = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        read(
            &fs::read_to_string(file.unwrap().path()).unwrap(),
            &mut statements,
        );
    }
    assert!(statements.len() > 200, "{}", statements.len());
    statements
}

/// Reads a file line by line; every declaration of ours begins one of its own.
fn read(source: &str, statements: &mut Vec<Statement>) {
    let mut within: Vec<&str> = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in source.lines().map(str::trim) {
        if let Some(said) = line.strip_prefix("//") {
            comment.push(said.trim());
            continue;
        }
        let text = prose(&std::mem::take(&mut comment));
        let words: Vec<&str> = line.split([' ', '(', ';']).collect();
        let (name, of_type) = match words.as_slice() {
            ["message" | "enum" | "service" | "rpc", name, ..] => (*name, ""),
            [.., of_type, name, "=", _, ""] => (*name, *of_type),
            [name, "=", _, ""] => (*name, ""),
            _ => ("", ""),
        };
        if !name.is_empty() && words.first() != Some(&"syntax") {
            let place = within.iter().chain([&name]).filter(|part| !part.is_empty());
            statements.push(Statement {
                place: place.copied().collect::<Vec<_>>().join("."),
                of_type: of_type.to_owned(),
                text,
            });
        }
        if line.ends_with('{') {
            within.push(name);
        } else if line == "}" {
            within.pop();
        }
    }
    assert!(within.is_empty(), "{within:?}");
}

fn prose(comment: &[&str]) -> String {
    comment
        .split(|line| line.is_empty())
        .map(|paragraph| paragraph.join(" "))
        .filter(|paragraph| !paragraph.starts_with("Example:"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether it is something that a caller sends.
fn is_asked(place: &str) -> bool {
    let message = place.split('.').next().unwrap();
    let is_fact = [
        "HostFacts",
        "OperatingSystem",
        "Owner",
        "Software",
        "Coverage",
    ]
    .contains(&message);
    is_fact
        || message.ends_with("Request")
        || message.ends_with("Service")
        || ["SourceFile", "Action"].contains(&message)
}

fn behind(text: &str, at: usize) -> &str {
    text.split_at(at).1
}

/// The bytes at which numbers stand that could be limits: not those in names such as
/// `SHA-256`, versions such as `2.2`, and code.
fn numbers(text: &str) -> Vec<usize> {
    let mut is_code = false;
    let mut before = ' ';
    let mut found = Vec::new();
    let mut in_number = false;
    for (at, character) in text.char_indices() {
        is_code ^= character == '`';
        let is_digit = character.is_ascii_digit();
        if is_digit && !in_number && !is_code {
            let rest =
                behind(text, at).trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
            let mut rest = rest.chars();
            let (next, second) = (rest.next().unwrap_or(' '), rest.next().unwrap_or(' '));
            let is_name = before.is_alphanumeric() || "-+._".contains(before);
            let goes_on =
                next.is_alphanumeric() || next == '-' || (next == '.' && second.is_ascii_digit());
            if !is_name && !goes_on {
                found.push(at);
            }
        }
        in_number = is_digit || (in_number && matches!(character, ',' | '.'));
        before = character;
    }
    found
}

fn stated(statement: &Statement) -> Vec<usize> {
    let mut at = numbers(&statement.text);
    if is_asked(&statement.place) {
        let words = WORDS
            .iter()
            .flat_map(|word| statement.text.match_indices(word));
        at.extend(words.map(|(at, _)| at));
    }
    at
}

#[test]
fn every_stated_limit_has_a_row_and_every_row_is_stated() {
    let statements = statements();
    let mut rows: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    for row in super::rows() {
        rows.entry(row.place).or_default().push(row);
    }
    let mut faults = Vec::new();
    let mut limits = 0;
    for statement in &statements {
        let rows = rows.remove(&*statement.place).unwrap_or_default();
        let spans: Vec<(usize, usize)> = rows
            .iter()
            .filter_map(|row| {
                let at = statement.text.find(row.stated);
                if at.is_none() {
                    faults.push(format!("{} does not state {:?}", row.place, row.stated));
                }
                at.map(|at| (at, at + row.stated.len()))
            })
            .collect();
        for at in stated(statement) {
            limits += 1;
            if !spans.iter().any(|(from, to)| (*from..*to).contains(&at)) {
                let words = &behind(&statement.text, at)
                    .chars()
                    .take(50)
                    .collect::<String>();
                faults.push(format!("{} has no row for {words:?}", statement.place));
            }
        }
        let is_bounded = match &*statement.of_type {
            "string" | "bytes" | "google.protobuf.Timestamp" => is_asked(&statement.place),
            "google.protobuf.Duration" => {
                assert!(
                    !is_asked(&statement.place),
                    "{}: durations have a range",
                    statement.place
                );
                false
            }
            _ => false,
        };
        if is_bounded && rows.is_empty() {
            faults.push(format!("{} has no row at all", statement.place));
        }
    }
    faults.extend(rows.keys().map(|place| format!("{place} does not exist")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    println!("limits: {limits} stated in {} places", statements.len());
    assert!(limits > 140, "{limits}");
}

#[test]
fn a_limit_that_another_test_holds_is_held_by_one_that_exists() {
    for row in super::rows() {
        let place = row.place;
        match row.held {
            Held::Test(file, name) => {
                let source = fs::read_to_string(engine().join(file)).unwrap_or_default();
                let is_there = source.contains(&format!("fn {name}()"));
                assert!(is_there, "{place}: `{name}` in {file}");
            }
            // A test of `kept` asks these.
            Held::Unserved(method) => {
                assert!(method == "ExplainDecision", "{place}");
            }
            Held::NoLimit(why) => assert!(!why.is_empty(), "{place}"),
            Held::Facts(..) | Held::Asked(..) => {}
        }
    }
}

#[test]
fn a_limit_in_a_comment_is_found() {
    let source = "\
// Says: at most 1,024 bytes, SHA-256, CPE 2.2, ISO 3166-1 and `12`.
message AskRequest {
  // Required; 1 to 64 bytes.
  //
  // Example: 5 bytes.
  optional string name = 1;

  oneof rest {
    // Ends on the 7.
    int32 other = 2;
  }
}
";
    let mut found = Vec::new();
    read(source, &mut found);
    let found: Vec<(&str, &str, usize)> = found
        .iter()
        .map(|one| (&*one.place, &*one.of_type, stated(one).len()))
        .collect();
    assert_eq!(
        found,
        [
            ("AskRequest", "", 1),
            ("AskRequest.name", "string", 3),
            ("AskRequest.other", "int32", 1)
        ]
    );
}
