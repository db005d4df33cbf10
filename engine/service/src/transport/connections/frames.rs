//! The frames of a connection: followed by their headers as they come in, and counted where they
//! cost the sender nothing.
//!
//! Messages are bounded by windows and calls by places. What remains are frames that carry neither
//! and can be sent without end: resets of calls just begun, pings, settings, moves of windows,
//! parts of headers, empty data. Each connection has a budget of them that fills up with time and
//! with what it is answered, so that honest callers never meet its end.

use std::time::Instant;

use thiserror::Error;

/// Bytes of what HTTP/2 begins with.
const PREFACE_BYTES: u64 = 24;
const HEADER_BYTES: usize = 9;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Bytes of answers that earn a reset.
const RESET_BYTES: u64 = 128;
/// A caller that moves a window for every small answer, or measures its way by pings, stays within
/// what the answers earn it.
const OTHERS: Budget = Budget::of(1_000, 500, 32);

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Flood {
    #[error("it resets calls faster than it could make use of answers")]
    Resets,
    #[error("it sends frames without content faster than any use of them asks for")]
    Others,
}

/// How many frames of a kind may come.
#[derive(Clone, Copy, Debug)]
struct Budget {
    most: u64,
    per_second: u64,
    /// Bytes of answers that earn one more.
    answer_bytes: u64,
    left: u64,
    /// Bytes of answers that have earned nothing yet.
    unpaid: u64,
    filled: Option<Instant>,
}

impl Budget {
    const fn of(most: u64, per_second: u64, answer_bytes: u64) -> Self {
        Self {
            most,
            per_second,
            answer_bytes,
            left: most,
            unpaid: 0,
            filled: None,
        }
    }

    fn earn(&mut self, bytes: u64) {
        let unpaid = self.unpaid.saturating_add(bytes);
        self.add(unpaid / self.answer_bytes);
        self.unpaid = unpaid % self.answer_bytes;
    }

    /// Takes one. False if there is none.
    fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(*self.filled.get_or_insert(now));
        let earned = since.as_millis().saturating_mul(self.per_second.into()) / 1_000;
        if earned > 0 {
            self.add(u64::try_from(earned).unwrap_or(u64::MAX));
            self.filled = Some(now);
        }
        let taken = self.left.checked_sub(1);
        self.left = taken.unwrap_or(0);
        taken.is_some()
    }

    fn add(&mut self, count: u64) {
        self.left = self.left.saturating_add(count).min(self.most);
    }
}

/// How many calls a connection may reset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resets {
    pub(super) burst: u64,
    pub(super) per_second: u64,
}

/// Where in the frames a connection is.
#[derive(Debug)]
pub(super) struct Frames {
    header: [u8; HEADER_BYTES],
    /// Bytes of the header that have come.
    filled: usize,
    /// Bytes until the next header.
    unread: u64,
    /// Whether more parts of a header list must come.
    is_listing: bool,
    has_greeted: bool,
    resets: Budget,
    others: Budget,
}

impl Frames {
    /// Of a connection that may reset so many calls at once, and then so many in a second.
    pub(super) const fn new(resets: Resets) -> Self {
        Self {
            header: [0; HEADER_BYTES],
            filled: 0,
            unread: PREFACE_BYTES,
            is_listing: false,
            has_greeted: false,
            resets: Budget::of(resets.burst, resets.per_second, RESET_BYTES),
            others: OTHERS,
        }
    }

    /// Follows bytes that came.
    ///
    /// # Errors
    /// If a budget is used up.
    pub(super) fn feed(&mut self, mut bytes: &[u8], now: Instant) -> Result<(), Flood> {
        while !bytes.is_empty() {
            let available = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let skipped = self.unread.min(available);
            self.unread -= skipped;
            bytes = bytes
                .get(usize::try_from(skipped).unwrap_or(usize::MAX)..)
                .unwrap_or_default();
            let wanted = self.header.get_mut(self.filled..).unwrap_or_default();
            let count = wanted.len().min(bytes.len());
            let (part, rest) = bytes.split_at(count);
            for (place, byte) in wanted.iter_mut().zip(part) {
                *place = *byte;
            }
            self.filled += count;
            bytes = rest;
            if self.filled == HEADER_BYTES {
                self.filled = 0;
                self.begin(now)?;
            }
        }
        Ok(())
    }

    /// Takes in bytes that went out.
    pub(super) fn answered(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.resets.earn(bytes);
        self.others.earn(bytes);
    }

    /// Whether something was begun that is not whole: the greeting, a frame, a list of headers.
    pub(super) const fn is_amid(&self) -> bool {
        !self.has_greeted || self.filled > 0 || self.unread > 0 || self.is_listing
    }

    /// Whether the preface and the first settings have come.
    pub(super) const fn has_greeted(&self) -> bool {
        self.has_greeted
    }

