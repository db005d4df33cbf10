//! Reading YAML and JSON with errors for the person who wrote it: file, line, column, the line
//! itself, and what was probably meant.

pub(crate) mod burden;
mod measured;

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Span, cut};

use measured::{Measured, Rest};

/// Bytes that a document with aliases may stand for: so many times its own, or this many.
const TIMES: usize = 16;
const BYTES: usize = 1_024 * 1_024;

/// Reads a document.
///
/// # Errors
/// A diagnostic with `code` and the place of the first fault.
pub(crate) fn read<'a, T: Deserialize<'a>>(
    path: &str,
    text: &'a str,
    code: &'static str,
) -> Result<T, Diagnostic> {
    if burden::is_heavy(text) {
        return if text.trim_start().starts_with(['{', '[']) {
            read_json(path, text, code)
        } else {
            let message = "the file has too many brackets to be read as YAML";
            Err(Diagnostic::error(code, message)
                .at(Span::start_of(path))
                .hint("write it as JSON, or split it"))
        };
    }
    let whole = serde_yaml::Deserializer::from_str(text);
    let has_aliases = text.contains('&') && text.contains('*');
    let read = if has_aliases {
        let rest = Rest::new(text.len().saturating_mul(TIMES).max(BYTES));
        T::deserialize(Measured::new(whole, &rest))
    } else {
        T::deserialize(whole)
    };
    read.map_err(|error| {
        // This reader counts characters; the API counts bytes.
        let place = error.location().map(|place| {
            let line = text.lines().nth(place.line().saturating_sub(1));
            let before = line.unwrap_or_default().chars();
            let before = before.take(place.column().saturating_sub(1));
            (place.line(), before.map(char::len_utf8).sum::<usize>() + 1)
        });
        let message = error.to_string();
        let place = place_of_byte(text, &message).or(place);
        fault(path, text, code, &message, place)
    })
}

/// Reads a document in JSON.
///
/// # Errors
/// A diagnostic with `code` and the place of the first fault.
pub(crate) fn read_json<'a, T: Deserialize<'a>>(
    path: &str,
    text: &'a str,
    code: &'static str,
) -> Result<T, Diagnostic> {
    serde_json::from_str(text).map_err(|error| {
        let place = (error.line() > 0).then(|| (error.line(), error.column()));
        fault(path, text, code, &error.to_string(), place)
    })
}

/// A remark about the first place in a file where a value stands.
pub(crate) fn remark(path: &str, text: &str, value: &str, remark: Diagnostic) -> Diagnostic {
    remark.at(find(path, text, value)).excerpt_from(text)
}

/// The first place where a value stands as a whole and not in a comment, else where it stands
/// at all, else the first byte of the file.
fn find(path: &str, text: &str, value: &str) -> Span {
    // METADATA of a rule stands in a comment.
    let is_comment = |line: &str| line.trim_start().starts_with('#') && !path.ends_with(".rego");
    let lines = || text.lines().enumerate().filter(|_| !value.is_empty());
    let whole = lines()
        .filter(|(_, line)| !is_comment(line))
        .find_map(|(number, line)| Some((number, whole_in(line, value)?)));
    let any = || lines().find_map(|(number, line)| Some((number, line.find(value)?)));
    if let Some((number, at)) = whole.or_else(any) {
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        let column = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let length = u32::try_from(value.len()).unwrap_or(1);
        let mut span = Span::at(path, number, column);
        span.end_column = column.saturating_add(length);
        return span;
    }
    Span::start_of(path)
}

/// Where a value stands in a line and is no part of a longer word.
pub(crate) fn whole_in(line: &str, value: &str) -> Option<usize> {
    let continues = |character: char| character.is_alphanumeric() || "-_.".contains(character);
    line.match_indices(value).map(|(at, _)| at).find(|at| {
        let before = line
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        let behind = line
            .get(at + value.len()..)
            .and_then(|behind| behind.chars().next());
        !before.is_some_and(continues) && !behind.is_some_and(continues)
    })
}

