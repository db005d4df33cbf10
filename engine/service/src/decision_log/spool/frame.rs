//! Frames: how records and the heads of segments lie in a file.
//!
//! A segment is a head, then records without gaps. Numbers are little-endian.
//!
//! | head of a segment | bytes | |
//! |---|---|---|
//! | kind and format | 16 | `embargo-spool-1` and a line feed |
//! | number | 8 | of this segment |
//! | previous number | 8 | of the segment before, 0 for none |
//! | previous length | 8 | how far that one counts: what lies behind was never acknowledged |
//! | sequence | 8 | of the last record before this segment |
//! | link | 16 | of that record |
//! | begun | 8 | Unix time in ns |
//! | checksum | 4 | CRC-32 of the above |
//!
//! | record | bytes | |
//! |---|---|---|
//! | mark | 4 | begins with 0xFF, which no text in UTF-8 has, so that a reader finds the next record behind a damaged one |
//! | length | 4 | of the entry |
//! | sequence | 8 | the first record has 1 |
//! | link | 16 | the first half of SHA-256 over the link before, the sequence and the entry |
//! | checksum of the entry | 4 | CRC-32 |
//! | checksum of the head | 4 | CRC-32 of the above |
//! | entry | length | |
//!
//! Two checksums, so that a damaged length is known before anything is skipped by it. The
//! checksums tell a damaged record, the sequence a missing one, and the link one that was put in
//! the place of another.

use ring::digest;

/// What a segment begins with: its kind, and the format.
pub(super) const KIND: &[u8; 16] = b"embargo-spool-1\n";
/// The part of [`KIND`] that every format has.
pub(super) const ANY_KIND: &[u8] = b"embargo-spool-";
const MARK: [u8; 4] = [0xFF, b'R', b'E', b'C'];
/// Bytes of a record's head.
pub(super) const HEAD: usize = 40;
/// Bytes of a segment's head.
const SEGMENT_HEAD: usize = 76;
/// The same: where the first record begins.
pub(super) const BEGIN: u64 = 76;
/// The most bytes that an entry may have.
pub(crate) const MOST: usize = 64 * 1_024 * 1_024;

/// What ties a record to all records before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Link([u8; 16]);

impl Link {
    /// The link of the record that follows.
    pub(super) fn next(self, sequence: u64, entry: &[u8]) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(&self.0);
        hash.update(&sequence.to_le_bytes());
        hash.update(entry);
        let digest = hash.finish();
        let half = digest.as_ref().first_chunk::<16>();
        Self(half.copied().unwrap_or_default())
    }
}

/// What stands before an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) length: usize,
    pub(super) sequence: u64,
    pub(super) link: Link,
    pub(super) checksum: u32,
}

impl Head {
    /// None if these bytes are no head of a record.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (covered, stated) = bytes.get(..HEAD)?.split_last_chunk::<4>()?;
        let rest = covered.strip_prefix(&MARK)?;
        if crc32fast::hash(covered) != u32::from_le_bytes(*stated) {
            return None;
        }
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let (link, rest) = rest.split_first_chunk::<16>()?;
        let (checksum, _) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        (length <= MOST).then_some(Self {
            length,
            sequence: u64::from_le_bytes(*sequence),
            link: Link(*link),
            checksum: u32::from_le_bytes(*checksum),
        })
    }

    /// Where the next place is, from 1 on, at which a head may begin.
    pub(super) fn seek(bytes: &[u8]) -> Option<usize> {
        let behind = bytes.get(1..)?;
        behind
            .windows(MARK.len())
            .position(|window| window == MARK)
            .map(|at| at + 1)
    }

    /// Whether an entry is the one that this head was written for.
    pub(super) fn holds(&self, entry: &[u8]) -> bool {
        crc32fast::hash(entry) == self.checksum
    }
}

/// Appends a record to `bytes`; gives its link. An entry that is longer than [`MOST`] has been
/// refused before.
pub(super) fn write(bytes: &mut Vec<u8>, sequence: u64, before: Link, entry: &[u8]) -> Link {
    let link = before.next(sequence, entry);
    let begin = bytes.len();
    bytes.reserve(HEAD + entry.len());
    bytes.extend(MARK);
    bytes.extend(u32::try_from(entry.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(sequence.to_le_bytes());
    bytes.extend(link.0);
    bytes.extend(crc32fast::hash(entry).to_le_bytes());
    let covered = bytes.get(begin..).unwrap_or_default();
    let checksum = crc32fast::hash(covered);
    bytes.extend(checksum.to_le_bytes());
    bytes.extend(entry);
    link
}

/// What a segment begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHead {
    pub(super) number: u64,
    /// The segment before, and how far it counts.
    pub(super) previous: Option<Previous>,
    /// The last record before this segment: the numbering goes on behind it.
    pub(super) sequence: u64,
    pub(super) link: Link,
    /// Unix time in ns.
    pub(super) begun: u64,
}

/// The segment before another, and how far it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Previous {
    pub(super) number: u64,
    pub(super) length: u64,
}