    fn begin(&mut self, now: Instant) -> Result<(), Flood> {
        let [a, b, c, kind, flags, ..] = self.header;
        self.unread = u64::from(u32::from_be_bytes([0, a, b, c]));
        if kind == HEADERS || kind == CONTINUATION {
            self.is_listing = flags & END_HEADERS == 0;
        }
        self.has_greeted |= kind == SETTINGS;
        let is_free = match kind {
            HEADERS => true,
            DATA => self.unread > 0 || flags & END_STREAM != 0,
            RESET => return self.resets.take(now).then_some(()).ok_or(Flood::Resets),
            _ => false,
        };
        (is_free || self.others.take(now))
            .then_some(())
            .ok_or(Flood::Others)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PING: u8 = 6;
    const RESETS: Resets = Resets {
        burst: 512,
        per_second: 100,
    };

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        let mut bytes = length[1..].to_vec();
        bytes.extend([kind, flags, 0, 0, 0, 1]);
        bytes.resize(bytes.len() + payload, 0xff);
        bytes
    }

    fn greeted(now: Instant) -> Frames {
        let mut frames = Frames::new(RESETS);
        frames.feed(&[b'P'; 24], now).unwrap();
        assert!(!frames.has_greeted());
        frames.feed(&frame(SETTINGS, 0, 6), now).unwrap();
        assert!(frames.has_greeted());
        frames
    }

    /// How many of a frame are taken before the connection is closed, and why it is.
    fn taken(frames: &mut Frames, bytes: &[u8], now: Instant) -> (usize, Flood) {
        for count in 0..100_000 {
            if let Err(flood) = frames.feed(bytes, now) {
                return (count, flood);
            }
        }
        panic!("no end");
    }

    #[test]
    fn calls_and_their_messages_are_free() {
        let now = Instant::now();
        let mut frames = greeted(now);
        let call = [
            frame(HEADERS, END_HEADERS, 100),
            frame(DATA, 0, 1),
            frame(DATA, END_STREAM, 0),
        ]
        .concat();
        for _ in 0..100_000 {
            frames.feed(&call, now).unwrap();
        }
        assert!(!frames.is_amid());
    }

    #[test]
    fn resets_have_a_budget_and_other_frames_another() {
        let now = Instant::now();
        let mut frames = greeted(now);
        let call = [frame(HEADERS, END_HEADERS, 9), frame(RESET, 0, 4)].concat();
        assert_eq!(taken(&mut frames, &call, now), (512, Flood::Resets));
        // The settings of the greeting were one.
        let mut frames = greeted(now);
        let ping = frame(PING, 0, 8);
        assert_eq!(taken(&mut frames, &ping, now), (999, Flood::Others));
        for kind in [DATA, SETTINGS, CONTINUATION, 0xbe] {
            let empty = frame(kind, 0, 0);
            assert_eq!(
                taken(&mut greeted(now), &empty, now),
                (999, Flood::Others),
                "{kind}"
            );
        }
    }

    #[test]
    fn time_and_answers_fill_a_budget_up() {
        let now = Instant::now();
        let mut frames = greeted(now);
        // Without content, of which there would be a rest after the refusal.
        let reset = frame(RESET, 0, 0);
        assert_eq!(taken(&mut frames, &reset, now).0, 512);
        let later = now + Duration::from_millis(2_500);
        assert_eq!(taken(&mut frames, &reset, later).0, 250);
        for _ in 0..100 {
            frames.answered(64);
        }
        assert_eq!(taken(&mut frames, &reset, later).0, 50);
        frames.answered(usize::MAX);
        let much_later = later + Duration::from_secs(1_000_000);
        assert_eq!(taken(&mut frames, &reset, much_later).0, 512);
    }

    #[test]
    fn frames_are_followed_wherever_they_are_cut() {
        let now = Instant::now();
        let bytes = [
            vec![b'P'; 24],
            frame(SETTINGS, 0, 12),
            frame(HEADERS, 0, 30),
            frame(CONTINUATION, END_HEADERS, 3),
            frame(DATA, END_STREAM, 300),
        ]
        .concat();
        for size in 1..60 {
            let mut frames = Frames::new(RESETS);
            for part in bytes.chunks(size) {
                assert!(frames.is_amid() || frames.has_greeted());
                frames.feed(part, now).unwrap();
            }
            assert!(!frames.is_amid(), "{size}");
            assert_eq!(frames.others.left, 998, "{size}");
        }
    }

    #[test]
    fn what_is_begun_and_not_whole_shows() {
        let now = Instant::now();
        let mut frames = Frames::new(RESETS);
        assert!(frames.is_amid());
        frames.feed(&[b'P'; 24], now).unwrap();
        assert!(frames.is_amid());
        let mut frames = greeted(now);
        assert!(!frames.is_amid());
        frames.feed(&[0, 0, 0], now).unwrap();
        assert!(frames.is_amid());
        let mut frames = greeted(now);
        frames.feed(&frame(DATA, 0, 30)[..20], now).unwrap();
        assert!(frames.is_amid());
        let mut frames = greeted(now);
        frames.feed(&frame(HEADERS, 0, 30), now).unwrap();
        assert!(frames.is_amid());
    }
}
