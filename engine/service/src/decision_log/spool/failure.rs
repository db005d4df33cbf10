//! Failures: why a spool is not opened, and why an entry is not on disk.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

/// Why a spool is not opened, read, or written. Entries are never part of it.
#[derive(Clone, Debug, Error)]
pub enum SpoolError {
    /// Another server has the folder.
    #[error("another server keeps its decision log in `{}`\n  hint: name a folder for each server in `decision_log.spool.folder`", .folder.display())]
    Shared {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder or a file in it cannot be used.
    #[error("`{}` cannot be used for the decision log: {cause}\n  hint: {}", .path.display(), remedy(.cause))]
    Unusable {
        /// The folder or the file.
        path: PathBuf,
        /// Why.
        cause: Arc<io::Error>,
    },
    /// A file has a format that this release does not know.
    #[error("`{}` was written by another release, in a format that this one does not know\n  hint: let the release that wrote it deliver it, or move it away", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// Writing failed, and what was to be written does not count.
    #[error("the decision log cannot be written in `{}`: {cause}\n  hint: {}", .folder.display(), remedy(.cause))]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// Why.
        cause: Arc<io::Error>,
    },
    /// The spool has as many bytes as it may have.
    #[error("the spool of the decision log in `{}` is full: {bytes} of {limit} bytes wait for a sink\n  hint: look why sinks do not take them, or raise `decision_log.spool.max_bytes`", .folder.display())]
    Full {
        /// The folder.
        folder: PathBuf,
        /// What it has.
        bytes: u64,
        /// What it may have.
        limit: u64,
    },
    /// The disk did not take it in time.
    #[error("the decision log in `{}` was not on disk within {limit:?}\n  hint: look at the disk, or raise `decision_log.spool.max_delay`", .folder.display())]
    Slow {
        /// The folder.
        folder: PathBuf,
        /// How long it may take.
        limit: Duration,
    },
    /// More waits to be written than memory is set aside for.
    #[error(
        "more than {limit} bytes wait to be written to the decision log\n  hint: the disk is slower than decisions are asked for"
    )]
    Behind {
        /// How many bytes may wait.
        limit: usize,
    },
    /// An entry is longer than a record may be.
    #[error(
        "an entry of {bytes} bytes is longer than the decision log takes, {limit} bytes\n  hint: ask for fewer facts, or let masks remove some"
    )]
    Long {
        /// What it has.
        bytes: usize,
        /// What it may have.
        limit: usize,
    },
    /// The server shuts down.
    #[error("the decision log is closed, since the server shuts down")]
    Closed,
}

fn remedy(cause: &io::Error) -> &'static str {
    match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "make room; it goes on by itself"
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "let the server's user write there"
        }
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            "look at the folder that `decision_log.spool.folder` names"
        }
        _ => "look at the disk; it goes on by itself once that works",
    }
}
