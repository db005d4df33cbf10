//! Scanning: records of a segment in their order, and what between them is none.
//!
//! Nothing is read as a record unless both of its checksums hold. Behind damage the scan goes
//! on with the next record that holds.

use std::io::{self, Read};

use super::frame::{HEAD, Head, Link};

/// Bytes that are asked for at a time.
const PIECE: usize = 64 * 1_024;

/// A record whose checksums hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Where its head begins.
    pub(super) offset: u64,
    pub(super) sequence: u64,
    pub(super) link: Link,
    pub(super) entry: Vec<u8>,
}

/// Bytes that are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) kind: Kind,
    /// Whether a record follows.
    pub(super) is_last: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The beginning of a record that was being written when the process died; or zeros, which
    /// a file system shows where a machine died before the bytes came.
    Torn,
    /// No record begins here.
    Head,
    /// A record whose entry is not what was written.
    Entry,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Record(Record),
    Stretch(Stretch),
}

/// A scan through the records of a segment.
#[derive(Debug)]
pub(super) struct Scan<R> {
    from: R,
    /// What was read and not passed, from `offset` on.
    buffer: Vec<u8>,
    passed: usize,
    offset: u64,
    is_ended: bool,
}

impl<R: Read> Scan<R> {
    /// A scan of what `from` gives, which begins at `offset` of the file.
    pub(super) const fn new(from: R, offset: u64) -> Self {
        Self {
            from,
            buffer: Vec::new(),
            passed: 0,
            offset,
            is_ended: false,
        }
    }

