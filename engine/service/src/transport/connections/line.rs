//! A line: what is known of one connection, by itself, by its calls and by the watch over all.
//!
//! Each second the watch closes the lines that hold something up for too long: a greeting, a frame
//! that is never whole, an answer that is not taken. When all places are taken it also closes
//! some that have had no call for the longest.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

/// How long an answer may be there, at most, while room for answers is short.
const SHORT_STANDSTILL: Duration = Duration::from_secs(2);
/// How long a connection without a call is kept while others wait for its place.
const IDLE: Duration = Duration::from_secs(5);
/// Which part of all connections makes room in one look, if they have no call: an eighth.
const MADE_ROOM: usize = 8;
/// How often is looked, at least.
const LOOK: Duration = Duration::from_secs(1);

/// How long a line may hold something up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How long a connection may take to greet, as HTTP/2 does it.
    pub(super) greeting: Duration,
    /// How long a frame, a list of headers or a head may take from its first byte to its last.
    pub(super) frame: Duration,
    /// How long an answer may be there without any of it being taken. The whole connection is
    /// closed, because nothing but that gives back what the answer takes in memory.
    pub(super) standstill: Duration,
}

impl Patience {
    /// How often is looked.
    pub(super) fn look(self) -> Duration {
        let shortest = self.greeting.min(self.frame).min(self.standstill);
        LOOK.min(shortest / 2)
    }
}

/// What the watch goes by besides the lines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pressure {
    /// All places are taken, and somebody waits for one.
    pub(super) someone_waits: bool,
    /// Answers that are not taken have most of the room for them.
    pub(super) room_is_short: bool,
}

/// One connection. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Line(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    peer: Option<IpAddr>,
    since: Instant,
    has_greeted: bool,
    /// Since when a frame, or a head of HTTP/1.1, has been coming in.
    frame: Option<Instant>,
    /// Bytes of HTTP/1.1 that have come since there was a call.
    head_bytes: usize,
    calls: usize,
    /// Since when there has been no call.
    idle: Instant,
    /// Since when each answer has not been taken further.
    answers: BTreeMap<u64, Instant>,
    next_answer: u64,
    /// Why it is to be closed.
    end: Option<&'static str>,
    /// Wakes the connection.
    waker: Option<Waker>,
}

impl Line {
    /// The line of a connection that began now, from an address if it is known.
    pub(super) fn new(now: Instant, peer: Option<IpAddr>) -> Self {
        Self(Arc::new(Mutex::new(State {
            peer,
            since: now,
            has_greeted: false,
            frame: None,
            head_bytes: 0,
            calls: 0,
            idle: now,
            answers: BTreeMap::new(),
            next_answer: 0,
            end: None,
            waker: None,
        })))
    }

    /// Where it comes from.
    pub(crate) fn peer(&self) -> Option<IpAddr> {
        self.state().peer
    }

    /// Why the connection has to end, if it has to. Otherwise it is woken when it has to.
    pub(super) fn end(&self, waker: &Waker) -> Option<&'static str> {
        let mut state = self.state();
        if state.end.is_none() && !state.waker.as_ref().is_some_and(|w| w.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
        state.end
    }

    /// Notes how far its frames have come.
    pub(super) fn note(&self, has_greeted: bool, is_amid: bool, now: Instant) {
        let mut state = self.state();
        state.has_greeted = has_greeted;
        state.frame = is_amid.then(|| state.frame.unwrap_or(now));
    }

    /// Notes that bytes of HTTP/1.1 have come. They are a head if there is no call; returned is how
    /// many of it have come.
    pub(super) fn note_head(&self, bytes: usize, now: Instant) -> usize {
        let mut state = self.state();
        if state.calls == 0 && bytes > 0 {
            state.frame.get_or_insert(now);
            state.head_bytes = state.head_bytes.saturating_add(bytes);
        }
        state.head_bytes
    }

    /// Counts a call in, until it is dropped.
    pub(crate) fn call(&self) -> Call {
        let mut state = self.state();
        state.calls = state.calls.saturating_add(1);
        if state.head_bytes > 0 {
            state.has_greeted = true;
            state.frame = None;
            state.head_bytes = 0;
        }
        let answer = state.next_answer;
        state.next_answer = answer.wrapping_add(1);
        drop(state);
        Call {
            line: self.clone(),
            answer,
        }
    }

