//! What a connection speaks: HTTP/2 if it begins as HTTP/2 does, else HTTP/1.1.
//!
//! Of HTTP/2 every frame is followed. HTTP/1.1 has one call at a time, whose content the doors
//! count; what remains is what comes while there is no call, a head that must be whole in time and
//! of reasonable length.

use std::time::Instant;

use thiserror::Error;

use super::frames::{Flood, Frames, Resets};
use super::line::Line;

/// What HTTP/2 begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes that may come before a head is whole. Proxies send some kilobytes of cookies and traces.
const HEAD_BYTES: usize = 64 * 1_024;

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Abuse {
    #[error(transparent)]
    Flood(#[from] Flood),
    #[error("the head of its request has no end")]
    Head,
}

/// What a connection speaks.
#[derive(Debug)]
pub(super) enum Speech {
    /// HTTP/2, or so it seems: so many bytes of the beginning have come.
    Http2(Box<Frames>, usize),
    Http1,
}

impl Speech {
    /// Of a connection that may reset so many calls.
    pub(super) fn new(resets: Resets) -> Self {
        Self::Http2(Box::new(Frames::new(resets)), 0)
    }

    /// Follows bytes that came, and notes with the line how far they go.
    ///
    /// # Errors
    /// If the connection takes more than its share.
    pub(super) fn feed(&mut self, bytes: &[u8], line: &Line, now: Instant) -> Result<(), Abuse> {
        if let Self::Http2(frames, matched) = self {
            let rest = PREFACE.get(*matched..).unwrap_or_default();
            let count = rest.len().min(bytes.len());
            if rest.get(..count) == bytes.get(..count) {
                *matched += count;
                frames.feed(bytes, now)?;
                line.note(frames.has_greeted(), frames.is_amid(), now);
                return Ok(());
            }
            *self = Self::Http1;
        }
        if line.note_head(bytes.len(), now) > HEAD_BYTES {
            return Err(Abuse::Head);
        }
        Ok(())
    }

    /// Takes in bytes that went out.
    pub(super) fn answered(&mut self, bytes: usize) {
        if let Self::Http2(frames, _) = self {
            frames.answered(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESETS: Resets = Resets {
        burst: 1,
        per_second: 1,
    };

    fn spoken(parts: &[&[u8]]) -> (Speech, Line) {
        let now = Instant::now();
        let line = Line::new(now, None);
        let mut speech = Speech::new(RESETS);
        for part in parts {
            speech.feed(part, &line, now).unwrap();
        }
        (speech, line)
    }

    #[test]
    fn the_beginning_tells_what_is_spoken_wherever_it_is_cut() {
        for cut in 0..PREFACE.len() {
            let (first, second) = PREFACE.split_at(cut);
            assert!(matches!(spoken(&[first, second]).0, Speech::Http2(_, 24)));
        }
        for beginning in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"PRI * HTTP/1.1\r\n",
            b"\0",
            b"POST",
        ] {
            for cut in 0..beginning.len() {
                let (first, second) = beginning.split_at(cut);
                assert!(matches!(spoken(&[first, second]).0, Speech::Http1));
            }
        }
    }

    #[test]
    fn a_head_without_end_closes_the_connection_and_the_content_of_a_call_does_not() {
        let now = Instant::now();
        let (mut speech, line) = spoken(&[b"GET / HTTP/1.1\r\n"]);
        let some = [b'a'; 4_096];
        let fed = (0..1_000).find(|_| speech.feed(&some, &line, now).is_err());
        assert_eq!(fed, Some(15));
        let (mut speech, line) = spoken(&[b"POST / HTTP/1.1\r\n\r\n"]);
        let call = line.call();
        for _ in 0..1_000 {
            speech.feed(&some, &line, now).unwrap();
        }
        drop(call);
        let fed = (0..1_000).find(|_| speech.feed(&some, &line, now).is_err());
        assert_eq!(fed, Some(16));
    }
}