fn fault(
    path: &str,
    text: &str,
    code: &'static str,
    full: &str,
    place: Option<(usize, usize)>,
) -> Diagnostic {
    let whole = without_place(full);
    let message = abridged(whole);
    let span = place.map_or_else(
        || Span::start_of(path),
        |(line, column)| {
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            Span::at(path, line, column)
        },
    );
    let diagnostic = Diagnostic::error(code, message).at(span).excerpt_from(text);
    match suggestion(whole) {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// Bytes of a message of the reader, at most: it may repeat whole values.
const MESSAGE_BYTES: usize = 400;
/// Bytes that are kept of a value that is too long.
const VALUE_BYTES: usize = 60;

fn abridged(message: &str) -> String {
    if message.len() <= MESSAGE_BYTES {
        return message.to_owned();
    }
    // What was expected in its place stands behind the value.
    let value = message
        .find('"')
        .and_then(|start| Some((start, message.rfind("\", expected")?)))
        .filter(|(start, end)| end.saturating_sub(*start) > VALUE_BYTES);
    let parts = value.and_then(|(start, end)| {
        let (before, rest) = message.split_at_checked(start)?;
        Some((before, rest, message.get(end..)?))
    });
    let whole = match parts {
        Some((before, rest, behind)) => {
            format!("{before}{}…{behind}", cut(rest.to_owned(), VALUE_BYTES))
        }
        None => message.to_owned(),
    };
    let kept = cut(whole.clone(), MESSAGE_BYTES);
    if kept.len() < whole.len() {
        return format!("{kept}…");
    }
    kept
}

/// The line and column of a message that names a byte of the text: what cannot be in YAML at
/// all is found before lines are told apart.
fn place_of_byte(text: &str, message: &str) -> Option<(usize, usize)> {
    let (_, behind) = message.split_once(POSITION)?;
    let before = text.get(..behind.parse().ok()?)?;
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
    Some((line, column))
}

const POSITION: &str = " at position ";

/// The message without the ` at line 3 column 5` behind it, which the span says.
fn without_place(message: &str) -> &str {
    message
        .find(" at line ")
        .or_else(|| message.find(POSITION))
        .and_then(|end| message.get(..end))
        .unwrap_or(message)
}

/// For an unknown key or word, the known one that is most like it.
pub(crate) fn suggestion(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.contains("unknown field") && !message.contains("unknown variant") {
        return None;
    }
    let written = quoted.next()?;
    let known: Vec<&str> = quoted.collect();
    let nearest = known
        .iter()
        .map(|known| {
            (
                strsim::normalized_damerau_levenshtein(written, known),
                *known,
            )
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    if nearest.0 >= 0.5 {
        return Some(format!("did you mean `{}`?", nearest.1));
    }
    Some(format!("write one of {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        #[expect(dead_code, reason = "only the refusal is looked at")]
        remediation: String,
    }

    #[test]
    fn a_value_that_is_not_understood_is_not_repeated_at_length() {
        let long = "word ".repeat(1_000);
        let refused = read::<Entry>("a.yaml", &long, "c").unwrap_err();
        assert!(refused.message.len() < 150, "{refused}");
        assert!(
            refused.message.ends_with("…\", expected struct Entry"),
            "{refused}"
        );
        assert!(abridged(&long).len() < 500);
    }

    #[test]
    fn aliases_stand_for_no_more_than_a_file_may_hold() {
        type Value = serde_json::Value;
        let few = "a: &a {x: [1, text]}\nb: [*a, *a]\n";
        let read_of = |text: &str| read::<Value>("a.yaml", text, "c");
        assert_eq!(read_of(few).unwrap()["b"][1]["x"][1], "text");
        let wide = format!(
            "a: &a {}\nb: [{}]\n",
            "x".repeat(50_000),
            "*a,".repeat(5_000)
        );
        let nested = (0..5).fold("a0: &a0 [1,1,1,1,1,1,1,1,1]\n".to_owned(), |text, at| {
            let next = at + 1;
            format!(
                "{text}a{next}: &a{next} [{}]\n",
                format!("*a{at},").repeat(9)
            )
        });
        let long = "# ".repeat(50_000);
        for text in [wide, format!("{nested}{long}\n")] {
            let refused = read_of(&text).unwrap_err();
            let said =
                refused.message.contains("aliases") || refused.message.contains("repetition");
            assert!(said, "{refused}");
        }
    }

    #[test]
    fn brackets_that_would_take_hours_are_refused_unless_they_are_json() {
        let open = format!("a: {}", "[".repeat(200_000));
        let refused = read::<serde_json::Value>("a.yaml", &open, "c").unwrap_err();
        assert!(refused.message.contains("brackets"), "{refused}");
        let json = format!("[{}[1, \"]\"]]", "[1], ".repeat(50_000));
        assert!(burden::is_heavy(&json));
        assert!(read::<serde_json::Value>("a.yaml", &json, "c").is_ok());
    }

    #[test]
    fn an_unknown_key_is_shown_in_its_place_with_the_known_one() {
        let refused = read::<Entry>("a.yaml", "remediation: x\nremedation: y\n", "c").unwrap_err();
        let span = refused.span.as_ref().unwrap();
        assert_eq!((span.start_line, span.start_column), (2, 1), "{refused}");
        assert_eq!(refused.hint, "did you mean `remediation`?");
        assert_eq!(refused.excerpt, "remedation: y");
    }

    #[test]
    fn columns_count_bytes() {
        let refused = read::<Entry>("a.yaml", "{remediation: é, x: y}", "c").unwrap_err();
        assert_eq!(refused.span.unwrap().start_column, 19);
    }

    #[test]
    fn what_cannot_be_in_yaml_is_shown_in_its_place() {
        let refused = read::<Entry>("a.yaml", "# é\nx: \u{1}\n", "c").unwrap_err();
        let span = refused.span.as_ref().unwrap();
        assert_eq!((span.start_line, span.start_column), (2, 4), "{refused}");
        assert!(!refused.message.contains("position"), "{refused}");
    }

    #[test]
    fn a_fault_in_json_is_shown_in_its_line() {
        let text = "{\n  \"remediation\": \"x\",\n  \"remedation\": \"y\"\n}\n";
        let refused = read_json::<Entry>("a.json", text, "c").unwrap_err();
        assert_eq!(refused.span.as_ref().unwrap().start_line, 3, "{refused}");
        assert_eq!(refused.hint, "did you mean `remediation`?");
        assert_eq!(refused.excerpt, "  \"remedation\": \"y\"");
        let cut = read_json::<Entry>("a.json", "{", "c").unwrap_err();
        assert_eq!(cut.span.as_ref().unwrap().start_line, 1, "{cut}");
    }
}