    fn close(&self, why: &'static str) {
        let mut state = self.state();
        state.end = Some(why);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What it holds up for too long.
    fn overdue(
        &self,
        now: Instant,
        patience: Patience,
        room_is_short: bool,
    ) -> Option<&'static str> {
        let state = self.state();
        let longer = |since: Instant, limit| now.saturating_duration_since(since) > limit;
        if state.end.is_some() {
            return None;
        }
        if !state.has_greeted && longer(state.since, patience.greeting) {
            return Some("it does not greet");
        }
        if state
            .frame
            .is_some_and(|since| longer(since, patience.frame))
        {
            return Some("a frame or head of it is never whole");
        }
        let standstill = if room_is_short {
            SHORT_STANDSTILL.min(patience.standstill)
        } else {
            patience.standstill
        };
        let waits = |since: &Instant| longer(*since, standstill);
        state
            .answers
            .values()
            .any(waits)
            .then_some("it does not take an answer")
    }

    /// Since when it has had no call, if it has none and was there for long enough.
    fn idle(&self, now: Instant) -> Option<Instant> {
        let state = self.state();
        let is_idle = state.calls == 0
            && state.end.is_none()
            && now.saturating_duration_since(state.idle) > IDLE;
        is_idle.then_some(state.idle)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call on a line.
#[derive(Debug)]
pub(crate) struct Call {
    line: Line,
    answer: u64,
}

impl Call {
    /// A part of its answer is handed over, and has to be taken.
    pub(crate) fn hand_over(&self) {
        self.line
            .state()
            .answers
            .insert(self.answer, Instant::now());
    }

    /// What was handed over has been taken.
    pub(crate) fn taken(&self) {
        self.line.state().answers.remove(&self.answer);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut state = self.line.state();
        state.answers.remove(&self.answer);
        state.calls = state.calls.saturating_sub(1);
        if state.calls == 0 {
            state.idle = Instant::now();
        }
    }
}

/// All lines that are open.
#[derive(Debug)]
pub(super) struct Lines {
    patience: Patience,
    open: Vec<Weak<Mutex<State>>>,
}

impl Lines {
    pub(super) const fn new(patience: Patience) -> Self {
        Self {
            patience,
            open: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, line: &Line) {
        self.open.push(Arc::downgrade(&line.0));
    }

    /// Closes those that hold something up; if somebody waits for a place, also some that have
    /// had no call for the longest.
    pub(super) fn look(&mut self, now: Instant, pressure: Pressure) {
        self.open.retain(|line| line.strong_count() > 0);
        let lines: Vec<Line> = self
            .open
            .iter()
            .filter_map(Weak::upgrade)
            .map(Line)
            .collect();
        for line in &lines {
            if let Some(why) = line.overdue(now, self.patience, pressure.room_is_short) {
                line.close(why);
            }
        }
        if pressure.someone_waits {
            let idle = lines
                .iter()
                .filter_map(|line| Some((line.idle(now)?, line)));
            let mut idle: Vec<(Instant, &Line)> = idle.collect();
            idle.sort_by_key(|(since, _)| *since);
            for (_, line) in idle.into_iter().take((lines.len() / MADE_ROOM).max(1)) {
                line.close("it has no call, and others wait for its place");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREETING: Duration = Duration::from_secs(10);
    const FRAME: Duration = Duration::from_secs(20);
    const STANDSTILL: Duration = Duration::from_secs(60);
    const PATIENCE: Patience = Patience {
        greeting: GREETING,
        frame: FRAME,
        standstill: STANDSTILL,
    };

    const NONE: Pressure = Pressure {
        someone_waits: false,
        room_is_short: false,
    };
    const SOMEONE_WAITS: Pressure = Pressure {
        someone_waits: true,
        room_is_short: false,
    };

    fn look(line: &Line, now: Instant) -> Option<&'static str> {
        look_under(line, now, NONE)
    }

    fn look_under(line: &Line, now: Instant, pressure: Pressure) -> Option<&'static str> {
        let mut lines = Lines::new(PATIENCE);
        lines.add(line);
        lines.look(now, pressure);
        line.end(Waker::noop())
    }

    const AN_INSTANT: Duration = Duration::from_millis(1);

    #[test]
    fn a_line_that_does_not_greet_is_closed() {
        let now = Instant::now();
        let line = Line::new(now, None);
        assert_eq!(look(&line, now + GREETING), None);
        let why = look(&line, now + GREETING + AN_INSTANT);
        assert_eq!(why, Some("it does not greet"));
    }

    #[test]
    fn a_frame_that_is_never_whole_closes_the_line() {
        let now = Instant::now();
        let line = Line::new(now, None);
        line.note(true, true, now);
        // More of it does not help.
        line.note(true, true, now + FRAME);
        assert_eq!(look(&line, now + FRAME), None);
        let late = now + FRAME + AN_INSTANT;
        assert_eq!(
            look(&line, late),
            Some("a frame or head of it is never whole")
        );
        let line = Line::new(now, None);
        line.note(true, true, now);
        line.note(true, false, now + AN_INSTANT);
        assert_eq!(look(&line, now + FRAME * 9), None);
    }

    #[test]
    fn a_head_that_is_never_whole_closes_the_line_and_a_call_makes_it_whole() {
        let now = Instant::now();
        let line = Line::new(now, None);
        assert_eq!(line.note_head(10, now), 10);
        let call = line.call();
        assert_eq!(look(&line, now + GREETING * 9), None);
        assert_eq!(line.note_head(10, now), 0);
        drop(call);
        assert_eq!(look(&line, now + GREETING * 9), None);
        assert_eq!(line.note_head(10, now), 10);
        let why = look(&line, now + FRAME + AN_INSTANT);
        assert_eq!(why, Some("a frame or head of it is never whole"));
    }

    #[test]
    fn an_answer_that_is_not_taken_closes_the_line() {
        let line = Line::new(Instant::now(), None);
        line.note(true, false, Instant::now());
        let call = line.call();
        let other = line.call();
        let late = || Instant::now() + STANDSTILL + AN_INSTANT;
        call.hand_over();
        call.taken();
        assert_eq!(look(&line, late()), None);
        other.hand_over();
        drop(other);
        assert_eq!(look(&line, late()), None);
        call.hand_over();
        assert_eq!(look(&line, Instant::now() + STANDSTILL / 2), None);
        let short = Pressure {
            room_is_short: true,
            ..NONE
        };
        let soon = Instant::now() + SHORT_STANDSTILL;
        assert_eq!(look_under(&line, soon - AN_INSTANT * 100, short), None);
        let why = look(&line, late());
        assert_eq!(why, Some("it does not take an answer"));
    }

    #[test]
    fn the_line_without_a_call_for_the_longest_makes_room_when_others_wait() {
        let now = Instant::now();
        let lines_of = [now, now + AN_INSTANT].map(|since| Line::new(since, None));
        let mut lines = Lines::new(PATIENCE);
        for line in &lines_of {
            line.note(true, false, now);
            lines.add(line);
        }
        let later = now + IDLE * 2;
        lines.look(later, NONE);
        assert!(lines_of.iter().all(|l| l.end(Waker::noop()).is_none()));
        lines.look(now + IDLE, SOMEONE_WAITS);
        assert!(lines_of.iter().all(|l| l.end(Waker::noop()).is_none()));
        let call = lines_of[0].call();
        lines.look(later, SOMEONE_WAITS);
        assert!(lines_of[0].end(Waker::noop()).is_none());
        assert!(lines_of[1].end(Waker::noop()).is_some());
        drop(call);
        lines.look(Instant::now() + IDLE * 2, SOMEONE_WAITS);
        assert!(lines_of[0].end(Waker::noop()).is_some());
    }

    #[test]
    fn lines_that_are_gone_are_forgotten() {
        let mut lines = Lines::new(PATIENCE);
        lines.add(&Line::new(Instant::now(), None));
        lines.look(Instant::now(), NONE);
        assert!(lines.open.is_empty());
    }
}
