//! Timelines: how a decision changes while time passes.
//!
//! Each segment is an evaluation at its start. Segments cover the interval without gap or
//! overlap, and two neighbours differ.

use thiserror::Error;

use crate::decision::{Decision, Evaluator, Question};
use crate::instant::Instant;

/// Segments of a timeline, at most.
pub const SEGMENTS: usize = 500;
/// The longest interval: 10 years of 366 days, in nanoseconds.
pub const LONGEST_NANOSECONDS: i128 = 10 * 366 * 24 * 60 * 60 * 1_000_000_000;

/// A stretch of time over which a decision stays the same. Half-open.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The first instant.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
    /// The decision as judged at the start.
    pub decision: Decision,
}

/// A timeline, whole or up to where it was cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The segments, in order; at least one.
    pub segments: Vec<Segment>,
    /// Where it was cut, if it has more than 500 segments.
    pub truncated_at: Option<Instant>,
}

/// Why an interval has no timeline.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IntervalInvalid {
    /// It ends before it begins, or is empty.
    #[error("the end must be later than the start")]
    NotLater,
    /// It is longer than 10 years of 366 days.
    #[error("the interval is longer than 10 years of 366 days\n  hint: ask for it in parts")]
    TooLong,
}

/// Checks an interval.
///
/// # Errors
/// If it is empty or too long.
pub fn check_interval(start: Instant, end: Instant) -> Result<(), IntervalInvalid> {
    if end <= start {
        return Err(IntervalInvalid::NotLater);
    }
    if end.nanoseconds_since(start) > LONGEST_NANOSECONDS {
        return Err(IntervalInvalid::TooLong);
    }
    Ok(())
}

impl Evaluator {
    /// The timeline of a question from its instant up to `end`.
    ///
    /// A policy that uses the instant freely (see the load warning `rego-free-time`) is
    /// judged at the instants that the sources name, like every other.
    ///
    /// # Errors
    /// If the interval is empty or too long.
    pub fn timeline(
        &mut self,
        question: Question<'_>,
        end: Instant,
    ) -> Result<Timeline, IntervalInvalid> {
        check_interval(question.at, end)?;
        let (decisions, truncated_at) = self.decide_until(question, end, SEGMENTS);
        let ends: Vec<Instant> = decisions
            .iter()
            .skip(1)
            .map(|decision| decision.evaluate_time)
            .chain([truncated_at.unwrap_or(end)])
            .collect();
        let segments = decisions
            .into_iter()
            .zip(ends)
            .map(|(decision, end)| Segment {
                start: decision.evaluate_time,
                end,
                decision,
            })
            .collect();
        Ok(Timeline {
            segments,
            truncated_at,
        })
    }
}
