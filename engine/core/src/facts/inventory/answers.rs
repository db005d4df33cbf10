//! Answers: which items of a host a query has answered with, so that a later answer of the
//! same query stands in the place of an earlier one. A log has one for every time that the
//! query ran, and what was there last week may be gone.

use std::collections::HashMap;
use std::ops::Range;

use crate::facts::Software;
use crate::instant::Instant;

/// Queries of a host whose answers are told apart; those of others are put together.
const QUERIES: usize = 1_000;
/// Items that may wait to be left out.
const WAITING: usize = 2_000;

/// The answers of a host's queries.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    standing: HashMap<String, Answer>,
    /// The items of answers that a later one has replaced.
    replaced: Vec<Range<usize>>,
    waiting: usize,
}

#[derive(Clone, Debug)]
struct Answer {
    at: Instant,
    items: Range<usize>,
}

impl Answers {
    /// Takes an answer of a query in full, and tells how many items another replaces.
    pub(super) fn add(&mut self, query: &str, at: Instant, items: Range<usize>) -> usize {
        let next = Answer { at, items };
        let has_room = self.standing.len() < QUERIES;
        let replaced = match self.standing.get_mut(query) {
            Some(known) if known.at < at => std::mem::replace(known, next).items,
            Some(known) if known.at > at => next.items,
            // Parts of one answer.
            Some(_) => return 0,
            None if has_room => {
                self.standing.insert(query.to_owned(), next);
                return 0;
            }
            None => return 0,
        };
        let count = replaced.len();
        if count > 0 {
            self.waiting += count;
            self.replaced.push(replaced);
        }
        count
    }

    /// Takes the answers of another part of a document, whose items stand behind so many, and
    /// tells how many items are replaced.
    pub(super) fn join(&mut self, next: Self, before: usize) -> usize {
        let behind = |items: Range<usize>| items.start + before..items.end + before;
        let answers = next.standing.into_iter();
        answers
            .map(|(query, answer)| self.add(&query, answer.at, behind(answer.items)))
            .sum()
    }

    /// Whether enough wait to be left out.
    pub(super) const fn are_many(&self) -> bool {
        self.waiting > WAITING
    }

    /// Leaves out items beyond so many, of which none may wait to be left out.
    pub(super) fn truncate(&mut self, software: &mut Vec<Software>, most: usize) {
        software.truncate(most);
        for answer in self.standing.values_mut() {
            let Range { start, end } = answer.items;
            answer.items = start.min(most)..end.min(most);
        }
    }

    /// Leaves out the items of answers that are replaced.
    pub(super) fn settle(&mut self, software: &mut Vec<Software>) {
        if self.replaced.is_empty() {
            return;
        }
        let mut replaced = std::mem::take(&mut self.replaced);
        replaced.sort_by_key(|items| items.start);
        self.waiting = 0;
        let mut ranges = replaced.iter().peekable();
        let mut index = 0;
        software.retain(|_| {
            while ranges.next_if(|items| items.end <= index).is_some() {}
            let is_replaced = ranges.peek().is_some_and(|items| items.contains(&index));
            index += 1;
            !is_replaced
        });
        for answer in self.standing.values_mut() {
            let before = replaced
                .iter()
                .filter(|items| items.end <= answer.items.start);
            let gone: usize = before.map(ExactSizeIterator::len).sum();
            answer.items.start = answer.items.start.saturating_sub(gone);
            answer.items.end = answer.items.end.saturating_sub(gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn software(names: Range<usize>) -> Vec<Software> {
        let item = |name: usize| Software {
            name: name.to_string(),
            ..Software::default()
        };
        names.map(item).collect()
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_unix(seconds, 0).unwrap()
    }

    fn names(software: &[Software]) -> String {
        let names: Vec<&str> = software.iter().map(|item| item.name.as_str()).collect();
        names.join(" ")
    }

    #[test]
    fn places_move_when_items_before_them_are_left_out() {
        let mut items = software(0..10);
        let mut answers = Answers::default();
        assert_eq!(answers.add("a", at(1), 0..2), 0);
        assert_eq!(answers.add("b", at(1), 2..5), 0);
        assert_eq!(answers.add("a", at(2), 5..6), 2);
        assert_eq!(answers.add("c", at(1), 6..9), 0);
        answers.settle(&mut items);
        assert_eq!(names(&items), "2 3 4 5 6 7 8 9");
        assert_eq!(answers.add("b", at(3), 8..8), 3);
        assert_eq!(answers.add("c", at(0), 7..8), 1);
        answers.settle(&mut items);
        assert_eq!(names(&items), "5 6 7 8");
    }

    #[test]
    fn what_is_beyond_the_end_replaces_nothing_that_comes_there_later() {
        let mut items = software(0..6);
        let mut answers = Answers::default();
        answers.add("a", at(1), 2..6);
        answers.truncate(&mut items, 3);
        items.extend(software(10..12));
        let mut next = Answers::default();
        next.add("a", at(2), 0..1);
        assert_eq!(answers.join(next, 3), 1);
        answers.settle(&mut items);
        assert_eq!(names(&items), "0 1 10 11");
    }

    #[test]
    fn parts_of_one_answer_and_answers_of_many_queries_are_put_together() {
        let mut answers = Answers::default();
        answers.add("a", at(1), 0..1);
        assert_eq!(answers.add("a", at(1), 1..2), 0);
        for query in 0..2 * QUERIES {
            answers.add(&query.to_string(), at(1), 0..1);
        }
        assert_eq!(answers.standing.len(), QUERIES);
    }
}
