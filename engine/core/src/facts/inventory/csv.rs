//! Comma-separated values, as RFC 4180 has them: a value in quotes may hold commas, quotes
//! that are doubled, and ends of lines.

use std::iter::Peekable;
use std::str::Chars;

use super::node::{Fields, Node, VALUES};

/// Values of one record, at most.
const COLUMNS: usize = 1_000;

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

/// The records below the first as objects with their lines, of the columns that are asked
/// for. One that does not fit the first is nothing.
pub(super) struct Rows {
    pub(super) read: Vec<(usize, Node)>,
    /// Whether there are more than are read.
    pub(super) is_part: bool,
}

pub(super) fn rows(text: &str, columns: &[&str]) -> Rows {
    let mut rows = Rows {
        read: Vec::new(),
        is_part: false,
    };
    let mut records = records(text);
    let Some(keys) = records.next() else {
        return rows;
    };
    let row = |record: Record| {
        let mut fields = Fields::default();
        let mut fits = !record.is_broken && record.values.len() == keys.values.len();
        for (key, value) in keys.values.iter().zip(record.values) {
            if columns.contains(&key.as_str()) {
                fits &= fields.add(key.clone(), Node::Text(value)).is_ok();
            }
        }
        let node = if fits { fields.into_node() } else { Node::Null };
        (record.line, node)
    };
    let most = VALUES / (columns.len() + 1);
    rows.read = records.by_ref().take(most).map(row).collect();
    rows.is_part = records.next().is_some();
    rows
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
                    record.take(std::mem::take(&mut value));
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
        record.take(value);
        record
    }
}

impl Record {
    fn take(&mut self, value: String) {
        if self.values.len() < COLUMNS {
            self.values.push(value);
        } else {
            self.is_broken = true;
        }
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
        let told = |text| {
            let rows = rows(text, &["k", "l"]).read;
            let told = rows.iter().map(|(line, node)| (*line, node.names("l")));
            told.collect::<Vec<_>>()
        };
        assert_eq!(
            told("k,l,m\n1,2,3\n1,2\n1,2,3,4\n\"1\"x,2,3\n"),
            [(2, true), (3, false), (4, false), (5, false)]
        );
        assert_eq!(told("k,l,l\n1,2,3\n"), [(2, false)]);
        assert_eq!(told(""), []);
    }

    #[test]
    fn neither_rows_nor_columns_are_without_end() {
        let rows = rows(&"k\n".repeat(VALUES), &["k"]);
        assert_eq!((rows.read.len(), rows.is_part), (VALUES / 2, true));
        let wide = records(&",".repeat(2 * COLUMNS)).next().unwrap();
        assert!(wide.is_broken && wide.values.len() == COLUMNS);
        // A column that nobody asks for is not copied to every row.
        let name = "x".repeat(1_000_000);
        let wide = format!("k,{name}\n{}", "1,\n".repeat(100_000));
        assert!(
            super::rows(&wide, &["k"])
                .read
                .iter()
                .all(|(_, row)| !row.names(&name))
        );
    }
}