/// Why bytes are no head of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSegment {
    /// There is less than a head.
    Short,
    /// It begins otherwise.
    Other,
    /// It has a format of another release.
    Format,
    /// Its checksum does not hold.
    Damaged,
}

impl SegmentHead {
    pub(super) fn write(&self) -> Vec<u8> {
        let previous = self.previous.unwrap_or(Previous {
            number: 0,
            length: 0,
        });
        let mut bytes = KIND.to_vec();
        for number in [self.number, previous.number, previous.length, self.sequence] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.link.0);
        bytes.extend(self.begun.to_le_bytes());
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// # Errors
    /// Why these bytes are no head of a segment.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, NoSegment> {
        let Some(bytes) = bytes.get(..SEGMENT_HEAD) else {
            let begin = bytes.get(..KIND.len().min(bytes.len())).unwrap_or_default();
            return Err(if KIND.starts_with(begin) {
                NoSegment::Short
            } else {
                NoSegment::Other
            });
        };
        if !bytes.starts_with(ANY_KIND) {
            return Err(NoSegment::Other);
        }
        if !bytes.starts_with(KIND) {
            return Err(NoSegment::Format);
        }
        Self::fields(bytes).ok_or(NoSegment::Damaged)
    }

    fn fields(bytes: &[u8]) -> Option<Self> {
        let (covered, stated) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(covered) != u32::from_le_bytes(*stated) {
            return None;
        }
        let mut rest = covered.strip_prefix(KIND)?;
        let number = number(&mut rest)?;
        let previous = Previous {
            number: self::number(&mut rest)?,
            length: self::number(&mut rest)?,
        };
        let sequence = self::number(&mut rest)?;
        let (link, mut rest) = rest.split_first_chunk::<16>()?;
        Some(Self {
            number,
            previous: (previous.number != 0).then_some(previous),
            sequence,
            link: Link(*link),
            begun: self::number(&mut rest)?,
        })
    }
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let (bytes, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    Some(u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written_and_no_damage_to_it_is() {
        let mut bytes = Vec::new();
        let link = write(&mut bytes, 7, Link::default(), b"{\"entry\":1}");
        let head = Head::read(&bytes).unwrap();
        assert_eq!((head.sequence, head.link, head.length), (7, link, 11));
        assert!(head.holds(&bytes[HEAD..]));
        for bit in 0..HEAD * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Head::read(&damaged), None, "bit {bit}");
        }
    }

    #[test]
    fn a_link_depends_on_the_link_before_the_number_and_the_entry() {
        let one = Link::default().next(1, b"a");
        assert_ne!(one, Link::default().next(2, b"a"));
        assert_ne!(one, Link::default().next(1, b"b"));
        assert_ne!(one.next(2, b"c"), Link::default().next(2, b"c"));
    }

    #[test]
    fn a_segment_begins_as_it_was_begun_and_damage_shows() {
        let head = SegmentHead {
            number: 3,
            previous: Some(Previous {
                number: 2,
                length: 4_711,
            }),
            sequence: 99,
            link: Link::default().next(99, b"x"),
            begun: 1_700_000_000_000_000_000,
        };
        let bytes = head.write();
        assert_eq!(bytes.len(), SEGMENT_HEAD);
        assert_eq!(u64::try_from(bytes.len()), Ok(BEGIN));
        assert_eq!(SegmentHead::read(&bytes), Ok(head));
        for length in 0..SEGMENT_HEAD {
            let short = SegmentHead::read(&bytes[..length]);
            assert_eq!(short, Err(NoSegment::Short), "{length}");
        }
        for bit in 0..SEGMENT_HEAD * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(SegmentHead::read(&damaged).is_err(), "bit {bit}");
        }
        let mut newer = bytes;
        newer[14] = b'2';
        assert_eq!(SegmentHead::read(&newer), Err(NoSegment::Format));
    }
}
