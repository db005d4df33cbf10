//! Comma-separated values, as RFC 4180 has them: a value in quotes may hold commas, quotes
//! that are doubled, and ends of lines.

use std::iter::Peekable;
use std::str::Chars;

use super::node::{Fields, Node};

/// The records of a document.
pub(super) struct Records<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
}

/// Values up to the end of a line.
pub(super) struct Record {
    /// The line on which it begins.
    line: usize,
    pub(super) values: Vec<String>,
    /// Whether a quote stands where none may, or is never closed.
    is_broken: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Begin,
    Plain,
    Quoted,
    Closed,
}

/// The records, without those that are blank.
pub(super) fn records(text: &str) -> Records<'_> {
    Records {
        rest: text.chars().peekable(),
        line: 1,
    }
}

/// The records below the first as objects with its values for keys, and their lines. One
/// that does not fit the first is nothing.
pub(super) fn rows(text: &str) -> Vec<(usize, Node)> {
    let mut records = records(text);
    let Some(keys) = records.next() else {
        return Vec::new();
    };
    let row = |record: Record| {
        let mut fields = Fields::default();
        let mut fits = !record.is_broken && record.values.len() == keys.values.len();
        for (key, value) in keys.values.iter().zip(record.values) {
            fits &= fields.add(key.clone(), Node::Text(value)).is_ok();
        }
        let node = if fits { fields.into_node() } else { Node::Null };
        (record.line, node)
    };
    records.map(row).collect()
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            self.rest.peek()?;
            let record = self.record();
            let is_blank = record.values.iter().all(|value| value.trim().is_empty());
            if record.is_broken || !is_blank {
                return Some(record);
            }
        }
    }
}

impl Records<'_> {
    fn record(&mut self) -> Record {
        let mut record = Record {
            line: self.line,
            values: Vec::new(),
            is_broken: false,
        };
        let mut value = String::new();
        let mut state = State::Begin;
        while let Some(character) = self.rest.next() {
            self.line += usize::from(character == '\n');
            match (state, character) {
                (State::Quoted, '"') if self.rest.next_if_eq(&'"').is_some() => value.push('"'),
                (State::Quoted, '"') => state = State::Closed,
                (State::Quoted, _) => value.push(character),
                (_, ',') => {
                    record.values.push(std::mem::take(&mut value));
                    state = State::Begin;
                }
                (_, '\n') => break,
                (_, '\r') if self.rest.peek().is_none_or(|next| *next == '\n') => {}
                (State::Begin, '"') => state = State::Quoted,
                (State::Closed, _) | (_, '"') => record.is_broken = true,
                (State::Begin | State::Plain, _) => {
                    value.push(character);
                    state = State::Plain;
                }
            }
        }
        record.is_broken |= state == State::Quoted;
        record.values.push(value);
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(usize, Vec<String>, bool)> {
        records(text)
            .map(|record| (record.line, record.values, record.is_broken))
            .collect()
    }

    #[test]
    fn values_may_stand_in_quotes_and_span_lines() {
        let read = values("a,\"b, \"\"c\"\"\nd\",\r\n\r\n,\n1,2");
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].1, ["a", "b, \"c\"\nd", ""]);
        assert_eq!((read[1].0, read[1].1.len()), (5, 2));
        assert!(!read[0].2 && !read[1].2);
    }

    #[test]
    fn a_quote_out_of_place_breaks_its_record() {
        for text in ["a\"b", "\"a\"b", "x,\"never closed\n1"] {
            let read = values(text);
            assert!(read.len() == 1 && read[0].2, "{text}");
        }
    }

    #[test]
    fn rows_that_do_not_fit_the_first_are_nothing() {
        let read = rows("k,l\n1,2\n1\n1,2,3\n\"1\"x,2\n");
        let fits: Vec<_> = read
            .iter()
            .map(|(line, node)| (*line, node.names("l")))
            .collect();
        assert_eq!(fits, [(2, true), (3, false), (4, false), (5, false)]);
        assert!(!rows("k,k\n1,2\n")[0].1.names("k"));
        assert!(rows("").is_empty());
    }
}