    /// Where the next step begins.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The next record, or bytes that are none. None at the end.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<Step>> {
        self.fill(HEAD)?;
        let ahead = self.ahead();
        if ahead.is_empty() {
            return Ok(None);
        }
        let Some(head) = Head::read(ahead) else {
            return self.no_head().map(Some);
        };
        let whole = HEAD + head.length;
        self.fill(whole)?;
        let Some(entry) = self.ahead().get(HEAD..whole) else {
            return self.rest(Kind::Torn).map(Some);
        };
        if !head.holds(entry) {
            let offset = self.offset;
            self.pass(whole);
            self.fill(1)?;
            return Ok(Some(Step::Stretch(Stretch {
                offset,
                length: self.offset - offset,
                kind: Kind::Entry,
                is_last: self.ahead().is_empty(),
            })));
        }
        let record = Record {
            offset: self.offset,
            sequence: head.sequence,
            link: head.link,
            entry: entry.to_vec(),
        };
        self.pass(whole);
        Ok(Some(Step::Record(record)))
    }

    /// The stretch up to the next place at which a head holds.
    fn no_head(&mut self) -> io::Result<Step> {
        let offset = self.offset;
        let mut zeros = true;
        loop {
            self.fill(PIECE)?;
            let ahead = self.ahead();
            if ahead.len() < HEAD {
                break;
            }
            // What is not whole yet is looked at with the next piece.
            let within = ahead.len() - (HEAD - 1);
            let found = Head::seek(ahead);
            let next = found.unwrap_or(within).min(within).max(1);
            zeros &= ahead.iter().take(next).all(|byte| *byte == 0);
            self.pass(next);
            if found == Some(next) && Head::read(self.filled(HEAD)?).is_some() {
                return Ok(Step::Stretch(Stretch {
                    offset,
                    length: self.offset - offset,
                    kind: Kind::Head,
                    is_last: false,
                }));
            }
        }
        zeros &= self.ahead().iter().all(|byte| *byte == 0);
        let short = self.offset == offset;
        let rest = self.ahead().len();
        self.pass(rest);
        Ok(Step::Stretch(Stretch {
            offset,
            length: self.offset - offset,
            kind: if zeros || short {
                Kind::Torn
            } else {
                Kind::Head
            },
            is_last: true,
        }))
    }

    /// All that is left, without that a record follows.
    fn rest(&mut self, kind: Kind) -> io::Result<Step> {
        let offset = self.offset;
        while !self.ahead().is_empty() {
            let known = self.ahead().len();
            self.pass(known);
            self.fill(PIECE)?;
        }
        Ok(Step::Stretch(Stretch {
            offset,
            length: self.offset - offset,
            kind,
            is_last: true,
        }))
    }

    fn filled(&mut self, bytes: usize) -> io::Result<&[u8]> {
        self.fill(bytes)?;
        Ok(self.ahead())
    }

    /// Reads until there are so many bytes ahead, or no more.
    fn fill(&mut self, bytes: usize) -> io::Result<()> {
        if self.ahead().len() >= bytes || self.is_ended {
            return Ok(());
        }
        self.buffer.drain(..self.passed);
        self.passed = 0;
        while self.buffer.len() < bytes && !self.is_ended {
            let wanted = (bytes - self.buffer.len()).max(PIECE);
            let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
            let read = self
                .from
                .by_ref()
                .take(wanted)
                .read_to_end(&mut self.buffer)?;
            self.is_ended = u64::try_from(read).unwrap_or(u64::MAX) < wanted;
        }
        Ok(())
    }

    fn ahead(&self) -> &[u8] {
        self.buffer.get(self.passed..).unwrap_or_default()
    }

    fn pass(&mut self, bytes: usize) {
        self.passed += bytes;
        self.offset += u64::try_from(bytes).unwrap_or(u64::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame;
    use super::*;

    const ENTRIES: [&[u8]; 4] = [b"first", b"", b"{\"third\":\"\xFF\"}", b"fourth"];

    fn written() -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut link, mut ends) = (Vec::new(), Link::default(), Vec::new());
        for (sequence, entry) in (1..).zip(ENTRIES) {
            link = frame::write(&mut bytes, sequence, link, entry);
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    fn steps(bytes: &[u8]) -> Vec<Step> {
        let mut scan = Scan::new(bytes, 100);
        std::iter::from_fn(|| scan.next().unwrap()).collect()
    }

    fn sequences(steps: &[Step]) -> Vec<u64> {
        let records = steps.iter().filter_map(|step| match step {
            Step::Record(record) => {
                let at = usize::try_from(record.sequence).unwrap() - 1;
                assert_eq!(record.entry, ENTRIES[at]);
                Some(record.sequence)
            }
            Step::Stretch(_) => None,
        });
        records.collect()
    }

    fn stretches(steps: &[Step]) -> Vec<Stretch> {
        let stretches = steps.iter().filter_map(|step| match step {
            Step::Stretch(stretch) => Some(*stretch),
            Step::Record(_) => None,
        });
        stretches.collect()
    }

    #[test]
    fn records_come_as_they_were_written() {
        let steps = steps(&written().0);
        assert_eq!(sequences(&steps), [1, 2, 3, 4]);
        assert_eq!(stretches(&steps), []);
    }

    #[test]
    fn wherever_it_was_torn_the_whole_records_are_read_and_the_rest_is_known_to_be_torn() {
        let (bytes, ends) = written();
        for length in 0..bytes.len() {
            let steps = steps(&bytes[..length]);
            let whole = ends.iter().filter(|end| **end <= length).count();
            assert_eq!(sequences(&steps).len(), whole, "{length}");
            let begin = ends[..whole].last().copied().unwrap_or(0);
            let rest = stretches(&steps);
            if begin == length {
                assert_eq!(rest, []);
                continue;
            }
            assert_eq!(rest.len(), 1, "{length}");
            assert_eq!(rest[0].kind, Kind::Torn, "{length}");
            assert_eq!(rest[0].offset, 100 + u64::try_from(begin).unwrap());
            assert_eq!(rest[0].length, u64::try_from(length - begin).unwrap());
        }
    }

    #[test]
    fn zeros_behind_the_records_are_torn_too() {
        let (mut bytes, _) = written();
        bytes.extend([0; 200_000]);
        let rest = stretches(&steps(&bytes));
        assert_eq!(rest.len(), 1);
        assert_eq!((rest[0].kind, rest[0].length), (Kind::Torn, 200_000));
    }

    #[test]
    fn whatever_bit_is_turned_no_other_record_is_lost_and_none_is_misread() {
        let (bytes, ends) = written();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let steps = steps(&damaged);
            let hit =
                u64::try_from(ends.iter().filter(|end| **end <= bit / 8).count()).unwrap() + 1;
            let wanted: Vec<u64> = (1..=4).filter(|known| *known != hit).collect();
            assert_eq!(sequences(&steps), wanted, "bit {bit}");
            let rest = stretches(&steps);
            assert_eq!(rest.len(), 1, "bit {bit}");
            assert_ne!(rest[0].kind, Kind::Torn, "bit {bit}");
            assert_eq!(rest[0].is_last, hit == 4, "bit {bit}");
        }
    }

    #[test]
    fn bytes_of_no_meaning_between_records_are_passed_over_whatever_their_length() {
        let (bytes, ends) = written();
        for length in [1, 39, 40, 41, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            for fill in [0, 0xFF, b'R'] {
                let mut more = bytes[..ends[1]].to_vec();
                more.extend(vec![fill; length]);
                more.extend(&bytes[ends[1]..]);
                let steps = steps(&more);
                assert_eq!(sequences(&steps), [1, 2, 3, 4], "{length} of {fill}");
                let rest = stretches(&steps);
                assert_eq!(rest.len(), 1);
                assert_eq!(rest[0].length, u64::try_from(length).unwrap());
                assert!(!rest[0].is_last);
            }
        }
    }
}
