//! Remarks: what a document said that is not in the facts, or is there in other words.

use std::cell::RefCell;
use std::fmt;

use crate::diagnostic::cut;

/// Remarks that are kept of one host; the others are counted.
const MOST: usize = 1_000;
/// Remarks after which so many are kept of each further host of the document, and how few.
const MANY: usize = 20_000;
const FEW: usize = 10;
/// Bytes of a message: some repeat a word of the document.
const MESSAGE_BYTES: usize = 256;

/// What became of a part of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemarkKind {
    /// It could not be read, so that nothing can be ruled out about it.
    Unread,
    /// It was read and names no installed software.
    Skipped,
    /// It was read and is not in the facts as it stood.
    Changed,
}

impl RemarkKind {
    /// The word that the API and messages use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Skipped => "skipped",
            Self::Changed => "changed",
        }
    }
}

/// A remark about a part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What became of it.
    pub kind: RemarkKind,
    /// Where it stands: a path such as `host.software[17].name`, or `line 12`.
    pub place: String,
    /// One sentence in lower case without a full stop. It holds no values.
    pub message: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// What has been remarked since it was last taken.
#[derive(Default)]
pub(super) struct Log(RefCell<Kept>);

#[derive(Default)]
struct Kept {
    remarks: Vec<Remark>,
    left_out: usize,
    unread: bool,
    /// How many have been taken.
    taken: usize,
}

impl Log {
    pub(super) fn add(
        &self,
        kind: RemarkKind,
        place: impl Into<String>,
        message: impl Into<String>,
    ) {
        let mut kept = self.0.borrow_mut();
        kept.unread |= kind == RemarkKind::Unread;
        let most = if kept.taken < MANY { MOST } else { FEW };
        if kept.remarks.len() < most {
            kept.remarks.push(Remark {
                kind,
                place: place.into(),
                message: abridged(message.into()),
            });
        } else {
            kept.left_out += 1;
        }
    }

    /// Whether a part could not be read.
    pub(super) fn has_unread(&self) -> bool {
        self.0.borrow().unread
    }

    pub(super) fn take(&self) -> Vec<Remark> {
        let mut kept = self.0.take();
        self.0.borrow_mut().taken = kept.taken + kept.remarks.len();
        if kept.left_out > 0 {
            let kind = if kept.unread {
                RemarkKind::Unread
            } else {
                RemarkKind::Changed
            };
            kept.remarks.push(Remark {
                kind,
                place: String::new(),
                message: format!("{} more remarks were left out", kept.left_out),
            });
        }
        kept.remarks
    }
}

/// Says that a host has more items than are judged at a time.
pub(super) fn too_many_items(place: &str) -> Remark {
    Remark {
        kind: RemarkKind::Unread,
        place: place.to_owned(),
        message: "there are more than 20,000 items, and the others were left out".to_owned(),
    }
}

/// Says that rows were left out because the same query has a later answer.
pub(super) fn replaced(place: &str, count: usize) -> Remark {
    Remark {
        kind: RemarkKind::Skipped,
        place: place.to_owned(),
        message: format!(
            "the same query was answered more than once: {count} rows of an earlier answer were left out"
        ),
    }
}

/// Puts the remarks of another part behind those of a host, as far as so many are kept.
pub(super) fn join(remarks: &mut Vec<Remark>, next: Vec<Remark>) {
    let room = MOST.saturating_sub(remarks.len());
    let left_out = next.len() > room;
    let unread = next
        .iter()
        .skip(room)
        .any(|remark| remark.kind == RemarkKind::Unread);
    remarks.extend(next.into_iter().take(room));
    let message = "further remarks were left out";
    let kind = if unread {
        RemarkKind::Unread
    } else {
        RemarkKind::Changed
    };
    let is_said = |remark: &Remark| remark.kind == kind && remark.message == message;
    if left_out && !remarks.iter().rev().take(2).any(is_said) {
        remarks.push(Remark {
            kind,
            place: String::new(),
            message: message.to_owned(),
        });
    }
}

fn abridged(message: String) -> String {
    if message.len() <= MESSAGE_BYTES {
        return message;
    }
    let mut kept = cut(message, MESSAGE_BYTES);
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flood(log: &Log) -> Vec<Remark> {
        for _ in 0..3 * MOST {
            log.add(RemarkKind::Unread, "", "x".repeat(3 * MESSAGE_BYTES));
        }
        log.take()
    }

    #[test]
    fn remarks_of_many_parts_are_not_kept_without_end() {
        let remark = |kind| Remark {
            kind,
            place: "a".to_owned(),
            message: "b".to_owned(),
        };
        let mut remarks = Vec::new();
        for kind in [RemarkKind::Skipped, RemarkKind::Unread, RemarkKind::Skipped] {
            join(&mut remarks, vec![remark(kind); MOST]);
        }
        assert_eq!(remarks.len(), MOST + 2);
        let is_unread = |remark: &&Remark| remark.kind == RemarkKind::Unread;
        assert_eq!(remarks.iter().filter(is_unread).count(), 1);
    }

    #[test]
    fn a_flood_of_remarks_is_counted_and_not_kept() {
        let log = Log::default();
        let hosts: Vec<usize> = (0..40).map(|_| flood(&log).len()).collect();
        assert_eq!(hosts.first(), Some(&(MOST + 1)));
        assert_eq!(hosts.last(), Some(&(FEW + 1)));
        assert!(hosts.iter().sum::<usize>() < MANY + MOST + 40 * (FEW + 2));
        let last = flood(&log).pop().unwrap();
        assert_eq!(last.kind, RemarkKind::Unread);
        assert_eq!(last.message, "2990 more remarks were left out");
        log.add(RemarkKind::Changed, "", "x".repeat(3 * MESSAGE_BYTES));
        assert!(log.take().pop().unwrap().message.ends_with("xx…"));
    }
}
