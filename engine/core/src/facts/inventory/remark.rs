//! Remarks: what a document said that is not in the facts, or is there in other words.

use std::cell::RefCell;
use std::fmt;

/// Remarks that are kept of one host; the others are counted.
const MOST: usize = 1_000;

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
        if kept.remarks.len() < MOST {
            kept.remarks.push(Remark {
                kind,
                place: place.into(),
                message: message.into(),
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
